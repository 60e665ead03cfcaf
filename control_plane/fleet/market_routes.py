"""Vast.ai over HTTP: the account's credit and contracts, and what the market offers for the work that waits."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

from flask import Blueprint
from pydantic import Field

from control_plane.database.enums import Hosting
from control_plane.fleet import plan
from control_plane.fleet.offers import CostedOffer
from control_plane.fleet.post import caps_of
from control_plane.http.contract import Query, describe
from control_plane.http.wiring import clients, settings
from control_plane.vast.errors import vast_answers
from control_plane.vast.rows import Offer

blueprint = Blueprint("vast", __name__)
MOST_OFFERS = 40
MOST_SHOWN = 10
EVERY_OFFER = 1000  # as many as are looked at for `total_found`


class OfferQuery(Query):
    """What a machine must have."""

    min_gpu_ram: float = Field(0.0, ge=0, le=10_000, description="Gigabytes of the card's memory, at least.")
    max_cost_per_hour: float | None = Field(None, gt=0, le=1000, description="Dollars an hour, at most.")


@dataclass(frozen=True)
class Credit:
    """What is left to spend at Vast.ai."""

    balance: float
    currency: Literal["USD"]


@dataclass(frozen=True)
class OfferedMachine:
    """A machine that can be rented now; memory and disk in gigabytes, cores and memory of our share of the host."""

    id: int
    gpu_name: str
    gpu_ram_gb: float
    cpu_cores: float
    ram_gb: float
    cost_per_hour: float
    disk_space_gb: float


@dataclass(frozen=True)
class OfferedMachines:
    """The cheapest that fit, of `total_found`."""

    total_found: int
    showing: int
    instances: list[OfferedMachine]


@dataclass(frozen=True)
class ListedContract:
    """A contract as Vast.ai lists it; `ours` by its label."""

    contract_id: int
    label: str
    ours: bool
    gpu_name: str
    status: str | None
    message: str
    usd_per_hour: float
    geolocation: str
    created_at: datetime


@dataclass(frozen=True)
class Contracts:
    """Every contract of the account."""

    contracts: list[ListedContract]


@dataclass(frozen=True)
class PricedOffer:
    """An offer, and what the waiting pages would cost there: `run_usd` is for the `pages` it can do in time."""

    id: int
    gpu_name: str
    num_gpus: int
    usd_per_hour: float
    reliability: float
    geolocation: str
    inet_down_mbps: float
    hosting: Hosting
    pages: int
    run_usd: float
    usd_per_page: float
    run_hours: float
    within_caps: bool


@dataclass(frozen=True)
class Market:
    """What can be rented now, the best first."""

    offers: list[PricedOffer]


@blueprint.get("/vastai/balance")
@describe("The account's credit", "Machines", answer=Credit, errors=(503,), needs="admin")
def balance() -> Credit:
    """Dollars left to spend at Vast.ai."""
    with vast_answers():
        return Credit(clients().vast.get_user().credit_usd, "USD")


@blueprint.get("/vastai/instances")
@describe(
    "Machines that can be rented now, the cheapest first", "Machines", query=OfferQuery, answer=OfferedMachines,
    errors=(400, 503), needs="admin",
)  # fmt: skip
def vast_instances(query: OfferQuery) -> OfferedMachines:
    """The market as the fleet's policy sees it; `/vastai/offers` prices the waiting work on each."""
    policy = settings().fleet
    with vast_answers():
        found = clients().vast.search_offers(policy.query, policy.disk_gb, EVERY_OFFER)
    most = query.max_cost_per_hour or math.inf
    fitting = [each for each in found if each.gpu_ram_gb >= query.min_gpu_ram and each.total_usd_per_hour <= most]
    shown = sorted(fitting, key=lambda each: each.total_usd_per_hour)[:MOST_SHOWN]
    return OfferedMachines(len(fitting), len(shown), [describe_hardware(each) for each in shown])


@blueprint.get("/vastai/contracts")
@describe(
    "Every contract of the account, as Vast.ai lists it", "Machines", answer=Contracts,
    errors=(503,), needs="admin",
)  # fmt: skip
def vast_contracts() -> Contracts:
    """Vast.ai's own list, `ours` by label; compare it with /api/instances/status."""
    prefix = f"aseagi-{settings().deployment}-"
    with vast_answers():
        listed = clients().vast.list_instances()
    return Contracts([
        ListedContract(
            contract_id=each.contract_id,
            label=each.label,
            ours=each.label.startswith(prefix),
            gpu_name=each.gpu_name,
            status=each.actual_status,
            message=each.status_msg[:300],
            usd_per_hour=each.total_usd_per_hour,
            geolocation=each.geolocation,
            created_at=datetime.fromtimestamp(each.started_at, UTC),
        )
        for each in listed
    ])  # fmt: skip


@blueprint.get("/vastai/offers")
@describe(
    "What can be rented now, the best for what waits first", "Machines", answer=Market,
    errors=(503,), needs="admin",
)  # fmt: skip
def offers() -> Market:
    """The offers that may be rented, in the scaler's own order, with what the waiting pages would cost on each."""
    policy, caps = settings().fleet, caps_of(settings())
    ledger = clients().database.get_fleet()
    backlog = clients().database.get_queue_stats()
    with vast_answers():
        found = clients().vast.search_offers(policy.query, policy.disk_gb)
    need = plan.find_need(backlog, ledger, policy) or plan.usual_need(backlog)
    costed = plan.rank_offers(need, found, ledger, policy)[:MOST_OFFERS]
    return Market([describe_offer(each, plan.is_affordable(each, ledger, policy, caps)) for each in costed])


def describe_hardware(offer: Offer) -> OfferedMachine:
    """What an offer's machine has. Pure."""
    return OfferedMachine(
        id=offer.ask_id,
        gpu_name=offer.gpu_name,
        gpu_ram_gb=offer.gpu_ram_gb,
        cpu_cores=offer.cpu_cores,
        ram_gb=offer.ram_gb,
        cost_per_hour=offer.total_usd_per_hour,
        disk_space_gb=offer.disk_space_gb,
    )


def describe_offer(costed: CostedOffer, within_caps: bool) -> PricedOffer:
    """A priced offer as callers see it. Pure."""
    offer = costed.offer
    return PricedOffer(
        id=offer.ask_id,
        gpu_name=offer.gpu_name,
        num_gpus=offer.num_gpus,
        usd_per_hour=offer.total_usd_per_hour,
        reliability=offer.reliability,
        geolocation=offer.geolocation,
        inet_down_mbps=offer.inet_down_mbps,
        hosting=costed.hosting,
        pages=round(costed.pages),
        run_usd=round(costed.usd, 6),
        usd_per_page=costed.usd_per_page,
        run_hours=round(costed.finish_seconds / 3600, 3),
        within_caps=within_caps,
    )
