"""What is on show: swapped whole, and withdrawn on time."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field

import numpy as np

from pronoia.exposition.page import Page
from pronoia.pipeline.holder import Holder
from pronoia.predictions.forecast import Forecast, QueryForecast
from pronoia.predictions.snapshot import Snapshot
from pronoia.series import Grid, LabelSet


@dataclass
class Renderer:
    rendered: list[tuple[str, ...]] = field(default_factory=list)

    def __call__(self, snapshot: Snapshot, now_seconds: float) -> Page:
        shown = snapshot.current(now_seconds).forecasts
        self.rendered.append(tuple(each.query for each in shown))
        expiries = [each.made_at_seconds + each.max_age_seconds for each in shown]
        return Page.of(",".join(self.rendered[-1]).encode(), min(expiries, default=np.inf))


def made(query: str, at_seconds: float, max_age_seconds: float) -> QueryForecast:
    value = np.ones((1, 1))
    labels = (LabelSet({"i": query}),)
    forecast = Forecast(labels, Grid(0, 1000, 1), value, value, value, 0.95, ("naive",))
    return QueryForecast(query, query, "", at_seconds, forecast, np.ones(1), (900,), max_age_seconds)


def test_before_the_first_publication_there_is_an_empty_page() -> None:
    holder = Holder(Renderer())
    assert not holder.is_filled
    assert holder.page(5.0).text == b""
    assert holder.snapshot(5.0).forecasts == ()


def test_a_page_is_rendered_once_for_all_scrapes() -> None:
    renderer = Renderer()
    holder = Holder(renderer)
    holder.publish(Snapshot(100.0, (made("cpu", 100.0, 60.0),)), 100.0)
    pages = {id(holder.page(now)) for now in (100.0, 130.0, 160.0)}
    assert len(pages) == 1
    assert renderer.rendered == [(), ("cpu",)]


def test_what_passes_its_age_is_withdrawn_without_a_new_publication_and_the_rest_stays() -> None:
    holder = Holder(Renderer())
    holder.publish(Snapshot(100.0, (made("cpu", 100.0, 60.0), made("disk", 100.0, 600.0))), 100.0)
    assert holder.page(160.0).text == b"cpu,disk"
    assert holder.page(161.0).text == b"disk"
    assert holder.page(701.0).text == b""
    assert holder.is_filled, "having nothing to show any more is not the same as not being ready"


def test_a_scrape_that_withdraws_while_a_new_snapshot_comes_does_not_bring_the_old_one_back() -> None:
    renderer = Renderer()
    publisher: list[threading.Thread] = []

    def render(snapshot: Snapshot, now_seconds: float) -> Page:
        if snapshot.taken_at_seconds == 100.0 and now_seconds > 160.0:
            publisher.append(threading.Thread(target=holder.publish, args=(Snapshot(170.0, (new,)), 170.0)))
            publisher[0].start()
            publisher[0].join(0.2)
        return renderer(snapshot, now_seconds)

    holder = Holder(render)
    new = made("new", 170.0, 60.0)
    holder.publish(Snapshot(100.0, (made("old", 100.0, 60.0),)), 100.0)
    holder.page(165.0)
    publisher[0].join(10)
    assert holder.page(171.0).text == b"new"
