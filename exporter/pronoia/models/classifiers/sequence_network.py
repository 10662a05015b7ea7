"""SequenceNetwork: an LSTM or a Transformer's encoder beside the features of the trees (extra `neural`)."""

from __future__ import annotations

import importlib
import io
import logging
import zipfile
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from typing import TYPE_CHECKING

import numpy as np

from pronoia.errors import ModelError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import NDArray

_log = logging.getLogger(__name__)

#: Networks that can be fitted.
NETWORKS = ("lstm", "transformer")

_NAME = "sequence-network"
_FURTHEST = 5.0
# Few enough for what lies between the layers to stay in the processor's cache, which halves the time.
_ROWS_AT_ONCE = 256


@dataclass(frozen=True, slots=True)
class NetworkSettings:
    """How a network is trained.

    Args:
        most_rows: rows that are learnt from; of more, all positives (up to half) and a draw of the others.
        most_later_rows: the same of the later slice.
        n_epochs: passes over them; more over-fit.
        batch: rows per step.
        learning_rate: highest one of the cycle.
        seed: of weights, draws and order.
    """

    most_rows: int = 120_000
    most_later_rows: int = 60_000
    n_epochs: int = 2
    batch: int = 512
    learning_rate: float = 2e-3
    seed: int = 1


@dataclass(frozen=True, slots=True, eq=False)
class NetworkRows:
    """Rows as a network reads them.

    Args:
        sequences: float32 (n_rows, n_slots, n_channels).
        values: float32 (n_rows, n_features), squashed.
        happened: bool (n_rows,).
        weights: float64 (n_rows,), positive.
    """

    sequences: NDArray[np.float32]
    values: NDArray[np.float32]
    happened: NDArray[np.bool_]
    weights: NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class SequenceNetwork:
    """A trained network.

    Args:
        kind: one of `NETWORKS`.
        features: names of the columns, in order.
        centre: float32 (n_features,), mean of each squashed column.
        scale: float32 (n_features,), its standard deviation.
        weights: by name.
    """

    kind: str
    features: tuple[str, ...]
    centre: NDArray[np.float32]
    scale: NDArray[np.float32]
    weights: Mapping[str, NDArray[np.float32]]

    def log_odds(
        self, values: NDArray[np.float32], read: Callable[[NDArray[np.int64]], NDArray[np.float32]] | None = None
    ) -> NDArray[np.float64]:
        """Log-odds, float64 (n_rows,), before any calibration.

        Args:
            values: float32 (n_rows, n_features), columns as fitted; NaN where nothing is known.
            read: gives the sequences of some rows.

        Raises:
            ModelError: if torch is not installed, or cannot be imported.
            ValueError: if the number of columns is another, or no sequence can be read.
        """
        if values.shape[1] != len(self.features):
            raise ValueError(f"{values.shape[1]} columns, the network was fitted to {len(self.features)}")
        if read is None:
            raise ValueError("a network reads sequences, and none were given")
        need_torch()
        from pronoia.models.classifiers.network import Speaker

        said = np.empty(len(values))
        if not len(values):
            return said
        speaker = Speaker(self.kind, self.weights, read(np.arange(1)).shape[1:], len(self.features))
        for first in range(0, len(values), _ROWS_AT_ONCE):
            which = np.arange(first, min(first + _ROWS_AT_ONCE, len(values)))
            squashed = standardised(squash(values[which]), self.centre, self.scale)
            said[which] = speaker.log_odds(read(which), squashed)
        return said

    def to_bytes(self) -> bytes:
        """As a numpy archive of plain arrays."""
        arrays = {f"weight/{name}": array for name, array in self.weights.items()}
        buffer = io.BytesIO()
        np.savez_compressed(
            buffer,
            allow_pickle=False,
            kind=np.array(self.kind),
            features=np.array(self.features),
            centre=self.centre,
            scale=self.scale,
            **arrays,
        )
        return buffer.getvalue()

    @staticmethod
    def from_bytes(raw: bytes) -> SequenceNetwork:
        """What `to_bytes` gave.

        Raises:
            ModelError: if it is not that.
        """
        try:
            with np.load(io.BytesIO(raw), allow_pickle=False) as archive:
                arrays = {name: archive[name] for name in archive.files}
            kind = str(arrays["kind"])
            weights = {name.removeprefix("weight/"): arrays[name] for name in arrays if name.startswith("weight/")}
            features = tuple(str(name) for name in arrays["features"])
            network = SequenceNetwork(kind, features, arrays["centre"], arrays["scale"], weights)
        except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
            raise ModelError(_NAME, f"the saved network cannot be read: {error}") from error
        if kind not in NETWORKS or not len(features) == len(network.centre) == len(network.scale) or not weights:
            raise ModelError(_NAME, f"the saved network of kind {kind!r} is incomplete; known are {NETWORKS}")
        return network


@cache
def has_torch() -> bool:
    """Whether the extra `neural` is installed and works.

    Where it is found it is imported, once a process: a build that lacks a library of the system is found too, and fails
    only then, in its own ways. The reason is logged.
    """
    if find_spec("torch") is None:
        return False
    try:
        importlib.import_module("torch")
    except Exception as error:  # noqa: BLE001 - what a broken installation raises is its own affair
        _log.warning("torch is installed but cannot be imported, there will be no networks: %r", error)
        return False
    return True


def need_torch() -> None:
    """Raise a ModelError that says what to install, unless torch is there."""
    if not has_torch():
        raise ModelError(
            _NAME, 'torch is not installed, or cannot be imported; `pip install "pronoia[neural]"` brings it'
        )


def squash(values: NDArray[np.float32]) -> NDArray[np.float32]:
    """Counts, ages and ratios on one scale, whatever their reach.

    >>> squash(np.array([0.0, -1.0, np.nan], np.float32)).round(3).tolist()
    [0.0, -0.6930000185966492, nan]
    """
    squashed: NDArray[np.float32] = np.sign(values) * np.log1p(np.abs(values))
    return squashed


def standardised(
    squashed: NDArray[np.float32], centre: NDArray[np.float32], scale: NDArray[np.float32]
) -> NDArray[np.float32]:
    """Of order one, never further than five, and 0 where nothing is known."""
    clipped = np.clip((squashed - centre) / scale, -_FURTHEST, _FURTHEST)
    known: NDArray[np.float32] = np.nan_to_num(clipped).astype(np.float32)
    return known
