"""Which resource becomes a bottleneck, and when: one model for all systems."""
