"""`limits`: how much is forecast and exposed."""

from pydantic import Field

from pronoia.config.schema.fields import Count
from pronoia.config.schema.section import Section


class Limits(Section):
    """Caps that keep a broad query from filling memory; what is left out is counted by reason."""

    max_series_per_query: Count = 10_000
    """Series of one query that are forecast."""
    max_series: Count = Field(default=100_000, le=1_000_000)
    """Series exposed on /predictions. Keep the scrape job's sample_limit above it: past that limit Prometheus
    refuses the whole scrape."""
