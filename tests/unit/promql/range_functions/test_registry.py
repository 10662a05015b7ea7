import numpy as np

from pronoia.promql.range_functions.registry import KEEPS_NAME, RANGE_FUNCTIONS, range_functions
from pronoia.promql.semantics import Semantics
from support.promql_windows import every, told, windows_of

WINDOWS = windows_of(every(10, 8, 18, 28, 38, 48, 58, 68, start=60), at=[120], range_seconds=120)


def test_scalars_come_in_the_order_of_the_signature():
    call = RANGE_FUNCTIONS["double_exponential_smoothing"]
    bent = windows_of(every(10, 0, 4, 0, 1), at=[40], range_seconds=40)
    assert told(call(bent, (np.array([0.5]), np.array([0.25])))) == [[4]]
    assert told(call(bent, (np.array([0.25]), np.array([0.5])))) != [[4]]


def test_functions_that_keep_the_name_exist():
    assert set(RANGE_FUNCTIONS) >= KEEPS_NAME


def test_rates_depend_on_the_server_and_nothing_else_does():
    older = range_functions(Semantics(zero_point_first=True))
    newer = range_functions(Semantics())
    assert {name for name in newer if older[name] is not newer[name]} == {"rate", "increase"}
    for name in ("rate", "increase"):
        ((old,),), ((new,),) = told(older[name](WINDOWS, ())), told(newer[name](WINDOWS, ()))
        assert old > new
