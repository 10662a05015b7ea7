"""The HTTP surface: reads the published snapshot, never upstream."""
