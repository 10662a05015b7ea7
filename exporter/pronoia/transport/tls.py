"""From TLS settings to a context."""

from __future__ import annotations

import ssl
from typing import TYPE_CHECKING

from pronoia.errors import ConfigError, ConfigProblem
from pronoia.transport.file_mark import file_mark

if TYPE_CHECKING:
    from pathlib import Path

    from pronoia.transport.file_mark import FileMark
    from pronoia.transport.settings import TlsSettings


def tls_context(settings: TlsSettings) -> ssl.SSLContext:
    """A client context: TLS 1.2 or newer, certificate and host name verified unless told otherwise.

    Without a `ca_file` the operating system's CAs are trusted, as Prometheus does.

    Raises:
        ConfigError: naming a file that cannot be read or is not PEM.
    """
    try:
        context = ssl.create_default_context(cafile=settings.ca_file)
    except (OSError, ssl.SSLError) as error:
        raise _unusable("tls_config.ca_file", settings.ca_file, error) from error
    if settings.insecure_skip_verify:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    if settings.cert_file:
        try:
            # An encrypted key would make OpenSSL ask on the terminal; an empty password makes it an error.
            context.load_cert_chain(settings.cert_file, settings.key_file, password="")
        except (OSError, ssl.SSLError) as error:
            raise _unusable("tls_config.cert_file", settings.cert_file, error) from error
    return context


def file_marks(settings: TlsSettings) -> tuple[FileMark, ...]:
    """Changes whenever one of the TLS files does: certificates are rotated under running processes."""
    files = (settings.ca_file, settings.cert_file, settings.key_file)
    return tuple(file_mark(file) for file in files if file)


def _unusable(path: str, file: Path | None, error: Exception) -> ConfigError:
    reason = getattr(error, "strerror", None) or str(error)
    return ConfigError([ConfigProblem(path, f"cannot use {file}: {reason}")])
