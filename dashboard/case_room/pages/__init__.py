"""One page of the case room each: its addresses, and what its template shows."""
