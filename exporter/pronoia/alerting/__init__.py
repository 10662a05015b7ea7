"""The alert bridge: from a prediction to the right person, and back."""
