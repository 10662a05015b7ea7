"""EDGE: state on disk, recordings."""
