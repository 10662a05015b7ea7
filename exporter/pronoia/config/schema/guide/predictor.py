"""`performance_predictor`: the guide's three models."""

import math
from dataclasses import dataclass
from typing import Annotated, Any, Literal, Self, get_args

from pydantic import AfterValidator, Field, PlainSerializer, PlainValidator, model_validator

from pronoia.config.schema.fields import Count, Number, OneOrMore, Ratio, describe, wrong
from pronoia.config.schema.section import Section
from pronoia.config.suggestion import did_you_mean

Feature = Literal["cpu_utilization", "memory_usage", "disk_io", "network_io", "agent_metrics"]

#: Both names the guide uses for one aim are accepted (its configuration and its usage examples differ).
ObjectiveName = Literal[
    "minimize_cost",
    "maximize_throughput",
    "maximize_performance",
    "maintain_sla",
    "maintain_reliability",
    "optimize_energy_efficiency",
]


@dataclass(frozen=True, slots=True)
class Objective:
    """One aim of right-sizing and its share of the whole, in (0, 1]."""

    name: ObjectiveName
    weight: float


def _objective(value: Any) -> Objective:
    if isinstance(value, Objective):
        return value
    if not isinstance(value, dict) or len(value) != 1:
        raise wrong("must be one objective with its weight, such as minimize_cost: 0.3", value)
    ((name, weight),) = value.items()
    known = get_args(ObjectiveName)
    if name not in known:
        raise ValueError(f"unknown objective {name!r}{did_you_mean(name, known)}")
    if isinstance(weight, bool) or not isinstance(weight, int | float) or not 0 < weight <= 1:
        raise ValueError(f"{name}: the weight must lie between 0 and 1, got {describe(weight)}")
    return Objective(name, float(weight))


def _weights_sum_to_one(objectives: tuple[Objective, ...]) -> tuple[Objective, ...]:
    names = [objective.name for objective in objectives]
    for position, name in enumerate(names):
        if name in names[:position]:
            raise ValueError(f"{name} is listed twice")
    total = math.fsum(objective.weight for objective in objectives)
    # Weights are written with a few decimals: thirds as 0.33 are meant to be whole.
    if objectives and abs(total - 1.0) > 0.011:
        raise ValueError(f"the weights must sum to 1, they sum to {total:g}")
    return objectives


def _ascending(minutes: tuple[int, ...]) -> tuple[int, ...]:
    if list(minutes) != sorted(minutes):
        raise ValueError("must be in ascending order")
    return minutes


Minutes = Annotated[Count, Field(le=10_080)]
ObjectiveEntry = Annotated[
    Objective,
    PlainValidator(_objective),
    PlainSerializer(lambda objective: {objective.name: objective.weight}, return_type=dict[str, float]),
]


class BottleneckPredictor(Section):
    """Which resource runs out, and when."""

    prediction_horizon: Minutes = 30
    """How far ahead, minutes."""
    confidence_threshold: Ratio = 0.8
    """Probability from which a bottleneck counts as predicted."""
    update_frequency: Count = 60
    """Seconds between predictions."""
    features: OneOrMore[Feature] = ("cpu_utilization", "memory_usage", "disk_io", "network_io", "agent_metrics")
    """Groups of metrics it looks at."""


class OptimizationConstraints(Section):
    """What a recommendation must keep."""

    max_cost_increase: Annotated[Number, Field(ge=0.0)] = 0.1
    """Share of today's cost that may be added: 0.1 is ten percent."""
    min_performance_level: Ratio = 0.95
    """Share of today's performance that must remain."""


class ResourceOptimizer(Section):
    """How much everything should have."""

    optimization_objectives: Annotated[tuple[ObjectiveEntry, ...], AfterValidator(_weights_sum_to_one)] = (
        Objective("minimize_cost", 0.3),
        Objective("maximize_throughput", 0.4),
        Objective("maintain_sla", 0.3),
    )
    """What is weighed against what; the weights sum to 1."""
    constraints: OptimizationConstraints = OptimizationConstraints()
    """What a recommendation must keep."""


class AlertThresholds(Section):
    """Probabilities of failure from which each level speaks."""

    warning: Ratio = 0.6
    """The lowest level."""
    critical: Ratio = 0.8
    """Above warning."""
    emergency: Ratio = 0.95
    """Above critical."""

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if not self.warning < self.critical < self.emergency:
            got = f"{self.warning:g}, {self.critical:g} and {self.emergency:g}"
            raise ValueError(f"warning < critical < emergency is needed, got {got}")
        return self


class FailurePredictor(Section):
    """What will fail."""

    alert_thresholds: AlertThresholds = AlertThresholds()
    """Probabilities from which each level speaks."""
    time_horizons: Annotated[OneOrMore[Minutes], AfterValidator(_ascending)] = (15, 60, 240)
    """How far ahead, minutes, ascending."""


class PredictorModels(Section):
    """The guide's three models."""

    bottleneck_predictor: BottleneckPredictor = BottleneckPredictor()
    """Which resource runs out, and when."""
    resource_optimizer: ResourceOptimizer = ResourceOptimizer()
    """How much everything should have."""
    failure_predictor: FailurePredictor = FailurePredictor()
    """What will fail."""


class PerformancePredictor(Section):
    """The guide's models and their settings."""

    models: PredictorModels = PredictorModels()
    """One section a model."""
