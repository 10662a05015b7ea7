"""`pronoia backtest bottleneck`: how well overloads would have been foretold on a recording."""

from __future__ import annotations

import datetime as dt
import json
import os
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console

from pronoia.config.duration import parse_duration
from pronoia.errors import ConfigError, ConfigProblem, ModelError
from pronoia.evaluation.bottleneck.horizons import horizon_figures, horizon_table, score_horizons
from pronoia.evaluation.bottleneck.plan import BottleneckPlan
from pronoia.evaluation.bottleneck.recorded_load import recorded_load
from pronoia.evaluation.bottleneck.report import bottleneck_figures, bottleneck_tables
from pronoia.evaluation.bottleneck.run import run_bottleneck_backtest
from pronoia.features.formula import Formula, parse_formula
from pronoia.features.labels import TARGETS
from pronoia.models.bottleneck.blend import shares_of
from pronoia.models.bottleneck.members import MEMBERS, available_members
from pronoia.models.bottleneck.shipped import shipped_risks, unpack_risks
from pronoia.storage.recording import Recording
from pronoia.storage.risk_file import load_risks, save_risks

if TYPE_CHECKING:
    import argparse

    from pronoia.features.load import LoadHistory
    from pronoia.models.bottleneck.horizons import HorizonRisks

_DAY_MS = 86_400_000
_DEFAULT_CALIBRATION_DAYS = 10
_FITTED = "fitted"


def backtest(arguments: argparse.Namespace) -> int:
    """Fit on the past, or take fitted models; walk the rest, print the tables, write figures and models where asked."""
    load, other, plan = _read(arguments)
    recording = Recording.load(arguments.data)
    history = recorded_load(recording.frame, load, other, threshold=arguments.threshold, slot_ms=plan.slot_ms)
    if arguments.horizons:
        return _score_horizons(arguments, history, plan)
    models = load_risks(arguments.model) if arguments.model else {}
    progress = Console(stderr=True)
    absent = [] if models else [name for name in arguments.members.split(",") if name not in plan.members]
    if absent:
        progress.print(
            f"{', '.join(absent)}: torch is not installed or broken (extra neural); {', '.join(plan.members)} speak"
        )
    reports, spoke = run_bottleneck_backtest(history, plan, models, lambda what: progress.print(what, style="dim"))
    console = Console(width=220)
    for table in bottleneck_tables(reports):
        console.print(table)
    if arguments.json:
        arguments.json.write_text(json.dumps(bottleneck_figures(reports, plan), indent=1) + "\n", encoding="utf-8")
    if arguments.save_model:
        save_risks(arguments.save_model, spoke)
    return 0


def _score_horizons(arguments: argparse.Namespace, history: LoadHistory, plan: BottleneckPlan) -> int:
    risks = shipped_risks() if arguments.horizons == "prior" else _risks_of(Path(arguments.horizons))
    scores = score_horizons(history, risks, *plan.test(history.grid))
    Console(width=160).print(horizon_table(scores))
    if arguments.json:
        arguments.json.write_text(json.dumps(horizon_figures(scores), indent=1) + "\n", encoding="utf-8")
    return 0


def _risks_of(path: Path) -> HorizonRisks:
    try:
        return unpack_risks(path.read_bytes())
    except (OSError, ModelError) as error:
        reason = error.reason if isinstance(error, ModelError) else error.strerror
        raise ConfigError([ConfigProblem("--horizons", f"{path} cannot be used: {reason}")]) from error


def _read(arguments: argparse.Namespace) -> tuple[Formula, Formula, BottleneckPlan]:
    problems: list[ConfigProblem] = []
    instants: dict[str, int | None] = {}
    for flag in ("train_until", "calibrate_until", "test_until"):
        text = getattr(arguments, flag)
        try:
            instants[flag] = None if text is None else _instant_ms(text)
        except ValueError as error:
            problems.append(
                ConfigProblem(f"--{flag.replace('_', '-')}", f"{text!r} is not an ISO date or time: {error}")
            )
    formulas = []
    for flag in ("load", "other_load"):
        try:
            formulas.append(parse_formula(getattr(arguments, flag), f"--{flag.replace('_', '-')}"))
        except ConfigError as error:
            problems += error.problems
    slot_ms = 0
    try:
        slot_ms = parse_duration(arguments.slot).milliseconds
    except ValueError as error:
        problems.append(ConfigProblem("--slot", str(error)))
    members, blend = _members(arguments, problems)
    if not arguments.threshold > 0.0:
        problems.append(ConfigProblem("--threshold", f"{arguments.threshold} is not positive"))
    for flag in ("json", "save_model"):
        path = getattr(arguments, flag)
        if path and not os.access(path.parent, os.W_OK):
            problems.append(
                ConfigProblem(f"--{flag.replace('_', '-')}", f"{path.parent} is not a directory that can be written to")
            )
    if problems:
        raise ConfigError(problems)
    train_until = instants["train_until"] or 0
    calibrate_until = instants["calibrate_until"] or train_until + _DEFAULT_CALIBRATION_DAYS * _DAY_MS
    plan = BottleneckPlan(
        train_until,
        calibrate_until,
        instants["test_until"],
        slot_ms=slot_ms,
        seed=arguments.seed,
        targets=(arguments.target,) if arguments.target else TARGETS,
        members=members,
        blend=blend,
        is_blend_fitted=arguments.blend == _FITTED,
        calibration=arguments.calibration,
    )
    return formulas[0], formulas[1], plan


def _members(arguments: argparse.Namespace, problems: list[ConfigProblem]) -> tuple[tuple[str, ...], tuple[float, ...]]:
    """Those that can be fitted here, and the weights that were given for them."""
    members = tuple(arguments.members.split(","))
    if members[0] != MEMBERS[0] or len(set(members)) < len(members) or not set(members) <= set(MEMBERS):
        problems.append(
            ConfigProblem(
                "--members", f"{arguments.members!r}; trees first, then any of {', '.join(MEMBERS[1:])}, each once"
            )
        )
        return members, ()
    kept = available_members(members)
    if arguments.blend in (None, _FITTED):
        return kept, ()
    try:
        weights = tuple(float(weight) for weight in arguments.blend.split(","))
        shares_of(len(members), weights)
    except ValueError as error:
        problems.append(ConfigProblem("--blend", f"{arguments.blend!r} is neither {_FITTED!r} nor weights: {error}"))
        return kept, ()
    return kept, tuple(weight for name, weight in zip(members, weights, strict=False) if name in kept)


def _instant_ms(text: str) -> int:
    instant = dt.datetime.fromisoformat(text)
    if instant.tzinfo is None:
        instant = instant.replace(tzinfo=dt.UTC)
    return int(instant.timestamp() * 1_000)
