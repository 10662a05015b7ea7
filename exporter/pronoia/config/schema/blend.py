"""Types of `bottleneck.members` and `bottleneck.blend`: what is fitted to local history, and how it is weighed."""

from typing import Annotated, Any, Literal

from pydantic import PlainValidator

from pronoia.config.schema.fields import wrong

#: All that can be blended; `lstm` and `transformer` need the extra `neural`.
MEMBERS = ("trees", "lstm", "transformer", "hazard")


def _members(value: Any) -> Any:
    if value == "auto":
        return value
    wanted = f"must be auto or a list that begins with trees and goes on with some of {', '.join(MEMBERS[1:])}"
    if not isinstance(value, list | tuple) or not value:
        raise wrong(wanted, value)
    if value[0] != "trees":
        raise ValueError(f"{wanted}; the first of these is {value[0]!r}")
    for position, name in enumerate(value):
        if name not in MEMBERS:
            raise wrong(wanted, name)
        if name in value[:position]:
            raise ValueError(f"{name!r} is listed twice")
    return tuple(value)


def _blend(value: Any) -> Any:
    if value in ("auto", "fitted"):
        return value
    is_list = isinstance(value, list | tuple) and bool(value)
    if not is_list or any(isinstance(each, bool) or not isinstance(each, int | float) for each in value):
        raise wrong("must be auto, fitted, or a list of weights such as [0.7, 0.3]", value)
    weights = tuple(float(each) for each in value)
    if not all(0.0 <= each < float("inf") for each in weights) or not any(weights):
        raise ValueError(f"weights must not be below 0, nor all 0, got {list(weights)}")
    return weights


#: `auto` or names, trees first.
Members = Annotated[tuple[str, ...] | Literal["auto"], PlainValidator(_members)]
#: `auto`, `fitted` or weights.
Blend = Annotated[tuple[float, ...] | Literal["auto", "fitted"], PlainValidator(_blend)]
