"""What is left when the storm is over, held against what was acknowledged: one table (pure)."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

DOLLARS = 0.000_05  # a bill is told to the sixth decimal, contract by contract


@dataclass(frozen=True)
class Facts:
    """Counts of the end; `unread` and the like name at most a few."""

    acknowledged: int  # distinct contents that some answer took
    recorded: int  # of these, in the registry with an outcome
    unrecorded: list[str]
    strangers: int  # rows whose bytes nobody sent
    double_documents: int
    double_results: int
    double_pages: int
    sound_failed: list[str]
    damaged: int
    damaged_told: int
    looser: int  # documents that wait or were read more freely than somebody said
    originals: int
    originals_unlike: int
    artifacts_missing: int
    strays: int
    open_contracts: int
    processes_left: int
    billed_usd: float
    ledger_usd: float
    record_faults: int
    export_is_clean: bool


@dataclass(frozen=True)
class Row:
    """One line of the table."""

    what: str
    wanted: str
    found: str
    is_well: bool


def account_rows(facts: Facts) -> list[Row]:
    """The table; all must be well."""

    def equal(what: str, wanted: int, found: int) -> Row:
        return Row(what, f"{wanted:,}", f"{found:,}", wanted == found)

    return [
        Row("uploads acknowledged = outcomes recorded", f"{facts.acknowledged:,}", f"{facts.recorded:,}",
            0 < facts.acknowledged == facts.recorded),
        equal("double results", 0, facts.double_documents + facts.double_results + facts.double_pages),
        equal("sound documents failed", 0, len(facts.sound_failed)),
        equal("damaged documents said to have failed", facts.damaged, facts.damaged_told),
        equal("documents nobody sent", 0, facts.strangers),
        equal("read more freely than was said", 0, facts.looser),
        equal("originals with other bytes than were sent", 0, facts.originals_unlike),
        equal("files of results missing in the bucket", 0, facts.artifacts_missing),
        equal("objects that no row knows", 0, facts.strays),
        equal("open contracts", 0, facts.open_contracts + facts.processes_left),
        Row("dollars equal", f"{facts.billed_usd:.6f} billed", f"{facts.ledger_usd:.6f} in the books",
            abs(facts.billed_usd - facts.ledger_usd) <= DOLLARS),
        Row("chain intact", "yes", _chain(facts), facts.record_faults == 0 and facts.export_is_clean),
    ]  # fmt: skip


def _chain(facts: Facts) -> str:
    if facts.record_faults:
        return f"{facts.record_faults} faults"
    return "yes" if facts.export_is_clean else "the export does not check"


def as_markdown(rows: list[Row]) -> str:
    """The table for people and for docs/reliability.md."""
    lines = ["| | wanted | found | |", "|---|---:|---:|---|"]
    for row in rows:
        lines.append(f"| {row.what} | {row.wanted} | {row.found} | {'well' if row.is_well else '**NOT WELL**'} |")
    return "\n".join(lines)


def as_json(facts: Facts, about: dict[str, Any]) -> dict[str, Any]:
    """All of it for programs."""
    rows = account_rows(facts)
    is_well = all(row.is_well for row in rows)
    return about | {"is_well": is_well, "facts": asdict(facts), "table": [asdict(row) for row in rows]}
