"""A deterministic world for the real scaler: virtual clock, seeded market, in-memory ledger, queue and workers."""
