"""Which injected fault meets which call: by route, machine, label and nth call (pure).

Faults of the wire answer instead of the emulator; faults of an instance are its fate from creation on.
"""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, fields, replace
from typing import Any, Self

ROUTES = ("gpu_names", "user", "search", "create", "list", "show", "destroy", "label", "state", "bid", "logs",
          "log_text", "charges", "increases", "accept_increase", "reject_increase")  # fmt: skip

WIRE_KINDS = {
    "rate_limited": "429 as plain text; `seconds` becomes Retry-After when given",
    "error_html": "500 with an HTML page",
    "status": "`status` (502 when not given) with `text`, or a JSON error when there is none",
    "not_json": "200 whose body is not JSON",
    "error_list": "500 whose body is a JSON list",
    "charset": "the right answer as `application/json; charset=utf-8`",
    "delay": "the right answer after `seconds` real seconds",
    "drop": "the connection closes and nothing was done",
    "commit_then_drop": "the call is carried out, then the connection closes without an answer",
    "key_revoked": "404 auth_error, as for a deleted key",
    "refused": "200 with success:false and `text`",
}
LIST_KINDS = {
    "list_lag": "instances younger than `seconds` are missing from the list",
    "partial_page": "the page has one row less than it should and no next_token; `increases`: said to be truncated",
    "empty_list": "200 with an empty list, as if there were no instance",
    "odd_rows": "sound rows, and some with null, text or nothing for a number (every list, and `logs`)",
}
DESTROY_KINDS = {
    "destroy_reappears": "success, gone from lists and reads for `seconds`, then back and billed all along",
}
CREATE_KINDS = {
    "refused_with_contract": "200 with success:false and the number of a stopped contract that is billed",
    "double_sold": "an ask that is already rented is sold once more",
    "price_change": "the contract costs `factor` times what the search said",
}
INSTANCE_KINDS = {
    "stuck_loading": "stays `loading` with a healthy message",
    "daemon_error": "stays `loading` with `text` as status message",
    "silent": "`running`, but no process ever starts",
    "crash_loop": "PID 1 ends at once, again and again",
    "stays_exited": "`exited` when PID 1 ends, instead of a restart",
    "offline": "the host is gone `after_seconds` of running, for `seconds` or for good",
    "outbid": "stopped without notice `after_seconds` of running; resumes after `seconds` if given",
    "no_gpu": "the container cannot use the card it is billed for",
    "no_container_key": "CONTAINER_API_KEY is missing",
}
KINDS = WIRE_KINDS | LIST_KINDS | DESTROY_KINDS | CREATE_KINDS | INSTANCE_KINDS


@dataclass(frozen=True)
class Fault:
    """A fault for the calls it matches: from the `nth` on (1 is the next), `times` times (None: always)."""

    kind: str
    route: str | None = None  # None: every route for wire kinds, `create` and the like for the others
    machine_id: int | None = None
    contract_id: int | None = None
    label: str | None = None
    nth: int = 1
    times: int | None = 1
    seconds: float | None = None
    after_seconds: float = 0.0
    status: int = 502
    text: str | None = None
    factor: float = 1.5
    seen: int = 0  # matching calls so far

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> Self:
        """Read one injected fault; raises ValueError with the reason when it makes no sense."""
        unknown = set(values) - {f.name for f in fields(cls)}
        if unknown:
            raise ValueError(f"unknown fields: {', '.join(sorted(unknown))}")
        if values.get("kind") not in KINDS:
            raise ValueError(f"kind must be one of {', '.join(KINDS)}")
        if values.get("route") not in (None, *ROUTES):
            raise ValueError(f"route must be one of {', '.join(ROUTES)}")
        return cls(**values)

    def to_json(self) -> dict[str, Any]:
        """For the state file and the admin endpoint."""
        return asdict(self)

    @property
    def is_spent(self) -> bool:
        """Whether it can meet no further call."""
        return self.times is not None and self.seen >= self.nth - 1 + self.times

    def matches(self, call: "Call") -> bool:
        """Whether a call is one of those it counts."""
        route = self.route or DEFAULT_ROUTES.get(self.kind)
        return (
            route in (None, call.route)
            and self.machine_id in (None, call.machine_id)
            and self.contract_id in (None, call.contract_id)
            and self.label in (None, call.label)
        )


DEFAULT_ROUTES = (
    dict.fromkeys(LIST_KINDS, "list")
    | dict.fromkeys(DESTROY_KINDS, "destroy")
    | dict.fromkeys([*CREATE_KINDS, *INSTANCE_KINDS], "create")
)


@dataclass(frozen=True)
class Call:
    """What a fault can look at: the route, and the machine, contract and label it is about."""

    route: str
    machine_id: int | None = None
    contract_id: int | None = None
    label: str | None = None


def take(faults: Iterable[Fault], call: Call) -> tuple[dict[str, Fault], list[Fault]]:
    """The faults that meet this call, by kind, and all faults after it has been counted; spent ones are dropped."""
    met, left = {}, []
    for fault in faults:
        if fault.matches(call):
            fault = replace(fault, seen=fault.seen + 1)
            if fault.seen >= fault.nth:
                met.setdefault(fault.kind, fault)
        if not fault.is_spent:
            left.append(fault)
    return met, left
