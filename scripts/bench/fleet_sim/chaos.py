"""Faults around every call of the controller: crashes, drops, delays, duplicates, lost rows, other leaders."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from control_plane.fleet.errors import LedgerBlind
from control_plane.vast.errors import CreateUnknown, DestroyFailed, VastBlind, VastRateLimited
from control_plane.vast.rows import VastInstance


class Crash(BaseException):
    """The controller's process is gone; no `except Exception` may save it."""


# Nothing of a machine or a dollar hangs on these; a fault there would only shift all others of a seed.
WITHOUT_CONSEQUENCE = ("report_silent_analyst", "sweep_checks", "record_verdict", "record_log", "logs")


@dataclass(frozen=True)
class Odds:
    """Chance of each fault per call."""

    crash: float = 0.02  # before the call, and as often after it
    drop: float = 0.03  # nothing happened, and the caller is told so
    lose_answer: float = 0.05  # it happened, and the caller cannot know
    duplicate: float = 0.02  # it happens twice; the second answer counts
    delay: float = 0.03
    lose_row: float = 0.03  # per list
    lag_seconds: float = 60.0  # a new contract is missing from lists for up to this long
    false_destroy: float = 0.05  # said to be done, gone from lists for a while, billed all along
    sell_twice: float = 0.3  # per world
    no_own_key: float = 0.5  # per world: machines cannot destroy themselves
    liars: float = 0.1  # of the machines that boot: a worker that reports, and hoards work or takes none
    broken_image: float = 0.1  # per world, until a person mends it and resumes renting


class Chaos:
    """Stands between a scaler and its ledger or its Vast.ai. All luck comes from `rng`, so a seed replays exactly."""

    def __init__(
        self,
        target: Any,
        name: str,
        rng: random.Random,
        odds: Odds,
        is_on: Callable[[], bool],
        pass_time: Callable[[float], None],
        now: Callable[[], float],
    ) -> None:
        self._target = target
        self._name = name
        self._rng = rng
        self._odds = odds
        self._is_on = is_on
        self._pass_time = pass_time
        self._now = now

    def __getattr__(self, verb: str) -> Callable[..., Any]:
        method = getattr(self._target, verb)

        def call(*arguments: Any, **named: Any) -> Any:
            if not self._is_on() or verb in WITHOUT_CONSEQUENCE:
                return method(*arguments, **named)
            if verb == "destroy_instance" and self._rng.random() < self._odds.false_destroy:
                return self._target.hide(*arguments, seconds=self._rng.choice((20.0, 90.0, 400.0)))
            return self._call(verb, lambda: method(*arguments, **named))

        return call

    def _call(self, verb: str, method: Callable[[], Any]) -> Any:
        luck, odds = self._rng.random, self._odds
        if luck() < odds.crash:
            raise Crash
        if luck() < odds.delay:
            self._pass_time(self._rng.choice((2.0, 15.0, 45.0, 120.0)))
        if luck() < odds.drop:
            raise self._refusal(verb)
        answer = method()
        if luck() < odds.duplicate:
            answer = method()
        if luck() < odds.delay:
            self._pass_time(self._rng.choice((2.0, 15.0, 45.0, 120.0)))
        if luck() < odds.crash:
            raise Crash
        if luck() < odds.lose_answer:
            raise self._doubt(verb)
        return self._some_of(answer) if verb == "list_instances" else answer

    def _refusal(self, verb: str) -> Exception:
        if self._name == "ledger":
            return LedgerBlind(f"{verb}: dropped")
        return VastRateLimited(f"{verb}: 429", 429) if self._rng.random() < 0.5 else self._doubt(verb)

    def _doubt(self, verb: str) -> Exception:
        if self._name == "ledger":
            return LedgerBlind(f"{verb}: no answer")
        kinds = {"create_instance": CreateUnknown, "destroy_instance": DestroyFailed}
        return kinds.get(verb, VastBlind)(f"{verb}: no answer")

    def _some_of(self, rows: list[VastInstance]) -> list[VastInstance]:
        """A list that lags, and now and then lacks a row."""
        rng = self._rng
        rows = [row for row in rows if self._now() - row.started_at >= self._odds.lag_seconds * rng.random()]
        if rows and rng.random() < self._odds.lose_row:
            rows.pop(rng.randrange(len(rows)))
        return rows
