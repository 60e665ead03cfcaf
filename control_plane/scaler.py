"""Rents machines while there is work and returns every one of them (story): observe → decide → act.

A crash between any two lines is repaired by a later tick, here or in another process: the intent row is committed
before Vast.ai is called, and only two good lists without a contract end its row.
"""

from __future__ import annotations

import logging
import secrets
import signal
import socket
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from enum import Enum
from typing import Protocol

from control_plane import fleet
from control_plane.clients import build_supabase, build_vast
from control_plane.fleet_errors import CapReached, FleetError, IntentRefused, LedgerBlind, NotLive
from control_plane.fleet_policy import Policy
from control_plane.fleet_shapes import (
    Action,
    Adopt,
    Backlog,
    Caps,
    Destroy,
    End,
    Extend,
    Intent,
    Ledger,
    Machine,
    Miss,
    Note,
    Pause,
    Sweep,
)
from control_plane.fleet_upkeep import keep_up
from control_plane.job_queue import JobQueue
from control_plane.ledger import FleetLedger
from control_plane.reaper import reconcile
from control_plane.settings import Settings
from control_plane.tokens import sign_worker_token
from control_plane.vast_errors import (
    CreateRefused,
    CreateUnknown,
    DestroyFailed,
    OfferGone,
    VastAuthFailed,
    VastBlind,
    VastError,
    VastRateLimited,
)
from control_plane.vast_rows import Charge, Created, CreateRequest, Offer, User, VastInstance

log = logging.getLogger(__name__)

RECONCILE_SECONDS = 3600.0  # the ledger's sums against Vast.ai's bill
OFFERS_TRIED = 5  # per tick; then the market is searched anew


class Outcome(Enum):
    """How renting one offer went."""

    RENTED = "a machine is, or may be, on its way"
    NEXT = "this offer is gone; the next may do"
    STOP = "no other offer would do now"


class Vast(Protocol):
    """The part of `vast.VastClient` that the scaler uses."""

    def search_offers(
        self, query: str, storage_gb: int, limit: int = 64, interruptible: bool = False
    ) -> list[Offer]: ...
    def create_instance(self, request: CreateRequest) -> Created: ...
    def list_instances(self) -> list[VastInstance]: ...
    def destroy_instance(self, contract_id: int) -> None: ...
    def get_user(self) -> User: ...
    def list_charges(self, start: date, end: date) -> list[Charge]: ...


@dataclass(frozen=True)
class Post:
    """Who rents, with what, within which bounds. `worker_env` gives a machine's environment for its label."""

    holder: str
    deployment: str
    ledger: FleetLedger
    vast: Vast
    policy: Policy
    caps: Caps
    image: str
    image_login: str
    worker_env: Callable[[str], Mapping[str, str]]
    new_label: Callable[[], str]

    @property
    def prefix(self) -> str:
        """What every label of ours starts with."""
        return f"aseagi-{self.deployment}-"


def run(settings: Settings) -> None:
    """Tick until SIGTERM or SIGINT; machines that run keep running and are picked up by the next scaler."""
    stop = threading.Event()
    for each in (signal.SIGTERM, signal.SIGINT):
        signal.signal(each, lambda *_: stop.set())
    post = build_post(settings)
    log.info("scaler starts", extra={"holder": post.holder, "deployment": post.deployment})
    reconcile_at = time.monotonic()
    while not stop.is_set():
        try:
            leads = tick(post)
            if leads and time.monotonic() >= reconcile_at:
                reconcile_at = time.monotonic() + RECONCILE_SECONDS
                reconcile(post.ledger, post.vast, post.prefix, datetime.now(UTC))
        except (FleetError, VastError) as error:
            log.warning("tick cut short: %s", error, extra={"code": error.code})
        except Exception as error:  # the loop is what returns machines: a defect in one tick must not end it
            log.error("tick failed: %s", type(error).__name__, exc_info=True)
        stop.wait(settings.fleet.tick_seconds)
    try:
        post.ledger.give_up_leadership(post.holder)
    except FleetError as error:
        log.warning("lease not given up: %s", error)


def build_post(settings: Settings) -> Post:
    """The real clients and the real clock."""
    return Post(
        holder=f"{socket.gethostname()}-{secrets.token_hex(4)}",
        deployment=settings.deployment,
        ledger=FleetLedger(JobQueue(build_supabase(settings))),
        vast=build_vast(settings),
        policy=replace(settings.fleet, idle_seconds=float(settings.idle_seconds)),
        caps=caps_of(settings),
        image=settings.worker_image,
        image_login=settings.worker_image_login,
        worker_env=lambda label: worker_env(settings, label, datetime.now(UTC)),
        new_label=lambda: f"aseagi-{settings.deployment}-{secrets.token_hex(4)}",
    )


