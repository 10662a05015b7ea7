"""The sections of the requirement document (the performance predictor guide), as they stand there."""
