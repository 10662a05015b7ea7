"""Draw one series' past and its forecast as SVG, from a running demo: the picture in the README.

Usage: pronoia demo &  then  scripts/draw_forecast.py REPLAY_URL EXPORTER_URL METRIC QUERY OUT.svg
(the demo prints both addresses).
"""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

import pronoia

if TYPE_CHECKING:
    from numpy.typing import NDArray

WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 880, 300, 52, 16, 34, 30
PAST_HOURS, FUTURE_HOURS = 72, 24


def main(replay_url: str, exporter_url: str, metric: str, query: str, out: str) -> None:
    """Read both servers and write the picture."""
    now = time.time()
    past = _column(replay_url, metric, now - 3600 * PAST_HOURS, now)
    bounds = {
        suffix: _column(exporter_url, f'pronoia_forecast_curve{suffix}{{query="{query}"}}', now, now + 86_400)
        for suffix in ("", "_lower", "_upper")
    }
    everything = np.concatenate([past[1], *(values for _, values in bounds.values())])
    low, high = float(everything.min()), float(everything.max())
    low, high = low - 0.08 * (high - low), high + 0.08 * (high - low)

    def x(times_ms: NDArray[np.int64]) -> NDArray[np.float64]:
        hours = (times_ms / 1000 - now) / 3600
        return LEFT + (hours + PAST_HOURS) / (PAST_HOURS + FUTURE_HOURS) * (WIDTH - LEFT - RIGHT)

    def y(values: NDArray[np.float64]) -> NDArray[np.float64]:
        return TOP + (high - values) / (high - low) * (HEIGHT - TOP - BOTTOM)

    def path(times_ms: NDArray[np.int64], values: NDArray[np.float64]) -> str:
        return " ".join(f"{a:.1f},{b:.1f}" for a, b in zip(x(times_ms), y(values), strict=True))

    band = path(*bounds["_upper"]) + " " + path(bounds["_lower"][0][::-1], bounds["_lower"][1][::-1])
    at_now = x(np.array([int(now * 1000)]))[0]
    ticks = "".join(
        f'<line x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{h:.1f}" y2="{h:.1f}" stroke="#8883"/>'
        f'<text x="{LEFT - 6}" y="{h + 4:.1f}" text-anchor="end">{value:.3g}</text>'
        for value in np.linspace(low, high, 5)
        for h in [y(np.array([value]))[0]]
    )
    hours = "".join(
        f'<text x="{h:.1f}" y="{HEIGHT - 10}" text-anchor="middle">{"now" if hour == 0 else f"{hour:+d} h"}</text>'
        for hour in range(-PAST_HOURS, FUTURE_HOURS + 1, 24)
        for h in [x(np.array([int((now + 3600 * hour) * 1000)]))[0]]
    )
    Path(out).write_text(
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" font-family="sans-serif" '
        f'font-size="11" fill="#666"><rect width="100%" height="100%" fill="#fff"/>'
        f'<text x="{LEFT}" y="20" font-size="13" fill="#333">{metric}: the last three days, and what Pronoia expects '
        f"of the next 24 hours (95 % interval)</text>{ticks}{hours}"
        f'<polygon points="{band}" fill="#e6522c" opacity="0.18"/>'
        f'<polyline points="{path(*past)}" fill="none" stroke="#4a6fa5" stroke-width="1.3"/>'
        f'<polyline points="{path(*bounds[""])}" fill="none" stroke="#e6522c" stroke-width="1.6"/>'
        f'<line x1="{at_now:.1f}" x2="{at_now:.1f}" y1="{TOP}" y2="{HEIGHT - BOTTOM}" stroke="#333" '
        f'stroke-dasharray="3 3"/></svg>\n',
        encoding="utf-8",
    )


def _column(url: str, selector: str, start: float, end: float) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    _, times_ms, values = next(iter(pronoia.read(url, selector, start, end)))
    return times_ms, values


if __name__ == "__main__":
    main(*sys.argv[1:])
