"""Types of values, each refusing what it cannot use in plain words."""

import math
import re
from typing import Annotated, Any, Literal, TypeVar

from pydantic import AfterValidator, BeforeValidator, Field, PlainSerializer, PlainValidator, SecretStr

from pronoia.config.duration import Duration, parse_duration

#: What is shown instead of a secret, as in Prometheus.
HIDDEN = "<secret>"

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_.-]{0,62}", re.ASCII)
_LABEL_NAME = re.compile(r"(?!__)[A-Za-z_][A-Za-z0-9_]*", re.ASCII)
_SIZE = re.compile(r"([0-9]+)\s*(B|KiB|MiB|GiB|TiB)?", re.ASCII)
_SIZE_UNITS = {"B": 1, "KiB": 2**10, "MiB": 2**20, "GiB": 2**30, "TiB": 2**40}

Entry = TypeVar("Entry")


def describe(value: Any) -> str:
    """A value in words, for "got ...".

    >>> describe("24h"), describe(5), describe([1]), describe(True)
    ("'24h'", 'the number 5', 'a list', 'true')
    """
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return f"the number {value}"
    if isinstance(value, str):
        return repr(value if len(value) <= 80 else value[:77] + "...")
    return kind_of(value)


def kind_of(value: Any) -> str:
    """What a value is, without showing it: it may be a secret in the wrong place.

    >>> kind_of("hunter2"), kind_of({})
    ('text', 'a mapping')
    """
    if value is None:
        return "nothing"
    if isinstance(value, str):
        return "text"
    if isinstance(value, bool):
        return "true or false"
    if isinstance(value, int | float):
        return "a number"
    return "a list" if isinstance(value, list | tuple) else "a mapping"


def wrong(wanted: str, value: Any, hint: str = "") -> ValueError:
    """The error for a value that is not what is wanted."""
    return ValueError(f"{wanted}, got {describe(value)}{hint}")


def _duration(value: Any) -> Duration:
    if isinstance(value, Duration):
        return value
    if isinstance(value, str):
        return parse_duration(value)
    if isinstance(value, int | float) and not isinstance(value, bool):
        raise wrong("must be a duration with its unit", value, f". Did you mean {value}s?")
    raise wrong("must be a duration such as 15m or 1h30m", value)


def _positive(duration: Duration) -> Duration:
    if duration.milliseconds == 0:
        raise ValueError("must be longer than 0s")
    return duration


def _whole_seconds(duration: Duration) -> Duration:
    if duration.milliseconds % 1000:
        raise ValueError(f"must be whole seconds, got '{duration}'")
    return _positive(duration)


def _auto_or(read: Any) -> Any:
    def validate(value: Any) -> Any:
        return value if value == "auto" else read(value)

    return validate


def _number(value: Any, wanted: str = "must be a number") -> float:
    # From the environment numbers come as text.
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise wrong(wanted, value)
    try:
        number = float(value)
    except ValueError:
        raise wrong(wanted, value) from None
    except OverflowError:
        number = math.inf
    if not math.isfinite(number):
        raise ValueError(f"must be a finite number, got {number}")
    return number


def _whole_number(value: Any) -> int:
    wanted = "must be a whole number"
    number = _number(value, wanted)
    if not number.is_integer():
        raise wrong(wanted, value)
    return int(number)


def _at_least_one(value: Any) -> int:
    number = _whole_number(value)
    if number < 1:
        raise ValueError(f"must be at least 1, got {number}")
    return number


def _size(value: Any) -> int:
    found = (
        _SIZE.fullmatch(str(value).strip()) if isinstance(value, int | str) and not isinstance(value, bool) else None
    )
    if not found:
        raise wrong("must be a size such as 50MiB or 1GiB", value)
    size = int(found[1][:20]) * _SIZE_UNITS[found[2] or "B"]
    if not 1 <= size <= 2**50:
        raise wrong("must be between 1B and 1024TiB", value)
    return size


