"""Boxes and lines put in reading order (pure)."""
