"""Presets: ready-made queries that come with the package."""

from functools import cache
from importlib import resources

from pydantic import ValidationError

from pronoia.config.document import read_document, show_path
from pronoia.config.schema.anomaly import WatchedSystem
from pronoia.config.schema.bottleneck import Resource
from pronoia.config.schema.failure import FailureSources
from pronoia.config.schema.fields import Text
from pronoia.config.schema.query import Query
from pronoia.config.schema.section import Section
from pronoia.config.suggestion import did_you_mean
from pronoia.config.wording import complaints
from pronoia.errors import ConfigError, ConfigProblem


class PresetResources(Section):
    """The resources of a preset."""

    resources: tuple[Resource, ...] = ()
    """As in the configuration; their queries are the preset's."""


class PresetSystems(Section):
    """The systems of a preset."""

    systems: tuple[WatchedSystem, ...] = ()
    """As in the configuration; their queries are the preset's."""


class Preset(Section):
    """A file under `presets/`."""

    description: Text
    """What it forecasts, in one sentence."""
    queries: tuple[Query, ...]
    """As in the configuration."""
    bottleneck: PresetResources = PresetResources()
    """What of it may run out."""
    anomaly: PresetSystems = PresetSystems()
    """What of it is watched for the unusual."""
    failure: FailureSources = FailureSources()
    """What of it leads to which failure, and what says that one has happened."""


def preset_names() -> tuple[str, ...]:
    """All presets, sorted.

    >>> preset_names()
    ('agents', 'cadvisor', 'node-exporter', 'prometheus')
    """
    files = resources.files(__package__).joinpath("presets").iterdir()
    return tuple(sorted(file.name.removesuffix(".yml") for file in files if file.name.endswith(".yml")))


@cache
def load_preset(name: str) -> Preset:
    """Read a preset by its name.

    Raises:
        ConfigError: if there is none of this name; the message names the nearest.
    """
    if name not in preset_names():
        raise ConfigError([ConfigProblem("presets", f"unknown preset {name!r}{did_you_mean(name, preset_names())}")])
    source = f"presets/{name}.yml"
    document = read_document(resources.files(__package__).joinpath(source).read_text(encoding="utf-8"), source)
    try:
        return Preset.model_validate(document.tree)
    except ValidationError as error:
        problems = [ConfigProblem(show_path(found.path), found.problem) for found in complaints(error, Preset)]
        raise ConfigError(problems, source) from error
