"""Vast.ai's REST routes: who may call, which fault meets the call, and what is answered (story)."""

import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from local_cloud.vast import life_cycle, query, rows
from local_cloud.vast.contracts import Contract
from local_cloud.vast.emulator import Emulator
from local_cloud.vast.faults import Call, Fault
from local_cloud.vast.market import GPU_MODELS

PAGE_ROWS = 25
MAX_CHARGE_ROWS = 100
MAX_INCREASE_ROWS = 50  # more, and the answer says that it is truncated


@dataclass(frozen=True)
class Request:
    """One HTTP request, parsed; query values are JSON where they look like it."""

    method: str
    path: str
    query: Mapping[str, Any]
    body: Mapping[str, Any]
    key: str | None
    base_url: str


@dataclass(frozen=True)
class Answer:
    """What to send; `delay_seconds` first, and nothing at all when `drop`."""

    status: int
    body: Any  # JSON, or text when `content_type` says so
    content_type: str = "application/json"  # without a charset, or the CLI refuses it
    headers: Mapping[str, str] = field(default_factory=dict)
    delay_seconds: float = 0.0
    drop: bool = False


class Api:
    """Answers requests from the emulator; one account key, and each instance's own key for itself alone."""

    def __init__(self, emulator: Emulator, account_key: str) -> None:
        self._emulator = emulator
        self._account_key = account_key
        self._logs_wanted: dict[str, tuple[int, int]] = {}  # token → contract, lines
        self._asked: set[str] = set()

    def change_key(self, key: str) -> None:
        """The account's owner made a new key and ended the one before."""
        self._account_key = key

    def answer(self, request: Request) -> Answer:
        """The answer to a request, with injected faults applied."""
        route, number = find_route(request.method, request.path)
        if route is None:
            return _missing_route(request.path)
        if route == "state" and "label" in request.body:
            route = "label"
        faults = self._emulator.take_faults(self._call(route, number, request))
        early = _instead(faults)
        if early is not None:
            return _finish(early, faults)
        refused = self._refuse_key(route, number, request.key)
        try:
            result = refused or getattr(self, f"_{route}")(request, number, faults)
        except (ValueError, TypeError, KeyError) as problem:
            result = Answer(400, rows.error("invalid_args", f"error 400/3900: invalid_args {problem}"))
        return _finish(result, faults)

    def _call(self, route: str, number: Any, request: Request) -> Call:
        if route == "create":
            return Call(route, self._emulator.machine_of_ask(number), None, request.body.get("label"))
        contract = self._emulator.visible(number) if isinstance(number, int) else None
        if contract is None:
            return Call(route, contract_id=number if isinstance(number, int) else None)
        return Call(route, contract.machine_id, contract.contract_id, contract.label)

    def _refuse_key(self, route: str, number: Any, key: str | None) -> Answer | None:
        if route in {"gpu_names", "log_text"} or _same(key or "", self._account_key):
            return None
        if key and isinstance(number, int) and route in {"show", "destroy", "state"}:
            owner = self._emulator.key_owner(key)
            if owner == number:
                return None
            if owner is not None:
                return Answer(403, rows.error("auth_error", "this key may only be used on its own instance"))
        return Answer(404, rows.error("auth_error", "Invalid user key"))

    # Routes, in the order of a machine's life

    def _gpu_names(self, request: Request, number: Any, faults: Mapping[str, Fault]) -> Answer:
        return Answer(200, {"success": True, "gpu_names": [model.name for model in GPU_MODELS]})

    def _user(self, request: Request, number: Any, faults: Mapping[str, Fault]) -> Answer:
        return Answer(200, rows.user_row(self._emulator.credit_dollars()))

    def _search(self, request: Request, number: Any, faults: Mapping[str, Fault]) -> Answer:
        odd = rows.ODD_OFFERS if "odd_rows" in faults else []
        return Answer(200, {"offers": [*odd, *self._emulator.search(request.body)]})

    def _create(self, request: Request, ask_id: int, faults: Mapping[str, Fault]) -> Answer:
        emulator, order = self._emulator, request.body
        with emulator.lock:
            if emulator.machine_of_ask(ask_id) is None:
                return Answer(404, rows.no_such_ask(ask_id, 404))
            if not order.get("image"):
                return Answer(400, rows.error("invalid_args", "error 400/3900: invalid_args image is required"))
            if emulator.credit_dollars() <= 0:
                return Answer(400, rows.error("insufficient_credit", "Your account lacks credit."))
            free = emulator.is_free(ask_id) or "double_sold" in faults
            if not free and order.get("cancel_unavail", True):
                return Answer(410, rows.no_such_ask(ask_id, 410))
            contract = emulator.rent(ask_id, order, faults)
            return self._created(contract, free, faults)

    def _created(self, contract: Contract, free: bool, faults: Mapping[str, Fault]) -> Answer:
        emulator, contract_id = self._emulator, contract.contract_id
        low = contract.is_bid and contract.terms.gpu_dollars_per_hour < emulator.min_bid(contract.ask_id)
        refused = low or "refused_with_contract" in faults
        if refused or not free:
            emulator.change(contract_id, lambda c, now, _: life_cycle.stop(c, now))
        if refused:
            body = rows.error("bid_too_low", "error 400/3911: bid_too_low your bid is below the minimum")
            return Answer(200, body | {"new_contract": contract_id})
        key = {"instance_api_key": contract.instance_key}
        return Answer(200, {"success": True, "new_contract": contract_id} | key)

    def _list(self, request: Request, number: Any, faults: Mapping[str, Fault]) -> Answer:
        emulator, now = self._emulator, self._emulator.now()
        lag_seconds = (faults["list_lag"].seconds or 0.0) if "list_lag" in faults else 0.0
        old = [c for c in emulator.visible_contracts() if now - c.created_at >= lag_seconds]
        if "empty_list" in faults:
            old = []
        found = [rows.instance_row(c, emulator.offer_of(c), now) for c in old]
        found = [row for row in found if query.matches(row, request.query.get("select_filters") or {})]
        order = request.query.get("order_by") or [{"col": "id", "dir": "asc"}]
        found = query.ordered(found, [(entry["col"], entry.get("dir", "asc")) for entry in order])
        limit = min(int(request.query.get("limit") or PAGE_ROWS), PAGE_ROWS)
        page, token = rows.page(found, limit, request.query.get("after_token"))
        if "partial_page" in faults:
            page, token = page[:-1], None
        if "odd_rows" in faults:
            page = [rows.oddly(row) for row in page]
        body = {"success": True, "instances": page, "total_instances": len(found), "label_counts": {}}
        return Answer(200, body | {"next_token": token})

    def _show(self, request: Request, contract_id: int, faults: Mapping[str, Fault]) -> Answer:
        contract = self._emulator.visible(contract_id)
        if contract is None:
            return Answer(200, {"instances": None})
        row = rows.instance_row(contract, self._emulator.offer_of(contract), self._emulator.now())
        return Answer(200, {"instances": row})

    def _destroy(self, request: Request, contract_id: int, faults: Mapping[str, Fault]) -> Answer:
        if self._emulator.visible(contract_id) is None:
            return _gone(contract_id)
        if "destroy_reappears" in faults:
            seconds = faults["destroy_reappears"].seconds or 0.0
            self._emulator.change(contract_id, lambda c, now, _: replace(c, hidden_until=now + seconds))
        else:
            self._emulator.change(contract_id, lambda c, now, _: life_cycle.destroy(c, now))
        return Answer(200, {"success": True, "msg": f"destroyed instance {contract_id}"})

    def _state(self, request: Request, contract_id: int, faults: Mapping[str, Fault]) -> Answer:
        """Label, stop and start share a route; the body tells them apart."""
        if self._emulator.visible(contract_id) is None:
            return _gone(contract_id)
        if "label" in request.body:
            self._emulator.change(contract_id, lambda c, *_: replace(c, label=request.body["label"]))
        elif request.body.get("state") == "stopped":
            self._emulator.change(contract_id, lambda c, now, _: life_cycle.stop(c, now))
        elif request.body.get("state") == "running":
            self._emulator.change(contract_id, life_cycle.start)
        else:
            raise ValueError("state must be running or stopped")
        return Answer(200, {"success": True})

    _label = _state

    def _bid(self, request: Request, contract_id: int, faults: Mapping[str, Fault]) -> Answer:
        contract = self._emulator.visible(contract_id)
        if contract is None:
            return _gone(contract_id)
        if not contract.is_bid:
            raise ValueError("the instance is not interruptible")
        price = request.body.get("price") or self._emulator.min_bid(contract.ask_id)
        self._emulator.change(contract_id, lambda c, now, _: life_cycle.rebid(c, now, float(price)))
        return Answer(200, {"success": True})

    def _logs(self, request: Request, contract_id: int, faults: Mapping[str, Fault]) -> Answer:
        if self._emulator.visible(contract_id) is None:
            return _gone(contract_id)
        token = secrets.token_urlsafe(16)
        self._logs_wanted[token] = (contract_id, int(request.body.get("tail") or 1000))
        url = None if "odd_rows" in faults else f"{request.base_url}/logs/{token}.log"
        return Answer(200, {"success": True, "result_url": url})

    def _log_text(self, request: Request, token: str, faults: Mapping[str, Fault]) -> Answer:
        """404 the first time, as at the real one, where the host has yet to upload the text."""
        if token in self._logs_wanted and token not in self._asked:
            self._asked.add(token)
            return Answer(404, "not found", "text/plain")
        self._asked.discard(token)
        wanted = self._logs_wanted.pop(token, None)
        if wanted is None:
            return Answer(404, "not found", "text/plain")
        return Answer(200, self._emulator.log_text(*wanted), "text/plain")

    def _charges(self, request: Request, number: Any, faults: Mapping[str, Fault]) -> Answer:
        days = (request.query.get("select_filters") or {}).get("day") or {}
        found = rows.charge_rows(self._emulator.contracts(), days.get("gte", 0), days.get("lte", float("inf")))
        if request.query.get("latest_first"):
            found.reverse()
        limit = min(int(request.query.get("limit") or 20), MAX_CHARGE_ROWS)
        page, token = rows.page(found, limit, request.query.get("after_token"))
        page = [*(rows.ODD_CHARGES if "odd_rows" in faults else []), *page]
        body = {"success": True, "results": page, "count": len(page), "total": len(found)}
        return Answer(200, body | {"next_token": token})

    def _increases(self, request: Request, number: Any, faults: Mapping[str, Fault]) -> Answer:
        """What hosts ask for their machines from the end of our contracts on."""
        asked = [c for c in self._emulator.visible_contracts() if c.asked is not None]
        found = [rows.increase_row(c, self._emulator.offer_of(c)["host_id"]) for c in asked]
        found = [*(rows.ODD_INCREASES if "odd_rows" in faults else []), *found]
        cut = found[:MAX_INCREASE_ROWS]
        body = {"success": True, "count": len(cut), "truncated": len(cut) < len(found) or "partial_page" in faults}
        return Answer(200, body | {"pending_price_increases": cut})

    def _accept_increase(self, request: Request, number: Any, faults: Mapping[str, Fault]) -> Answer:
        return self._answer_increase(request, accept=True)

    def _reject_increase(self, request: Request, number: Any, faults: Mapping[str, Fault]) -> Answer:
        return self._answer_increase(request, accept=False)

    def _answer_increase(self, request: Request, accept: bool) -> Answer:
        if set(request.body) != {"pending_price_increase_id"}:
            raise ValueError("the body is pending_price_increase_id and nothing else")
        wanted = request.body["pending_price_increase_id"]
        for each in self._emulator.visible_contracts():
            if each.asked is not None and each.asked["pending_price_increase_id"] == wanted:
                self._emulator.change(each.contract_id, lambda c, now, _: life_cycle.answer_asked(c, now, accept))
                ids = {"pending_price_increase_id": wanted, "contract_id": each.contract_id}
                return Answer(200, {"success": True, **ids})
        return Answer(404, {"success": False, "error": "no_pending_price_increase"})


