"""The ensemble: members that forecast quantiles of all series at once, averaged by how well each did in a backtest."""
