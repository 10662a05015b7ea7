"""EDGE: the configuration file."""
