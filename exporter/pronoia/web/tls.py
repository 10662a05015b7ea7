"""TLS for the web server: the context that the web configuration asks for, renewed with its files."""

from __future__ import annotations

import contextlib
import logging
import ssl
import tempfile
import threading
from pathlib import Path
from typing import TYPE_CHECKING

from pronoia.errors import ConfigError, ConfigProblem
from pronoia.transport.file_mark import FileMark, file_mark
from pronoia.web.web_config_schema import CIPHER_SUITES, TlsServer

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pronoia.web.web_config import WebConfigFile

_log = logging.getLogger(__name__)

_VERSIONS = {"TLS12": ssl.TLSVersion.TLSv1_2, "TLS13": ssl.TLSVersion.TLSv1_3}
_VERIFY = {
    "NoClientCert": ssl.CERT_NONE,
    "VerifyClientCertIfGiven": ssl.CERT_OPTIONAL,
    "RequireAndVerifyClientCert": ssl.CERT_REQUIRED,
}


class TlsContexts:
    """Makes the context for each new connection; a renewed certificate needs no restart.

    Args:
        web_config: a file with a `tls_server_config`.

    Raises:
        ConfigError: if the certificates cannot be used at the start.
    """

    def __init__(self, web_config: WebConfigFile) -> None:
        self._web_config = web_config
        self._lock = threading.Lock()
        self._made_for: tuple[TlsServer, tuple[FileMark, ...]] | None = None
        self._context: ssl.SSLContext | None = None
        self.current()

    def current(self) -> ssl.SSLContext:
        """The context as the configuration and the certificates' files say now.

        Raises:
            ConfigError: if they cannot be used.
        """
        wanted = self._web_config.current().tls_server_config
        source = str(self._web_config.path)
        if wanted is None:
            raise ConfigError(
                [ConfigProblem("tls_server_config", "was taken away; restart to serve plain HTTP")], source
            )
        folder = self._web_config.path.absolute().parent
        files = [name for name in (wanted.cert_file, wanted.key_file, wanted.client_ca_file) if name]
        made_for = wanted, tuple(file_mark(folder / name) for name in files)
        with self._lock:
            if self._context is None or made_for != self._made_for:
                self._context = _make_context(wanted, folder, source)
                self._made_for = made_for
            return self._context


def _make_context(wanted: TlsServer, folder: Path, source: str) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = _VERSIONS[wanted.min_version]
    context.maximum_version = _VERSIONS[wanted.max_version]
    if wanted.prefer_server_cipher_suites:
        context.options |= ssl.OP_CIPHER_SERVER_PREFERENCE
    if wanted.cipher_suites:
        context.set_ciphers(":".join(CIPHER_SUITES[name] for name in wanted.cipher_suites))
    _check_files(wanted, folder, source)
    with _files(wanted, folder) as (certificate, key), _problem_with("cert_file and key_file", source):
        # Without a password function OpenSSL would ask for one on the terminal.
        context.load_cert_chain(certificate, key, password=lambda: "")
    context.verify_mode = _VERIFY[wanted.client_auth_type]
    if wanted.client_ca_file or wanted.client_ca:
        client_ca_file = folder / wanted.client_ca_file if wanted.client_ca_file else None
        with _problem_with("client_ca_file", source):
            context.load_verify_locations(client_ca_file, cadata=wanted.client_ca)
    return context


def _check_files(wanted: TlsServer, folder: Path, source: str) -> None:
    problems = []
    for key in ("cert_file", "key_file", "client_ca_file"):
        name = getattr(wanted, key)
        try:
            if name is not None:
                (folder / name).read_bytes()
        except OSError as error:
            problems.append(ConfigProblem(f"tls_server_config.{key}", f"{folder / name}: {error.strerror}"))
    if problems:
        raise ConfigError(problems, source)


@contextlib.contextmanager
def _files(wanted: TlsServer, folder: Path) -> Iterator[tuple[Path, Path]]:
    """Certificate and key as files, which is all that OpenSSL's loader takes."""
    with tempfile.TemporaryDirectory(prefix="pronoia-tls-") as private:
        paths = []
        for name, text in ((wanted.cert_file, wanted.cert), (wanted.key_file, wanted.key)):
            if name is not None:
                paths.append(folder / name)
            elif text is not None:
                paths.append(Path(private) / f"{len(paths)}.pem")
                paths[-1].write_text(text if isinstance(text, str) else text.get_secret_value(), encoding="ascii")
        yield paths[0], paths[1]


@contextlib.contextmanager
def _problem_with(keys: str, source: str) -> Iterator[None]:
    try:
        yield
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        if isinstance(error, ssl.SSLError):
            reason = f"not a PEM certificate and its key ({error.reason or reason})"
        raise ConfigError([ConfigProblem(f"tls_server_config, {keys}", f"cannot be used: {reason}")], source) from error
