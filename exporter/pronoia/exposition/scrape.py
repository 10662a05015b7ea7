"""The scrape of `/metrics`: Pronoia's own registry, rendered anew for each."""

from __future__ import annotations

import gzip as gzip_format
from typing import TYPE_CHECKING

from prometheus_client.exposition import choose_encoder

if TYPE_CHECKING:
    from prometheus_client import CollectorRegistry

    from pronoia.exposition.negotiation import ExpositionFormat


def render_registry(registry: CollectorRegistry, exposition_format: ExpositionFormat, *, gzip: bool) -> bytes:
    """A registry of a few hundred series in one format; takes milliseconds."""
    encode, _ = choose_encoder(exposition_format.value)
    body = encode(registry)
    return gzip_format.compress(body, compresslevel=1, mtime=0) if gzip else body
