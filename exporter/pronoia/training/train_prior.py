"""Train the prior from the first draw of examples to the weights, and judge it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from pronoia.models.forecast.prior.network import DECILES
from pronoia.training.prior_examples import make_examples

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from pronoia.models.forecast.prior.network import PriorNetwork
    from pronoia.training.prior_examples import Examples, TrainingSeries

_BATCH = 256
# Steps between draws, and how often an example of a draw is met.
_STEPS_PER_DRAW = 2_600
_EPOCHS_PER_DRAW = 3
_N_JUDGED = 4_000


def train_weights(
    series: Sequence[TrainingSeries], n_steps: int, seed: int, report: Callable[[str], None]
) -> dict[str, NDArray[np.float32]]:
    """Train on recorded and made-up series; needs PyTorch, and uses a GPU where it finds one.

    Args:
        series: the recorded ones.
        n_steps: batches of 256 examples with ten targets each.
        seed: of everything that is drawn: the same weights again, on the same machine.
        report: told of progress.

    Returns:
        weights by name, as `PriorNetwork` takes them.
    """
    from pronoia.training.prior_network import train_prior

    rng = np.random.default_rng(seed)
    steps_per_draw = min(_STEPS_PER_DRAW, n_steps)
    n_examples = max(steps_per_draw * _BATCH // _EPOCHS_PER_DRAW, _BATCH)

    def draw() -> Examples:
        return make_examples(series, n_examples, rng)

    return train_prior(draw, n_steps, steps_per_draw=steps_per_draw, batch=_BATCH, seed=seed, report=report)


def judge(network: PriorNetwork, series: Sequence[TrainingSeries], seed: int) -> dict[str, float]:
    """Mean pinball loss of the deciles by source, in the network's own units, where each series moves by about one."""
    losses = {}
    for source in sorted({one.source for one in series}):
        rng = np.random.default_rng(seed)
        of_source = [one for one in series if one.source == source]
        examples = make_examples(of_source, _N_JUDGED, rng, share_made_up=0.0)
        deciles = network.deciles(network.encode(examples.history), examples.horizon)
        miss = examples.targets[:, :, None] - deciles
        shares = np.array(DECILES)
        losses[source] = float(np.maximum(shares * miss, (shares - 1.0) * miss).mean())
    return losses
