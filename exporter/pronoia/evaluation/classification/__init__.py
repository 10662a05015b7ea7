"""Scores and rules for predictions of events: what was said with which probability, and what happened."""
