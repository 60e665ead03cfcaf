"""When to rent, what, and when to give back: decisions, the ledger they are written in, and the loop that acts."""
