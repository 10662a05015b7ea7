"""How good anomaly scores are: threshold-free and at the line, never point-adjusted."""
