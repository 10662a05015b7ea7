"""Which classifiers speak for a resource."""

from __future__ import annotations

import logging
from dataclasses import replace
from typing import TYPE_CHECKING

from pronoia.errors import ConfigError, ConfigProblem, ModelError
from pronoia.models.bottleneck.shipped import shipped_risks, unpack_risks
from pronoia.models.classifiers.sequence_network import NETWORKS, need_torch
from pronoia.predictions.bottleneck import RiskModel

if TYPE_CHECKING:
    from pathlib import Path

    from pronoia.config.config import Config
    from pronoia.exposition.telemetry import Telemetry
    from pronoia.models.bottleneck.horizons import HorizonRisks

_log = logging.getLogger(__name__)


class BottleneckModel:
    """The classifiers in use.

    Args:
        resource: name of the resource.
        risks: the classifiers to begin with.
        told: what to tell of them.
        telemetry: told which model speaks.
    """

    def __init__(self, resource: str, risks: HorizonRisks, told: RiskModel, telemetry: Telemetry) -> None:
        self._resource = resource
        self._telemetry = telemetry
        self.risks, self.told = risks, _true_of(risks, told)

    def take_up(self, risks: HorizonRisks, told: RiskModel) -> None:
        """Let other classifiers speak from now on."""
        self.risks, self.told = risks, _true_of(risks, told)
        self.tell()

    def tell(self) -> None:
        """Say which model speaks."""
        self._telemetry.on_bottleneck_model(self._resource, self.told)
        what = {
            "prior": "the prior that comes with Pronoia",
            "file": "the configured model",
            "local": f"a model fitted to {self.told.n_events} overloads of its own history",
        }
        network = "with" if self.told.has_neural else "without"
        _log.info("bottleneck %s: %s answers, %s a neural network", self._resource, what[self.told.source], network)


def _true_of(risks: HorizonRisks, told: RiskModel) -> RiskModel:
    return replace(told, has_neural=not risks.members.isdisjoint(NETWORKS))


def risk_models(config: Config, telemetry: Telemetry) -> dict[str, BottleneckModel]:
    """The classifiers of each resource: those of a file if one is configured, else the shipped prior.

    Raises:
        ConfigError: if the file cannot be read or holds no such model.
        ModelError: if the shipped one is damaged.
    """
    models = {}
    for resource in config.resolved_resources():
        risks, told = (
            _of_file(config.directory / resource.model) if resource.model else (shipped_risks(), RiskModel("prior"))
        )
        models[resource.name] = BottleneckModel(resource.name, risks, told, telemetry)
    return models


def _of_file(file: Path) -> tuple[HorizonRisks, RiskModel]:
    try:
        risks = unpack_risks(file.read_bytes())
        if not risks.members.isdisjoint(NETWORKS):
            need_torch()
        return risks, RiskModel("file")
    except (OSError, ModelError) as error:
        reason = error.reason if isinstance(error, ModelError) else error.strerror
        raise ConfigError([ConfigProblem("bottleneck.model", f"{file} cannot be used: {reason}")]) from error
