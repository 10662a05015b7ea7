"""One cycle from read to publish, and what decides when."""
