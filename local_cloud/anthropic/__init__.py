"""A stand-in for Anthropic's Messages and Message Batches API, over HTTP: as strict and as contrary as they."""
