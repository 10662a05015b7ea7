from __future__ import annotations

import subprocess
import sys

import pytest

from pronoia.errors import ConfigError
from pronoia.models.catalogue import AUTO, CANDIDATES, check_model_name, make_member, member_names, missing_extra
from pronoia.models.forecast.settings import ForecastSettings


def test_every_candidate_is_a_member() -> None:
    assert set(CANDIDATES) <= set(member_names())


USABLE = [name for name in member_names() if missing_extra(name) is None]


@pytest.mark.parametrize("name", USABLE)
def test_every_member_can_be_made(name: str) -> None:
    assert callable(make_member(name, ForecastSettings(300_000, 288)).fit)


def test_auto_is_a_model_name() -> None:
    check_model_name(AUTO)


def test_an_unknown_name_is_refused_with_the_nearest() -> None:
    with pytest.raises(ConfigError, match="did you mean 'theta'"):
        check_model_name("tetha", "queries[2].model")


def test_a_name_like_no_other_is_refused_with_all_known() -> None:
    with pytest.raises(ConfigError, match="known are auto, autoarima, ensemble, ets"):
        make_member("xyzzy", ForecastSettings(300_000, 288))


@pytest.mark.parametrize(("name", "extra"), [("prophet", "prophet"), ("nhits", "neural")])
def test_a_member_whose_extra_is_missing_says_which_to_install(
    name: str, extra: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pronoia.models.catalogue.find_spec", lambda module: None)
    with pytest.raises(ConfigError, match=rf"forecast.model: model '{name}' .* pip install 'pronoia\[{extra}\]'"):
        check_model_name(name)


def test_naming_a_member_does_not_import_its_library() -> None:
    code = (
        "import sys; from pronoia.models.catalogue import make_member, member_names, missing_extra;"
        "from pronoia.models.forecast.settings import ForecastSettings;"
        "[make_member(name, ForecastSettings(300_000, 288)) for name in member_names() if not missing_extra(name)];"
        "sys.exit(bool({'statsforecast', 'torch', 'prophet'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
