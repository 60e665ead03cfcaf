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
from collections.abc import Sequence
from datetime import UTC, datetime

from control_plane.clients import build_supabase, build_vast
from control_plane.database import Database
from control_plane.database.fleet_rows import Backlog, Ledger
from control_plane.database.heartbeat import Heartbeat
from control_plane.fleet import ending, plan, price_increases, standstill, vast_door
from control_plane.fleet.billing import bill_is_due
from control_plane.fleet.errors import FleetError
from control_plane.fleet.evidence import look_at
from control_plane.fleet.ledger import FleetLedger
from control_plane.fleet.post import Post, caps_of
from control_plane.fleet.reaper import reconcile
from control_plane.fleet.renting import rent_what_is_needed
from control_plane.fleet.steps import act
from control_plane.fleet.upkeep import keep_up
from control_plane.fleet.verdict import news, weigh
from control_plane.fleet.worker_env import worker_env
from control_plane.settings import Settings
from control_plane.vast.errors import VastError

log = logging.getLogger(__name__)

LATE_AFTER_SECONDS = 300  # a tick that rents may wait a minute for each of several answers
BILL_LOOK_SECONDS = 30.0  # whether Vast.ai's bill should be read: one look at the ledger
PRICES_SECONDS = 900.0  # hosts' wishes take effect after hours or days, at the end of a contract
LOOKED_AT = (
    "all_silent", "boots_failing", "cap_reached", "destroy_failed", "list_doubted", "not_listed", "standstill",
)  # fmt: skip
"""Alarms that a tick raises again while they stand."""
GONE_SECONDS = 300.0  # a machine that cannot be destroyed is asked again within a minute


def run(settings: Settings) -> int:
    """Tick until SIGTERM or SIGINT; machines that run keep running and are picked up by the next scaler."""
    stop = threading.Event()
    for each in (signal.SIGTERM, signal.SIGINT):
        signal.signal(each, lambda *_: stop.set())
    post = build_post(settings)
    beat = Heartbeat(Database(build_supabase(settings)), "scale", LATE_AFTER_SECONDS)
    log.info("scaler starts", extra={"holder": post.holder, "deployment": post.deployment})
    look_at = prices_at = time.monotonic()
    bill_read_at = None
    while not stop.is_set():
        problem = None
        try:
            leads = tick(post)
            if leads and time.monotonic() >= prices_at:
                prices_at = time.monotonic() + PRICES_SECONDS
                price_increases.look(post, post.ledger.get_fleet())
            if leads and time.monotonic() >= look_at:
                look_at = time.monotonic() + BILL_LOOK_SECONDS
                bill_read_at = read_bill(post, bill_read_at)
        except (FleetError, VastError) as error:
            problem = error.code
            log.warning("tick cut short: %s", error, extra={"code": error.code})
        except Exception as error:  # the loop is what returns machines: a defect in one tick must not end it
            problem = "tick_failed"
            log.error("tick failed: %s", type(error).__name__, exc_info=True)
        beat(problem)
        stop.wait(settings.fleet.tick_seconds)
    try:
        post.ledger.step_down(post.holder)
    except FleetError as error:
        log.warning("lease not given up: %s", error)
    return 0


def read_bill(post: Post, read_at: float | None) -> float | None:
    """Hold the ledger's sums against Vast.ai's bill when that is due; when it was last read."""
    ledger = post.ledger.get_fleet()
    if not bill_is_due(ledger, read_at):
        return read_at
    reconcile(post.ledger, post.vast, post.prefix, post.policy, datetime.now(UTC))
    return ledger.now


def build_post(settings: Settings) -> Post:
    """The real clients and the real clock."""
    return Post(
        holder=f"{socket.gethostname()}-{secrets.token_hex(4)}",
        deployment=settings.deployment,
        ledger=FleetLedger(build_supabase(settings)),
        vast=build_vast(settings),
        policy=settings.fleet,
        caps=caps_of(settings),
        image=settings.worker_image,
        image_login=settings.worker_image_login,
        worker_env=lambda label: worker_env(settings, label, datetime.now(UTC)),
        new_label=lambda: f"aseagi-{settings.deployment}-{secrets.token_hex(4)}",
    )


def tick(post: Post) -> bool:
    """One round; False when another process leads. Raises LedgerBlind, having decided nothing."""
    if not post.ledger.lead(post.holder, post.policy.leader_seconds):
        return False
    post.ledger.release_expired_jobs()
    post.ledger.report_silent_analyst()
    post.ledger.sweep_checks(post.policy.check_share, post.policy.sensitive_placement)
    if post.caps.usd_per_batch is not None:
        post.ledger.pause_dear_batches(post.caps.usd_per_batch)
    ledger = post.ledger.get_fleet()  # what another leader rented since then is unknown here: `_sweep` asks again
    sight = look_at(vast_door.look(post, ledger), ledger, post.policy)
    verdicts = weigh(ledger, sight, post.policy)
    act(post, keep_up(ledger, sight, verdicts, post.prefix, post.policy), ledger)
    act(post, list(news(ledger, sight, verdicts, post.policy)), ledger)
    backlog = post.ledger.get_queue_stats()
    ledger = post.ledger.get_fleet()
    act(post, ending.find_unneeded(backlog, ledger, post.policy), ledger)
    why_not, problem = _rent(post, backlog, ledger, sight.can_see)
    act(post, standstill.find_alarms(backlog, ledger, sight.can_see, post.policy, post.caps, why_not), ledger)
    if problem is not None:
        raise problem
    post.ledger.clear_unseen_alarms(LOOKED_AT, GONE_SECONDS)
    post.ledger.clear_unseen_alarms(("price_increase",), 3 * PRICES_SECONDS)
    return True


def _rent(
    post: Post, backlog: Sequence[Backlog], ledger: Ledger, can_see: bool
) -> tuple[str | None, FleetError | VastError | None]:
    """Rent, or pause; why nothing was rented though it is needed, and what to raise once people are told."""
    pause = plan.pause_for_failures(ledger, post.policy)
    if pause is not None:
        act(post, [pause], ledger)
    if pause is not None or not can_see:
        return None, None
    try:
        vast_door.try_credit(post, ledger)
        return rent_what_is_needed(post, backlog, ledger), None
    except (FleetError, VastError) as error:
        return f"no machine could be rented: {error}", error
