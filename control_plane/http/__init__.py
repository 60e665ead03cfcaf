"""How every route is guarded, described, logged and read; no route of a noun lives here."""
