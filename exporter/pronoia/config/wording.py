"""The schema's complaints in plain words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pronoia.config.schema.fields import describe, kind_of
from pronoia.config.schema.lookup import places, section_at
from pronoia.config.suggestion import did_you_mean, nearest

if TYPE_CHECKING:
    from collections.abc import Callable

    from pydantic import ValidationError
    from pydantic_core import ErrorDetails

    from pronoia.config.document import Path
    from pronoia.config.schema.section import Section

    Wording = Callable[[Any, dict[str, Any]], str]


@dataclass(frozen=True, slots=True)
class Complaint:
    """One mistake: where, what, and which paths cannot be relied on because of it."""

    path: Path
    problem: str
    spoils: tuple[Path, ...]


def complaints(error: ValidationError, root: type[Section]) -> list[Complaint]:
    """All mistakes of a failed validation, in the order of the schema."""
    found = []
    for detail in error.errors(include_url=False):
        path = tuple(detail["loc"])
        spoils: tuple[Path, ...] = (path,)
        if detail["type"] == "extra_forbidden":
            section = section_at(root, path[:-1])
            known = list(section.model_fields) if section else []
            near = nearest(str(path[-1]), known)
            problem = _unknown_key(str(path[-1]), section, root)
            spoils = (path, (*path[:-1], near)) if near else spoils
        elif detail["type"] == "missing":
            section = section_at(root, path[:-1])
            problem = "is required" + _purpose(section, str(path[-1]))
            spoils = (path[:-1],)
        else:
            problem = _plain(detail)
        found.append(Complaint(path, problem, spoils))
    return found


def _unknown_key(key: str, section: type[Section] | None, root: type[Section]) -> str:
    if section is None:
        return "unknown key"
    if key in section.elsewhere:
        return f"unknown key; {section.elsewhere[key]}"
    homes = [place for name, place in places(root) if name == key]
    # Keys such as `name` stand in many places; telling all of them would help nobody.
    if 1 <= len(homes) <= 5:
        return "unknown key here; it belongs under " + _either([home or "the top level" for home in homes])
    return "unknown key" + did_you_mean(key, section.model_fields)


def _purpose(section: type[Section] | None, key: str) -> str:
    description = section.model_fields[key].description if section and key in section.model_fields else None
    if not description:
        return ""
    sentence = description.split(". ")[0].rstrip(".")
    first = sentence.split()[0]
    # A sentence's first word, but not a name such as PromQL.
    return ": " + (sentence[0].lower() + sentence[1:] if first.istitle() else sentence)


def _plain(detail: ErrorDetails) -> str:
    got, context = detail["input"], detail.get("ctx", {})
    wording = _WORDINGS.get(detail["type"])
    return wording(got, context) if wording else f"{detail['msg']}, got {describe(got)}"


def _number_bound(key: str, words: str) -> Wording:
    return lambda got, context: f"must be {words} {_figure(context[key])}, got {_figure(got)}"


def _figure(number: Any) -> str:
    return str(int(number)) if isinstance(number, float) and number.is_integer() else str(number)


def _literal(got: Any, context: dict[str, Any]) -> str:
    choices = _choices(context)
    near = nearest(got, choices) if isinstance(got, str) else None
    hint = f"; did you mean {near!r}?" if near else ""
    return f"must be {_either(choices)}, got {describe(got)}{hint}"


def _mapping(got: Any, _: dict[str, Any]) -> str:
    return f"must hold keys and values (key: value), got {kind_of(got)}"


def _list(got: Any, _: dict[str, Any]) -> str:
    return f"must be a list, got {kind_of(got)}"


def _boolean(got: Any, _: dict[str, Any]) -> str:
    return f"must be true or false, got {describe(got)}"


def _choices(context: dict[str, Any]) -> list[str]:
    return [part.strip("'") for part in str(context["expected"]).replace(" or ", ", ").split(", ")]


def _either(choices: list[str]) -> str:
    return " or ".join(filter(None, [", ".join(choices[:-1]), choices[-1]]))


_WORDINGS: dict[str, Wording] = {
    "value_error": lambda _, context: str(context["error"]),
    "greater_than_equal": _number_bound("ge", "at least"),
    "greater_than": _number_bound("gt", "more than"),
    "less_than_equal": _number_bound("le", "at most"),
    "less_than": _number_bound("lt", "less than"),
    "model_type": _mapping,
    "model_attributes_type": _mapping,
    "dict_type": _mapping,
    "tuple_type": _list,
    "list_type": _list,
    "too_long": lambda _, context: f"has more than the {context['max_length']} entries that are possible",
    "bool_type": _boolean,
    "bool_parsing": _boolean,
    "literal_error": _literal,
}
