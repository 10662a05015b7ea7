"""SqliteIncidents: incidents and the news that made them, in one SQLite file."""

from __future__ import annotations

import json
import sqlite3
import threading
from contextlib import contextmanager
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from pronoia.errors import StateError
from pronoia.predictions.incident import Incident, TimelineEntry
from pronoia.series.labels import LabelSet

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

# Incidents are documents with a few columns to find them by: another database needs no more than these tables.
_SCHEMA = """
CREATE TABLE IF NOT EXISTS incidents (
    id TEXT PRIMARY KEY, identity TEXT NOT NULL, outcome TEXT NOT NULL, verdict TEXT NOT NULL,
    is_watched INTEGER NOT NULL, predicted_at REAL NOT NULL, closed_at REAL, body TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS incidents_by_identity ON incidents (identity, predicted_at);
CREATE INDEX IF NOT EXISTS incidents_watched ON incidents (is_watched) WHERE is_watched;
CREATE TABLE IF NOT EXISTS audit (
    incident TEXT NOT NULL, action TEXT NOT NULL, is_dry INTEGER NOT NULL, at REAL NOT NULL, outcome TEXT NOT NULL,
    detail TEXT NOT NULL, PRIMARY KEY (incident, action, is_dry)
);
CREATE TABLE IF NOT EXISTS documents (name TEXT PRIMARY KEY, body TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS news (key TEXT PRIMARY KEY, at REAL NOT NULL) WITHOUT ROWID;
"""
_BUSY_SECONDS = 5.0
_TUPLES = ("actual", "causes", "firing")


