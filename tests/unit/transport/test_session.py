from __future__ import annotations

import logging
import socket
import threading
import time
from typing import TYPE_CHECKING, Any, ClassVar

import pytest

from pronoia.errors import (
    ConfigError,
    DecodeError,
    PronoiaError,
    ResponseTooLarge,
    UpstreamStatus,
    UpstreamTimeout,
    UpstreamUnreachable,
)
from pronoia.transport.deadline import Deadline
from pronoia.transport.failures import TruncatedBody, UnknownHost
from pronoia.transport.session import Call
from pronoia.transport.settings import Authorization, BasicAuth, UpstreamLimits
from support.fake_upstream import FakeUpstream, Handler

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from pronoia.transport.reply import Reply
    from pronoia.transport.session import UpstreamSession

    MakeSession = Callable[..., UpstreamSession]

CALL = Call("POST", "/api/v1/read", b"question", {"Content-Type": "application/x-protobuf"})


def send(session: UpstreamSession) -> Reply:
    return session.send(CALL, session.deadline())


def failing(n_times: int, status: int, **reply: Any) -> Callable[[Handler], None]:
    """Answers with a status that many times, then well."""
    left = iter(range(n_times))

    def answer(handler: Handler) -> None:
        if next(left, None) is None:
            handler.reply()
        else:
            handler.reply(status, b"not now", **reply)

    return answer


def redirecting(location: str, status: int = 307) -> Callable[[Handler], None]:
    def answer(handler: Handler) -> None:
        if handler.path == "/elsewhere":
            handler.reply()
        else:
            handler.reply(status, b"", headers={"Location": location})

    return answer


