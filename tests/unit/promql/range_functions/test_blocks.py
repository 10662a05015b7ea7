import math

import numpy as np
import pytest

from pronoia.promql.range_functions.blocks import BLOCK, block_sums, window_sum

RNG = np.random.default_rng(5)


def sum_of(values: np.ndarray, first: int, last: int) -> float:
    total, lost = window_sum(values, *block_sums(values), first, last)
    return total if math.isinf(total) else total + lost


@pytest.mark.parametrize("first", [0, 1, BLOCK - 1, BLOCK, BLOCK + 1])
@pytest.mark.parametrize("length", [0, 1, BLOCK - 1, BLOCK, 2 * BLOCK, 5 * BLOCK + 3])
def test_a_window_of_any_place_and_length_has_its_exact_sum(first: int, length: int):
    values = RNG.normal(0.0, 1.0, 8 * BLOCK) * 10.0 ** RNG.integers(-8, 8, 8 * BLOCK)
    assert sum_of(values, first, first + length) == pytest.approx(math.fsum(values[first : first + length]), rel=1e-15)


def test_what_cancels_over_blocks_is_not_lost():
    values = np.concatenate([np.full(BLOCK, 2.0**300), np.ones(BLOCK), np.full(BLOCK, -(2.0**300))])
    assert sum_of(values, 0, len(values)) == BLOCK


@pytest.mark.parametrize("value", [np.inf, -np.inf, np.nan])
def test_a_special_value_counts_where_it_is_inside(value: float):
    values = np.ones(4 * BLOCK)
    values[BLOCK + 3] = value
    np.testing.assert_equal(sum_of(values, 0, 3 * BLOCK), value)
    assert sum_of(values, 2 * BLOCK, 4 * BLOCK) == 2 * BLOCK


def test_infinities_of_both_signs_are_no_number():
    values = np.ones(4 * BLOCK)
    values[3], values[2 * BLOCK] = np.inf, -np.inf
    assert math.isnan(sum_of(values, 0, 4 * BLOCK))
