"""How likely a boot fails, learned from the ledger: per machine, host, GPU model and image size (pure)."""

from __future__ import annotations

from control_plane.database.fleet_rows import Ledger, Record

PRIOR_BOOTS, PRIOR_FAILURES = 9.0, 1.0  # one boot in ten fails, until something shows otherwise
# What one boot of the record counts: this very machine's most, then its host's, its model's, anybody's.
SAME_MACHINE, SAME_HOST, SAME_GPU, ANY = 4.0, 1.0, 0.1, 0.05
MOST = 0.9


def chance_of_failure(
    machine_id: int, host_id: int, gpu_name: str, image_gb: float, reliability: float, ledger: Ledger
) -> float:
    """From its own record, its host's, its model's, everybody's with an image of that size; and Vast.ai's word."""
    boots, failures = PRIOR_BOOTS, PRIOR_FAILURES
    for record in ledger.records:
        weight = _weight(record, machine_id, host_id, gpu_name) * likeness(record.image_gb, image_gb)
        boots, failures = boots + weight * record.boots, failures + weight * record.failures
    return min(MOST, failures / (boots + failures) + (1 - min(reliability, 1.0)))


def _weight(record: Record, machine_id: int, host_id: int, gpu_name: str) -> float:
    if record.machine_id == machine_id:
        return SAME_MACHINE
    if host_id and record.host_id == host_id:
        return SAME_HOST
    return SAME_GPU if record.gpu_name == gpu_name else ANY


def likeness(one_gb: float, other_gb: float) -> float:
    """What a boot with an image of one size says of another's: an image half as large fails half as tellingly."""
    if not one_gb or not other_gb:
        return 1.0
    return min(one_gb, other_gb) / max(one_gb, other_gb)
