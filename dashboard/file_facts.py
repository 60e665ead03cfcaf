"""A fact of `facts.json`, which the worker writes and the control plane passes on as it is (pure)."""

from dataclasses import dataclass


@dataclass(frozen=True)
class FileFact:
    """One thing that a file says of itself; `claim`: whoever made it could write anything there."""

    name: str
    value: str
    claim: bool
    warning: str | None
