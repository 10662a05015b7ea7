"""The prior of failures that ships with the package: one file, whose checksum is verified when it is read."""

from __future__ import annotations

import hashlib
import zlib
from functools import cache
from importlib.resources import files

from pronoia.errors import ModelError
from pronoia.models.classifiers.boosted_trees import BoostedTrees
from pronoia.models.failure.prior import PRIOR_FEATURES, FailurePrior

_MAGIC = b"pronoia-failure 1\n"
_DIGEST_BYTES, _SIZE_BYTES = 32, 4
_NAME = "failure"


@cache
def shipped_prior() -> FailurePrior:
    """The shipped prior; read once.

    Raises:
        ModelError: if the file is missing, damaged or of another version.
    """
    try:
        data = files("pronoia").joinpath("_data", "failure.bin").read_bytes()
    except OSError as error:
        raise ModelError(_NAME, f"the shipped prior cannot be read: {error}") from error
    return unpack_prior(data)


def pack_prior(prior: FailurePrior) -> bytes:
    """A prior as a file: a format line, a SHA-256 digest, and the members' UBJSON, each after its size, compressed."""
    each = [member.to_bytes() for member in prior.members]
    body = zlib.compress(b"".join(len(raw).to_bytes(_SIZE_BYTES, "big") + raw for raw in each), 9)
    return _MAGIC + hashlib.sha256(body).digest() + body


def unpack_prior(data: bytes) -> FailurePrior:
    """The prior of a file that `pack_prior` made.

    Raises:
        ModelError: if the file is damaged, or of another version.
    """
    if not data.startswith(_MAGIC):
        raise ModelError(_NAME, f"does not begin with {_MAGIC.decode().strip()!r}: of another version, or damaged")
    start = len(_MAGIC) + _DIGEST_BYTES
    body = data[start:]
    if hashlib.sha256(body).digest() != data[len(_MAGIC) : start]:
        raise ModelError(_NAME, "the checksum does not match: the file is damaged")
    members, rest = [], zlib.decompress(body)
    while rest:
        end = _SIZE_BYTES + int.from_bytes(rest[:_SIZE_BYTES], "big")
        members.append(BoostedTrees.from_bytes(rest[_SIZE_BYTES:end]))
        rest = rest[end:]
    if not members or any(member.features != PRIOR_FEATURES for member in members):
        raise ModelError(_NAME, "the shipped prior was fitted to other features than this version computes")
    return FailurePrior(tuple(members))
