"""Reading text off page images: one result, one interface, three engines."""
