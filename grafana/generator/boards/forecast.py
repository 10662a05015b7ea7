"""`forecast`: what was, what is expected for the next 24 hours, and how far to trust it."""

from __future__ import annotations

from frame import Annotation, Frame, Variable
from panels import Query, band, lines, number, rows, states

_OF = 'query="$query", instance=~"$instance"'
#: Those of failures, which speak of full disks as well, have no query.
_ALERTS = 'alertname=~"(ThresholdCrossing|DiskFull)(Predicted)?", alertstate="firing", query=~"$query|"'
_HORIZONS = ("15m", "1h", "4h", "24h")
#: When the forecast is expected to cross a threshold, in milliseconds.
CROSSING_MS = (
    f"1000 * (pronoia_threshold_crossing_seconds{{{_OF}}} + on (query) group_left ()"
    ' max by (query) (pronoia_forecast_made_timestamp_seconds{query="$query"}))'
)


def _as_made(family: str) -> str:
    """What gauges said of each instant: of the longest lead that speaks of it, behind shorter ones."""
    return " or ".join(
        f'max without (horizon) ({family}{{{_OF}, horizon="{horizon}"}} offset {horizon})' for horizon in _HORIZONS
    )


def board() -> Frame:
    """The dashboard."""
    frame = Frame(
        "forecast",
        "Forecasts",
        "Actual values, their forecast with its interval, thresholds, and the next 24 hours.",
        (
            Variable("query", "pronoia_query_info", is_multi=False),
            Variable("instance", 'pronoia_forecast{query="$query"}'),
            Variable("expression", 'pronoia_query_info{query="$query"}', is_multi=False, is_hidden=True),
            Variable("job", "pronoia_build_info"),
        ),
        (Annotation("Predicted crossings", CROSSING_MS, "{{query}} crosses {{threshold}}", "red", is_time=True),),
        ("now-24h", "now+24h"),
    )
    actual = Query("(${expression:raw}) and on (instance) count by (instance) (" + f"pronoia_forecast{{{_OF}}})")
    limit = Query('max by (threshold) (last_over_time(pronoia_query_threshold{query="$query"}[25h]))')
    frame.row(
        "",
        band(
            "The last and the next 24 hours",
            "Actual values, and right of now the forecast with the interval that is meant to hold 95 % of what comes "
            "(or the configured level). The curve is served by remote-read; with other stores look at the panel below.",
            actual,
            {
                "lower": Query(f"pronoia_forecast_curve_lower{{{_OF}}}"),
                "upper": Query(f"pronoia_forecast_curve_upper{{{_OF}}}"),
                "forecast": Query(f"pronoia_forecast_curve{{{_OF}}}"),
                "limit": limit,
            },
        ),
        band(
            "As it was foretold, and what is foretold now",
            "The same of the gauges, for stores without remote-read: left of now, what was said of each instant in "
            "time (a quarter of an hour before it); right of now, of the horizons that reach there.",
            actual,
            {
                "lower": Query(_as_made("pronoia_forecast_lower")),
                "upper": Query(_as_made("pronoia_forecast_upper")),
                "forecast": Query(_as_made("pronoia_forecast")),
                "limit": limit,
            },
        ),
    )
    frame.row(
        "What it comes to",
        rows(
            "Thresholds that are expected to be crossed",
            "Time from making the forecast until it crosses the threshold, and its bounds; empty if nothing will.",
            {
                "in": ("seconds", f"pronoia_threshold_crossing_seconds{{{_OF}}} or vector(Inf)"),
                "at the earliest": ("seconds", f"pronoia_threshold_crossing_seconds_lower{{{_OF}}} or vector(Inf)"),
                "at the latest": ("seconds", f"pronoia_threshold_crossing_seconds_upper{{{_OF}}} or vector(Inf)"),
            },
            width=14,
        ),
        number(
            "Age of the forecast",
            "Time since the query's forecast was made; forecasts that are too old are withdrawn.",
            "seconds",
            Query('time() - max(pronoia_forecast_made_timestamp_seconds{query="$query"})'),
            limits=(600.0, 3600.0),
            width=5,
        ),
        number(
            "Series with a forecast",
            "Series of the query that have one.",
            "",
            Query('sum(pronoia_series_active{query="$query", job=~"$job"})'),
            width=5,
        ),
    )
    frame.row(
        "Predictions and what happened",
        states(
            "Alerts",
            "Thresholds and full disks, while their alerts fire: those that were predicted, and those that are so.",
            Query(
                f'max by (alertname, severity, instance) (ALERTS{{{_ALERTS}, instance=~"$instance"}}) or vector(0)',
                "{{alertname}} {{severity}} {{instance}}",
            ),
            width=16,
        ),
        lines(
            "Predicted alerts that were right",
            "Share that came true, or that somebody called useful; of all queries.",
            "ratio",
            Query(
                'pronoia_incident_precision_ratio{alert=~"(ThresholdCrossing|DiskFillingUp)Predicted", job=~"$job"}',
                "{{alert}}",
            ),
            width=8,
        ),
    )
    frame.row(
        "How far to trust it",
        lines(
            "Live coverage of the interval",
            "Share of recent observations that were inside the interval forecast for them, which should be its level.",
            "ratio",
            Query(
                'avg by (horizon, level) (pronoia_forecast_coverage_ratio{query="$query", job=~"$job"})',
                "{{horizon}}, interval of {{level}}",
            ),
        ),
        lines(
            "Error against seasonal-naive",
            "Mean absolute scaled error of recent forecasts: below 1 is better than yesterday's value at this time.",
            "",
            Query('pronoia_forecast_mase_ratio{query="$query", job=~"$job"}', "{{query}}"),
        ),
        lines(
            "Models that speak",
            "Series of the query by the model that forecasts them.",
            "",
            Query('sum by (model) (pronoia_model_series{query="$query", job=~"$job"})', "{{model}}"),
        ),
        lines(
            "Forecasts that have come due",
            "Forecast values compared with what was then observed, per second.",
            "",
            Query(
                'sum(rate(pronoia_forecast_matured_total{query="$query", job=~"$job"}[$__rate_interval]))', "compared"
            ),
        ),
    )
    return frame
