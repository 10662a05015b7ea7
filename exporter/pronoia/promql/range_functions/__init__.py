"""Functions of range vectors: a value from the samples inside each window."""
