"""Live state of a resource says what its whole history would."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from pronoia.config.load import parse
from pronoia.errors import NoSeries
from pronoia.features.matrix import features_at
from pronoia.features.slots import DAY, WINDOWS
from pronoia.pipeline import bottleneck_load
from pronoia.pipeline.bottleneck_input import Observed
from pronoia.pipeline.bottleneck_load import BottleneckLoad, RiskInput, recently_clean
from pronoia.series import History, LabelSet, SeriesFrame

SLOT_MS = 300_000
# A minute into a slot.
START_MS = 1_795_305_600_000 + 60_000
N_SLOTS = 3 * DAY
CONFIG = "queries: [{name: q, expr: up}]\nbottleneck: {resources: [{name: cpu, expr: cpu_ratio, entity: [instance]}]}"
RESOURCE = parse(CONFIG, "t").resolved_resources()[0]


def sample(name: str, times: np.ndarray) -> np.ndarray:
    """Known beforehand for each instant: quiet, with overloads of half an hour here and there."""
    slot = times // SLOT_MS
    seed = sum(map(ord, name))
    noise = np.modf(np.sin((slot + seed) * 12.9898) * 43758.5453)[0]
    return np.where((slot + seed) // 6 % 17 == 0, 0.95, 0.4 + 0.2 * noise)


def history(now_ms: int, names: str = "ab", since_ms: dict[str, int] | None = None, missing=()) -> History:
    """A sample a minute; `missing` holds spans without any."""
    series = {}
    for name in names:
        times = np.arange((since_ms or {}).get(name, START_MS - N_SLOTS * SLOT_MS), now_ms + 1, 60_000)
        for begin, end in missing:
            times = times[(times < begin) | (times >= end)]
        series[LabelSet({"instance": name})] = times, sample(name, times)
    return History.of(SeriesFrame.from_series(series))


def observed(now_ms: int, **what) -> Observed:
    disk = history(now_ms, **{**what, "names": "ab"})
    return Observed(RESOURCE, history(now_ms, **what), {"disk_read": disk}, now_ms)


def assert_as_from_the_whole(asked: RiskInput, seen: Observed) -> None:
    whole = BottleneckLoad().advance(seen)
    order = [whole.recent.labels.index(each) for each in asked.recent.labels]
    assert [asked.recent.labels[row] for row in asked.rows] == [
        label for label in asked.recent.labels if label in {whole.recent.labels[row] for row in whole.rows}
    ]
    for window in WINDOWS[:2]:
        got = features_at(asked.load, asked.rows, asked.slots, window).values
        rows = np.array(order)[asked.rows]
        slots = asked.slots + whole.load.grid.n_steps - asked.load.grid.n_steps
        wanted = features_at(whole.load, rows, slots, window).values
        np.testing.assert_allclose(got, wanted, rtol=1e-6, atol=1e-6)


def rounds(load: BottleneckLoad, begin_ms: int, n: int, every_ms: int = 60_000, **what) -> RiskInput:
    for now_ms in range(begin_ms, begin_ms + n * every_ms, every_ms):
        asked = load.advance(observed(now_ms, **what))
    return asked


@pytest.fixture
def wholes(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How often live state was made from a whole history."""
    made: list[int] = []
    of = bottleneck_load.LiveLoad.of
    monkeypatch.setattr(bottleneck_load.LiveLoad, "of", lambda history: made.append(1) or of(history))
    return made


def test_rounds_add_what_is_new(wholes: list[int]) -> None:
    load = BottleneckLoad()
    asked = rounds(load, START_MS, 47)
    assert len(wholes) == 1
    assert_as_from_the_whole(asked, observed(START_MS + 46 * 60_000))


def test_rounds_that_were_missed_are_made_up_for(wholes: list[int]) -> None:
    load = BottleneckLoad()
    load.advance(observed(START_MS))
    later = observed(START_MS + 3 * 3_600_000)
    assert_as_from_the_whole(load.advance(later), later)
    assert len(wholes) == 2, "one of them to compare with"


def test_a_slot_is_begun_when_half_have_a_sample_in_it() -> None:
    load = BottleneckLoad()
    load.advance(observed(START_MS))
    # A second into the next slot nobody has said anything yet.
    now_ms = START_MS + 240_000 + 1_000
    late = observed(now_ms)
    asked = load.advance(replace(late, utilisation=history(now_ms - 1_001)))
    assert asked.load.grid.end_ms == (START_MS // SLOT_MS) * SLOT_MS
    assert len(asked.rows) == 2
    # What comes late into the slot before is seen.
    asked = load.advance(observed(now_ms + 60_000))
    assert_as_from_the_whole(asked, observed(now_ms + 60_000))


def test_who_says_nothing_for_two_slots_is_not_spoken_of() -> None:
    load = BottleneckLoad()
    load.advance(observed(START_MS))
    gone = START_MS + 1, START_MS + 10**9
    asked = [load.advance(observed(START_MS + minutes * 60_000, missing=[gone])) for minutes in (3, 8, 14)]
    assert [len(each.rows) for each in asked] == [2, 2, 0]
    assert asked[-1].skipped == {"stale": 2}


def test_newcomers_join_and_the_gone_are_forgotten(wholes: list[int]) -> None:
    load = BottleneckLoad()
    load.advance(observed(START_MS))
    came_ms = START_MS + 40 * 60_000
    names = {"names": "bc", "since_ms": {"c": came_ms}}
    rounds(load, START_MS + 60_000, 39)
    asked = rounds(load, came_ms, 45, **names)
    assert len(wholes) == 1
    assert {each["instance"] for each in asked.recent.labels} == {"b", "c"}
    assert asked.load.n_known.tolist() == [N_SLOTS + 17, 9]
    assert len(asked.rows) == 2
    rounds(load, came_ms + 45 * 60_000, 3, **{**names, "names": "cb"})
    assert len(wholes) == 1, "another order is no newcomer"


def test_a_newcomer_with_a_past_has_it_taken_up(wholes: list[int]) -> None:
    load = BottleneckLoad()
    load.advance(observed(START_MS))
    asked = load.advance(observed(START_MS + 60_000, names="abz"))
    assert len(wholes) == 2
    assert asked.load.n_known.tolist() == [N_SLOTS + 1] * 3


def test_state_is_made_anew_once_a_day_and_when_the_clock_is_set_back(wholes: list[int]) -> None:
    load = BottleneckLoad()
    load.advance(observed(START_MS))
    load.advance(observed(START_MS + (DAY // 2) * SLOT_MS))
    assert len(wholes) == 1
    load.advance(observed(START_MS + DAY * SLOT_MS))
    assert len(wholes) == 2
    asked = load.advance(observed(START_MS))
    assert len(wholes) == 3
    assert_as_from_the_whole(asked, observed(START_MS))


def test_no_sample_at_all_is_no_state() -> None:
    load = BottleneckLoad()
    with pytest.raises(NoSeries, match="no sample of cpu within"):
        load.advance(observed(START_MS, missing=[(0, START_MS + 10**9)]))
    assert len(load.advance(observed(START_MS)).rows) == 2


def test_an_onset_counts_after_slots_that_were_known_and_below() -> None:
    load = BottleneckLoad()
    asked = load.advance(observed(START_MS, since_ms={"b": START_MS - 20 * 60_000}))
    assert asked.skipped == {"too_short": 1}
    clean = recently_clean(asked.recent, asked.rows, asked.recent_slots, RESOURCE.clean_slots)
    below = sample("a", START_MS - np.arange(6) * SLOT_MS) < 0.9
    assert clean.tolist() == [below.all()]
