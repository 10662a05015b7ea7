"""What pytest collects outside tests/."""

from importlib.util import find_spec

# Needs the `neural` extra, which neither running Pronoia nor its checks do.
collect_ignore = [] if find_spec("torch") else ["exporter/pronoia/training/prior_network.py"]
