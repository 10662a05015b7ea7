"""Rolling-origin backtests and scores with their definitions and sources."""
