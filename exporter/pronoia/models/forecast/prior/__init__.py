"""The prior: a small network that ships with the package and forecasts series it has never seen."""
