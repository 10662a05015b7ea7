"""The web server over real sockets: addresses, TLS, mutual TLS, users, limits, and its end."""

from __future__ import annotations

import gzip
import socket
import ssl
import time
from typing import TYPE_CHECKING

import bcrypt
import pytest
import requests
import trustme
import urllib3

from pronoia.errors import ConfigError
from pronoia.web.listen import ListenAddress
from pronoia.web.server import WebServer
from pronoia.web.web_config import WebConfigFile
from support.file_times import set_later

from .conftest import query_forecast

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from .conftest import Exporter

LOOPBACK = ListenAddress("127.0.0.1", 0)
# The least cost that bcrypt allows keeps the tests quick.
HASH = bcrypt.hashpw(b"s3cret", bcrypt.gensalt(4)).decode()


@pytest.fixture
def serve(exporter: Exporter, tmp_path: Path) -> Iterator[Callable[[str], str]]:
    """Serve the exporter with a web configuration; returns its address."""
    servers: list[WebServer] = []
    exporter.publish(query_forecast())

    def start(web_config: str) -> str:
        path = tmp_path / "web.yml"
        path.write_text(web_config)
        server = WebServer(exporter.app, [LOOPBACK], WebConfigFile(path), threads=2)
        server.start()
        servers.append(server)
        return server.urls[0]

    yield start
    for server in servers:
        server.stop()


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def certificates(authority: trustme.CA, tmp_path: Path) -> Path:
    """A folder with our certificate, the CA, and a client's certificate."""
    ours = authority.issue_cert("127.0.0.1")
    ours.private_key_pem.write_to_path(tmp_path / "key.pem")
    ours.cert_chain_pems[0].write_to_path(tmp_path / "cert.pem")
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    authority.issue_cert("client").private_key_and_cert_chain_pem.write_to_path(tmp_path / "client.pem")
    return tmp_path


TLS = "tls_server_config: {cert_file: cert.pem, key_file: key.pem}\n"


def test_it_serves_all_its_addresses_and_compressed_bodies_whole(exporter: Exporter) -> None:
    exporter.publish(query_forecast())
    with WebServer(exporter.app, [LOOPBACK, LOOPBACK]) as server:
        assert len(set(server.urls)) == 2
        for url in server.urls:
            plain = requests.get(url + "predictions", headers={"Accept-Encoding": "identity"}, timeout=5)
            packed = urllib3.request(
                "GET", url + "predictions", headers={"Accept-Encoding": "gzip"}, decode_content=False
            )
            assert gzip.decompress(packed.data) == plain.content
            assert plain.headers["Server"] == "pronoia"


def test_an_address_in_use_is_named(exporter: Exporter) -> None:
    with WebServer(exporter.app, [LOOPBACK]) as server:
        taken = ListenAddress.parse(server.urls[0].removeprefix("http://").rstrip("/"))
        with pytest.raises(
            ConfigError,
            match=rf"--web.listen-address: cannot listen on 127.0.0.1:{taken.port}: Address already in use$",
        ):
            WebServer(exporter.app, [LOOPBACK, taken]).start()


def test_a_port_alone_is_served_to_ipv4_as_well(exporter: Exporter) -> None:
    with WebServer(exporter.app, [ListenAddress.parse(":0")]) as server:
        port = server.urls[0].rstrip("/").rsplit(":", 1)[1]
        assert requests.get(f"http://127.0.0.1:{port}/-/healthy", timeout=5).status_code == 200


@pytest.mark.parametrize("text", ["10190", "host:port", "::1:10190", ":65536", "[::1]", ""])
def test_what_is_no_address_is_refused(text: str) -> None:
    with pytest.raises(ConfigError, match=r"host:port, .* is needed"):
        ListenAddress.parse(text)


