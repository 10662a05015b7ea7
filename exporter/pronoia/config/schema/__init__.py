"""The keys of `pronoia.yml`, their types, defaults, units and reasons: one file per concept.

Pydantic reads the annotations when a class is made, so these modules do without `from __future__ import annotations`.
"""
