from __future__ import annotations

import contextlib
import logging
import socket
import ssl
import threading
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
import trustme

from pronoia.errors import ConfigError, UpstreamStatus, UpstreamUnreachable
from pronoia.transport.failures import TlsFailure
from pronoia.transport.session import Call
from pronoia.transport.settings import TlsSettings
from support.fake_upstream import FakeUpstream
from support.file_times import set_later

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from pronoia.transport.reply import Reply
    from pronoia.transport.session import UpstreamSession
    from support.fake_upstream import Handler

    MakeSession = Callable[..., UpstreamSession]


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def ca_file(authority: trustme.CA, tmp_path: Path) -> Path:
    path = tmp_path / "ca.pem"
    authority.cert_pem.write_to_path(path)
    return path


def serving(certificate: trustme.LeafCert, client_authority: trustme.CA | None = None) -> FakeUpstream:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    certificate.configure_cert(context)
    if client_authority:
        client_authority.configure_trust(context)
        context.verify_mode = ssl.CERT_REQUIRED
    return FakeUpstream(tls=context, host="localhost")


def send(session: UpstreamSession) -> Reply:
    return session.send(Call("GET", "/"), session.deadline())


def test_a_certificate_of_a_trusted_ca_is_accepted(
    make_session: MakeSession, authority: trustme.CA, ca_file: Path
) -> None:
    with serving(authority.issue_cert("localhost")) as upstream:
        assert send(make_session(upstream.url, tls=TlsSettings(ca_file=ca_file))).status == 200


def test_an_unknown_ca_is_named_and_not_tried_again(
    make_session: MakeSession, authority: trustme.CA, recorder: object
) -> None:
    with serving(authority.issue_cert("localhost")) as upstream, pytest.raises(TlsFailure) as caught:
        send(make_session(upstream.url))
    assert "TLS: the server's certificate is from an unknown CA" in str(caught.value)
    assert caught.value.cause == "tls"
    assert upstream.received == []
    assert recorder.retries == []


def test_a_certificate_for_another_name_is_refused(
    make_session: MakeSession, authority: trustme.CA, ca_file: Path
) -> None:
    with (
        serving(authority.issue_cert("prometheus.example")) as upstream,
        pytest.raises(TlsFailure, match=r"is for another name .*'localhost'"),
    ):
        send(make_session(upstream.url, tls=TlsSettings(ca_file=ca_file)))


def test_server_name_is_verified_instead_of_the_urls_host(
    make_session: MakeSession, authority: trustme.CA, ca_file: Path
) -> None:
    with serving(authority.issue_cert("prometheus.example")) as upstream:
        tls = TlsSettings(ca_file=ca_file, server_name="prometheus.example")
        assert send(make_session(upstream.url, tls=tls)).status == 200


def test_an_expired_certificate_is_refused(make_session: MakeSession, authority: trustme.CA, ca_file: Path) -> None:
    expired = authority.issue_cert("localhost", not_after=datetime.now(UTC) - timedelta(days=1))
    with serving(expired) as upstream, pytest.raises(TlsFailure, match="certificate has expired"):
        send(make_session(upstream.url, tls=TlsSettings(ca_file=ca_file)))


def test_verification_is_off_only_when_asked_for_and_said_once(
    make_session: MakeSession, authority: trustme.CA, caplog: pytest.LogCaptureFixture
) -> None:
    with serving(authority.issue_cert("prometheus.example")) as upstream:
        session = make_session(upstream.url, tls=TlsSettings(insecure_skip_verify=True))
        assert send(session).status == 200
        assert send(session).status == 200
    warnings = [record for record in caplog.records if record.levelno == logging.WARNING]
    assert [record.getMessage() for record in warnings] == ["upstream main: TLS is not verified (insecure_skip_verify)"]


