from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from pronoia.errors import ConfigError, ModelError
from pronoia.models import plugins
from pronoia.models.catalogue import check_model_name, make_member, member_names
from pronoia.models.forecast.fit import fit_forecasts
from pronoia.models.forecast.settings import ForecastSettings
from pronoia.series import AlignedFrame, Grid, LabelSet
from support.plugin import install_plugin

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

HOUR = 3_600_000
MODULE = """
import numpy as np

class Fitted:
    def __init__(self, level):
        self.level = level
    def predict(self, n_steps):
        return np.full(n_steps + 1, self.level)
    def forward(self, values):
        return Fitted(float(values.max()))

class Highest:
    def __init__(self, settings):
        self.settings = settings
    def fit(self, values, seasons):
        return Fitted(float(values.max()))

class Refuses:
    def __init__(self, settings):
        raise KeyError("no licence")
    def fit(self, values, seasons):
        raise NotImplementedError

class Fails(Highest):
    def fit(self, values, seasons):
        return 1 / 0

class Writes(Highest):
    def fit(self, values, seasons):
        values[:] = 0.0

class Short(Highest):
    def fit(self, values, seasons):
        fitted = Fitted(1.0)
        fitted.predict = lambda n_steps: [1.0] * n_steps
        return fitted

nothing = 3
"""
CLASSES = ("Highest", "Refuses", "Fails", "Writes", "Short", "nothing", "Missing")

Install = "Callable[[str, str], None]"


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Install]:
    """Install packages for this test alone: every class of MODULE under its name in small letters."""
    caches = (plugins._registered, plugins.find)
    monkeypatch.syspath_prepend(str(tmp_path))

    def install_package(package: str, source: str = MODULE) -> None:
        module = package.replace("-", "_")
        points = {name.lower(): f"{module}:{name}" for name in CLASSES}
        install_plugin(tmp_path, package=package, version="1.2", entry_points=points, source=source, module=module)
        for cached in caches:
            cached.cache_clear()

    yield install_package
    for cached in caches:
        cached.cache_clear()


def frame() -> AlignedFrame:
    values = 10.0 + np.random.default_rng(0).normal(0.0, 1.0, (2, 96))
    labels = (LabelSet({"series": "a"}), LabelSet({"series": "b"}))
    return AlignedFrame(labels, Grid.ending_at(480 * HOUR, HOUR, 96), values)


def settings(model: str) -> ForecastSettings:
    return ForecastSettings(HOUR, 24, model=model)


def test_another_packages_member_can_be_pinned(install: Install) -> None:
    install("peaks")
    assert "highest" in member_names()
    history = frame()
    fitted = fit_forecasts(history, settings("highest"))
    assert fitted.models == ("highest", "highest")
    assert repr(make_member("highest", settings("highest"))) == "PluginMember('highest' of peaks 1.2)"


def test_looking_up_a_built_in_member_imports_no_other_package(install: Install) -> None:
    install("broken", "raise ImportError('libpeaks.so is missing')")
    check_model_name("naive")
    assert "highest" in member_names()


def test_a_package_that_cannot_be_imported_is_named_when_its_member_is_pinned(install: Install) -> None:
    install("broken", "raise ImportError('libpeaks.so is missing')")
    with pytest.raises(ConfigError, match=r"queries\[0\].model: model 'highest' of package broken 1.2 cannot be"):
        check_model_name("highest", "queries[0].model")


@pytest.mark.parametrize(("name", "reason"), [("nothing", "is no forecaster"), ("missing", "cannot be loaded")])
def test_what_is_no_forecaster_is_refused(install: Install, name: str, reason: str) -> None:
    install("peaks")
    with pytest.raises(ConfigError, match=f"model '{name}' of package peaks 1.2 {reason}"):
        check_model_name(name)


def test_two_packages_with_one_name_are_both_named(install: Install) -> None:
    install("peaks")
    install("summits")
    with pytest.raises(ConfigError, match=r"several packages, (peaks 1.2 and summits|summits 1.2 and peaks) 1.2"):
        check_model_name("highest")


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("fails", "package peaks 1.2: ZeroDivisionError"),
        ("writes", "package peaks 1.2: ValueError: assignment destination is read-only"),
        ("short", r"package peaks 1.2 gave shape \(24,\), \(25,\) is needed"),
        ("refuses", "package peaks 1.2: KeyError: 'no licence'"),
    ],
)
def test_whatever_a_package_does_wrong_names_it_and_leaves_the_guard(install: Install, name: str, reason: str) -> None:
    install("peaks")
    history = frame()
    with pytest.raises(ModelError, match=reason):
        make_member(name, settings(name)).fit(history.values[0], ()).predict(24)
    fitted = fit_forecasts(history, settings(name))
    assert set(fitted.models) <= {"seasonal-naive", "naive"}
    assert fitted.failures == {f"{name}:backtest": 2}


def test_a_name_near_another_packages_is_suggested(install: Install) -> None:
    install("peaks")
    with pytest.raises(ConfigError, match="did you mean 'highest'"):
        check_model_name("hihgest")
