import numpy as np
import pytest

from pronoia.promql.instant_functions.buckets import classic_histograms, upper_bound
from pronoia.series import LabelSet


def test_buckets_are_grouped_by_their_other_labels_and_sorted_by_bound():
    histograms = classic_histograms(
        [
            LabelSet({"__name__": "x_bucket", "i": "0", "le": "+Inf"}),
            LabelSet({"__name__": "x_bucket", "i": "1", "le": "5"}),
            LabelSet({"__name__": "x_bucket", "i": "0", "le": "10"}),
            LabelSet({"__name__": "x_bucket", "i": "0", "le": "9"}),
        ]
    )
    assert histograms.labels == (LabelSet({"i": "0"}), LabelSet({"i": "1"}))
    assert histograms.series.tolist() == [3, 2, 0, 1]
    assert histograms.bounds.tolist() == [9.0, 10.0, np.inf, 5.0]
    assert histograms.indptr.tolist() == [0, 3, 4]


def test_histograms_of_two_metrics_stay_apart():
    histograms = classic_histograms([LabelSet({"__name__": name, "le": "1"}) for name in ("x_bucket", "y_bucket")])
    assert histograms.labels == (LabelSet(), LabelSet())


def test_series_without_a_bound_are_left_out():
    histograms = classic_histograms([LabelSet({"__name__": "x_count"}), LabelSet({"le": "many"})])
    assert histograms.labels == ()
    assert histograms.indptr.tolist() == [0]


@pytest.mark.parametrize(
    ("le", "bound"),
    [("0.5", 0.5), ("1e3", 1e3), ("+Inf", np.inf), ("-inf", -np.inf), ("Infinity", np.inf), ("-2", -2.0)],
)
def test_bounds_are_numbers(le: str, bound: float):
    assert upper_bound(le) == bound


@pytest.mark.parametrize("le", ["", " 1", "1s", "1e999", "NaN", "\u0661"])
def test_other_text_is_no_bound(le: str):
    assert upper_bound(le) is None