def test_a_client_certificate_is_shown_where_one_is_wanted(
    make_session: MakeSession, authority: trustme.CA, ca_file: Path, tmp_path: Path
) -> None:
    client = authority.issue_cert("pronoia@example.org")
    client.cert_chain_pems[0].write_to_path(tmp_path / "client.pem")
    client.private_key_pem.write_to_path(tmp_path / "client.key")
    tls = TlsSettings(ca_file=ca_file, cert_file=tmp_path / "client.pem", key_file=tmp_path / "client.key")
    with serving(authority.issue_cert("localhost"), authority) as upstream:
        assert send(make_session(upstream.url, tls=tls)).status == 200


def test_a_missing_client_certificate_is_told(make_session: MakeSession, authority: trustme.CA, ca_file: Path) -> None:
    with (
        serving(authority.issue_cert("localhost"), authority) as upstream,
        pytest.raises(UpstreamUnreachable, match="client certificate"),
    ):
        send(make_session(upstream.url, tls=TlsSettings(ca_file=ca_file), max_retries=0))


def test_a_replaced_ca_file_is_picked_up(make_session: MakeSession, authority: trustme.CA, tmp_path: Path) -> None:
    ca_file = tmp_path / "ca.pem"
    trustme.CA().cert_pem.write_to_path(ca_file)
    with serving(authority.issue_cert("localhost")) as upstream:
        session = make_session(upstream.url, tls=TlsSettings(ca_file=ca_file))
        with pytest.raises(TlsFailure):
            send(session)
        ca_file.unlink()
        authority.cert_pem.write_to_path(ca_file)
        set_later(ca_file)
        assert send(session).status == 200


def test_a_server_without_tls_is_told_from_one_with_a_bad_certificate(make_session: MakeSession) -> None:
    with FakeUpstream() as upstream, pytest.raises(TlsFailure, match="does not speak TLS there"):
        send(make_session(upstream.url.replace("http:", "https:")))


def test_a_redirect_from_https_to_http_is_not_followed(
    make_session: MakeSession, authority: trustme.CA, ca_file: Path
) -> None:
    with FakeUpstream(host="localhost") as plain:
        upstream = serving(authority.issue_cert("localhost"))
        upstream.answer = lambda handler: handler.reply(302, headers={"Location": plain.url})
        with upstream, pytest.raises(UpstreamStatus, match="not followed"):
            send(make_session(upstream.url, tls=TlsSettings(ca_file=ca_file)))
    assert plain.received == []


@pytest.mark.parametrize("content", [None, "not PEM"])
def test_a_ca_file_that_cannot_be_used_is_named(make_session: MakeSession, tmp_path: Path, content: str | None) -> None:
    ca_file = tmp_path / "ca.pem"
    if content:
        ca_file.write_text(content)
    with pytest.raises(ConfigError, match=r"tls_config.ca_file: cannot use .*ca\.pem"):
        send(make_session("https://localhost:9", tls=TlsSettings(ca_file=ca_file)))


def test_a_proxy_tunnels_what_it_cannot_read(
    make_session: MakeSession, authority: trustme.CA, ca_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tunnelled: list[str] = []

    def tunnel(handler: Handler) -> None:
        tunnelled.append(handler.path)
        host, _, port = handler.path.rpartition(":")
        with socket.create_connection((host, int(port))) as target:
            handler.wfile.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
            pump = threading.Thread(target=copy, args=(target, handler.connection), daemon=True)
            pump.start()
            copy(handler.connection, target)
        handler.close_connection = True

    with serving(authority.issue_cert("localhost")) as upstream, FakeUpstream(tunnel) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", proxy.url)
        monkeypatch.setenv("NO_PROXY", "")
        session = make_session(upstream.url, tls=TlsSettings(ca_file=ca_file))
        assert send(session).status == 200
        session.close()
    assert tunnelled == [f"localhost:{upstream.port}"]


def copy(source: socket.socket, target: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while block := source.recv(1 << 16):
            target.sendall(block)
        target.shutdown(socket.SHUT_WR)