def test_a_stopped_server_lets_a_request_in_progress_end(exporter: Exporter) -> None:
    def slow(_, start_response):
        start_response("200 OK", [("Content-Length", "4")])
        yield b"sl"
        time.sleep(0.3)
        yield b"ow"

    server = WebServer(slow, [LOOPBACK])
    server.start()
    host, port = server.urls[0].removeprefix("http://").rstrip("/").split(":")
    with socket.create_connection((host, int(port)), timeout=5) as client:
        client.sendall(b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        answer = client.recv(1000)
        server.stop()
        while more := client.recv(1000):
            answer += more
    assert answer.endswith(b"slow")
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection((host, int(port)), timeout=1)


def test_tls_is_served_with_the_certificate(serve: Callable[[str], str], certificates: Path) -> None:
    url = serve(TLS)
    assert url.startswith("https://")
    assert requests.get(url + "predictions", verify=certificates / "ca.pem", timeout=5).status_code == 200
    with pytest.raises(requests.exceptions.SSLError):
        requests.get(url, timeout=5)


def test_plain_http_to_the_tls_port_gets_no_answer_and_harms_nobody(
    serve: Callable[[str], str], certificates: Path
) -> None:
    url = serve(TLS)
    for _ in range(4):
        with pytest.raises(requests.exceptions.ConnectionError):
            requests.get(url.replace("https", "http"), timeout=5)
    assert requests.get(url, verify=certificates / "ca.pem", timeout=5).status_code == 200


def test_a_client_that_does_not_shake_hands_keeps_nobody_waiting(
    serve: Callable[[str], str], certificates: Path
) -> None:
    url = serve(TLS)
    host, port = url.removeprefix("https://").rstrip("/").split(":")
    with socket.create_connection((host, int(port)), timeout=5):
        # Less than what a client is given for its handshake.
        assert requests.get(url, verify=certificates / "ca.pem", timeout=5).status_code == 200


def test_old_tls_versions_are_refused(serve: Callable[[str], str], certificates: Path) -> None:
    url = serve("tls_server_config: {cert_file: cert.pem, key_file: key.pem, min_version: TLS13}\n")
    host, port = url.removeprefix("https://").rstrip("/").split(":")
    context = ssl.create_default_context(cafile=certificates / "ca.pem")
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    with socket.create_connection((host, int(port)), timeout=5) as client, pytest.raises(ssl.SSLError):
        context.wrap_socket(client, server_hostname=host)


def test_mutual_tls_lets_in_those_with_a_certificate_of_the_ca(serve: Callable[[str], str], certificates: Path) -> None:
    url = serve(
        "tls_server_config:\n"
        "  cert_file: cert.pem\n  key_file: key.pem\n"
        "  client_ca_file: ca.pem\n  client_auth_type: RequireAndVerifyClientCert\n"
    )
    ca, client = certificates / "ca.pem", certificates / "client.pem"
    assert requests.get(url, verify=ca, cert=str(client), timeout=5).status_code == 200
    with pytest.raises(requests.exceptions.ConnectionError):
        requests.get(url, verify=ca, timeout=5)
    trustme.CA().issue_cert("client").private_key_and_cert_chain_pem.write_to_path(client)
    with pytest.raises(requests.exceptions.ConnectionError):
        requests.get(url, verify=ca, cert=str(client), timeout=5)


def test_a_renewed_certificate_is_shown_without_a_restart(serve: Callable[[str], str], certificates: Path) -> None:
    url = serve(TLS)
    other = trustme.CA()
    renewed = other.issue_cert("127.0.0.1")
    renewed.private_key_pem.write_to_path(certificates / "key.pem")
    renewed.cert_chain_pems[0].write_to_path(certificates / "cert.pem")
    for name in ("key.pem", "cert.pem"):
        set_later(certificates / name)
    other.cert_pem.write_to_path(certificates / "ca.pem")
    assert requests.get(url, verify=certificates / "ca.pem", timeout=5).status_code == 200


def test_certificate_and_key_may_stand_in_the_file(serve: Callable[[str], str], certificates: Path) -> None:
    def indented(name: str) -> str:
        return "".join(f"    {line}\n" for line in (certificates / name).read_text().splitlines())

    url = serve(f"tls_server_config:\n  cert: |\n{indented('cert.pem')}  key: |\n{indented('key.pem')}")
    assert requests.get(url, verify=certificates / "ca.pem", timeout=5).status_code == 200


def test_only_users_with_their_password_are_let_in(serve: Callable[[str], str]) -> None:
    url = serve(f"basic_auth_users: {{alice: '{HASH}'}}\n") + "predictions"
    assert requests.get(url, auth=("alice", "s3cret"), timeout=5).status_code == 200
    for stranger in (None, ("alice", "wrong"), ("mallory", "s3cret"), ("alice", "s3cret" + "x" * 100), ("", "")):
        refused = requests.get(url, auth=stranger, timeout=5)
        assert refused.status_code == 401
        assert refused.headers["WWW-Authenticate"].startswith("Basic")
        assert "pronoia_forecast" not in refused.text


def test_a_malformed_authorization_is_refused(serve: Callable[[str], str]) -> None:
    url = serve(f"basic_auth_users: {{alice: '{HASH}'}}\n")
    for header in ("Bearer abc", "Basic", "Basic !!!", "Basic YWxpY2U=", "Basic //86eA==", "Basic \xe9"):
        assert requests.get(url, headers={"Authorization": header}, timeout=5).status_code == 401


def test_a_file_that_goes_bad_shuts_the_door_until_it_is_right(serve: Callable[[str], str], tmp_path: Path) -> None:
    url = serve(f"basic_auth_users: {{alice: '{HASH}'}}\n")
    path = tmp_path / "web.yml"
    good = path.read_text()
    for bad in ("basic_auth_users: [", "basic_auth_user: {}\n", "basic_auth_users: {alice: s3cret}\n"):
        path.write_text(bad)
        answer = requests.get(url, auth=("alice", "s3cret"), timeout=5)
        assert answer.status_code == 500
        assert "see the log" in answer.text
    path.unlink()
    assert requests.get(url, auth=("alice", "s3cret"), timeout=5).status_code == 500
    path.write_text(good.replace("alice", "bob"))
    assert requests.get(url, auth=("alice", "s3cret"), timeout=5).status_code == 401
    assert requests.get(url, auth=("bob", "s3cret"), timeout=5).status_code == 200


def test_headers_of_the_file_go_with_every_answer(serve: Callable[[str], str]) -> None:
    url = serve(
        "http_server_config:\n  headers:\n    X-Frame-Options: sameorigin\n    Strict-Transport-Security: max-age=60\n"
    )
    headers = requests.get(url, timeout=5).headers
    assert headers["X-Frame-Options"] == "sameorigin"
    assert headers["Strict-Transport-Security"] == "max-age=60"


def test_more_requests_than_the_limit_are_turned_away(serve: Callable[[str], str]) -> None:
    url = serve("rate_limit: {interval: 1h, burst: 2}\n")
    assert [requests.get(url, timeout=5).status_code for _ in range(4)] == [200, 200, 429, 429]


def test_a_certificate_that_is_not_there_is_told_with_its_path(exporter: Exporter, tmp_path: Path) -> None:
    file = tmp_path / "web.yml"
    file.write_text("tls_server_config: {cert_file: absent.pem, key_file: absent.key}\n")
    with pytest.raises(ConfigError, match=r"cert_file: .*absent.pem: No such file.*\n.*key_file: .*absent.key"):
        WebServer(exporter.app, [LOOPBACK], WebConfigFile(file))
