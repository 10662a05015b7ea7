from __future__ import annotations

import numpy as np

from pronoia.pipeline.bottleneck_input import joined, system_rows
from pronoia.series import LabelSet

NAN = np.nan


def test_the_other_metric_of_a_system_is_found_by_its_entity() -> None:
    subjects = tuple(LabelSet({"instance": name, "mode": "user"}) for name in ("a", "b", "c"))
    disks = tuple(LabelSet({"instance": name, "device": dev}) for name, dev in (("a", "0"), ("c", "0"), ("a", "1")))
    assert system_rows(disks, subjects, ("instance",)).tolist() == [[0, 2], [-1, -1], [1, -1]]
    assert system_rows((), subjects, ("instance",)).shape == (3, 0)


def test_devices_of_a_system_are_joined() -> None:
    values = np.array([[1024.0, NAN], [2048.0, NAN], [NAN, 1024.0], [0.5, 0.5]], np.float32)
    rows = np.array([[0, 1, 2], [-1, -1, -1], [3, -1, -1]])
    np.testing.assert_allclose(
        joined(values, rows, is_ratio=False), np.log1p([[3.0, 1.0], [NAN, NAN], [0.5 / 1024] * 2]), rtol=1e-6
    )
    np.testing.assert_array_equal(joined(values, rows, is_ratio=True), [[2048.0, 1024.0], [NAN, NAN], [0.5, 0.5]])
