"""The prior of failures that ships with the package: one file, whose checksum is verified when it is read."""

from __future__ import annotations

import zlib
from functools import cache

from pronoia.errors import ModelError
from pronoia.models.classifiers.boosted_trees import BoostedTrees
from pronoia.models.failure.prior import PRIOR_FEATURES, FailurePrior
from pronoia.models.sealed_file import SealedFile

_FILE = SealedFile("failure", 1)
_SIZE_BYTES = 4


@cache
def shipped_prior() -> FailurePrior:
    """The shipped prior; read once.

    Raises:
        ModelError: if the file is missing, damaged or of another version.
    """
    return unpack_prior(_FILE.read())


def pack_prior(prior: FailurePrior) -> bytes:
    """A prior as a file: the members' UBJSON, each after its size, compressed."""
    each = [member.to_bytes() for member in prior.members]
    return _FILE.seal(zlib.compress(b"".join(len(raw).to_bytes(_SIZE_BYTES, "big") + raw for raw in each), 9))


def unpack_prior(data: bytes) -> FailurePrior:
    """The prior of a file that `pack_prior` made.

    Raises:
        ModelError: if the file is damaged, or of another version.
    """
    members, rest = [], zlib.decompress(_FILE.unseal(data))
    while rest:
        end = _SIZE_BYTES + int.from_bytes(rest[:_SIZE_BYTES], "big")
        members.append(BoostedTrees.from_bytes(rest[_SIZE_BYTES:end]))
        rest = rest[end:]
    if not members or any(member.features != PRIOR_FEATURES for member in members):
        raise ModelError(_FILE.model, "the shipped prior was fitted to other features than this version computes")
    return FailurePrior(tuple(members))
