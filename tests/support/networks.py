"""Blends with a network that was never trained: for who keeps, names and refuses them, not for what they say."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from pronoia.features.matrix import FEATURES
from pronoia.models.bottleneck.fitted import Partner
from pronoia.models.bottleneck.horizons import HorizonRisks
from pronoia.models.bottleneck.shipped import shipped_risks
from pronoia.models.classifiers.platt import identity_platt
from pronoia.models.classifiers.sequence_network import SequenceNetwork


def blended_risks() -> HorizonRisks:
    """The prior, whose first classifier of states is blended with an LSTM. Asking it needs true weights, and torch."""
    nothing = np.zeros(len(FEATURES), np.float32)
    network = SequenceNetwork("lstm", FEATURES, nothing, nothing + 1.0, {"of": np.zeros(1, np.float32)})
    prior = shipped_risks().risks
    first = replace(
        prior["state"][0],
        platt=identity_platt(np.array([0.7, 0.3]), 100),
        partners=(Partner("lstm", network),),
        own=(prior["state"][0].platt, identity_platt(np.ones(1), 100)),
    )
    return HorizonRisks({**prior, "state": (first, *prior["state"][1:])})