class SqliteIncidents:
    """An `alerting.incidents.Store`. A crash of the process or the machine loses nothing that was acknowledged.

    Args:
        path: of the file, made if absent; None keeps all in memory.

    Raises:
        StateError: if the file cannot be used.
    """

    def __init__(self, path: Path | None) -> None:
        self._lock = threading.RLock()
        self._depth = 0
        try:
            self._connection = sqlite3.connect(
                path or ":memory:", timeout=_BUSY_SECONDS, isolation_level=None, check_same_thread=False
            )
            if path is not None:
                path.chmod(0o600)
                self._connection.execute("PRAGMA journal_mode=WAL")
                self._connection.execute("PRAGMA synchronous=FULL")
            self._connection.executescript(_SCHEMA)
        except (sqlite3.Error, OSError) as error:
            raise StateError(f"incidents in {path} cannot be used: {error}") from error

    def close(self) -> None:
        """Let go of the file."""
        with self._lock:
            self._connection.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing of what is done inside.

        Raises:
            StateError: if it cannot be written.
        """
        with self._lock:
            is_outermost = not self._depth
            try:
                if is_outermost:
                    self._connection.execute("BEGIN IMMEDIATE")
                self._depth += 1
                try:
                    yield
                finally:
                    self._depth -= 1
                if is_outermost:
                    self._connection.execute("COMMIT")
            except BaseException as error:
                if is_outermost and self._connection.in_transaction:
                    self._connection.execute("ROLLBACK")
                if isinstance(error, sqlite3.Error):
                    raise StateError(f"incidents cannot be kept: {error}") from error
                raise

    def remember(self, key: str, at_seconds: float) -> bool:
        """Note that some news came; False if it had before."""
        cursor = self._run("INSERT OR IGNORE INTO news VALUES (?, ?)", key, at_seconds)
        return cursor.rowcount == 1

    def save(self, incident: Incident) -> None:
        """Keep an incident, in place of what was kept under its id."""
        goes_on = incident.outcome == "came_true" and incident.actual_resolved_at_seconds is None
        self._run(
            "INSERT OR REPLACE INTO incidents VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            incident.id,
            incident.identity,
            incident.outcome,
            incident.verdict,
            incident.is_open or goes_on,
            incident.predicted_at_seconds,
            incident.closed_at_seconds,
            json.dumps(asdict(incident) | {"subject": dict(incident.subject)}),
        )

    def get(self, incident_id: str) -> Incident | None:
        """One incident."""
        return next(iter(self._incidents("WHERE id = ?", incident_id)), None)

    def latest(self, identity: str) -> Incident | None:
        """The newest of an alert and subject."""
        found = self._incidents("WHERE identity = ? ORDER BY predicted_at DESC LIMIT 1", identity)
        return next(iter(found), None)

    def open_incidents(self) -> list[Incident]:
        """Those whose outcome is not known, or whose actual alert has not been told to have ended."""
        return self._incidents("WHERE is_watched ORDER BY predicted_at")

    def page(
        self, *, state: str = "", verdict: str = "", first: int = 0, count: int = 100
    ) -> tuple[int, list[Incident]]:
        """How many there are, and some of them, the newest first.

        Args:
            state: `open`, `closed` or one of `OUTCOMES`; all if empty.
            verdict: what people said; all if empty.
            first: how many to leave out.
            count: how many to give.
        """
        wanted, values = ["1"], list[Any]()
        if state in ("open", "closed"):
            wanted.append("outcome = ''" if state == "open" else "outcome <> ''")
        elif state:
            wanted.append("outcome = ?")
            values.append(state)
        if verdict:
            wanted.append("verdict = ?")
            values.append(verdict)
        where = f"WHERE {' AND '.join(wanted)}"
        with self._lock:
            (total,) = self._run(f"SELECT count(*) FROM incidents {where}", *values).fetchone()  # noqa: S608 - no input
            newest = f"{where} ORDER BY predicted_at DESC, id LIMIT ? OFFSET ?"
            return int(total), self._incidents(newest, *values, count, first)

    def n_open(self) -> int:
        """How many have no outcome yet."""
        return self.page(state="open", count=0)[0]

    def judged(self) -> list[Incident]:
        """All that are closed, or of which somebody said something, the newest first."""
        return self._incidents("WHERE outcome <> '' OR verdict <> '' ORDER BY predicted_at DESC")

    def claim(self, incident_id: str, action: str, at_seconds: float, *, is_dry: bool) -> bool:
        """Write down that an action is about to be taken for an incident; False if it ever was."""
        row = (incident_id, action, is_dry, at_seconds, "claimed", "")
        return self._run("INSERT OR IGNORE INTO audit VALUES (?, ?, ?, ?, ?, ?)", *row).rowcount == 1

    def n_claimed(self, since_seconds: float, *, is_dry: bool) -> int:
        """How many actions were claimed since a time, less those that were left for their number."""
        wanted = "at >= ? AND is_dry = ? AND outcome <> 'rate_limited'"
        with self._lock:
            row = self._run(f"SELECT count(*) FROM audit WHERE {wanted}", since_seconds, is_dry).fetchone()  # noqa: S608 - no input
        return int(row[0])

    def settle(self, incident_id: str, action: str, outcome: str, detail: str, *, is_dry: bool) -> None:
        """Write down what came of an action."""
        statement = "UPDATE audit SET outcome = ?, detail = ? WHERE incident = ? AND action = ? AND is_dry = ?"
        self._run(statement, outcome, detail, incident_id, action, is_dry)

    def audit(self) -> list[tuple[str, str, bool, float, str, str]]:
        """Incident, action, whether it was a rehearsal, when, outcome, detail; in the order of time."""
        with self._lock:
            rows = self._run("SELECT incident, action, is_dry, at, outcome, detail FROM audit ORDER BY at").fetchall()
        return [(each[0], each[1], bool(each[2]), each[3], each[4], each[5]) for each in rows]

    def document(self, name: str) -> Any:
        """What was put under a name; None if nothing was."""
        with self._lock:
            row = self._run("SELECT body FROM documents WHERE name = ?", name).fetchone()
        return json.loads(row[0]) if row else None

    def put_document(self, name: str, content: Any) -> None:
        """Keep plain JSON under a name."""
        self._run("INSERT OR REPLACE INTO documents VALUES (?, ?)", name, json.dumps(content))

    def prune(self, closed_before_seconds: float, news_before_seconds: float) -> int:
        """Forget incidents that were closed, and news that came, before these times; how many incidents."""
        with self.transaction():
            self._run("DELETE FROM news WHERE at < ?", news_before_seconds)
            return self._run("DELETE FROM incidents WHERE closed_at < ?", closed_before_seconds).rowcount

    def _incidents(self, clause: str, *values: Any) -> list[Incident]:
        with self._lock:
            rows = self._run(f"SELECT body FROM incidents {clause}", *values).fetchall()  # noqa: S608 - no input
        return [_incident(json.loads(body)) for (body,) in rows]

    def _run(self, statement: str, *values: Any) -> sqlite3.Cursor:
        with self._lock:
            try:
                return self._connection.execute(statement, values)
            except sqlite3.Error as error:
                raise StateError(f"incidents cannot be kept: {error}") from error


def _incident(body: dict[str, Any]) -> Incident:
    timeline = tuple(TimelineEntry(**entry) for entry in body.pop("timeline"))
    subject = LabelSet(body.pop("subject"))
    return Incident(
        **(body | {name: tuple(body.get(name, ())) for name in _TUPLES}), subject=subject, timeline=timeline
    )
