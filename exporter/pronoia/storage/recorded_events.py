"""The truth beside a recording: which failure of which system, when."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from pronoia.errors import ConfigError, ConfigProblem


class RecordedEvent(NamedTuple):
    """One failure: Unix time in milliseconds, the system's `instance`, and what failed."""

    timestamp_ms: int
    instance: str
    failure: str


def load_events(path: str | Path) -> tuple[RecordedEvent, ...]:
    """Read `events.parquet` of a recording's folder, oldest first.

    Raises:
        ConfigError: if there is none, or it lacks a column.
    """
    import pyarrow as pa
    from pyarrow import parquet

    file = Path(path) / "events.parquet"
    try:
        columns = parquet.read_table(file, columns=["timestamp", "instance", "failure"]).to_pydict()
    except (OSError, pa.ArrowException, KeyError) as error:
        raise ConfigError(
            [ConfigProblem("--data", f"{file} with columns timestamp, instance, failure is needed: {error}")]
        ) from error
    events = zip(columns["timestamp"], columns["instance"], columns["failure"], strict=True)
    return tuple(sorted(RecordedEvent(int(at), str(who), str(what)) for at, who, what in events))
