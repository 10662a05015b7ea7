"""EDGE: what is exposed: every metric's name, and the bytes of a scrape."""
