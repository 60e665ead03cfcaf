"""What happens to a contract by itself, at which virtual second (pure)."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from local_cloud.vast.contracts import Contract, accrue, add_traffic


@dataclass(frozen=True)
class Pace:
    """How long things take, in virtual seconds, and how large the image is."""

    schedule_seconds: float = 0.5  # from rented to `loading`
    boot_seconds: float = 2.0  # from `loading` to `running`; minutes at the real Vast.ai
    restart_seconds: float = 1.0  # from PID 1's end to its next start
    image_gb: float = 4.0


def begin(contract: Contract, pace: Pace) -> Contract:
    """A contract just made, with its own future in `due`, faults included."""
    due = {"load": contract.created_at + pace.schedule_seconds, "expire": contract.ends_at}
    return replace(contract, due=due)


def advance(contract: Contract, now: float, pace: Pace) -> Contract:
    """Everything that was due up to `now` happens, in order and each at its own second of the bill."""
    while contract.is_open and contract.due:
        event = min(contract.due, key=contract.due.__getitem__)
        at = contract.due[event]
        if at > now:
            break
        rest = {name: when for name, when in contract.due.items() if name != event}
        contract = EVENTS[event](replace(accrue(contract, at), due=rest), at, pace)
    return contract


def process_ended(contract: Contract, now: float, pace: Pace) -> Contract:
    """PID 1 is gone: the container is restarted and goes on billing, unless its fate is to stay `exited`."""
    contract = accrue(contract, now)
    if "stays_exited" in contract.fate:
        return replace(contract, actual_status="exited", status_msg="container exited")
    due = {**contract.due, "restart": now + pace.restart_seconds}
    return replace(contract, due=due, restarts=contract.restarts + 1)


def stop(contract: Contract, now: float, reason: str = "stopped") -> Contract:
    """Stopped, by the customer, a higher bid or an empty account: no GPU, but the disk is still billed."""
    due = {name: at for name, at in contract.due.items() if name == "resume"}
    return replace(accrue(contract, now), actual_status="stopped", intended_status="stopped", cur_state="stopped",
                   next_state="stopped", status_msg=reason, running_since=None, due=due)  # fmt: skip


def start(contract: Contract, now: float, pace: Pace) -> Contract:
    """A stopped contract loads again."""
    return replace(accrue(contract, now), actual_status="loading", intended_status="running", next_state="running",
                   status_msg="", is_outbid=False, due={"boot": now + pace.boot_seconds})  # fmt: skip


def go_offline(contract: Contract, now: float) -> Contract:
    """The host lost power or network: nothing runs and nothing but traffic is billed."""
    due = {name: at for name, at in contract.due.items() if name == "online"}
    return replace(accrue(contract, now), actual_status="offline", running_since=None, due=due)


def come_online(contract: Contract, now: float) -> Contract:
    """The host is back and starts the container again."""
    contract = accrue(contract, now)
    if contract.actual_status != "offline":
        return contract
    return replace(contract, actual_status="running", cur_state="running", running_since=now)


def rebid(contract: Contract, now: float, dollars_per_hour: float) -> Contract:
    """An interruptible contract costs its new bid from now on."""
    contract = accrue(contract, now)
    return replace(contract, terms=replace(contract.terms, gpu_dollars_per_hour=dollars_per_hour))


def ask_more(contract: Contract, now: float, factor: float, seconds: float) -> Contract:
    """Its host lists the machine at a higher price: this contract keeps its own until it ends, and ends then.

    It would go on for `seconds` at the new price, if that were accepted. A later wish takes the earlier one's place.
    """
    terms, times = contract.terms, contract.times_asked + 1
    asked = {
        "pending_price_increase_id": contract.contract_id * 100 + times, "created_at": now,
        "new_gpu_costpersec": terms.gpu_dollars_per_hour * factor / 3600,
        "new_bwd_cost": terms.inet_down_dollars_per_gb * factor, "ask_end_date": contract.ends_at + seconds,
    }  # fmt: skip
    return replace(accrue(contract, now), asked=asked, agreed=None, times_asked=times)


def answer_asked(contract: Contract, now: float, accept: bool) -> Contract:
    """The customer accepts what the host asks, or rejects it: then the contract ends when it would have ended."""
    return replace(accrue(contract, now), asked=None, agreed=contract.asked if accept else None)


def destroy(contract: Contract, now: float) -> Contract:
    """The bill ends at this second."""
    return replace(accrue(contract, now), destroyed_at=now, due={})


def _load(contract: Contract, now: float, pace: Pace) -> Contract:
    contract = replace(contract, actual_status="loading", status_msg="Pulling fs layer")
    error = contract.fate.get("daemon_error")
    if error is not None:
        text = error.get("text") or "Error response from daemon: manifest unknown"
        return replace(contract, status_msg=text)
    if "stuck_loading" in contract.fate:
        return replace(contract, status_msg="a1b2c3d4: Downloading [=====>      ]  1.1GB/4.0GB")
    return replace(contract, due={**contract.due, "boot": now + pace.boot_seconds})


def _boot(contract: Contract, now: float, pace: Pace) -> Contract:
    if not contract.has_image:
        contract = add_traffic(contract, now, pace.image_gb, 0.0)
    due = dict(contract.due)
    for kind in ("offline", "outbid"):
        if kind in contract.fate:
            due[kind] = now + float(contract.fate[kind].get("after_seconds", 0.0))
    return replace(contract, actual_status="running", cur_state="running", running_since=now, due=due,
                   has_image=True, status_msg=f"success, running {contract.image}")  # fmt: skip


def _restart(contract: Contract, now: float, pace: Pace) -> Contract:
    return contract  # no longer `restart` in `due`: the process may run again


def _offline(contract: Contract, now: float, pace: Pace) -> Contract:
    back_after = contract.fate.get("offline", {}).get("seconds")
    contract = go_offline(contract, now)
    return replace(contract, due={"online": now + float(back_after)}) if back_after else contract


def _online(contract: Contract, now: float, pace: Pace) -> Contract:
    return come_online(contract, now)


def _outbid(contract: Contract, now: float, pace: Pace) -> Contract:
    resume_after = contract.fate.get("outbid", {}).get("seconds")
    contract = stop(contract, now)
    fate = {kind: how for kind, how in contract.fate.items() if kind != "outbid"}
    due = {"resume": now + float(resume_after)} if resume_after else {}
    return replace(contract, fate=fate, due=due)


def _expire(contract: Contract, now: float, pace: Pace) -> Contract:
    if contract.agreed is None:
        return stop(replace(contract, asked=None), now, "the host's offer has ended")
    agreed, due = contract.agreed, {**contract.due, "expire": contract.agreed["ask_end_date"]}
    terms = replace(contract.terms, gpu_dollars_per_hour=agreed["new_gpu_costpersec"] * 3600,
                    inet_down_dollars_per_gb=agreed["new_bwd_cost"])  # fmt: skip
    return replace(contract, terms=terms, ends_at=agreed["ask_end_date"], agreed=None, due=due)


def _resume(contract: Contract, now: float, pace: Pace) -> Contract:
    return start(contract, now, pace)


EVENTS: Mapping[str, Callable[[Contract, float, Pace], Contract]] = {
    "load": _load,
    "boot": _boot,
    "restart": _restart,
    "offline": _offline,
    "online": _online,
    "outbid": _outbid,
    "resume": _resume,
    "expire": _expire,
}
