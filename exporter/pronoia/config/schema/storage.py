"""`storage`: where state is kept."""

from pronoia.config.schema.fields import Text
from pronoia.config.schema.section import Section


class Storage(Section):
    """Fitted models and interval calibration survive a restart here."""

    path: Text = "data"
    """Directory, made if absent; relative to the configuration file. --storage.path overrides it."""
