"""Aggregations and binary operators: instant vectors put together."""
