"""What reads a page picture: one interface, three engines."""
