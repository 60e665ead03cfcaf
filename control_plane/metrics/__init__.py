"""The house in numbers, for Prometheus."""
