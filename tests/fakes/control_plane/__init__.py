"""A stand-in control plane over HTTP for the dashboard's page tests: interfaces.md §4 with a small custody case inside.

`FakeControlPlane()` is a context manager; `url` and `token` reach it. Tests may change its lists (`documents`, `jobs`,
`batches`, …) and read `calls`. A job that was uploaded moves one step each time the list of jobs is read.
"""

from .server import TOKEN, FakeControlPlane

__all__ = ["TOKEN", "FakeControlPlane"]
