"""Machines over HTTP: what the ledger has, and what people may ask of the fleet."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from flask import Blueprint
from pydantic import Field

from control_plane.database.enums import Decision, Hosting, MachineStatus, RentingStatus
from control_plane.database.fleet_rows import Ledger, Machine, Renting
from control_plane.errors import BadRequest, Conflict, NotFound
from control_plane.fleet.bill_proof import judge_bill
from control_plane.fleet.price_words import describe_increase
from control_plane.fleet.worker_env import OWN_NAME_PATTERN, own_env, own_label
from control_plane.http.contract import Body, describe
from control_plane.http.wiring import clients, settings
from control_plane.settings.fleet_policy import Policy
from control_plane.vast.errors import vast_answers

blueprint = Blueprint("machines", __name__)
LOG_LINES = 200
PROVED = "its bill has stopped"


@dataclass(frozen=True)
class ListedMachine:
    """A machine as callers see it.

    `verdict` is what the scaler last decided of it, from all that is known, `verdict_reason` why, in words; `billing`
    says of one that is returned whether its bill has stopped, `price_increase` what its host asks and nobody accepted.
    """

    label: str
    status: MachineStatus
    hosting: Hosting
    contract_id: int | None
    gpu_name: str | None
    geolocation: str | None
    usd_per_hour: float
    machine_usd: float
    created_at: datetime
    ready_at: datetime | None
    last_heartbeat_at: datetime | None
    jobs_held: int
    pages_done: int
    pages_per_second: float | None
    reason: str | None
    verdict: Decision | None
    verdict_reason: str | None
    verdict_at: datetime | None
    billing: str | None
    price_increase: str | None


@dataclass(frozen=True)
class RentingSwitch:
    """Whether new machines may be rented."""

    paused: bool
    reason: str | None


@dataclass(frozen=True)
class FleetStatus:
    """Machines we pay for and those of the last hours, newest first."""

    instances: list[ListedMachine]
    renting: RentingSwitch
    jobs_queued: int
    jobs_processing: int


@dataclass(frozen=True)
class Asked:
    """What was asked of a machine; `label` is null until there is one."""

    label: str | None
    status: str


@dataclass(frozen=True)
class OwnComputer:
    """A computer's label, and the environment for `python -m gpu_worker` on it."""

    label: str
    environment: Mapping[str, str]


@dataclass(frozen=True)
class MachineLog:
    """The last lines a machine wrote."""

    label: str
    log: str


class LaunchBody(Body):
    """Which offer, if a certain one."""

    offer_id: int | None = Field(None, ge=1, description="The id of a row of GET /vastai/offers.")


class OwnComputerBody(Body):
    """The computer's name: 1 to 30 of a-z, 0-9 and '-'."""

    name: str


class ReasonBody(Body):
    """Why, for those who look later."""

    reason: str | None = None


@blueprint.get("/api/instances/status")
@describe("Machines we pay for, and those of the last hours", "Machines", answer=FleetStatus, errors=(503,))
def instances_status() -> FleetStatus:
    """The ledger's machines with what each costs and does, and the jobs that wait and are in work."""
    ledger, policy = clients().database.get_fleet(), settings().fleet
    backlog = clients().database.get_queue_stats()
    return FleetStatus(
        instances=[describe_machine(each, describe_billing(each, ledger, policy)) for each in ledger.machines][::-1],
        renting=describe_renting(ledger.renting),
        jobs_queued=sum(each.queued for each in backlog),
        jobs_processing=sum(each.processing for each in backlog),
    )


@blueprint.post("/api/instances/launch")
@describe("Ask for one machine more", "Machines", status=202, body=LaunchBody, answer=Asked, errors=(400, 409, 503))
def launch(body: LaunchBody) -> Asked:
    """Ask the scaler for one machine beyond what the backlog needs: its choice or this offer, under the caps."""
    if not clients().database.request_launch(body.offer_id):
        raise Conflict("Renting is paused; resume it first.", "renting_paused")
    return Asked(None, "requested")


