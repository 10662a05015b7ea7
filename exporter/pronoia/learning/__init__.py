"""What was predicted against what came: matured errors."""
