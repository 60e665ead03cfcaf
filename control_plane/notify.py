"""`python -m control_plane notify`: tells people by Telegram and mail, and programs by webhooks, what happened."""

from __future__ import annotations

import logging
import signal
import threading
from collections.abc import Callable
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait

from control_plane.alarms import mailer
from control_plane.clients import build_clients
from control_plane.database import Database
from control_plane.database.heartbeat import Heartbeat
from control_plane.errors import ControlPlaneError
from control_plane.readiness import Watch
from control_plane.settings import Settings
from control_plane.telegram import notifier
from control_plane.telegram.address import AddressKeeper
from control_plane.webhooks import sender

log = logging.getLogger(__name__)
ANNOUNCE_SECONDS = 30.0
LATE_AFTER_SECONDS = 600  # it looks at Telegram's webhook every five minutes; no other round takes so long


def run(settings: Settings) -> int:
    """Notify until SIGTERM or SIGINT. Each kind of listener has a thread: a slow one keeps no other waiting."""
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    clients = build_clients(settings)
    webhooks = sender.build_sender(clients.database)
    watch = Watch(settings, clients.database)
    ticks: list[Callable[[], float]] = [lambda: sender.tick(webhooks), lambda: announce(clients.database, watch)]
    names = ["notify", "notify alarms"]
    if telegram := notifier.build_notifier(settings, clients):
        ticks.append(lambda: notifier.tick(telegram))
        names.append("notify telegram")
        keeper = AddressKeeper(telegram.telegram, settings, clients.database)
        ticks.append(keeper.tick)
        names.append("notify webhook")
    if mail := mailer.build_mailer(settings, clients.database):
        ticks.append(lambda: mailer.tick(mail))
        names.append("notify mail")
    beats = [Heartbeat(clients.database, name, LATE_AFTER_SECONDS) for name in names]
    with ThreadPoolExecutor(len(ticks)) as pool:
        loops = [pool.submit(_repeat, tick, stop, beat) for tick, beat in zip(ticks, beats, strict=True)]
        wait(loops, return_when=FIRST_EXCEPTION)
        stop.set()  # one that broke ends the program, and whoever started it starts it anew
    for loop in loops:
        loop.result()
    return 0


def announce(database: Database, watch: Watch) -> float:
    """Give the channels what has stood for another day and what has ended; returns the seconds to pause."""
    watch()
    try:
        database.announce_alarms()
    except ControlPlaneError as error:
        log.warning("alarms are not told again", extra={"code": error.code})
    return ANNOUNCE_SECONDS


def _repeat(tick: Callable[[], float], stop: threading.Event, beat: Heartbeat) -> None:
    while not stop.is_set():
        pause = tick()
        beat()
        stop.wait(pause)
