"""Machines that play a recording for `make stack`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from pronoia.series import LabelSet, SeriesFrame
from pronoia.storage.recording import Recording
from support.machines import BUSY_FROM, DISK_BYTES, HISTORY_DAYS, MEMORY_BYTES, STEP_MS, THRESHOLD, Machines
from support.stack import Ports, Stack

if TYPE_CHECKING:
    from pathlib import Path

NOW = 1_700_000_000.0


@pytest.fixture(scope="module")
def machines() -> Machines:
    return Machines(clock=lambda: NOW)


def values_of(machines: Machines, name: str, **labels: str) -> np.ndarray:
    wanted = {"__name__": name, "instance": "machine1", **labels}
    (found,) = (values for each, _, values in machines.history() if wanted.items() <= dict(each.items()).items())
    return found


def test_the_history_is_two_weeks_that_end_now(machines: Machines) -> None:
    for labels, times, _ in machines.history():
        assert labels["job"] == "node"
        assert times[-1] == NOW * 1000
        assert len(times) == HISTORY_DAYS * 86_400_000 // STEP_MS + 1


def test_counters_never_fall_and_modes_share_the_processor(machines: Machines) -> None:
    idle, user = (np.diff(values_of(machines, "node_cpu_seconds_total", mode=mode)) for mode in ("idle", "user"))
    assert min(idle.min(), user.min()) >= 0
    np.testing.assert_allclose(idle + user, STEP_MS / 1000)


def test_there_are_overloads_to_foretell(machines: Machines) -> None:
    used = np.diff(values_of(machines, "node_cpu_seconds_total", mode="user")) / (STEP_MS / 1000)
    assert 0.005 < np.mean(used >= THRESHOLD) < 0.1


def test_a_file_system_fills_and_is_not_yet_full(machines: Machines) -> None:
    used = 1 - values_of(machines, "node_filesystem_avail_bytes") / DISK_BYTES
    assert 0.8 < used[-1] < THRESHOLD
    assert used[-1] > used[-1 - 24 * 60]


def test_a_process_runs_wild_on_the_first_machine(machines: Machines) -> None:
    used = np.diff(values_of(machines, "node_cpu_seconds_total", mode="user")) / (STEP_MS / 1000)
    assert used[-9:].min() >= 0.95
    read = np.diff(values_of(machines, "node_network_receive_bytes_total"))
    assert read[-9:].max() < 0.1 * read[-30:-15].mean()


def test_the_other_machines_run_out_of_memory_and_nothing_was_killed_yet(machines: Machines) -> None:
    available = {
        name: values_of(machines, "node_memory_MemAvailable_bytes", instance=name) / MEMORY_BYTES
        for name in machines.names
    }
    # A minute brings one part in 65 of what is lost; twenty and forty minutes are left.
    for name, left_minutes in (("machine2", 20), ("machine3", 40)):
        assert available[name][-1] <= 0.005 + 0.595 * left_minutes / 65 + 1e-9
        assert values_of(machines, "node_vmstat_oom_kill", instance=name).max() == 0


def test_the_kernel_kills_once_memory_is_used_up_and_the_machine_recovers() -> None:
    now = [NOW]
    machines = Machines(clock=lambda: now[0], memory_minutes=20.0)
    now[0] += 21 * 60.0
    assert values_of(machines, "node_vmstat_oom_kill", instance="machine2")[-1] == 1
    assert values_of(machines, "node_vmstat_oom_kill", instance="machine3")[-1] == 0


def test_alerts_on_busy_processors_are_known_of_two_weeks(machines: Machines) -> None:
    alerts = machines.alerts()
    assert {labels["instance"] for labels in alerts.labels} == set(machines.names)
    times, _ = next((times, values) for labels, times, values in alerts if labels["instance"] == "machine1")
    assert times[-1] == NOW * 1000
    used = np.diff(values_of(machines, "node_cpu_seconds_total", mode="user")) / (STEP_MS / 1000)
    assert len(times) == pytest.approx(np.sum(used >= BUSY_FROM), abs=1)


def test_the_page_goes_on_where_the_history_ends() -> None:
    now = [NOW]
    machines = Machines(clock=lambda: now[0])
    last = values_of(machines, "node_disk_io_time_seconds_total")[-1]
    now[0] += 30.0
    (line,) = (
        line
        for line in machines.page().splitlines()
        if line.startswith("node_disk_io_time_seconds_total") and "machine1" in line
    )
    assert last < float(line.split()[-1]) <= last + 30.0


def test_a_recording_without_four_lively_series_is_refused() -> None:
    flat = SeriesFrame.from_series({LabelSet({"__name__": "up"}): (np.arange(100) * 60_000, np.ones(100))})
    with pytest.raises(ValueError, match="0 series that change up to its end; four are needed"):
        Machines(Recording("flat.parquet", flat))


def test_a_folder_with_something_else_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "letter.txt").write_text("keep me")
    with pytest.raises(ValueError, match="holds something else"), Stack(tmp_path, Ports()):
        pass
    assert (tmp_path / "letter.txt").exists()
