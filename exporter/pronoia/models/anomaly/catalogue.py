"""Names of the detectors, and how each is made."""

from __future__ import annotations

import difflib
from importlib.util import find_spec
from typing import TYPE_CHECKING

from pronoia.errors import ConfigError, ConfigProblem
from pronoia.models.anomaly.ecod import Ecod
from pronoia.models.anomaly.ensemble import Ensemble
from pronoia.models.anomaly.forecast_residual import ForecastResidual
from pronoia.models.anomaly.hbos import Hbos
from pronoia.models.anomaly.library import LibraryDetector
from pronoia.models.anomaly.moving_pca import MovingPca
from pronoia.models.anomaly.pca import Pca
from pronoia.models.anomaly.poly import Poly
from pronoia.models.anomaly.prophet_residual import ProphetResidual
from pronoia.models.anomaly.smoothed import Relative, Smoothed
from pronoia.models.anomaly.spc import Spc
from pronoia.models.anomaly.sub_pca import SubPca
from pronoia.models.anomaly.zscore import ZScore

if TYPE_CHECKING:
    from pronoia.models.anomaly.contract import Detector

#: What is used where nothing else is asked for.
DEFAULT_DETECTOR = "ensemble"

# Rows of history that a detector sees which has to be copied for each step it scores.
_MAX_COPIED = 256

_DETECTORS: dict[str, Detector] = {
    "autoencoder": LibraryDetector(
        "autoencoder", "pyod.models.auto_encoder", "AutoEncoder", {"random_state": 0, "verbose": 0}
    ),
    "copod": LibraryDetector("copod", "pyod.models.copod", "COPOD", is_alone=True, max_train=_MAX_COPIED),
    "ecod": Smoothed(Ecod()),
    "ensemble": Ensemble(
        (
            (Smoothed(MovingPca()), 2.0),
            (Smoothed(Relative(Pca())), 1.0),
            (Smoothed(MovingPca(share=0.0), (2, 6, 20, 60)), 1.0),
            (Smoothed(ForecastResidual()), 1.0),
            (Smoothed(Poly()), 1.0),
        )
    ),
    "forecast_residual": Smoothed(ForecastResidual()),
    "hbos": Smoothed(Hbos()),
    "isolation_forest": LibraryDetector(
        "isolation_forest", "sklearn.ensemble", "IsolationForest", {"random_state": 0}, "score_samples", -1.0
    ),
    "knn": LibraryDetector("knn", "pyod.models.knn", "KNN", {"n_neighbors": 10}, max_train=4_000),
    "lof": LibraryDetector(
        "lof", "sklearn.neighbors", "LocalOutlierFactor", {"novelty": True}, "score_samples", -1.0, max_train=4_000
    ),
    "moving_pca": Smoothed(MovingPca()),
    "moving_zscore": Smoothed(MovingPca(share=0.0)),
    "pca": Smoothed(Pca()),
    "poly": Smoothed(Poly()),
    "prophet": Smoothed(ProphetResidual()),
    "spc": Spc(),
    "sub_pca": Smoothed(SubPca()),
    "zscore": Smoothed(ZScore(), (10,)),
}

# Detectors whose libraries come with extras: the modules that must be there, and the extra's name.
_EXTRAS = {
    "autoencoder": (("pyod", "torch"), "anomaly,neural"),
    "copod": (("pyod",), "anomaly"),
    "isolation_forest": (("sklearn",), "anomaly"),
    "knn": (("pyod",), "anomaly"),
    "lof": (("sklearn",), "anomaly"),
    "prophet": (("prophet",), "prophet"),
}


def detector_names() -> tuple[str, ...]:
    """All detectors, sorted."""
    return tuple(_DETECTORS)


def missing_extra(name: str) -> str | None:
    """The extra that has to be installed before this detector can be used; None if nothing is missing.

    >>> missing_extra("pca") is None
    True
    """
    modules, extra = _EXTRAS.get(name, ((), ""))
    specs = [find_spec(module) for module in modules]
    return extra if any(spec is None or spec.origin is None for spec in specs) else None


def make_detector(name: str, path: str = "detector") -> Detector:
    """The detector of this name.

    Raises:
        ConfigError: if there is none (the message names the nearest), or its library is missing.

    >>> make_detector("pcaa")
    Traceback (most recent call last):
    pronoia.errors.ConfigError: 1 problem
      detector: unknown detector 'pcaa', did you mean 'pca'?
    """
    if name not in _DETECTORS:
        near = difflib.get_close_matches(name, _DETECTORS, n=1, cutoff=0.5)
        hint = f"did you mean {near[0]!r}?" if near else f"known are {', '.join(_DETECTORS)}"
        raise ConfigError([ConfigProblem(path, f"unknown detector {name!r}, {hint}")])
    if (extra := missing_extra(name)) is not None:
        problem = f"detector {name!r} needs the extra {extra!r}: pip install 'pronoia[{extra}]'"
        raise ConfigError([ConfigProblem(path, problem)])
    return _DETECTORS[name]