def caps_of(settings: Settings) -> Caps:
    """The caps as the ledger checks them."""
    return Caps(
        machines=settings.max_machines,
        dollars_per_hour=settings.max_dollars_per_hour,
        dollars_per_day=settings.max_dollars_per_day,
        dollars_per_batch=settings.max_dollars_per_batch,
        credit_floor=settings.min_credit_dollars,
    )


def worker_env(settings: Settings, label: str, now: datetime) -> dict[str, str]:
    """All a rented machine is told, and nothing worth stealing: one short-lived token for this label."""
    token = sign_worker_token(label, settings.supabase_jwt_secret, now, settings.worker_token_seconds)
    return {
        "CONTROL_PLANE_URL": settings.control_plane_url,
        "SUPABASE_URL": settings.supabase_url,
        "SUPABASE_KEY": settings.supabase_publishable_key,
        "WORKER_TOKEN": token.token,
        "VAST_BASE_URL": settings.vast_url,
        "IDLE_SECONDS": str(settings.idle_seconds),
        "OCR_ENGINE": settings.ocr_engine,
    }


def tick(post: Post) -> bool:
    """One round; False when another process leads. Raises LedgerBlind, having decided nothing."""
    if not post.ledger.take_leadership(post.holder, post.policy.leader_seconds):
        return False
    post.ledger.release_expired_jobs()
    ledger = post.ledger.read()  # before the list: a contract listed later than the ledger was read is never unknown
    listed = _look(post)
    act(post, keep_up(ledger, listed, post.prefix, post.policy), ledger)
    backlog = post.ledger.read_backlog()
    ledger = post.ledger.read()
    act(post, fleet.find_idle(backlog, ledger, post.policy) or fleet.find_dear(backlog, ledger, post.policy), ledger)
    pause = fleet.pause_for_our_fault(ledger)
    if pause is not None:
        act(post, [pause], ledger)
    elif listed is not None:
        _rent(post, backlog, ledger)
    return True


def _look(post: Post) -> list[VastInstance] | None:
    """Vast.ai's list, or None when blind."""
    try:
        return post.vast.list_instances()
    except VastAuthFailed as error:
        post.ledger.raise_alarm("vast_auth", f"Vast.ai refuses the API key: {error}")
    except VastBlind as error:
        log.warning("blind: %s", error)
    return None


def act(post: Post, actions: Sequence[Action], ledger: Ledger) -> None:
    """Take each step; one that fails is left for the next tick and stops none of the others."""
    for action in actions:
        try:
            _act(post, action, ledger)
        except LedgerBlind:
            raise
        except (FleetError, VastError) as error:
            log.warning("step failed: %s: %s", type(action).__name__, error, extra={"code": error.code})


def _act(post: Post, action: Action, ledger: Ledger) -> None:
    match action:
        case Adopt(label, contract_id):
            post.ledger.record_contract(label, contract_id)
        case Note(label, status, message):
            post.ledger.record_boot(label, status, message)
        case Miss(label):
            post.ledger.record_absence(label)
        case End():
            _end(post, action, ledger.machines)
        case Destroy():
            _destroy(post, action)
        case Sweep(label, contract_id, status, message):
            _sweep(post, action)
        case Extend(label):
            _extend(post, label)
        case Pause(reason):
            post.ledger.set_renting("paused", reason)
            post.ledger.raise_alarm("renting_paused", reason)


def _end(post: Post, end: End, known: Sequence[Machine] = ()) -> None:
    """Decide the end, remember whose fault it was, give the jobs back, and ask Vast.ai at once."""
    machine = post.ledger.mark_destroying(end.label, end.reason, end.blame)
    if machine is None:
        return
    log.info("machine ends: %s", end.reason, extra={"label": end.label})
    if end.block_seconds and machine.machine_id is not None:
        post.ledger.block_hardware("machine", machine.machine_id, end.reason, end.block_seconds)
        _block_host(post, machine, known)
    if machine.contract_id is not None:
        _destroy(post, Destroy(end.label, machine.contract_id, True, end.worker_died))


def _block_host(post: Post, machine: Machine, known: Sequence[Machine]) -> None:
    """So many bad machines of one host are the host's fault."""
    bad = {m.machine_id for m in known if m.host_id == machine.host_id and m.blame == "machine"}
    if machine.host_id and len(bad | {machine.machine_id}) >= post.policy.host_failures:
        reason = f"{len(bad) + 1} bad machines"
        post.ledger.block_hardware("host", machine.host_id, reason, post.policy.block_host_seconds)


