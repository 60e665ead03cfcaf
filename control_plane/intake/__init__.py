"""The front door: a file's bytes are hashed, stored and entered in the queue."""
