"""Detectors of what is unusual, each fitted to a history and none changed by what it scores."""
