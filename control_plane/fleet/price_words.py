"""What a host asks for a machine we have, in words (pure)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

from control_plane.database.fleet_rows import Increase

UNITS: Mapping[str, tuple[str, str]] = {
    "gpu": ("GPU", "an hour"), "disk": ("disk", "a GB and month"), "upload": ("upload", "a GB"),
    "download": ("download", "a GB"), "fee": ("Vast.ai's fee", "of it"),
}  # fmt: skip


def describe_increase(increase: Increase) -> str:
    """What would change, and from when on, in words."""
    changes = ", ".join(_change(what, old, new) for what, (old, new) in sorted(increase.changes.items()))
    if increase.applies_at is None:
        return changes or "it does not say what"
    at = datetime.fromtimestamp(increase.applies_at, UTC)
    return f"{changes or 'it does not say what'}, from {at:%d %b %H:%M} UTC on"


def _change(what: str, old: float | None, new: float) -> str:
    name, unit = UNITS.get(what, (what, ""))
    before = "?" if old is None else f"{old:.4f}"
    return f"{name} ${before} → ${new:.4f} {unit}".strip()
