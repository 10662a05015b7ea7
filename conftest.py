"""What pytest collects outside tests/."""

from importlib.util import find_spec

# Need the `neural` extra, which neither running Pronoia nor its checks do.
_NEURAL = [
    "exporter/pronoia/models/classifiers/lstm.py",
    "exporter/pronoia/models/classifiers/network.py",
    "exporter/pronoia/models/classifiers/transformer.py",
    "exporter/pronoia/models/forecast/nhits_network.py",
    "exporter/pronoia/training/prior_network.py",
]
collect_ignore = [] if find_spec("torch") else _NEURAL