@blueprint.post("/api/instances/own")
@describe(
    "Let one of our own computers join as a worker", "Machines", status=201, body=OwnComputerBody, answer=OwnComputer,
    errors=(400, 409, 503),
)  # fmt: skip
def join_own_computer(body: OwnComputerBody) -> OwnComputer:
    """Write the computer's row and return the environment for `python -m gpu_worker`; again for one that has it."""
    if not OWN_NAME_PATTERN.fullmatch(body.name):
        raise BadRequest("A computer's name has 1 to 30 of a-z, 0-9 and '-'.", "bad_argument")
    label = own_label(settings().deployment, body.name)
    if not clients().database.join_own_computer(label, settings().deployment):
        raise Conflict("A rented machine has this label; choose another name.", "label_taken")
    return OwnComputer(label, own_env(settings(), label, datetime.now(UTC)))


@blueprint.post("/api/instances/<label>/destroy")
@describe("Destroy one machine", "Machines", status=202, answer=Asked, errors=(404, 503))
def destroy(label: str) -> Asked:
    """Mark a machine for destruction; the scaler destroys it until two good lists lack it.

    One of our own computers is only parted from: its jobs go back, and its worker ends.
    """
    status = _machine(label).status
    marked = clients().database.mark_destroying(label, "destroyed by hand")
    return Asked(label, marked.status if marked else status)


@blueprint.get("/api/instances/<label>/logs")
@describe("The last lines a machine wrote", "Machines", answer=MachineLog, errors=(404, 409, 503), needs="admin")
def machine_logs(label: str) -> MachineLog:
    """The last 200 lines of a machine's container."""
    contract_id = _machine(label).contract_id
    if contract_id is None:
        raise Conflict("This machine has no contract yet, so it has no log.", "no_contract")
    with vast_answers():
        return MachineLog(label, clients().vast.logs(contract_id, LOG_LINES))


@blueprint.post("/api/renting/pause")
@describe("Rent nothing new", "Machines", body=ReasonBody, answer=RentingSwitch, errors=(400, 503))
def pause(body: ReasonBody) -> RentingSwitch:
    """Pause renting; machines that run finish their work and go."""
    return _set_renting(RentingStatus.PAUSED, body.reason or "paused by hand")


@blueprint.post("/api/renting/resume")
@describe("Rent again", "Machines", body=ReasonBody, answer=RentingSwitch, errors=(400, 503))
def resume(body: ReasonBody) -> RentingSwitch:
    """Resume renting."""
    return _set_renting(RentingStatus.ON, body.reason)


def describe_billing(machine: Machine, ledger: Ledger, policy: Policy) -> str | None:
    """Whether a returned machine is paid for no longer, by its bill. Pure."""
    if machine.status is not MachineStatus.DESTROYED or machine.contract_id is None:
        return None
    unproved = next((each for each in ledger.unproved if each.contract_id == machine.contract_id), None)
    return judge_bill(unproved, policy).reason if unproved else PROVED


def describe_machine(machine: Machine, billing: str | None) -> ListedMachine:
    """A machine of the ledger as callers see it. Pure."""
    return ListedMachine(
        label=machine.label,
        status=machine.status,
        hosting=machine.hosting,
        contract_id=machine.contract_id,
        gpu_name=machine.gpu_name or None,
        geolocation=machine.geolocation,
        usd_per_hour=machine.usd_per_hour,
        machine_usd=machine.machine_usd,
        created_at=datetime.fromtimestamp(machine.intent_at, UTC),
        ready_at=_moment(machine.ready_at),
        last_heartbeat_at=_moment(machine.last_heartbeat_at),
        jobs_held=machine.jobs_held,
        pages_done=machine.pages_done,
        pages_per_second=machine.pages_per_second,
        reason=machine.destroy_reason or machine.reason,
        verdict=None if machine.status is MachineStatus.DESTROYED else machine.verdict,
        verdict_reason=None if machine.status is MachineStatus.DESTROYED else machine.verdict_reason,
        verdict_at=_moment(machine.verdict_at),
        billing=billing,
        price_increase=describe_increase(machine.increase) if machine.increase and machine.is_live else None,
    )


def describe_renting(renting: Renting) -> RentingSwitch:
    """The renting switch as callers see it. Pure."""
    return RentingSwitch(not renting.is_on, renting.reason)


def _moment(seconds: float | None) -> datetime | None:
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC)


def _set_renting(status: RentingStatus, reason: str | None) -> RentingSwitch:
    return describe_renting(clients().database.set_renting(status, reason[:300] if reason else None))


def _machine(label: str) -> Machine:
    machine = clients().database.get_machine(label)
    if machine is None:
        raise NotFound("There is no such machine in the ledger.")
    return machine
