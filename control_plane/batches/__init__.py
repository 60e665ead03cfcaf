"""Whole prefixes and folders as one batch: what it will cost, bringing it in, following it."""
