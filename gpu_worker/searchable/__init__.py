"""The PDF whose pages can be searched."""
