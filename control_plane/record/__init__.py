"""The record: one log over all documents, its signed heads, and the folder with which a stranger checks it."""
