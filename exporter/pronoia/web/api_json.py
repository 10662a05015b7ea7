"""The JSON of Prometheus' HTTP API: parameters in, results and errors out.

Format: https://prometheus.io/docs/prometheus/latest/querying/api/
"""

from __future__ import annotations

import json
import math
from datetime import datetime
from typing import TYPE_CHECKING

from flask import Response

from pronoia.config.duration import parse_duration
from pronoia.exposition.text import format_number

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from pronoia.series import SeriesFrame


class ApiError(Exception):
    """What the API answers with an error: status, Prometheus' word for the kind, and the message."""

    def __init__(self, message: str, status: int = 400, kind: str = "bad_data") -> None:
        self.status = status
        self.kind = kind
        super().__init__(message)


def read_time_ms(text: str, name: str) -> int:
    """A parameter that is an instant, Unix seconds or RFC 3339, in milliseconds.

    Raises:
        ApiError: if it is neither.

    >>> read_time_ms("1435781451.781", "time"), read_time_ms("2015-07-01T20:10:51.781Z", "time")
    (1435781451781, 1435781451781)
    """
    try:
        seconds = float(text)
    except ValueError:
        try:
            seconds = datetime.fromisoformat(text).timestamp()
        except ValueError:
            seconds = math.nan
    # Year 9999, where RFC 3339 ends.
    if not abs(seconds) < 253_402_300_800:
        raise ApiError(f'invalid parameter "{name}": cannot parse {text!r:.40} to a valid timestamp')
    return round(seconds * 1000)


def read_step_ms(text: str) -> int:
    """The `step` parameter, seconds or a duration, in milliseconds.

    Raises:
        ApiError: if it is neither, or not positive.

    >>> read_step_ms("15"), read_step_ms("0.5"), read_step_ms("1m")
    (15000, 500, 60000)
    """
    try:
        milliseconds = float(text) * 1000
    except ValueError:
        try:
            milliseconds = parse_duration(text).milliseconds
        except ValueError as error:
            raise ApiError(f'invalid parameter "step": cannot parse {text!r:.40} to a valid duration') from error
    if not 1.0 <= milliseconds < 1e15:
        raise ApiError('invalid parameter "step": zero or negative query resolution step widths are not accepted')
    return round(milliseconds)


def matrix(frame: SeriesFrame) -> Response:
    """Samples of each series; staleness markers must be gone already."""
    return _success("matrix", (f'"values":[{_samples(times, values)}]' for _, times, values in frame), frame)


def vector(frame: SeriesFrame) -> Response:
    """The only sample of each series."""
    return _success("vector", (f'"value":{_samples(times, values)}' for _, times, values in frame), frame)


def data(content: dict[str, Any], warnings: Sequence[str] = ()) -> Response:
    """Any other successful answer; `warnings` say in what it is incomplete."""
    told: dict[str, Any] = {"status": "success", "data": content}
    if warnings:
        told["warnings"] = list(warnings)
    return _json(json.dumps(told, separators=(",", ":")))


def failure(error: ApiError) -> Response:
    """An error, as Prometheus tells it."""
    body = {"status": "error", "errorType": error.kind, "error": str(error)}
    return _json(json.dumps(body, separators=(",", ":")), error.status)


def _success(result_type: str, samples: Any, frame: SeriesFrame) -> Response:
    metrics = (json.dumps(dict(labels), separators=(",", ":")) for labels in frame.labels)
    result = ",".join(f'{{"metric":{metric},{each}}}' for metric, each in zip(metrics, samples, strict=True))
    return _json(f'{{"status":"success","data":{{"resultType":"{result_type}","result":[{result}]}}}}')


def _samples(times: Any, values: Any) -> str:
    return ",".join(
        f'[{format_number(time_ms / 1000)},"{format_number(value)}"]'
        for time_ms, value in zip(times.tolist(), values.tolist(), strict=True)
    )


def _json(body: str, status: int = 200) -> Response:
    return Response(body, status, content_type="application/json")
