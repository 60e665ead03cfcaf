"""`make soak`: a seeded storm over every part of a house at work, and an account of its end (docs/reliability.md)."""
