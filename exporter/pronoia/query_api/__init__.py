"""EDGE: PromQL over the HTTP API."""
