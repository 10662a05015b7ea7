"""SealedFile: what was learnt before and ships with the package, verified when it is read."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from importlib.resources import files

from pronoia.errors import ModelError

_DIGEST_BYTES = 32


@dataclass(frozen=True, slots=True)
class SealedFile:
    """The format of one model's file: a line that names it and its version, a SHA-256 digest, and a body.

    Args:
        model: whose it is; also the file's name in the package's data, and the model's in messages.
        version: of the body.

    >>> sealed = SealedFile("failure", 1).seal(b"numbers")
    >>> SealedFile("failure", 1).unseal(sealed)
    b'numbers'
    >>> SealedFile("failure", 2).unseal(sealed)
    Traceback (most recent call last):
    pronoia.errors.ModelError: failure: does not begin with 'pronoia-failure 2': of another version, or damaged
    """

    model: str
    version: int

    def read(self) -> bytes:
        """The file that ships with the package, still sealed.

        Raises:
            ModelError: if it is missing.
        """
        try:
            return files("pronoia").joinpath("_data", f"{self.model}.bin").read_bytes()
        except OSError as error:
            raise ModelError(self.model, f"what ships with the package cannot be read: {error}") from error

    def seal(self, body: bytes) -> bytes:
        """A file with that body."""
        return self._first_line + hashlib.sha256(body).digest() + body

    def unseal(self, data: bytes) -> bytes:
        """The body of a file.

        Raises:
            ModelError: if the file is damaged, or of another version.
        """
        line = self._first_line
        if not data.startswith(line):
            raise ModelError(
                self.model, f"does not begin with {line.decode().strip()!r}: of another version, or damaged"
            )
        start = len(line) + _DIGEST_BYTES
        if hashlib.sha256(data[start:]).digest() != data[len(line) : start]:
            raise ModelError(self.model, "the checksum does not match: the file is damaged")
        return data[start:]

    @property
    def _first_line(self) -> bytes:
        return f"pronoia-{self.model} {self.version}\n".encode()
