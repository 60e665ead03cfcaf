"""People: who may sign in, how they do, and what they looked at."""
