"""Checks that need more than one section: what is right by itself but not together."""
