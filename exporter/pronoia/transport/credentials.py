"""The Authorization header of an upstream, and keeping what it holds out of every message."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pronoia.errors import ConfigError, ConfigProblem

if TYPE_CHECKING:
    from pathlib import Path

    from pronoia.transport.settings import UpstreamSettings

_HIDDEN = "<secret>"


@dataclass(frozen=True, slots=True, repr=False)
class Credentials:
    """What is sent to prove who we are, read once per request so that rotated files are picked up.

    Args:
        header: value of the Authorization header; empty if none is sent.
        description: what was sent, in words fit for a message.
        secrets: texts that must never be shown.
    """

    header: bytes
    description: str
    secrets: tuple[str, ...]

    @classmethod
    def of(cls, settings: UpstreamSettings) -> Credentials:
        """Read the credentials of an upstream.

        Raises:
            ConfigError: naming a secret file that cannot be read, or a secret that no header can carry.
        """
        hidden = tuple(settings.headers.values())
        if basic := settings.basic_auth:
            password = _secret(basic.password, basic.password_file, "basic_auth.password_file")
            # RFC 7617; Prometheus sends UTF-8.
            token = base64.b64encode(f"{basic.username}:{password}".encode())
            secrets = (password, token.decode(), *hidden)
            return cls(b"Basic " + token, f"basic auth as {basic.username!r} was sent", secrets)
        if auth := settings.authorization:
            secret = _secret(auth.credentials, auth.credentials_file, "authorization.credentials_file")
            header = f"{auth.type} {secret}".encode()
            if any(byte < 0x20 or byte == 0x7F for byte in header):
                raise ConfigError([ConfigProblem("authorization", "the credentials hold control characters")])
            kind = "a bearer token" if auth.type.lower() == "bearer" else f"{auth.type} credentials"
            return cls(header, f"{kind} was sent" if kind.startswith("a ") else f"{kind} were sent", (secret, *hidden))
        return cls(b"", "no credentials were sent", hidden)

    def redact(self, text: str) -> str:
        """The text with every secret replaced; servers echo what they were sent."""
        # Longest first: one secret may be part of another. Short header values (a tenant called "1") are no
        # secrets, and hiding them would garble every message.
        for secret in sorted(self.secrets, key=len, reverse=True):
            if len(secret) > 3:
                text = text.replace(secret, _HIDDEN)
        return text


def _secret(inline: str | None, file: Path | None, path: str) -> str:
    if file is None:
        return inline or ""
    try:
        # Editors and `echo` end files with a newline that is not part of the secret.
        return file.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "not UTF-8 text"
        raise ConfigError([ConfigProblem(path, f"cannot read {file}: {reason}")]) from error
