"""The public protocol for forecasts of observability metrics, so that our figures stand beside published ones.

References:
    Cohen et al., This Time is Different: An Observability Perspective on Time Series Foundation Models (BOOM), 2025.
    Aksu et al., GIFT-Eval: A Benchmark for General Time Series Forecasting Model Evaluation, 2024.
"""
