import numpy as np
import pytest

from pronoia.promql.rows import by_rows


@pytest.mark.parametrize("n_rows", [0, 1, 2, 3, 1000])
def test_every_row_is_done_once(n_rows: int):
    done = np.zeros(n_rows, np.int64)

    def work(rows: slice) -> None:
        done[rows] += 1

    by_rows(n_rows, 1_000_000, work)
    assert (done == 1).all()


def test_what_goes_wrong_in_any_part_is_raised():
    def work(rows: slice) -> None:
        if rows.stop == 10:
            raise ValueError("the last part")

    with pytest.raises(ValueError, match="the last part"):
        by_rows(10, 1_000_000, work)