def format_size(size: int) -> str:
    """A size in the largest unit that comes out even.

    >>> format_size(52_428_800), format_size(1000)
    ('50MiB', '1000B')
    """
    unit = next(unit for unit in reversed(_SIZE_UNITS) if size % _SIZE_UNITS[unit] == 0)
    return f"{size // _SIZE_UNITS[unit]}{unit}"


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise wrong("must be text", value, ": put it in quotes" if isinstance(value, bool | int | float) else "")
    if not value.strip():
        raise ValueError("must not be empty")
    return value


def _secret(value: Any) -> SecretStr:
    if isinstance(value, SecretStr):
        return value
    # The value is not described: even of the wrong type it may be the secret.
    problem = "must be text: put it in quotes" if not isinstance(value, str) else "" if value else "must not be empty"
    if problem:
        raise ValueError(problem)
    return SecretStr(value)


def _name(value: Any) -> str:
    text = _text(value)
    if not _NAME.fullmatch(text):
        raise wrong("must be a letter followed by letters, digits, _, . or - (63 at most)", text)
    return text


def _label_name(value: Any) -> str:
    text = _text(value)
    if not _LABEL_NAME.fullmatch(text):
        raise wrong("must be the name of a label, such as instance or namespace", text)
    return text


def _one_entry_or_more(entries: tuple[Entry, ...]) -> tuple[Entry, ...]:
    if not entries:
        raise ValueError("must have at least one entry")
    return entries


def _no_entry_twice(entries: tuple[Entry, ...]) -> tuple[Entry, ...]:
    for position, entry in enumerate(entries):
        if entry in entries[:position]:
            raise ValueError(f"{entry} is listed twice")
    return entries


_as_text = PlainSerializer(str, return_type=str)

#: A Prometheus duration longer than 0.
Timeout = Annotated[Duration, PlainValidator(lambda value: _positive(_duration(value))), _as_text]
#: `auto` or a Prometheus duration longer than 0.
AutoTimeout = Annotated[
    Duration | Literal["auto"], PlainValidator(_auto_or(lambda value: _positive(_duration(value)))), _as_text
]
#: A Prometheus duration of whole seconds, at least one.
Span = Annotated[Duration, PlainValidator(lambda value: _whole_seconds(_duration(value))), _as_text]
#: `auto` or a span.
AutoSpan = Annotated[
    Duration | Literal["auto"], PlainValidator(_auto_or(lambda value: _whole_seconds(_duration(value)))), _as_text
]
#: A finite number.
Number = Annotated[float, BeforeValidator(_number)]
#: From 0 to 1, both included.
Ratio = Annotated[Number, Field(ge=0.0, le=1.0)]
#: A whole number of at least 1.
Count = Annotated[int, BeforeValidator(_at_least_one)]
#: `auto` or a whole number of at least 1.
AutoCount = Annotated[int | Literal["auto"], PlainValidator(_auto_or(_at_least_one))]
#: A whole number of at least 0.
CountOrZero = Annotated[int, BeforeValidator(_whole_number), Field(ge=0)]
#: Bytes; written as 50MiB.
Size = Annotated[int, PlainValidator(_size), PlainSerializer(format_size, return_type=str)]
#: Text that is not empty.
Text = Annotated[str, BeforeValidator(_text)]
#: Text that is never shown.
Secret = Annotated[SecretStr, PlainValidator(_secret), PlainSerializer(lambda _: HIDDEN, return_type=str)]
#: What something is called in metrics, logs and file names.
Name = Annotated[str, BeforeValidator(_name)]
#: A label's name; not one of those that start with __, which series do not keep.
LabelName = Annotated[str, BeforeValidator(_label_name)]
#: Entries of which there is at least one.
NonEmpty = Annotated[tuple[Entry, ...], AfterValidator(_one_entry_or_more)]
#: Entries of which there is at least one, none twice.
OneOrMore = Annotated[tuple[Entry, ...], AfterValidator(_one_entry_or_more), AfterValidator(_no_entry_twice)]
#: Entries of which none is listed twice.
Distinct = Annotated[tuple[Entry, ...], AfterValidator(_no_entry_twice)]
