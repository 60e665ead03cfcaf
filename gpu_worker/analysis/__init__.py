"""What a document says: one result, one interface, whoever judges it."""
