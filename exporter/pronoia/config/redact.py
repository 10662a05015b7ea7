"""The running configuration as YAML, without its secrets."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import yaml

if TYPE_CHECKING:
    from pronoia.config.config import Config


def redacted(config: Config) -> str:
    """YAML of all keys in use, defaults included, with secrets as `<secret>`; for `GET /config`."""
    settings = config.settings.model_copy(update={"presets": config.presets})
    tree: dict[str, Any] = settings.model_dump(mode="json", exclude_none=True)
    return yaml.safe_dump(tree, sort_keys=False, allow_unicode=True, width=120)
