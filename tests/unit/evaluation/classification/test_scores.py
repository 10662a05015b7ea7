import numpy as np
import pytest

from pronoia.evaluation.classification import scores


def test_a_perfect_order_has_all_of_the_area():
    assert scores.average_precision(np.array([True, False, True]), np.array([0.9, 0.1, 0.8])) == 1.0


def test_one_value_for_all_has_the_base_rate():
    assert scores.average_precision(np.array([True, False, False, False]), np.zeros(4)) == 0.25


def test_the_area_does_not_depend_on_the_order_of_ties():
    said, happened = np.array([0.5, 0.5, 0.2]), np.array([True, False, True])
    assert scores.average_precision(happened, said) == scores.average_precision(happened[[1, 0, 2]], said)


def test_the_best_threshold_is_where_alarms_are_best():
    said, happened = np.array([0.9, 0.8, 0.7, 0.1]), np.array([True, True, False, False])
    assert scores.best_f1_threshold(happened, said) == 0.8


def test_a_precision_that_is_never_reached_never_alarms():
    assert scores.precision_threshold(np.array([False, True]), np.array([0.9, 0.1]), 0.8) == float("inf")


def test_the_lowest_threshold_of_a_precision_is_taken():
    said, happened = np.array([0.9, 0.8, 0.7, 0.1]), np.array([True, True, True, False])
    assert scores.precision_threshold(happened, said, 0.8) == 0.7


def test_the_base_rate_has_no_skill():
    happened = np.array([True, False, False, False])
    assert scores.brier_skill(happened, np.full(4, 0.25)) == pytest.approx(0.0)
    assert scores.brier_skill(happened, happened.astype(float)) == 1.0


def test_calibration_error_is_the_mean_distance_weighted_by_rows():
    happened = np.array([True, False, False, False])
    assert scores.expected_calibration_error(happened, np.array([0.95, 0.05, 0.05, 0.05])) == pytest.approx(0.05)


def test_nothing_happened_leaves_areas_open():
    assert np.isnan(scores.average_precision(np.zeros(3, bool), np.ones(3)))
    assert scores.best_f1_threshold(np.zeros(3, bool), np.ones(3)) == float("inf")


def test_alarms_without_any_have_no_precision():
    score = scores.alarm_score(np.array([True, False]), np.zeros(2, bool))
    assert np.isnan(score.precision)
    assert score.recall == 0.0
