import pytest

from pronoia.errors import DecodeError
from pronoia.remote_read import fault
from pronoia.remote_read.walk import Walk, fail
from pronoia.series import TimeRange


def test_a_pass_without_fault_raises_nothing():
    fault.check(Walk.over(TimeRange(0, 1)))


@pytest.mark.parametrize("code", sorted(fault.REASONS))
def test_every_fault_has_its_sentence(code):
    walk = Walk.over(TimeRange(0, 1))
    assert fail(walk, code, 17, 0) is False
    with pytest.raises(DecodeError, match=r"\(at byte 17\)") as caught:
        fault.check(walk)
    assert caught.value.reason == fault.REASONS[code]
