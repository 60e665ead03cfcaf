"""Object storage on the wire, and the keys of what a document has there."""
