"""What of PromQL is evaluated."""

#: Functions, of range vectors first.
FUNCTIONS = frozenset({
    "rate", "irate", "increase", "delta", "idelta", "deriv", "predict_linear", "resets", "changes",
    "double_exponential_smoothing", "absent_over_time", "avg_over_time", "min_over_time", "max_over_time",
    "sum_over_time", "count_over_time", "quantile_over_time", "stddev_over_time", "stdvar_over_time",
    "last_over_time", "first_over_time", "present_over_time", "mad_over_time", "ts_of_min_over_time",
    "ts_of_max_over_time", "ts_of_last_over_time", "ts_of_first_over_time",
    "abs", "ceil", "floor", "round", "clamp", "clamp_min", "clamp_max", "exp", "ln", "log2", "log10", "sqrt", "sgn",
    "sin", "cos", "tan", "asin", "acos", "atan", "sinh", "cosh", "tanh", "asinh", "acosh", "atanh", "deg", "rad",
    "pi", "time", "timestamp", "scalar", "vector", "absent", "sort", "sort_desc", "sort_by_label",
    "sort_by_label_desc", "label_replace", "label_join", "minute", "hour", "day_of_week", "day_of_month",
    "day_of_year", "days_in_month", "month", "year", "histogram_quantile", "histogram_fraction",
})  # fmt: skip

#: Aggregations.
AGGREGATIONS = frozenset({
    "sum", "avg", "min", "max", "count", "stddev", "stdvar", "group", "quantile", "count_values", "topk", "bottomk",
})  # fmt: skip