def _destroy(post: Post, destroy: Destroy) -> None:
    """Jobs first: a machine that is going must not keep a document waiting for its lease to run out."""
    if destroy.requeue:
        post.ledger.requeue_instance_jobs(destroy.label, destroy.worker_died)
    post.ledger.record_destroy_call(destroy.label)
    try:
        post.vast.destroy_instance(destroy.contract_id)
    except (DestroyFailed, VastAuthFailed) as error:
        message = f"contract {destroy.contract_id} is still billed: {error}"
        post.ledger.raise_alarm("destroy_failed", message, destroy.label)


def _sweep(post: Post, sweep: Sweep) -> None:
    """A label that is live after all is left alone; one that was done reopens; one nobody knows just ends."""
    machine = post.ledger.record_boot(sweep.label, sweep.status, sweep.message)
    if machine is not None and machine.is_live and machine.contract_id in (None, sweep.contract_id):
        return
    post.ledger.raise_alarm("stray", f"contract {sweep.contract_id} had no row of its own", sweep.label)
    post.vast.destroy_instance(sweep.contract_id)


def _extend(post: Post, label: str) -> None:
    try:
        post.ledger.extend_reservation(label, post.policy.reserve_seconds, post.caps)
    except CapReached as error:
        _end(post, End(label, str(error)))
    except NotLive:
        pass


def _rent(post: Post, backlog: Sequence[Backlog], ledger: Ledger) -> None:
    """Rent what the backlog needs, one machine at a time: each has its intent committed before the next is chosen."""
    need = fleet.find_need(backlog, ledger, post.policy)
    swap = None if need else fleet.find_swap(backlog, ledger, post.policy)
    most = fleet.room(ledger, post.policy, post.caps)
    if need is None and (swap is None or not most):
        return
    full = None if most else f"all {post.caps.machines} machines are in use"
    why_not = fleet.held_back(ledger, post.policy) or full
    if why_not:
        log.info("not renting: %s", why_not)
        return
    caps = replace(post.caps, credit=post.vast.get_user().credit_dollars)
    if need is not None:
        _rent_for(post, need, ledger, caps, most)
    elif swap is not None:
        _rent_swap(post, swap, ledger, caps)


def _rent_for(post: Post, need: fleet.Need | None, ledger: Ledger, caps: Caps, most: int) -> None:
    offers = _search(post, need)
    for _ in range(OFFERS_TRIED):
        quote = fleet.choose(need, offers, ledger, post.policy, caps)
        if quote is None:
            return
        offers = [offer for offer in offers if offer.machine_id != quote.offer.machine_id]
        outcome = rent(post, fleet.write_intent(post.new_label(), post.deployment, quote, need, post.policy), caps)
        if outcome is Outcome.RENTED:
            need, most = fleet.rest_of(need, quote, post.policy), most - 1
        if outcome is Outcome.STOP or need is None or most <= 0:
            return


def _rent_swap(post: Post, swap: fleet.Need, ledger: Ledger, caps: Caps) -> None:
    """A cheaper machine beside a dear one; once it has proved itself, the dear one ends."""
    quote = fleet.choose(swap, _search(post, swap), ledger, post.policy, caps)
    if quote is not None and fleet.worth_swapping(quote, ledger, post.policy):
        rent(post, fleet.write_intent(post.new_label(), post.deployment, quote, swap, post.policy), caps)


def _search(post: Post, need: fleet.Need) -> list[Offer]:
    policy = post.policy
    query = policy.query + (" datacenter=True" if need.placement == "datacenter_only" else "")
    offers = post.vast.search_offers(query, policy.disk_gb)
    if policy.interruptible:
        offers += post.vast.search_offers(query, policy.disk_gb, interruptible=True)
    return offers


def rent(post: Post, intent: Intent, caps: Caps) -> Outcome:
    """Rent one offer: intent, call, contract."""
    if not post.ledger.take_leadership(post.holder, post.policy.leader_seconds):
        return Outcome.STOP  # the searches took longer than the lease, and another leads now
    try:
        post.ledger.create_intent(post.holder, intent, caps)
    except (CapReached, IntentRefused) as error:
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
    _end(post, End(label, f"refused, but billed: {error}"))


def _request(post: Post, intent: Intent) -> CreateRequest:
    return CreateRequest(
        ask_id=intent.ask_id,
        image=post.image,
        disk_gb=post.policy.disk_gb,
        label=intent.label,
        env=post.worker_env(intent.label),
        image_login=post.image_login,
        bid_dollars_per_hour=intent.dollars_per_hour if intent.is_bid else None,
    )
