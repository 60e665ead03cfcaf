"""The administrator's routes: look at everything, inject faults, move the clock, lay a hand on an instance."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from local_cloud.vast import life_cycle
from local_cloud.vast.api import Answer, Request
from local_cloud.vast.contracts import KINDS, Contract, add_traffic
from local_cloud.vast.emulator import Emulator
from local_cloud.vast.faults import KINDS as FAULT_KINDS
from local_cloud.vast.faults import Fault
from local_cloud.vast.life_cycle import Pace

HIDDEN = {"instance_key", "env", "usage", "terms"}


class Admin:
    """Answers `/admin/…`; the server lets only this machine ask."""

    def __init__(self, emulator: Emulator, credit_dollars: float, change_key: Callable[[str], None]) -> None:
        self._emulator = emulator
        self._change_key = change_key
        self._credit_dollars = credit_dollars

    def answer(self, request: Request) -> Answer:
        """Carry out one admin request; a bad one is a 400 that says why."""
        parts = request.path.strip("/").split("/")[1:]
        try:
            return Answer(200, self._do(request.method, parts, request.body))
        except (KeyError, TypeError, ValueError) as problem:
            return Answer(400, {"error": "bad_request", "msg": str(problem)})

    def _do(self, method: str, parts: list[str], body: Mapping[str, Any]) -> dict[str, Any]:
        emulator = self._emulator
        match [method, *parts]:
            case ["GET", "state"]:
                return self._state()
            case ["GET", "faults"]:
                return {"kinds": FAULT_KINDS, "faults": [fault.to_json() for fault in emulator.faults()]}
            case ["POST", "faults"]:
                emulator.inject([Fault.from_json(values) for values in body["faults"]])
            case ["DELETE", "faults"]:
                emulator.forget_faults()
            case ["POST", "clock"]:
                emulator.move_clock(float(body.get("advance_seconds", 0.0)), body.get("speed"))
            case ["POST", "credit"]:
                emulator.set_credit(float(body["dollars"]))
            case ["POST", "key"]:
                self._change_key(str(body["key"]))
            case ["POST", "reset"]:
                emulator.reset(self._credit_dollars)
            case ["POST", "instances", number, action]:
                emulator.change(int(number), _hand(action, body))
            case _:
                raise ValueError(f"no such admin route: {method} {'/'.join(parts)}")
        return {"now": emulator.now()}

    def _state(self) -> dict[str, Any]:
        contracts = self._emulator.contracts()
        return {
            "now": self._emulator.now(),
            "open_contracts": [c.contract_id for c in contracts if c.is_open],
            "contracts": [_contract_json(c) for c in contracts],
            "processes": {str(contract_id): pid for contract_id, pid in self._emulator.pids().items()},
            "ledger": {
                "dollars": sum(c.dollars() for c in contracts),
                "credit_dollars": self._emulator.credit_dollars(),
            },
            "faults": [fault.to_json() for fault in self._emulator.faults()],
        }


def _contract_json(contract: Contract) -> dict[str, Any]:
    """A contract without its secrets: of the environment only the names."""
    values = {name: value for name, value in contract.to_json().items() if name not in HIDDEN}
    costs = {kind: contract.dollars(kind) for kind in KINDS} | {"total": contract.dollars()}
    return values | {"is_open": contract.is_open, "env_names": sorted(contract.env), "dollars": costs,
                     "terms": contract.to_json()["terms"]}  # fmt: skip


def _hand(action: str, body: Mapping[str, Any]) -> Any:
    """What the administrator does to one instance, as a change of its life cycle."""

    def change(contract: Contract, now: float, pace: Pace) -> Contract:
        match action:
            case "offline":
                return life_cycle.go_offline(contract, now)
            case "online":
                return life_cycle.come_online(contract, now)
            case "outbid":
                return life_cycle.stop(contract, now)
            case "resume":
                return life_cycle.start(contract, now, pace)
            case "status":
                return replace(contract, actual_status=body["actual_status"], status_msg=body.get("status_msg", ""))
            case "ask_more":
                return life_cycle.ask_more(contract, now, float(body["factor"]), float(body.get("seconds", 86_400)))
            case "traffic":
                return add_traffic(contract, now, float(body.get("down_gb", 0)), float(body.get("up_gb", 0)))
            case _:
                raise ValueError(f"no such action: {action}")

    return change
