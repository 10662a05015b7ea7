"""`pronoia incident report` and `export` read what is on disk."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from pronoia.alerting.incidents import IncidentBook
from pronoia.alerting.payload import Notice
from pronoia.cli import main
from pronoia.series import LabelSet
from pronoia.storage.incident_store import SqliteIncidents

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

T0 = 1_800_000_000.0


def keep(folder: Path) -> str:
    store = SqliteIncidents(folder / "incidents.sqlite")
    book = IncidentBook(store, lambda _: None)
    labels = {"alertname": "DiskFullPredicted", "predictive": "true", "instance": "db01"}
    book.receive([Notice(True, LabelSet(labels), {}, T0, 0.0)], T0)
    book.receive([Notice(True, LabelSet({"alertname": "DiskFull", "instance": "db01"}), {}, T0 + 60, 0.0)], T0 + 61)
    (incident,) = store.judged()
    store.close()
    return incident.id


def test_a_report_and_the_labels_can_be_had(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    incident = keep(tmp_path)
    assert main(["incident", "report", incident, "--storage.path", str(tmp_path)]) == 0
    assert "* Lead time: 1 min" in capsys.readouterr().out
    (tmp_path / "pronoia.yml").write_text("storage: {path: .}\n")
    assert main(["incident", "export", "--config.file", str(tmp_path / "pronoia.yml")]) == 0
    (line,) = capsys.readouterr().out.splitlines()
    told = json.loads(line)
    assert (told["id"], told["outcome"], told["was_right"]) == (incident, "came_true", True)


def test_what_there_is_not_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["incident", "export", "--storage.path", str(tmp_path)]) == 1
    assert "nothing was kept there" in capsys.readouterr().err
    (tmp_path / "pronoia.yml").write_text("")
    assert main(["incident", "export", "--config.file", str(tmp_path / "pronoia.yml")]) == 1
    assert "where `pronoia run` has --storage.path, give that too" in capsys.readouterr().err
    keep(tmp_path)
    assert main(["incident", "report", "nothing", "--storage.path", str(tmp_path)]) == 1
    assert "there is no incident 'nothing'" in capsys.readouterr().err


def test_flags_are_those_of_run_and_the_path_that_is_given_wins(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    incident = keep(tmp_path)
    (tmp_path / "pronoia.yml").write_text("storage: {path: elsewhere}\n")
    given = ["incident", "report", incident, "--config.file", str(tmp_path / "pronoia.yml")]
    assert main([*given, "--storage.path", str(tmp_path)]) == 0
    assert "* Lead time: 1 min" in capsys.readouterr().out
    assert main(["incident", "report", incident]) == 1
    assert "--config.file or --storage.path is needed" in capsys.readouterr().err
