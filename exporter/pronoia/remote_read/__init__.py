"""EDGE: Prometheus remote-read, both sides of the wire."""
