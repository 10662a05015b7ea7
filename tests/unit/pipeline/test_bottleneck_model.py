"""Which classifiers speak, and what is told of them, also after a restart."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pronoia.config.load import parse
from pronoia.errors import ConfigError
from pronoia.exposition.telemetry import Telemetry
from pronoia.models.bottleneck import members
from pronoia.models.bottleneck.shipped import pack_risks, shipped_risks
from pronoia.models.classifiers import sequence_network
from pronoia.pipeline.bottleneck_model import BottleneckModel, risk_models
from pronoia.pipeline.bottleneck_state import BottleneckState
from pronoia.predictions.bottleneck import RiskModel
from pronoia.storage.state import StateStore
from support.networks import blended_risks

if TYPE_CHECKING:
    from pathlib import Path

CONFIG = (
    "queries: [{name: load, expr: node_load1}]\nbottleneck: {resources: [{name: cpu, expr: cpu_ratio}]%s}\npresets: []"
)


def with_torch(patch: pytest.MonkeyPatch, is_there: bool) -> None:
    patch.setattr(members, "has_torch", lambda: is_there)
    patch.setattr(sequence_network, "has_torch", lambda: is_there)


def state(folder: Path, keys: str = "") -> BottleneckState:
    return BottleneckState(parse(CONFIG % keys, "t").resolved_resources()[0], StateStore(folder))


def test_whether_a_network_speaks_is_told_by_gauge_and_log(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO")
    telemetry = Telemetry()
    model = BottleneckModel("cpu", shipped_risks(), RiskModel("prior"), telemetry)
    model.tell()
    assert not model.told.has_neural
    assert "the prior that comes with Pronoia answers, without a neural network" in caplog.text
    model.take_up(blended_risks(), RiskModel("local", 1.0, 7))
    assert model.told == RiskModel("local", 1.0, 7, has_neural=True)
    assert "7 overloads of its own history answers, with a neural network" in caplog.text
    labels = {"resource": "cpu", "source": "local", "neural": "true"}
    assert telemetry.registry.get_sample_value("pronoia_bottleneck_model_info", labels) == 1


def test_a_network_survives_a_restart(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    with_torch(monkeypatch, True)
    state(tmp_path).save_model(blended_risks(), RiskModel("local", 1.0, 7))
    risks, told = state(tmp_path).load_model()
    assert risks.members == {"trees", "lstm"}
    assert BottleneckModel("cpu", risks, told, Telemetry()).told.has_neural


@pytest.mark.parametrize(("is_there", "keys"), [(False, ""), (True, ", members: [trees]")])
def test_a_saved_network_that_cannot_or_may_not_speak_is_left(
    is_there: bool, keys: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with_torch(monkeypatch, True)
    state(tmp_path).save_model(blended_risks(), RiskModel("local", 1.0, 7))
    with_torch(monkeypatch, is_there)
    assert state(tmp_path, keys).load_model() is None
    assert "they hold lstm, and trees may speak" in caplog.text


def test_classifiers_of_another_blend_are_left(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO")
    keys = ", members: [trees, hazard], blend: %s"
    state(tmp_path, keys % "[0.7, 0.3]").save_model(shipped_risks(), RiskModel("local", 1.0, 7))
    assert state(tmp_path, keys % "[0.7, 0.3]").load_model() is not None
    assert state(tmp_path, keys % "[0.5, 0.5]").load_model() is None
    assert state(tmp_path, keys % "fitted").load_model() is None
    assert caplog.text.count("bottleneck.blend was another") == 2


def test_a_configured_model_with_a_network_needs_torch(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    file = tmp_path / "model.bin"
    file.write_bytes(pack_risks(blended_risks()))
    config = parse(CONFIG % f", model: {file}", "t")
    with_torch(monkeypatch, True)
    assert risk_models(config, Telemetry())["cpu"].told == RiskModel("file", has_neural=True)
    with_torch(monkeypatch, False)
    with pytest.raises(ConfigError, match=r"pronoia\[neural\]"):
        risk_models(config, Telemetry())
