"""`pronoia prior`: train the models that ship with the package."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from pronoia.errors import ConfigError, ConfigProblem

if TYPE_CHECKING:
    import argparse


def train(arguments: argparse.Namespace) -> int:
    """Train on recordings, write the weights, and print what they lose on the entities held apart."""
    _check(arguments)
    from pronoia.training.corpus import load_corpus
    from pronoia.training.train_prior import judge, train_weights

    trained_on = list(load_corpus(arguments.data))
    if not trained_on:
        raise ConfigError([ConfigProblem("--data", "no series that moves and is long enough to learn from")])
    weights = train_weights(trained_on, arguments.steps, arguments.seed, _say)

    from pronoia.models.forecast.prior.shipped import pack_weights, unpack_weights

    packed = pack_weights(weights)
    arguments.out.write_bytes(packed)
    network = unpack_weights(packed)
    sys.stdout.write(f"{arguments.out}: {len(packed)} bytes, trained on {len(trained_on)} series\n")
    for source, loss in judge(network, list(load_corpus(arguments.data, held_apart=True)), arguments.seed).items():
        sys.stdout.write(f"{source}: mean pinball loss {loss:.4f} on entities held apart\n")
    return 0


def train_bottleneck(arguments: argparse.Namespace) -> int:
    """Fit classifiers of overloads to recordings and write them."""
    problems = _place_problems(arguments)
    if problems:
        raise ConfigError(problems)
    from pronoia.models.bottleneck.shipped import pack_risks
    from pronoia.training.bottleneck_corpus import source_histories
    from pronoia.training.corpus import load_corpus
    from pronoia.training.train_bottleneck import fit_prior

    histories = list(source_histories(list(load_corpus(arguments.data))))
    if not histories:
        raise ConfigError([ConfigProblem("--data", "no series of four days that is never negative")])
    packed = pack_risks(fit_prior(histories, arguments.seed, _say))
    arguments.out.write_bytes(packed)
    sys.stdout.write(f"{arguments.out}: {len(packed)} bytes\n")
    return 0


def train_failure(arguments: argparse.Namespace) -> int:
    """Fit classifiers of failures to made-up systems and write them."""
    problems = _out_problems(arguments)
    if arguments.systems < 50:
        problems.append(ConfigProblem("--systems", f"at least 50 are needed, got {arguments.systems}"))
    if problems:
        raise ConfigError(problems)
    from pronoia.models.failure.shipped import pack_prior
    from pronoia.training.train_failure import fit_failure_prior

    packed = pack_prior(fit_failure_prior(arguments.systems, arguments.seed, _say))
    arguments.out.write_bytes(packed)
    sys.stdout.write(f"{arguments.out}: {len(packed)} bytes\n")
    return 0


def _say(line: str) -> None:
    sys.stderr.write(f"{line}\n")


def _place_problems(arguments: argparse.Namespace) -> list[ConfigProblem]:
    problems = [ConfigProblem("--data", f"{path} is not a directory") for path in arguments.data if not path.is_dir()]
    return problems + _out_problems(arguments)


def _out_problems(arguments: argparse.Namespace) -> list[ConfigProblem]:
    problems = []
    if not os.access(arguments.out.parent, os.W_OK):
        problems.append(ConfigProblem("--out", f"{arguments.out.parent} is not a directory that can be written to"))
    return problems


def _check(arguments: argparse.Namespace) -> None:
    problems = _place_problems(arguments)
    if arguments.steps < 1:
        problems.append(ConfigProblem("--steps", f"at least 1 is needed, got {arguments.steps}"))
    try:
        import torch  # noqa: F401 - found missing now rather than after an hour of reading
    except ImportError:
        problems.append(ConfigProblem("prior train", "PyTorch is needed: pip install 'pronoia[neural]'"))
    if problems:
        raise ConfigError(problems)
