"""Flags and subcommands, named as in the Prometheus family."""

from __future__ import annotations

import argparse
import importlib
import platform
from pathlib import Path
from typing import TYPE_CHECKING

from pronoia.cli.alert_parsers import add_alert_commands
from pronoia.cli.logs import FORMATS, LEVELS
from pronoia.version import __version__

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeAlias

    Commands: TypeAlias = argparse._SubParsersAction[argparse.ArgumentParser]  # noqa: SLF001 - its only name

DEFAULT_LISTEN_ADDRESS = ":10190"
DEFAULT_REPLAY_ADDRESS = "127.0.0.1:10191"


def build_parser() -> argparse.ArgumentParser:
    """The parser; `command` in what it returns is a function of the parsed arguments that returns a status."""
    parser = argparse.ArgumentParser(
        prog="pronoia",
        description="Predictive exporter for Prometheus: forecasts of your own metrics, as metrics.",
        allow_abbrev=False,
    )
    parser.add_argument(
        "--version",
        action="version",
        version=f"pronoia, version {__version__} (python {platform.python_version()})",
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    _add_run(commands)
    _add_demo(commands)
    _add_replay(commands)
    _add_check(commands)
    _add_metrics(commands)
    _add_backtest(commands)
    _add_prior(commands)
    add_alert_commands(commands, _command)
    return parser


def _command(
    commands: Commands, name: str, summary: str, module: str, function: str = "run"
) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = commands.add_parser(
        name,
        help=summary,
        description=summary,
        allow_abbrev=False,
    )
    parser.set_defaults(command=_later(module, function))
    return parser


def _later(module: str, function: str) -> Callable[[argparse.Namespace], int]:
    """Import a command's module when it runs, so that `--help` does not load the world."""

    def command(arguments: argparse.Namespace) -> int:
        status: int = getattr(importlib.import_module(module), function)(arguments)
        return status

    return command


def _add_run(commands: Commands) -> None:
    parser = _command(commands, "run", "Run the exporter on a Prometheus.", "pronoia.cli.run")
    source = parser.add_mutually_exclusive_group()
    source.add_argument("--config.file", dest="config_file", type=Path, metavar="FILE", help="configuration file")
    source.add_argument(
        "--prometheus.url",
        dest="prometheus_url",
        metavar="URL",
        help="run with the node-exporter preset on this Prometheus, without a configuration file",
    )
    parser.add_argument(
        "--config.check", dest="config_check", action="store_true", help="check the configuration and exit"
    )
    parser.add_argument("--storage.path", dest="storage_path", type=Path, metavar="DIR", help="where state is kept")
    _add_web_flags(parser, DEFAULT_LISTEN_ADDRESS)
    _add_log_flags(parser)


def _add_demo(commands: Commands) -> None:
    parser = _command(
        commands, "demo", "Replay a bundled recording and forecast it: needs no server.", "pronoia.cli.demo"
    )
    parser.add_argument("--data", type=Path, metavar="RECORDING", help="another recording to replay (Parquet)")
    parser.add_argument(
        "--duration", type=float, metavar="SECONDS", help="end by itself after this long (default: run until stopped)"
    )
    _add_web_flags(parser, DEFAULT_LISTEN_ADDRESS)
    _add_log_flags(parser, level="warn")


def _add_replay(commands: Commands) -> None:
    parser = _command(
        commands, "replay", "Serve a recording as a Prometheus would, re-timed to now.", "pronoia.cli.replay"
    )
    parser.add_argument("--data", type=Path, metavar="RECORDING", help="Parquet file; the bundled one if not given")
    _add_web_flags(parser, DEFAULT_REPLAY_ADDRESS)
    _add_log_flags(parser)


def _add_check(commands: Commands) -> None:
    parser = _command(commands, "check", "Check a configuration file and say what it means.", "pronoia.cli.check")
    parser.add_argument("file", type=Path, metavar="FILE")
    parser.add_argument(
        "--connect",
        action="store_true",
        help="also ask the upstreams what each query would read, and refuse what passes their limits",
    )


def _add_metrics(commands: Commands) -> None:
    _command(commands, "metrics", "Print the catalogue of exposed metrics.", "pronoia.cli.metrics")


def _add_backtest(commands: Commands) -> None:
    parser = commands.add_parser("backtest", help="Measure predictions on recordings.", allow_abbrev=False)
    stems = parser.add_subparsers(required=True, metavar="STEM")
    forecast = _command(
        stems, "forecast", "Rolling-origin backtest of forecasts over all series.", "pronoia.cli.backtest", "forecast"
    )
    forecast.add_argument(
        "--data",
        type=Path,
        action="append",
        required=True,
        metavar="RECORDING",
        help="Parquet file or directory; repeatable",
    )
    forecast.add_argument("--json", type=Path, metavar="OUT", help="write all figures as JSON")
    forecast.add_argument("--step", default="5m", help="step of the forecast grid")
    forecast.add_argument("--horizon", default="1d", help="how far ahead")
    forecast.add_argument("--model", default="auto", help="model to measure")
    forecast.add_argument("--max-series", type=int, help="measure a fixed sample of this many series per recording")
    forecast.add_argument(
        "--protocol",
        choices=("walk", "boom", "wide"),
        default="walk",
        help="walk: as the exporter would have forecast (default); boom: the published protocol on a folder with sets "
        "of BOOM and published.csv; wide: the same protocol on a folder with a few recordings of many sources",
    )
    forecast.add_argument(
        "--history", type=int, metavar="STEPS", help="boom and wide: show the ensemble no more than the newest values"
    )
    forecast.add_argument(
        "--paths",
        type=int,
        default=0,
        metavar="N",
        help="walk: sample this many paths per series and origin too, and tell whether their maxima, means and times "
        "to a threshold are calibrated",
    )
    forecast.add_argument("--workers", type=int, default=2, help="processes")
    _add_bottleneck(stems)
    _add_failure(stems)
    _add_anomaly(stems)


def _add_anomaly(stems: Commands) -> None:
    anomaly = _command(
        stems,
        "anomaly",
        "Score a recording with labelled anomalies by detectors fitted to its past.",
        "pronoia.cli.anomaly",
        "backtest",
    )
    anomaly.add_argument("--data", type=Path, required=True, metavar="RECORDING", help="Parquet file with `label`")
    anomaly.add_argument(
        "--detectors",
        metavar="NAMES",
        help="which, by comma (default: all whose libraries are installed, but not those that take hours)",
    )
    anomaly.add_argument(
        "--false-alarms-per-day", type=float, default=0.1, metavar="RATE", help="episodes a day aimed at (default: 0.1)"
    )
    anomaly.add_argument(
        "--train-share",
        type=float,
        default=0.3,
        metavar="SHARE",
        help="share of each system's steps that is history, where the recording has no `is_test` (default: 0.3)",
    )
    anomaly.add_argument("--systems", metavar="NAMES", help="these alone, by comma (default: all)")
    anomaly.add_argument("--json", type=Path, metavar="OUT", help="write all figures as JSON")


def _add_bottleneck(stems: Commands) -> None:
    bottleneck = _command(
        stems,
        "bottleneck",
        "Fit on the past of a recording, foretell overloads in the rest, beside simple rules.",
        "pronoia.cli.bottleneck",
        "backtest",
    )
    bottleneck.add_argument("--data", type=Path, required=True, metavar="RECORDING", help="Parquet file or directory")
    bottleneck.add_argument("--threshold", type=float, default=0.9, help="load that is too high (default: 0.9)")
    bottleneck.add_argument(
        "--train-until", required=True, metavar="T", help="ISO date or time (UTC) up to which models are fitted"
    )
    bottleneck.add_argument(
        "--calibrate-until", metavar="T", help="up to here calibration and thresholds (default: ten days later)"
    )
    bottleneck.add_argument("--test-until", metavar="T", help="end of the test (default: of the recording)")
    bottleneck.add_argument(
        "--load", default="cpu_utilization_ratio", metavar="FORMULA", help="load from the recording's metrics"
    )
    bottleneck.add_argument(
        "--other-load",
        default="memory_used_bytes / memory_limit_bytes",
        metavar="FORMULA",
        help="another resource's load, which features look at",
    )
    bottleneck.add_argument(
        "--target", choices=("state", "onset"), help="judge this alone (default: both, one after the other)"
    )
    bottleneck.add_argument(
        "--members",
        default="trees,lstm",
        metavar="NAMES",
        help="what is blended: trees first, then any of lstm, transformer (extra neural) and hazard "
        "(default: trees,lstm; without torch trees alone)",
    )
    bottleneck.add_argument(
        "--blend",
        metavar="WEIGHTS",
        help="weights of the members, such as 0.7,0.3, or `fitted` to the calibration slice "
        "(default: trees 0.7, the others the rest)",
    )
    bottleneck.add_argument(
        "--calibration", choices=("platt", "isotonic"), default="platt", help="of the blend (default: platt)"
    )
    bottleneck.add_argument("--slot", default="5m", help="length of a slot (default: 5m)")
    bottleneck.add_argument("--model", type=Path, metavar="FILE", help="score these fitted models instead of fitting")
    bottleneck.add_argument("--save-model", type=Path, metavar="FILE", help="keep the fitted models")
    bottleneck.add_argument(
        "--horizons",
        metavar="MODEL",
        help="instead, score the probabilities within each horizon of a model of `prior train-bottleneck`, or of "
        "`prior`, the one that ships: what the exporter would have told",
    )
    bottleneck.add_argument("--json", type=Path, metavar="OUT", help="write all figures as JSON")
    bottleneck.add_argument("--seed", type=int, default=0, metavar="N", help="of what is drawn (default: 0)")


def _add_failure(stems: Commands) -> None:
    failure = _command(
        stems,
        "failure",
        "Foretell the failures of a recording's systems, from models of the others, beside simple rules.",
        "pronoia.cli.failure",
        "backtest",
    )
    failure.add_argument(
        "--data", type=Path, required=True, metavar="RECORDING", help="folder with a recording and its events.parquet"
    )
    failure.add_argument("--horizon", default="15m", help="how far ahead (default: 15m)")
    failure.add_argument("--folds", type=int, default=10, metavar="N", help="of systems (default: 10)")
    failure.add_argument(
        "--train-share",
        type=float,
        metavar="SHARE",
        help="split by time instead: models know this share of each system, the rest is judged",
    )
    failure.add_argument("--json", type=Path, metavar="OUT", help="write all figures as JSON")
    failure.add_argument("--seed", type=int, default=0, metavar="N", help="of what is drawn (default: 0)")


def _add_prior(commands: Commands) -> None:
    parser = commands.add_parser("prior", help="The models that ship with the package.", allow_abbrev=False)
    tasks = parser.add_subparsers(required=True, metavar="TASK")
    train = _command(
        tasks, "train", "Train the network on recordings (needs the extra `neural`).", "pronoia.cli.prior", "train"
    )
    bottleneck = _command(
        tasks,
        "train-bottleneck",
        "Fit the classifiers of overloads to recordings.",
        "pronoia.cli.prior",
        "train_bottleneck",
    )
    failure = _command(
        tasks,
        "train-failure",
        "Fit the classifiers of failures to made-up systems.",
        "pronoia.cli.prior",
        "train_failure",
    )
    failure.add_argument(
        "--systems", type=int, default=6_000, metavar="N", help="for each of three members (default: 6000)"
    )
    for task in (train, bottleneck):
        task.add_argument(
            "--data",
            type=Path,
            nargs="+",
            action="extend",
            required=True,
            metavar="DIR",
            help="folders of recordings, each a source; repeatable",
        )
    for task in (train, bottleneck, failure):
        task.add_argument("--out", type=Path, required=True, metavar="FILE", help="where the model goes")
        task.add_argument("--seed", type=int, default=1, metavar="N", help="of all that is drawn (default: 1)")
    train.add_argument("--steps", type=int, default=30_000, metavar="N", help="batches (default: 30000)")


def _add_web_flags(parser: argparse.ArgumentParser, address: str) -> None:
    parser.add_argument(
        "--web.listen-address",
        dest="web_listen_address",
        action="append",
        metavar="ADDRESS",
        help=f"host:port to serve on, repeatable (default: {address})",
    )
    parser.add_argument(
        "--web.config.file",
        dest="web_config_file",
        type=Path,
        metavar="FILE",
        help="TLS and basic authentication, in the format of the Prometheus exporter toolkit",
    )


def _add_log_flags(parser: argparse.ArgumentParser, level: str = "info") -> None:
    parser.add_argument("--log.level", dest="log_level", choices=LEVELS, default=level, help="least level logged")
    parser.add_argument("--log.format", dest="log_format", choices=FORMATS, default="logfmt", help="form of log lines")
