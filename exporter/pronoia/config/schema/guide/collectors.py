"""`collectors`: where the guide's metrics come from."""

import re
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, model_validator

from pronoia.config.schema.fields import Name, OneOrMore, Span, Text
from pronoia.config.schema.section import Section

_METRIC = re.compile(r"[A-Za-z_:][A-Za-z0-9_:]*", re.ASCII)


def _metric(name: str) -> str:
    if not _METRIC.fullmatch(name):
        raise ValueError(f"must be a metric name (letters, digits and _), got {name!r}")
    return name


class Collector(Section):
    """A group of metrics and how often they come."""

    name: Name
    """What it is called."""
    type: Literal["prometheus", "custom"]
    """prometheus: scraped; custom: handed in by agents."""
    scrape_interval: Span | None = None
    """Time between scrapes; for type prometheus."""
    collection_interval: Span | None = None
    """Time between hand-ins; for type custom."""
    metrics: OneOrMore[Annotated[Text, AfterValidator(_metric)]]
    """Names of its metrics."""

    @model_validator(mode="after")
    def _one_interval(self) -> Self:
        wanted, unwanted = "scrape_interval", "collection_interval"
        if self.type == "custom":
            wanted, unwanted = unwanted, wanted
        if getattr(self, unwanted) is not None:
            raise ValueError(f"type {self.type} takes {wanted}, not {unwanted}")
        return self
