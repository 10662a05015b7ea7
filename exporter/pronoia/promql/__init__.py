"""PromQL: what an expression selects, and (later) its evaluation over frames."""
