"""Members that other packages bring: entry points of the group `pronoia.forecasters`.

A package registers a class of the `PointForecaster` contract under the name that users pin; it is made with the
query's `ForecastSettings`. What goes wrong inside it names its package, and costs the series at hand and nothing else.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib.metadata import EntryPoint, entry_points
from typing import TYPE_CHECKING, Any

import numpy as np

from pronoia.errors import ModelError, PluginError

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from pronoia.models.contract import FittedPointForecaster, PointForecaster
    from pronoia.models.forecast.settings import ForecastSettings

#: The entry-point group.
GROUP = "pronoia.forecasters"


@dataclass(frozen=True, slots=True)
class Plugin:
    """A class that a package registered, loaded.

    Args:
        name: what users pin.
        package: who registered it, with its version.
        factory: makes a member from settings.
    """

    name: str
    package: str
    factory: Callable[[ForecastSettings], PointForecaster]


def names() -> tuple[str, ...]:
    """Names that installed packages register, sorted; nothing of theirs is imported."""
    return tuple(sorted(_registered()))


@cache
def find(name: str) -> Plugin:
    """Import what is registered under a name.

    Args:
        name: one of `names`.

    Raises:
        PluginError: naming the package, if two register the name, its import fails, or what is there is no member.
    """
    points = _registered()[name]
    packages = [_package(point) for point in points]
    if len(points) > 1:
        raise PluginError(f"model {name!r} is registered by several packages, {' and '.join(packages)}; remove one")
    try:
        factory = points[0].load()
    except Exception as error:  # what another package's import raises, nobody knows
        problem = f"cannot be loaded from {points[0].value}: {type(error).__name__}: {error}"
        raise PluginError(f"model {name!r} of package {packages[0]} {problem}") from error
    if not callable(factory) or not callable(getattr(factory, "fit", None)):
        problem = f"is no forecaster: {points[0].value} must be a class with a method fit(values, seasons)"
        raise PluginError(f"model {name!r} of package {packages[0]} {problem}")
    return Plugin(name, packages[0], factory)


@dataclass(frozen=True, slots=True, eq=False)
class PluginMember:
    """Another package's member, held to the contract: it raises `ModelError` only, and changes no input."""

    plugin: Plugin
    inner: PointForecaster

    @classmethod
    def make(cls, plugin: Plugin, settings: ForecastSettings) -> PluginMember:
        """Call the package's class.

        Raises:
            ModelError: if it fails.
        """
        return cls(plugin, _guarded(plugin, lambda: plugin.factory(settings)))

    def fit(self, values: NDArray[np.float64], seasons: tuple[int, ...]) -> FittedPluginMember:
        """Fit by the package.

        Raises:
            ModelError: if it fails.
        """
        return FittedPluginMember(self.plugin, _guarded(self.plugin, lambda: self.inner.fit(_locked(values), seasons)))

    def __repr__(self) -> str:
        return f"PluginMember({self.plugin.name!r} of {self.plugin.package})"


@dataclass(frozen=True, slots=True, eq=False)
class FittedPluginMember:
    """What another package fitted, held to the contract."""

    plugin: Plugin
    inner: FittedPointForecaster

    def predict(self, n_steps: int) -> NDArray[np.float64]:
        """The package's curve, float64 (n_steps + 1,).

        Raises:
            ModelError: if it fails, or gives anything but n_steps + 1 numbers.
        """
        curve: NDArray[np.float64] = _guarded(
            self.plugin, lambda: np.array(self.inner.predict(n_steps), dtype=np.float64)
        )
        if curve.shape != (n_steps + 1,):
            wanted = f"{(n_steps + 1,)} is needed: the last instant itself and {n_steps} steps"
            raise ModelError(self.plugin.name, f"package {self.plugin.package} gave shape {curve.shape}, {wanted}")
        return curve

    def forward(self, values: NDArray[np.float64]) -> FittedPluginMember:
        """Moved on by the package.

        Raises:
            ModelError: if it fails.
        """
        return FittedPluginMember(self.plugin, _guarded(self.plugin, lambda: self.inner.forward(_locked(values))))


@cache
def _registered() -> dict[str, tuple[EntryPoint, ...]]:
    """Name -> who registers it. Installed packages do not change under a running process: looked up once."""
    found: dict[str, tuple[EntryPoint, ...]] = {}
    for point in entry_points(group=GROUP):
        found[point.name] = (*found.get(point.name, ()), point)
    return found


def _package(point: EntryPoint) -> str:
    return f"{point.dist.name} {point.dist.version}" if point.dist else point.value


def _locked(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """The same values, not to be written to."""
    view = values.view()
    view.flags.writeable = False
    return view


def _guarded(plugin: Plugin, call: Callable[[], Any]) -> Any:
    """Call into the package; whatever it raises becomes our error."""
    try:
        return call()
    except ModelError:
        raise
    except Exception as error:  # another package raises what it likes
        raise ModelError(plugin.name, f"package {plugin.package}: {type(error).__name__}: {error}") from error
