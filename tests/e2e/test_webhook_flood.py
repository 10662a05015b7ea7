"""A flood of bad, huge, repeated and unauthenticated messages: right answers, bounded memory, scrapes in time."""

from __future__ import annotations

import http.client
import json
import logging
import multiprocessing
import os
import time
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from support.exporter import Exporter

if TYPE_CHECKING:
    from multiprocessing.queues import Queue

#: It watches clocks, and has the machine for itself.
pytestmark = pytest.mark.alone

SECONDS = 10.0
CLIENTS = 2
TOKEN = "t0ken"
MAX_BYTES = 256 * 1024
# What a page of predictions may take while the flood goes on, on cores that it shares with its senders.
LATEST_SCRAPE_SECONDS = 2.0
MOST_GROWTH_BYTES = 100 * 2**20

ALERT = {
    "status": "firing",
    "labels": {"alertname": "BottleneckPredicted", "predictive": "true", "instance": "a", "resource": "cpu"},
    "startsAt": "2026-11-22T10:00:00Z",
}
GOOD = json.dumps({"version": "4", "groupKey": "g", "alerts": [ALERT]}).encode()
BEARER = {"Authorization": f"Bearer {TOKEN}"}
#: Body, headers, and the status that is right.
MESSAGES = (
    (GOOD, BEARER, 200),
    (GOOD, {}, 401),
    (GOOD, {"Authorization": "Bearer wrong"}, 401),
    (b'{"version": "4", "alerts": [', BEARER, 400),
    (b"\x00\xff" * 500, BEARER, 400),
    (b'{"version": "1"}', BEARER, 400),
    (b"[" * 20_000, BEARER, 400),
)
HUGE = (b" " * (MAX_BYTES + 1), BEARER, 413)
#: One message in so many is huge.
HUGE_EVERY = 100


def send(address: tuple[str, int], seconds: float, told: Queue[Counter[tuple[int, int]]]) -> None:
    """Post over one connection, in turn, and count expected and received statuses."""
    seen: Counter[tuple[int, int]] = Counter()
    connection = http.client.HTTPConnection(*address, timeout=30)
    until, number = time.monotonic() + seconds, 0
    while time.monotonic() < until:
        body, headers, wanted = HUGE if number % HUGE_EVERY == 0 else MESSAGES[number % len(MESSAGES)]
        connection.request("POST", "/alertmanager/webhook", body, headers)
        reply = connection.getresponse()
        reply.read()
        seen[wanted, reply.status] += 1
        number += 1
    told.put(seen)


def memory_bytes(pid: int) -> int:
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


@pytest.mark.slow
def test_a_flood_is_answered_rightly_and_harms_nothing(tmp_path: Path) -> None:
    config = tmp_path / "pronoia.yml"
    config.write_text(f"alert_bridge: {{webhook: {{token: {TOKEN}, max_size: {MAX_BYTES // 1024}KiB}}}}\n")
    flags = [f"--config.file={config}", f"--storage.path={tmp_path / 'state'}"]
    with Exporter(tmp_path, "run", *flags, "--log.level=error") as pronoia:
        host, _, port = pronoia.address.partition(":")
        before, cpu_before = memory_bytes(pronoia.pid), pronoia.cpu_seconds()
        told: Queue[Counter[tuple[int, int]]] = multiprocessing.Queue()
        senders = [
            multiprocessing.Process(target=send, args=((host, int(port)), SECONDS, told)) for _ in range(CLIENTS)
        ]
        for sender in senders:
            sender.start()
        scrapes, most_bytes = [], before
        until = time.monotonic() + SECONDS
        while time.monotonic() < until:
            began = time.monotonic()
            pronoia.text("/predictions")
            scrapes.append(time.monotonic() - began)
            most_bytes = max(most_bytes, memory_bytes(pronoia.pid))
            time.sleep(0.25)
        seen = sum((told.get(timeout=60) for _ in senders), Counter[tuple[int, int]]())
        for sender in senders:
            sender.join()
        cpu = pronoia.cpu_seconds() - cpu_before
        kept = json.loads(pronoia.text("/incidents"))["data"]["total"]
        duplicates = pronoia.own("pronoia_webhook_duplicates_total")
    scrapes.sort()
    rate = seen.total() / SECONDS
    logging.getLogger(__name__).warning(
        "%.0f messages a second, %.2f ms of processor time each; scrapes: median %.0f ms, slowest %.0f ms; "
        "memory %.0f MiB before, %.0f MiB at most",
        rate,
        1000.0 * cpu / seen.total(),
        1000.0 * scrapes[len(scrapes) // 2],
        1000.0 * scrapes[-1],
        before / 2**20,
        most_bytes / 2**20,
    )
    assert {wanted for wanted, _ in seen} == {200, 400, 401, 413}
    assert all(wanted == got for wanted, got in seen), seen
    assert kept == 1
    assert duplicates == seen[200, 200] - 1
    assert scrapes[-1] < LATEST_SCRAPE_SECONDS
    assert most_bytes - before < MOST_GROWTH_BYTES
