"""Archives as parts: names are kept as they were written, and nothing is ever unpacked under them."""