class TestAnAnswer:
    def test_is_returned_whole(self, make_session: MakeSession) -> None:
        body = bytes(range(256)) * 1000
        with FakeUpstream(lambda handler: handler.reply(200, body, "Application/X-Protobuf; proto=x")) as upstream:
            reply = send(make_session(upstream.url))
        assert bytes(reply.body) == body
        assert reply.content_type == "application/x-protobuf"
        assert reply.is_delimited

    def test_in_chunks_is_joined(self, make_session: MakeSession) -> None:
        chunks = [bytes([n]) * (n * 37 + 1) for n in range(200)]
        with FakeUpstream(lambda handler: handler.reply_chunked(iter(chunks))) as upstream:
            reply = send(make_session(upstream.url))
        assert bytes(reply.body) == b"".join(chunks)
        assert reply.is_delimited

    def test_without_an_end_of_its_own_is_marked(self, make_session: MakeSession) -> None:
        def answer(handler: Handler) -> None:
            handler.wfile.write(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nuntil closed")
            handler.close_connection = True

        with FakeUpstream(answer) as upstream:
            reply = send(make_session(upstream.url))
        assert bytes(reply.body) == b"until closed"
        assert not reply.is_delimited

    def test_keeps_the_connection_for_the_next(self, make_session: MakeSession) -> None:
        ports = []

        def answer(handler: Handler) -> None:
            ports.append(handler.client_address[1])
            handler.reply_chunked(iter([b"a", b"b"]))

        with FakeUpstream(answer) as upstream:
            session = make_session(upstream.url)
            send(session)
            send(session)
        assert ports[0] == ports[1]

    def test_at_the_limit_is_accepted_and_one_byte_more_is_not(self, make_session: MakeSession) -> None:
        limits = UpstreamLimits(max_response_bytes=1000)
        for chunks in ([b"x" * 1000], [b"x" * 999, b"yz"]):
            with FakeUpstream(lambda handler, chunks=chunks: handler.reply_chunked(iter(chunks))) as upstream:
                session = make_session(upstream.url, limits=limits)
                if len(chunks) == 1:
                    assert len(send(session).body) == 1000
                else:
                    with pytest.raises(ResponseTooLarge, match=r"received so far is 1001 bytes, the limit is 1000"):
                        send(session)

    def test_of_a_huge_declared_length_is_refused_before_it_is_read(self, make_session: MakeSession) -> None:
        with (
            FakeUpstream(lambda handler: handler.reply(200, b"tiny", length=1 << 50)) as upstream,
            pytest.raises(ResponseTooLarge, match=f"declared body is {1 << 50} bytes"),
        ):
            send(make_session(upstream.url))

    def test_in_an_encoding_nobody_asked_for_is_refused(self, make_session: MakeSession) -> None:
        with (
            FakeUpstream(lambda handler: handler.reply(headers={"Content-Encoding": "br"})) as upstream,
            pytest.raises(DecodeError, match="content encoding is br"),
        ):
            send(make_session(upstream.url))

    @pytest.mark.parametrize(
        "answer",
        [
            lambda handler: handler.reply(200, b"half", length=8),
            lambda handler: handler.reply_chunked(iter([b"whole chunk"]), is_ended=False),
            lambda handler: (
                handler.wfile.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n8\r\nhalf"),
                setattr(handler, "close_connection", True),
            ),
        ],
        ids=["declared length", "missing last chunk", "inside a chunk"],
    )
    def test_cut_off_is_an_error_never_the_end(self, make_session: MakeSession, answer: Any, recorder: Any) -> None:
        with (
            FakeUpstream(answer) as upstream,
            pytest.raises(TruncatedBody, match="truncated body: the connection ended before"),
        ):
            send(make_session(upstream.url, max_retries=1))
        assert recorder.retries == ["truncated"]


class TestConnecting:
    def test_to_an_unknown_host_says_so(self, make_session: MakeSession) -> None:
        with pytest.raises(UnknownHost, match=r"unknown host 'nowhere\.invalid'"):
            send(make_session("http://nowhere.invalid:9090", max_retries=0))

    def test_to_a_closed_port_says_so(self, make_session: MakeSession) -> None:
        with socket.create_server(("127.0.0.1", 0)) as listener:
            port = listener.getsockname()[1]
        with pytest.raises(UpstreamUnreachable, match=f"connection refused: nothing listens at 127.0.0.1:{port}"):
            send(make_session(f"http://127.0.0.1:{port}", max_retries=0))

    def test_to_a_server_that_hangs_up_says_so(self, make_session: MakeSession) -> None:
        with (
            FakeUpstream(lambda handler: setattr(handler, "close_connection", True)) as upstream,
            pytest.raises(UpstreamUnreachable, match="closed the connection without an answer"),
        ):
            send(make_session(upstream.url, max_retries=0))

    def test_goes_through_the_environments_proxy(
        self, make_session: MakeSession, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        with FakeUpstream() as proxy:
            monkeypatch.setenv("HTTP_PROXY", proxy.url)
            monkeypatch.setenv("NO_PROXY", "")
            send(make_session("http://prometheus.invalid:9090"))
        assert proxy.received[0].path == "http://prometheus.invalid:9090/api/v1/read"


class TestTheDeadline:
    @pytest.mark.parametrize("head", [b"", b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n"], ids=["headers", "body"])
    def test_ends_an_answer_that_drips(self, make_session: MakeSession, head: bytes) -> None:
        dripped = 0

        def answer(handler: Handler) -> None:
            nonlocal dripped
            handler.wfile.write(head)
            for byte in b"HTTP/1.1 200 OK\r\nX: " + b"x" * 1000:
                handler.wfile.write(bytes([byte]))
                dripped += 1
                time.sleep(0.02)

        with FakeUpstream(answer) as upstream:
            with pytest.raises(UpstreamTimeout, match=r"no complete answer within 0\.3 s"):
                send(make_session(upstream.url, timeout_seconds=0.3))
            assert dripped < 1000

    def test_ends_an_answer_that_never_begins(self, make_session: MakeSession) -> None:
        with (
            FakeUpstream(lambda handler: time.sleep(1)) as upstream,
            pytest.raises(UpstreamTimeout),
        ):
            send(make_session(upstream.url, timeout_seconds=0.2))

    def test_counts_waiting_for_a_slot(self, make_session: MakeSession) -> None:
        release = threading.Event()

        def answer(handler: Handler) -> None:
            release.wait(5)
            handler.reply()

        with FakeUpstream(answer) as upstream:
            session = make_session(upstream.url, timeout_seconds=5, max_in_flight=1)
            first = threading.Thread(target=send, args=(session,))
            first.start()
            while not upstream.received:
                time.sleep(0.01)
            with pytest.raises(UpstreamTimeout, match="1 other reads were in flight"):
                session.send(CALL, Deadline(0.1))
            release.set()
            first.join()
        assert len(upstream.received) == 1

    def test_leaves_no_time_for_a_retry_that_would_come_too_late(
        self, make_session: MakeSession, recorder: Any
    ) -> None:
        with (
            FakeUpstream(failing(1, 503, headers={"Retry-After": "3600"})) as upstream,
            pytest.raises(UpstreamStatus, match="HTTP 503"),
        ):
            send(make_session(upstream.url))
        assert recorder.slept == []


def test_no_more_than_two_requests_are_in_flight(make_session: MakeSession) -> None:
    counting, both = threading.Lock(), threading.Barrier(2)
    now, most = 0, 0

    def answer(handler: Handler) -> None:
        nonlocal now, most
        with counting:
            now += 1
            most = max(most, now)
        both.wait(30)
        with counting:
            now -= 1
        handler.reply()

    with FakeUpstream(answer) as upstream:
        session = make_session(upstream.url)
        readers = [threading.Thread(target=send, args=(session,)) for _ in range(6)]
        for reader in readers:
            reader.start()
        for reader in readers:
            reader.join()
    assert len(upstream.received) == 6
    assert most == 2


class TestTryingAgain:
    @pytest.mark.parametrize("status", [429, 502, 503, 504])
    def test_follows_a_status_that_may_pass(self, make_session: MakeSession, status: int, recorder: Any) -> None:
        with FakeUpstream(failing(2, status)) as upstream:
            assert bytes(send(make_session(upstream.url)).body) == b"ok"
        assert recorder.retries == [str(status)] * 2
        assert 0 <= recorder.slept[0] <= 0.25
        assert 0 <= recorder.slept[1] <= 0.5

    @pytest.mark.parametrize("status", [400, 401, 403, 404, 422, 500, 501, 204])
    def test_does_not_follow_any_other(self, make_session: MakeSession, status: int, recorder: Any) -> None:
        with (
            FakeUpstream(failing(1, status)) as upstream,
            pytest.raises(UpstreamStatus) as caught,
        ):
            send(make_session(upstream.url))
        assert caught.value.status == status
        assert caught.value.cause == str(status)
        assert len(upstream.received) == 1
        assert recorder.retries == []

    def test_waits_as_long_as_the_server_asks(self, make_session: MakeSession, recorder: Any) -> None:
        with FakeUpstream(failing(1, 429, headers={"Retry-After": "2"})) as upstream:
            send(make_session(upstream.url))
        assert recorder.slept == [2.0]

    def test_ends_after_the_allowed_number(self, make_session: MakeSession, recorder: Any) -> None:
        with (
            FakeUpstream(failing(9, 503)) as upstream,
            pytest.raises(UpstreamStatus, match="HTTP 503 Service Unavailable: not now"),
        ):
            send(make_session(upstream.url, max_retries=2))
        assert len(upstream.received) == 3
        assert len(recorder.slept) == 2


class TestCredentials:
    def test_none_are_sent_unless_configured(
        self, make_session: MakeSession, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        netrc = tmp_path / "netrc"
        netrc.write_text("machine 127.0.0.1 login someone password from-netrc\n")
        monkeypatch.setenv("NETRC", str(netrc))
        with FakeUpstream() as upstream:
            send(make_session(upstream.url))
        assert "Authorization" not in upstream.received[0].headers

    def test_basic_auth_and_extra_headers_are_sent(self, make_session: MakeSession) -> None:
        with FakeUpstream() as upstream:
            basic_auth = BasicAuth("Aladdin", "open sesame")
            send(make_session(upstream.url, basic_auth=basic_auth, headers={"X-Scope-OrgID": "t\u00fcr"}))
        headers = upstream.received[0].headers
        # The example of RFC 7617.
        assert headers["Authorization"] == "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=="
        assert headers["X-Scope-OrgID"].encode("latin-1").decode() == "t\u00fcr"
        assert headers["User-Agent"].startswith("pronoia/")

    def test_a_secret_file_is_read_anew_for_each_request(self, make_session: MakeSession, tmp_path: Path) -> None:
        token = tmp_path / "token"
        with FakeUpstream() as upstream:
            session = make_session(upstream.url, authorization=Authorization(credentials_file=token))
            for text in ("first\n", "second\n"):
                token.write_text(text)
                send(session)
        sent = [received.headers["Authorization"] for received in upstream.received]
        assert sent == ["Bearer first", "Bearer second"]

    def test_a_missing_secret_file_is_named(self, make_session: MakeSession, tmp_path: Path) -> None:
        session = make_session("http://127.0.0.1:9", basic_auth=BasicAuth("me", password_file=tmp_path / "gone"))
        with pytest.raises(ConfigError, match=r"basic_auth.password_file: cannot read .*gone: No such file"):
            send(session)

    @pytest.mark.parametrize(
        ("settings", "words"),
        [
            ({}, r"\(no credentials were sent\)"),
            ({"basic_auth": BasicAuth("me", "pass-word")}, r"\(basic auth as 'me' was sent\)"),
            ({"authorization": Authorization(credentials="to-ken")}, r"\(a bearer token was sent\)"),
        ],
    )
    def test_refused_the_error_says_what_was_sent(
        self, make_session: MakeSession, settings: dict[str, Any], words: str
    ) -> None:
        with (
            FakeUpstream(failing(1, 401)) as upstream,
            pytest.raises(UpstreamStatus, match="HTTP 401 Unauthorized " + words),
        ):
            send(make_session(upstream.url, **settings))

    @pytest.mark.parametrize(
        "settings",
        [
            {"basic_auth": BasicAuth("me", "hunter22")},
            {"authorization": Authorization(credentials="hunter22")},
            {"headers": {"X-Api-Key": "hunter22"}},
        ],
        ids=["basic", "bearer", "header"],
    )
    def test_secrets_show_nowhere(
        self, make_session: MakeSession, settings: dict[str, Any], caplog: pytest.LogCaptureFixture
    ) -> None:
        caplog.set_level(logging.DEBUG)

        def echo(handler: Handler) -> None:
            handler.reply(503, repr(handler.received.headers).encode())

        with FakeUpstream(echo) as upstream:
            session = make_session(upstream.url, **settings)
            with pytest.raises(UpstreamStatus) as caught:
                send(session)
        # "me:hunter22" in base64 as well.
        for text in (str(caught.value), repr(caught.value), repr(session.settings), caplog.text):
            assert "hunter22" not in text
            assert "bWU6aHVudGVyMjI" not in text
        assert "<secret>" in str(caught.value)

    def test_credentials_that_no_header_can_carry_are_refused_without_showing_them(
        self, make_session: MakeSession
    ) -> None:
        session = make_session("http://127.0.0.1:9", authorization=Authorization(credentials="hunter\r\nX-Evil: 22"))
        with pytest.raises(ConfigError) as caught:
            send(session)
        assert "control characters" in str(caught.value)
        assert "hunter" not in str(caught.value)


class TestARedirect:
    settings: ClassVar = {"basic_auth": BasicAuth("me", "hunter22"), "headers": {"X-Scope-OrgID": "tenant"}}

    @pytest.mark.parametrize("status", [301, 302, 307, 308])
    def test_within_the_origin_is_followed_with_everything(self, make_session: MakeSession, status: int) -> None:
        with FakeUpstream(redirecting("/elsewhere", status)) as upstream:
            assert bytes(send(make_session(upstream.url, **self.settings)).body) == b"ok"
        first, second = upstream.received
        assert (second.method, second.path, second.body) == ("POST", "/elsewhere", b"question")
        assert second.headers["Authorization"] == first.headers["Authorization"]
        assert second.headers["X-Scope-OrgID"] == "tenant"

    def test_to_another_port_is_an_error_and_nothing_is_sent_there(self, make_session: MakeSession) -> None:
        with FakeUpstream() as other:
            location = f"http://me:hunter22@127.0.0.1:{other.port}/elsewhere?state=secret"
            with (
                FakeUpstream(redirecting(location)) as upstream,
                pytest.raises(UpstreamStatus) as caught,
            ):
                send(make_session(upstream.url, **self.settings))
        assert other.received == []
        assert caught.value.status == 307
        assert f"redirects to http://127.0.0.1:{other.port}/elsewhere, which is not followed" in str(caught.value)
        assert "hunter22" not in str(caught.value)
        assert "state" not in str(caught.value)

    @pytest.mark.parametrize(
        "location", ["https://127.0.0.1/x", "http://localhost/x", "//other.invalid/x", "ftp://a/b"]
    )
    def test_to_another_host_or_scheme_is_an_error(self, make_session: MakeSession, location: str) -> None:
        with (
            FakeUpstream(redirecting(location)) as upstream,
            pytest.raises(UpstreamStatus, match="not followed"),
        ):
            send(make_session(upstream.url))
        assert len(upstream.received) == 1

    def test_in_a_circle_ends(self, make_session: MakeSession) -> None:
        with (
            FakeUpstream(redirecting("/round")) as upstream,
            pytest.raises(UpstreamStatus, match="HTTP 307 redirects"),
        ):
            send(make_session(upstream.url))
        assert len(upstream.received) == 3


def test_what_a_server_says_is_told_on_one_line(make_session: MakeSession) -> None:
    said = {
        b"line one\r\nline two\x1b[31m": "line one line two [31m",
        b"<html>Sign in</html>": "(an HTML page)",
        b'{"status":"error","errorType":"bad_data","error":"parse error"}': "bad_data: parse error",
        b"x" * 500: "x" * 200 + "...",
    }
    for body, told in said.items():
        with (
            FakeUpstream(lambda handler, body=body: handler.reply(400, body)) as upstream,
            pytest.raises(PronoiaError) as caught,
        ):
            send(make_session(upstream.url))
        assert str(caught.value).endswith(f"HTTP 400 Bad Request: {told}")


def test_an_endless_error_page_is_not_read_to_its_end(make_session: MakeSession) -> None:
    def endless() -> Iterator[bytes]:
        while True:
            yield b"x" * 65536

    def answer(handler: Handler) -> None:
        handler.send_response(400)
        handler.send_header("Transfer-Encoding", "chunked")
        handler.end_headers()
        for chunk in endless():
            handler.wfile.write(b"%x\r\n%b\r\n" % (len(chunk), chunk))

    with (
        FakeUpstream(answer) as upstream,
        pytest.raises(UpstreamStatus, match="HTTP 400"),
    ):
        send(make_session(upstream.url, timeout_seconds=10))