def _same(key: str, other: str) -> bool:
    return secrets.compare_digest(key.encode(), other.encode())


def find_route(method: str, path: str) -> tuple[str | None, Any]:
    """The route's name and the number or token in its path; `None` for a path that is not emulated."""
    parts = tuple(path.strip("/").split("/"))
    if parts[:1] == ("logs",) and method == "GET":
        return "log_text", parts[1].removesuffix(".log")
    fixed = FIXED_ROUTES.get((method, *parts))
    if fixed:
        return fixed, None
    for (verb, *head), route in NUMBERED_ROUTES.items():
        if method == verb and parts[:-1] == tuple(head) and parts[-1].isdigit():
            return route, int(parts[-1])
    return None, None


FIXED_ROUTES = {
    ("GET", "api", "v0", "gpu_names", "unique"): "gpu_names",
    ("GET", "api", "v0", "users", "current"): "user",
    ("POST", "api", "v0", "bundles"): "search",
    ("GET", "api", "v1", "instances"): "list",
    ("GET", "api", "v0", "charges"): "charges",
    ("GET", "api", "v0", "instances", "pending-price-increases"): "increases",
    ("PUT", "api", "v0", "instances", "accept-price-increase"): "accept_increase",
    ("PUT", "api", "v0", "instances", "reject-price-increase"): "reject_increase",
}
NUMBERED_ROUTES = {
    ("PUT", "api", "v0", "asks"): "create",
    ("GET", "api", "v0", "instances"): "show",
    ("DELETE", "api", "v0", "instances"): "destroy",
    ("PUT", "api", "v0", "instances"): "state",
    ("PUT", "api", "v0", "instances", "bid_price"): "bid",
    ("PUT", "api", "v0", "instances", "request_logs"): "logs",
}


