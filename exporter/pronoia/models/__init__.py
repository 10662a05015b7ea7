"""Models: `fit` returns another type, and only fitted objects predict."""
