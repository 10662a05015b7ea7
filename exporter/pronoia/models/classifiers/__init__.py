"""What bottlenecks and failures share: classifiers, their blending and their calibration."""