def _missing_route(path: str) -> Answer:
    if path.strip("/") == "api/v0/instances":
        return Answer(410, rows.error("deprecated_endpoint", "use /api/v1/instances/ instead"))
    return Answer(404, rows.error("not_found", f"no such route: {path}"))


def _gone(contract_id: int) -> Answer:
    return Answer(404, rows.no_such_instance(contract_id))


def _instead(faults: Mapping[str, Fault]) -> Answer | None:
    """The answer of a fault that keeps the call from being carried out."""
    for kind, make in INSTEAD.items():
        if kind in faults:
            return make(faults[kind])
    return None


def _rate_limited(fault: Fault) -> Answer:
    headers = {"Retry-After": f"{fault.seconds:g}"} if fault.seconds is not None else {}
    return Answer(429, "API requests too frequent", "text/plain", headers)


def _status(fault: Fault) -> Answer:
    if fault.text is not None:
        return Answer(fault.status, fault.text, "text/html")
    return Answer(fault.status, rows.error("server_error", f"error {fault.status}"))


INSTEAD = {
    "drop": lambda fault: Answer(0, None, drop=True),
    "rate_limited": _rate_limited,
    "error_html": lambda fault: Answer(500, "<html><h1>Internal Server Error</h1></html>", "text/html"),
    "status": _status,
    "not_json": lambda fault: Answer(200, "<html>maintenance</html>"),
    "error_list": lambda fault: Answer(500, ["error"]),
    "key_revoked": lambda fault: Answer(404, rows.error("auth_error", "Invalid user key")),
    "refused": lambda fault: Answer(200, rows.error("refused", fault.text or "the request was refused")),
}


def _finish(answer: Answer, faults: Mapping[str, Fault]) -> Answer:
    if "delay" in faults:
        answer = replace(answer, delay_seconds=faults["delay"].seconds or 0.0)
    if "charset" in faults:
        answer = replace(answer, content_type="application/json; charset=utf-8")
    return replace(answer, drop=True) if "commit_then_drop" in faults else answer


def encode(answer: Answer) -> bytes:
    """The body's bytes: text as it is, everything else as JSON."""
    text = answer.body if isinstance(answer.body, str) else json.dumps(answer.body)
    return text.encode()
