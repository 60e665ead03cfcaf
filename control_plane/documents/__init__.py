"""Documents as people see them: what was read, judged and done, and the papers made of it."""
