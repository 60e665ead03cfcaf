"""What a file is, decided once, from its bytes: the one table that the front desk and the worker read. Pure."""
