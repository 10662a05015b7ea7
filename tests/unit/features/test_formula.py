import contextlib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pronoia.errors import ConfigError
from pronoia.features.formula import parse_formula


def _value(text: str, **metrics: float) -> float:
    return float(parse_formula(text).evaluate({name: np.array(value) for name, value in metrics.items()}))


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("sqrt(a^2 + b^2)", 5.0),
        ("-a^2", -9.0),
        ("a**2 * 2", 18.0),
        ("(a + b) / 2 - 1e1", -6.5),
        ("max(a, b) % 3", 1.0),
        ("min(a, abs(-b))", 3.0),
        ("log2(8) + ln(exp(1)) + log10(100)", 6.0),
    ],
)
def test_arithmetic_is_what_one_expects(text, value):
    assert _value(text, a=3.0, b=4.0) == pytest.approx(value)


def test_what_has_no_value_is_not_known():
    assert np.isnan(_value("1 / a", a=0.0))
    assert np.isnan(_value("sqrt(a)", a=-1.0))
    assert np.isnan(_value("a + 1", a=np.nan))


def test_a_number_has_the_shape_of_nothing_and_names_that_of_their_metrics():
    assert parse_formula("a * 0 + 1").evaluate({"a": np.zeros((2, 3))}).tolist() == [[1.0] * 3] * 2


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("sqr(x)", "did you mean 'sqrt'"),
        ("x.real", "'x.real' at character 1"),
        ("1 + __import__('os').system('true')", "not understood"),
        ("a if b else c", "not understood"),
        ("x[0]", "not understood"),
        ("max(a)", "takes 2"),
        ("sqrt", "'sqrt' at character 1"),
        ("True", "not understood"),
        ("", "not a formula"),
        ("a +", "not a formula"),
        ("x" * 1001, "1001 characters"),
        ("(" * 400 + "x" + ")" * 400, "not a formula"),
    ],
)
def test_what_is_no_formula_is_refused_with_its_place(text, message):
    with pytest.raises(ConfigError, match=message):
        parse_formula(text, "features.io_intensity")


@given(st.text(max_size=40))
def test_any_text_is_a_formula_or_one_clear_error(text):
    with contextlib.suppress(ConfigError):
        parse_formula(text)
