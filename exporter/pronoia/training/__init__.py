"""Training what ships with the package; needs the `neural` extra, which running Pronoia does not."""
