"""Messages of Alertmanager are read tolerantly; what is none of them is refused with its reason."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pronoia.alerting.payload import PayloadError, parse_payload

ALERT = {"status": "firing", "labels": {"alertname": "A"}, "startsAt": "2026-11-22T10:00:00.123456789Z"}


def body(**changes: object) -> bytes:
    return json.dumps({"version": "4", "alerts": [ALERT | changes]}).encode()


@pytest.mark.parametrize(
    ("payload", "cause"),
    [
        (b"", "malformed"),
        (b"\xff\xfe", "malformed"),
        (b"[" * 100_000, "malformed"),
        (b"[]", "malformed"),
        (b'{"version": "3", "alerts": []}', "version"),
        (b'{"version": "4"}', "malformed"),
        (b'{"version": "4", "alerts": [1]}', "malformed"),
        (b'{"version": "4", "alerts": [' + b",".join([b"1"] * 10_001) + b"]}", "too_large"),
        (body(status="gone"), "malformed"),
        (body(labels={"job": "x"}), "malformed"),
        (body(labels={"alertname": 5}), "malformed"),
        (body(labels={"alertname": "\ud800"}), "malformed"),
        (body(startsAt="yesterday"), "malformed"),
        (body(status="resolved"), "malformed"),
        (body(annotations={str(i): "" for i in range(101)}), "malformed"),
    ],
)
def test_what_is_no_message_is_refused(payload: bytes, cause: str) -> None:
    with pytest.raises(PayloadError) as caught:
        parse_payload(payload)
    assert caught.value.cause == cause


def test_unknown_fields_are_ignored_and_long_texts_cut() -> None:
    (notice,) = parse_payload(body(annotations={"description": "x" * 10_000}, new={"a": None}))
    assert len(notice.annotations["description"]) == 4096
    assert notice.starts_at_seconds == pytest.approx(1_795_341_600.123456)


JSON_TREES = st.recursive(st.none() | st.integers() | st.text(), st.lists)


@given(st.binary(max_size=200) | JSON_TREES.map(lambda tree: json.dumps(tree).encode()))
def test_no_bytes_make_it_fall_over(payload: bytes) -> None:
    with pytest.raises(PayloadError) as caught:
        parse_payload(payload)
    assert caught.value.cause in ("malformed", "version", "too_large")
