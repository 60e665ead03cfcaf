"""Claude for workers that have no key, with its prices and caps."""
