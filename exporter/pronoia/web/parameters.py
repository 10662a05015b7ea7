"""Parameters that listings of predictions have in common."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from flask import request

from pronoia.errors import QueryError
from pronoia.promql.selector import parse_selector
from pronoia.web.api_json import ApiError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pronoia.predictions.snapshot import Snapshot
    from pronoia.series import LabelSet, Matcher

_DEFAULT_LIMIT = 100
_MAX_LIMIT = 1_000
#: As Prometheus says it: web/api/v1/api.go.
TRUNCATED = "results truncated due to limit"


class SnapshotSource(Protocol):
    """Where the current snapshot comes from (`pipeline.holder.Holder`)."""

    def snapshot(self, now_seconds: float) -> Snapshot:
        """What may be shown at this time."""


def refuse_unknown(known: Sequence[str]) -> None:
    """Refuse parameters that are not known.

    Raises:
        ApiError: if there is one.
    """
    unknown = sorted(set(request.args) - set(known))
    if unknown:
        raise ApiError(f'unknown parameter "{unknown[0]:.40}", known are {", ".join(known)}')


def read_selectors() -> list[tuple[Matcher, ...]]:
    """The selectors of `match[]`.

    Raises:
        ApiError: if one is not readable.
    """
    try:
        return [parse_selector(text) for text in request.args.getlist("match[]")]
    except QueryError as error:
        raise ApiError(f'invalid parameter "match[]": {error}') from error


def is_selected(labels: LabelSet, selectors: Sequence[Sequence[Matcher]]) -> bool:
    """Whether one of the selectors, or their absence, selects a series."""
    return not selectors or any(all(matcher.matches(labels) for matcher in selector) for selector in selectors)


def read_page() -> tuple[int, int]:
    """The first entry to show, from `offset`, and the one after the last, from `limit`.

    Raises:
        ApiError: if one is no whole number, or out of bounds.
    """
    limit = _whole_number("limit", _DEFAULT_LIMIT, least=1, most=_MAX_LIMIT)
    offset = _whole_number("offset", 0, least=0, most=10**9)
    return offset, offset + limit


def _whole_number(name: str, default: int, *, least: int, most: int) -> int:
    text = request.args.get(name, str(default))
    if not (text.isascii() and text.isdigit() and least <= int(text[:12]) <= most):
        raise ApiError(f'invalid parameter "{name}": {text!r:.40} is not a whole number from {least} to {most}')
    return int(text)
