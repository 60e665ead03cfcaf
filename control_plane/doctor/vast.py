"""Vast.ai: the key's rights, the credit, and what each clause leaves of the market (wire)."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from control_plane.database import Database
from control_plane.database.enums import Placement
from control_plane.database.fleet_rows import Ledger
from control_plane.doctor.probes import Probe, Trouble, look
from control_plane.fleet.offers import suitable
from control_plane.settings import Settings
from control_plane.settings.fleet_policy import Policy
from control_plane.vast.client import VastClient
from control_plane.vast.errors import OfferGone
from control_plane.vast.rows import CreateRequest, Offer

DOOR = "vast"
NOTHING = 0
"""The number of no offer and of no contract: a key that may rent or destroy is told that there is none."""
CLAUSE = re.compile(r"""\w+\s*(?:>=|<=|!=|==|=|>|<|\snot?in\s|\sin\s)\s*(?:\[[^\]]*\]|"[^"]*"|\S+)""")
MOST = 64
# What we ask of an offer beside FLEET_QUERY, and the same policy without it.
WITHOUT: Mapping[str, Mapping[str, object]] = {
    "FLEET_SMALLEST_DURATION_SECONDS": {"smallest_duration_seconds": 0.0},
    "FLEET_MAX_DOLLARS_PER_HOUR_EACH": {"max_dollars_per_hour_each": float("inf")},
    "FLEET_DISK_GB": {"disk_gb": 0},
}


def examine(settings: Settings, vast: VastClient, database: Database) -> list[Probe]:
    """What the scaler and the reaper do, up to renting itself."""
    key = look(DOOR, "the key and the credit", lambda: _credit(settings, vast))
    if key.state == "fault" and key.code != "vast_credit_low":
        return [key]
    return [
        key,
        look(DOOR, "its machines are listed", lambda: f"{len(vast.list_instances())} contracts are listed."),
        look(DOOR, "its charges are listed", lambda: _charges(vast)),
        look(DOOR, "it may rent", lambda: _may_rent(settings, vast)),
        look(DOOR, "it may destroy", lambda: _may_destroy(vast)),
        look(DOOR, "offers by clause", lambda: count_by_clause(settings.fleet, vast)),
        look(DOOR, "offers that suit", lambda: _suitable(settings.fleet, vast, database)),
    ]


def _credit(settings: Settings, vast: VastClient) -> str:
    credit = vast.get_user().credit_usd
    if credit < settings.min_credit_dollars:
        said = f"The credit is ${credit:.2f}, below MIN_CREDIT_DOLLARS ({settings.min_credit_dollars:g})."
        raise Trouble("vast_credit_low", said)
    return f"${credit:.2f} of credit."


def _charges(vast: VastClient) -> str:
    today = datetime.now(UTC).date()
    return f"{len(vast.list_charges(today - timedelta(days=1), today))} charges since yesterday."


def _may_rent(settings: Settings, vast: VastClient) -> str:
    """Rent the offer that is none. Without SSH, as always: the account needs no SSH key."""
    label = f"aseagi-{settings.deployment}-doctor"
    request = CreateRequest(
        ask_id=NOTHING, image=settings.worker_image, disk_gb=settings.fleet.disk_gb, label=label, env={},
    )  # fmt: skip
    try:
        created = vast.create_instance(request)
    except OfferGone:
        return "The key may rent; machines start without SSH, so the account needs no SSH key."
    vast.destroy_instance(created.contract_id)
    raise Trouble("vast_rents_nothing", "Vast.ai rented the offer that is none; it was returned at once.")


def _may_destroy(vast: VastClient) -> str:
    vast.destroy_instance(NOTHING)
    return "The key may destroy."


def count_by_clause(policy: Policy, vast: VastClient) -> str:
    """How many offers are left as each clause of FLEET_QUERY is added; the one that leaves none is the fault."""
    clauses, told, before = split_query(policy.query), [], None
    for number in range(len(clauses) + 1):
        count = len(vast.search_offers(" ".join(clauses[:number]), policy.disk_gb, MOST))
        name = clauses[number - 1] if number else "verified and free"
        told.append(f"{name}: {count}{'+' if count >= MOST else ''}")
        if not count:
            emptied = f"{name} leaves no offer{f' of {before}' if before else ''} ({', '.join(told)})."
            raise Trouble("vast_market_empty", emptied[:1].upper() + emptied[1:])
        before = count
    return f"{', '.join(told)}."


def split_query(query: str) -> list[str]:
    """`a>=1 b in [x,y]` as its clauses (pure)."""
    return [match.group().strip() for match in CLAUSE.finditer(query)]


def _suitable(policy: Policy, vast: VastClient, database: Database) -> str:
    offers, ledger = vast.search_offers(policy.query, policy.disk_gb, MOST), database.get_fleet()
    found = {each: suitable(offers, each, ledger, policy) for each in (Placement.ANY_HOST, Placement.DATACENTER_ONLY)}
    if not found[Placement.ANY_HOST]:
        lacks = {name: len(suitable(offers, Placement.ANY_HOST, ledger, replace(policy, **changes)))  # type: ignore[arg-type]
                 for name, changes in WITHOUT.items()} | _without_words(offers, ledger, policy)  # fmt: skip
        helps = ", ".join(f"without {name} {count} would" for name, count in lacks.items() if count)
        raise Trouble("vast_none_suits", f"None of {len(offers)} offers suits{f'; {helps}' if helps else ''}.")
    everywhere, centers = (len(each) for each in found.values())
    said = f"{everywhere} of {len(offers)} offers suit, {centers} of them in data centers."
    if not found[Placement.DATACENTER_ONLY] and policy.sensitive_placement == Placement.DATACENTER_ONLY:
        raise Trouble("vast_no_datacenter", f"{said} Sensitive documents wait for one.", "warning")
    return said


def _without_words(offers: Sequence[Offer], ledger: Ledger, policy: Policy) -> dict[str, int]:
    any_word = replace(policy, gpu_words=" ".join({each.gpu_name.split()[0] for each in offers if each.gpu_name}))
    return {"FLEET_GPU_WORDS": len(suitable(offers, Placement.ANY_HOST, ledger, any_word))}
