"""Renting what the backlog needs (story): search, intent, call, contract."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from enum import Enum

from control_plane.database.enums import Placement
from control_plane.database.fleet_rows import Backlog, Caps, Intent, Ledger
from control_plane.fleet import patience, plan, standstill, swapping
from control_plane.fleet.actions import End
from control_plane.fleet.errors import CapReached, IntentRefused
from control_plane.fleet.post import Post
from control_plane.fleet.steps import end_machine
from control_plane.fleet.vast_door import pause_for_credit
from control_plane.vast.errors import (
    CreateRefused,
    CreateUnknown,
    NoCredit,
    OfferGone,
    VastAuthFailed,
    VastError,
    VastRateLimited,
)
from control_plane.vast.rows import CreateRequest, Offer

log = logging.getLogger(__name__)

OFFERS_TRIED = 5  # per tick; then the market is searched anew


class Outcome(Enum):
    """How renting one offer went."""

    RENTED = "a machine is, or may be, on its way"
    NEXT = "this offer is gone; the next may do"
    STOP = "no other offer would do now"


def rent_what_is_needed(post: Post, backlog: Sequence[Backlog], ledger: Ledger) -> str | None:
    """Rent what the backlog needs, one machine at a time: each has its intent committed before the next is chosen.

    Returns why none was, where one was needed.
    """
    need = plan.find_need(backlog, ledger, post.policy)
    swap = None if need else swapping.find_swap(backlog, ledger, post.policy)
    most = plan.room(ledger, post.policy, post.caps)
    if need is None and (swap is None or not most):
        _watch(post, ledger)
        return None
    full = None if most else f"all {post.caps.machines} machines are in use"
    why_not = plan.held_back(ledger, post.policy) or full
    if why_not:
        log.info("not renting: %s", why_not)
        return why_not
    waits = _why_wait(post, need, ledger) if need is not None else None
    if waits:
        return waits
    caps = replace(post.caps, credit=post.vast.get_user().credit_usd)
    if need is not None:
        return _rent_for(post, need, ledger, caps, most)
    if swap is not None:
        _rent_swap(post, swap, ledger, caps)
    return None


def _rent_for(post: Post, need: plan.Need, ledger: Ledger, caps: Caps, most: int) -> str | None:
    offers, rented = _search(post, need, ledger.now), False
    for _ in range(OFFERS_TRIED):
        costed = plan.choose(need, offers, ledger, post.policy, caps)
        if costed is None:
            _drop_choice(post, need, "it is not on offer any more, or beyond a cap")
            return None if rented else standstill.why_none(need, offers, ledger, post.policy, caps)
        offers = [offer for offer in offers if offer.machine_id != costed.offer.machine_id]
        outcome = rent(post, plan.write_intent(post.new_label(), post.deployment, costed, need, post.policy), caps)
        rest: plan.Need | None = need
        if outcome is Outcome.RENTED:
            rest, most, rented = plan.rest_of(need, costed, post.policy), most - 1, True
        if outcome is Outcome.STOP:
            return None if rented else "no machine could be rented: Vast.ai or a cap refused the one that was chosen"
        if rest is None or most <= 0:
            return None
        need = rest
    return None if rented else f"no machine could be rented: {OFFERS_TRIED} offers in a row were gone when asked for"


def _drop_choice(post: Post, need: plan.Need, reason: str) -> None:
    """An offer that a person chose and that cannot be rented must not stand in the way of other work."""
    if need.ask_id is not None:
        post.ledger.drop_launch(need.ask_id)
        message = f"offer {need.ask_id}, chosen by hand, was not rented: {reason}"
        post.ledger.raise_alarm("choice_dropped", message, str(need.ask_id))


def _rent_swap(post: Post, swap: plan.Need, ledger: Ledger, caps: Caps) -> None:
    """A cheaper machine beside a dear one; once it has proved itself, the dear one ends."""
    costed = swapping.choose_trial(swap, _search(post, swap, ledger.now), ledger, post.policy, caps)
    if costed is not None:
        rent(post, plan.write_intent(post.new_label(), post.deployment, costed, swap, post.policy), caps)


def _why_wait(post: Post, need: plan.Need, ledger: Ledger) -> str | None:
    """Whether long work waits for a better market, asked again at each review."""
    if not patience.may_wait(need, ledger, post.policy):
        return None
    if not post.seen.why_waiting or ledger.now - post.seen.looked_at >= post.policy.review_seconds:
        offers = _search(post, need, ledger.now)
        post.seen.why_waiting = patience.why_wait(need, offers, post.seen, ledger, post.policy)
    return post.seen.why_waiting


def _watch(post: Post, ledger: Ledger) -> None:
    """Look at the market now and then while nothing is rented, so that long work knows what it may wait for."""
    is_due = ledger.now - post.seen.looked_at >= post.policy.watch_seconds
    if is_due and not ledger.live and plan.held_back(ledger, post.policy) is None:
        with suppress(VastError):  # a look that fails is no trouble of anybody's
            post.seen.remember(post.vast.search_offers(post.policy.query, post.policy.disk_gb), ledger.now)


def _search(post: Post, need: plan.Need, now: float) -> list[Offer]:
    policy = post.policy
    query = policy.query + (" datacenter=True" if need.placement == Placement.DATACENTER_ONLY else "")
    offers = post.vast.search_offers(query, policy.disk_gb)
    if policy.interruptible:
        offers += post.vast.search_offers(query, policy.disk_gb, interruptible=True)
    post.seen.remember(offers, now)
    return offers


def rent(post: Post, intent: Intent, caps: Caps) -> Outcome:
    """Rent one offer: intent, call, contract."""
    if not post.ledger.lead(post.holder, post.policy.leader_seconds):
        return Outcome.STOP  # the searches took longer than the lease, and another leads now
    try:
        post.ledger.create_intent(post.holder, intent, caps)
    except CapReached as error:
        post.ledger.raise_alarm("cap_reached", f"work waits, but {error}")
        return Outcome.STOP
    except IntentRefused as error:
        log.info("not renting: %s", error, extra={"code": error.code})
        return Outcome.STOP  # the next offer would meet the same refusal
    try:
        created = post.vast.create_instance(_request(post, intent))
    except OfferGone as error:
        post.ledger.record_refusal(intent.label, f"not rented: {error}")
        return Outcome.NEXT
    except (VastRateLimited, VastAuthFailed) as error:
        post.ledger.record_refusal(intent.label, f"not rented: {error}")
        return Outcome.STOP
    except CreateRefused as error:
        _clean_up(post, intent.label, error)
        if isinstance(error, NoCredit):
            pause_for_credit(post)
            return Outcome.STOP
        return Outcome.NEXT
    except CreateUnknown as error:
        log.warning("create is in doubt: %s", error, extra={"label": intent.label})
        return Outcome.RENTED
    post.ledger.record_contract(intent.label, created.contract_id)
    log.info("rented: %s", intent.reason, extra={"label": intent.label, "contract_id": created.contract_id})
    return Outcome.RENTED


def _clean_up(post: Post, label: str, error: CreateRefused) -> None:
    """A refusal may still carry a contract that is billed."""
    if error.contract_id is None:
        post.ledger.record_refusal(label, f"refused: {error}")
        return
    post.ledger.record_contract(label, error.contract_id)
    end_machine(post, End(label, f"refused, but billed: {error}"))


def _request(post: Post, intent: Intent) -> CreateRequest:
    return CreateRequest(
        ask_id=intent.ask_id,
        image=post.image,
        disk_gb=post.policy.disk_gb,
        label=intent.label,
        env=post.worker_env(intent.label),
        image_login=post.image_login,
        bid_usd_per_hour=intent.bid_usd_per_hour,
    )
