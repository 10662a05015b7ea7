"""Checking passwords against bcrypt hashes without telling by the time it takes who exists."""

from __future__ import annotations

import hashlib
import hmac
import secrets
import threading
from typing import TYPE_CHECKING

import bcrypt

if TYPE_CHECKING:
    from collections.abc import Mapping

# bcrypt looks at 72 bytes of a password; newer libraries refuse longer ones instead of cutting them.
_BCRYPT_PASSWORD_BYTES = 72
_MAX_REMEMBERED = 100


class PasswordChecker:
    """Checks one password at a time and remembers the answers, as each costs tens of milliseconds on purpose.

    Remembered are keyed digests, never passwords.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._digest_key = secrets.token_bytes(32)
        self._remembered: dict[bytes, bool] = {}

    def is_right(self, users: Mapping[str, bytes], user: str, password: bytes) -> bool:
        """Whether a user of these has this password.

        Args:
            users: bcrypt hash by user; at least one.
            user: who claims to be there.
            password: what they say.
        """
        # Unknown users are checked against the costliest hash there is, so that they take as long as known ones.
        expected = users.get(user) or max(users.values(), key=lambda digest: digest[4:6])
        key = self._key(user, expected, password)
        with self._lock:
            if key not in self._remembered:
                if len(self._remembered) >= _MAX_REMEMBERED:
                    del self._remembered[next(iter(self._remembered))]
                self._remembered[key] = _matches(password, expected)
            matches = self._remembered[key]
        return matches and user in users

    def _key(self, user: str, expected: bytes, password: bytes) -> bytes:
        parts = (user.encode(), expected, password)
        message = b"".join(len(part).to_bytes(8) + part for part in parts)
        return hmac.digest(self._digest_key, message, hashlib.sha256)


def _matches(password: bytes, expected: bytes) -> bool:
    try:
        return bcrypt.checkpw(password[:_BCRYPT_PASSWORD_BYTES], expected)
    except ValueError:
        return False
