"""A scraper gets the format and the encoding it likes best."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pronoia.exposition.negotiation import ExpositionFormat, accepts_gzip, negotiate_format

TEXT, OPENMETRICS = ExpositionFormat.TEXT, ExpositionFormat.OPENMETRICS


@pytest.mark.parametrize(
    ("accept", "wanted"),
    [
        ("", TEXT),
        ("*/*", TEXT),
        ("text/html,application/xhtml+xml,*/*;q=0.8", TEXT),
        ("application/openmetrics-text", OPENMETRICS),
        ("application/openmetrics-text; version=0.0.1", TEXT),
        ('application/openmetrics-text; version="1.0.0"; charset=utf-8', OPENMETRICS),
        ("text/plain;q=0.5, application/openmetrics-text;q=0.9", OPENMETRICS),
        ("application/openmetrics-text;q=0.2, text/plain;version=0.0.4;q=0.3", TEXT),
        ("application/openmetrics-text;q=0", TEXT),
        ("application/openmetrics-text;q=oops, text/plain;q=0.1", TEXT),
        ("APPLICATION/OpenMetrics-Text ; Version=1.0.0", OPENMETRICS),
        ("text/plain, application/openmetrics-text", TEXT),
        # Prometheus 2.42
        (
            (
                "application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,"
                "text/plain;version=0.0.4;q=0.5,*/*;q=0.1"
            ),
            OPENMETRICS,
        ),
        # Prometheus 3
        (
            (
                "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.5,"
                "application/openmetrics-text;version=0.0.1;q=0.4,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.3,"
                "text/plain;version=0.0.4;q=0.2,*/*;q=0.1"
            ),
            OPENMETRICS,
        ),
        # A protobuf scrape of Prometheus 3
        (
            (
                "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited;q=0.6,"
                "text/plain;version=1.0.0;q=0.4,text/plain;version=0.0.4;q=0.3,*/*;q=0.2"
            ),
            TEXT,
        ),
    ],
)
def test_the_heaviest_known_format_wins(accept: str, wanted: ExpositionFormat) -> None:
    assert negotiate_format(accept) is wanted


@pytest.mark.parametrize(
    ("accept_encoding", "gzip"),
    [("gzip", True), ("", False), ("br", False), ("br, *;q=0.5", True), ("gzip;q=0, *", False), ("GZIP;q=1.0", True)],
)
def test_gzip_is_sent_to_those_who_take_it(accept_encoding: str, gzip: bool) -> None:
    assert accepts_gzip(accept_encoding) is gzip


@given(st.text(st.sampled_from('gzip*/;q=,. 01text"')))
def test_a_malformed_header_is_no_error(header: str) -> None:
    assert negotiate_format(header) in ExpositionFormat
    assert accepts_gzip(header) in (True, False)
