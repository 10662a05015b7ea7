"""What is learnt from failures that happened, and what is kept of them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from pronoia.errors import ModelError
from pronoia.models.failure import learnt_rows
from pronoia.models.failure.features import FEATURES
from pronoia.models.failure.fitted import FailureModel
from pronoia.models.failure.learn import WatchedSignal, WatchedSystems, learn_failures
from pronoia.models.failure.learnt_rows import LearntRows, no_rows
from pronoia.models.failure.occurrences import spans_of
from pronoia.series import History, LabelSet, SeriesFrame

NOW = 1_795_602_000.0
HISTORY, HORIZON, N_SYSTEMS, N_FAILING = 6 * 3_600.0, 900, 24, 8


def watched(n_failing: int = N_FAILING, now: float = NOW, **changed: object) -> WatchedSystems:
    """Some systems leak for ten minutes and fail; the others rise by as much and stop."""
    times = np.arange(NOW - HISTORY, now, 30.0)
    series, occurrences = {}, []
    for number in range(N_SYSTEMS):
        begins = NOW - HISTORY + 5_000.0 + 500.0 * number
        since = times - begins
        fails = number < n_failing
        used = 0.3 + np.where((since >= 0.0) & (since < 600.0), 0.7 * since / 600.0 * (1.0 if fails else 0.5), 0.0)
        used += np.random.default_rng(number).normal(0.0, 0.003, len(times))
        series[LabelSet({"instance": str(number)})] = ((times * 1_000).astype(np.int64), used)
        occurrences.append(spans_of(np.array([begins + 600.0]) if fails and begins + 600.0 < now else np.empty(0)))
    signal = WatchedSignal(History.of(SeriesFrame.from_series(series)), np.arange(N_SYSTEMS), 1.0, 30)
    ids = np.arange(N_SYSTEMS)
    known = WatchedSystems(ids, (signal,), tuple(occurrences), (HORIZON,), NOW - HISTORY, now)
    return replace(known, **changed)


@pytest.fixture(scope="module")
def fit():
    return learn_failures(watched(), no_rows().to_arrays())


def test_learns_to_tell_what_failed_from_what_did_not(fit) -> None:
    rows, model = LearntRows.from_arrays(fit.rows), FailureModel.from_arrays(fit.model)
    assert (rows.n_events, rows.n_failing, model.n_events) == (N_FAILING, N_FAILING, N_FAILING)
    said = model.within(rows.features, np.ones(1)).probability[:, 0]
    assert said[rows.happened].mean() > 5.0 * said[~rows.happened].mean()


def test_a_system_at_rest_is_as_safe_as_it_was_seen_to_be(fit) -> None:
    """The laboratory's calibration, on systems of which most fail, would say seven per cent."""
    rows, model = LearntRows.from_arrays(fit.rows), FailureModel.from_arrays(fit.model)
    at_rest = rows.features[:, FEATURES.index("rise_age")] == 0.0
    assert np.median(model.within(rows.features[at_rest], np.ones(1)).probability) < 0.05


def test_with_few_failures_the_trend_goes_on_alone_and_they_are_counted() -> None:
    few = learn_failures(watched(2), no_rows().to_arrays())
    assert FailureModel.from_arrays(few.model).trees is None
    assert "2 failures of 2 systems" in few.reason
    assert LearntRows.from_arrays(few.rows).n_events == 2


def test_failures_add_up_over_fits_and_none_counts_twice(fit) -> None:
    middle = NOW - HISTORY + 7_500.0
    first = learn_failures(watched(now=middle), no_rows().to_arrays())
    second = learn_failures(watched(), first.rows)
    n_first = LearntRows.from_arrays(first.rows).n_events
    assert 0 < n_first < N_FAILING
    rows, whole = LearntRows.from_arrays(second.rows), LearntRows.from_arrays(fit.rows)
    assert rows.n_events == N_FAILING
    assert len(rows.systems) == len(whole.systems)
    again = LearntRows.from_arrays(learn_failures(watched(), second.rows).rows)
    assert len(again.systems) == len(rows.systems)


def test_what_is_known_of_failures_survives_their_history(fit) -> None:
    later = watched(0, now=NOW + 3_600.0, since_seconds=NOW)
    kept = learn_failures(later, fit.rows)
    assert LearntRows.from_arrays(kept.rows).n_events == N_FAILING
    assert kept.model is not None


def test_thinned_rows_say_the_same_in_the_mean(fit, monkeypatch) -> None:
    rows = LearntRows.from_arrays(fit.rows)
    monkeypatch.setattr(learnt_rows, "MOST_QUIET_ROWS", 800)
    thin = learn_failures(watched(), no_rows().to_arrays())
    thinned = LearntRows.from_arrays(thin.rows)
    assert thinned.share < 0.5
    assert (~thinned.happened).sum() < 1_000
    assert thinned.happened.sum() == rows.happened.sum()
    whole, less = (
        FailureModel.from_arrays(each.model).within(rows.features, np.ones(1)).probability.mean()
        for each in (fit, thin)
    )
    assert less == pytest.approx(whole, rel=0.35)


def test_a_share_of_the_systems_is_made_up_for() -> None:
    """Without that, a third of the systems would seem to fail, and not one in nine."""
    quiet = [number for number in range(N_SYSTEMS) if number >= N_FAILING]
    chosen = np.array([*range(N_FAILING), *quiet[::4]])
    everyone = watched()
    signal = everyone.signals[0]
    part = watched(
        ids=chosen,
        signals=(replace(signal, history=signal.history.take(chosen), systems=np.arange(len(chosen))),),
        occurrences=tuple(everyone.occurrences[number] for number in chosen),
        quiet_share=0.25,
    )
    rows = LearntRows.from_arrays(learn_failures(part, no_rows().to_arrays()).rows)
    whole = LearntRows.from_arrays(learn_failures(everyone, no_rows().to_arrays()).rows)
    assert rows.share == 0.25
    assert (~rows.happened).sum() / rows.share == pytest.approx((~whole.happened).sum(), rel=0.1)


def test_horizons_that_samples_are_too_rare_for_teach_nothing() -> None:
    signal = replace(watched().signals[0], step_seconds=300)
    assert not len(
        LearntRows.from_arrays(learn_failures(watched(signals=(signal,)), no_rows().to_arrays()).rows).systems
    )


def test_nothing_is_known_without_systems() -> None:
    empty = watched(ids=np.empty(0, np.int64), signals=(), occurrences=())
    fit = learn_failures(empty, no_rows().to_arrays())
    assert not len(LearntRows.from_arrays(fit.rows).systems)


def test_damaged_rows_are_refused(fit) -> None:
    with pytest.raises(ModelError, match="cannot be read"):
        LearntRows.from_arrays({})
    with pytest.raises(ModelError, match="features"):
        LearntRows.from_arrays({**fit.rows, "features": np.zeros((3, 2), np.float32)})
