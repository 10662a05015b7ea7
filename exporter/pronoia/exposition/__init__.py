"""EDGE: what Prometheus scrapes: the families, the rendered predictions, Pronoia's own telemetry."""
