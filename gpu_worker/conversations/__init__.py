"""Conversations out of exports, portals' PDFs and screenshots: the same people, messages and times from every kind."""
