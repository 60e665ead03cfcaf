"""Opening untrusted files: only ever in child processes with limits (`child.py`), which a pool reuses (`pool.py`)."""
