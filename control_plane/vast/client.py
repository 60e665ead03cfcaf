"""Rents and returns machines at Vast.ai through the real `vastai` command (wire).

Its exit codes lie: an HTTP error leaves 0 and an empty standard output. A call has succeeded only when the exit
code is 0, there is no error object on standard error, and standard output is of the expected type. Empty output
never means an empty list.
"""

import itertools
import re
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from typing import Any, NoReturn, TypeVar

from control_plane.odd_rows import read_sound
from control_plane.vast.cli import Reply, VastCli
from control_plane.vast.errors import (
    CreateRefused,
    CreateUnknown,
    DestroyFailed,
    NoCredit,
    OfferGone,
    VastAuthFailed,
    VastBlind,
    VastError,
    VastRateLimited,
)
from control_plane.vast.pacing import Pacer, pacer_for
from control_plane.vast.rows import Charge, Created, CreateRequest, Offer, PriceIncrease, User, VastInstance

__all__ = [
    "Charge", "CreateRefused", "CreateRequest", "CreateUnknown", "Created", "DestroyFailed",
    "Offer", "OfferGone", "User", "VastAuthFailed", "VastBlind", "VastClient", "VastError", "VastInstance",
    "VastRateLimited",
]  # fmt: skip

T = TypeVar("T")
PAGE_ROWS = 25  # the most `show instances` gives at once
MAX_PAGES = 400
MESSAGE_CHARACTERS = 300
NO_CREDIT = re.compile(r"\blacks? credit|insufficient[_ ](credit|balance|funds)|spend_rate_limit|spending limit", re.I)


class VastClient:
    """One account at Vast.ai; every method is one or more runs of the real `vastai` command.

    `home` is a private writable folder for the CLI. `timeout_seconds` is ours, per run: the CLI's own is 120 s and
    its first request has none. Calls keep the API's minimum intervals, except towards an emulator on loopback.
    """

    def __init__(
        self,
        vast_url: str,
        api_key: str,
        home: Path,
        pacer: Pacer | None = None,
        timeout_seconds: float = 60.0,
    ) -> None:
        self._cli = VastCli(vast_url, api_key, home)
        self._api_key = api_key
        self._pacer = pacer or pacer_for(vast_url, home)
        self._timeout_seconds = timeout_seconds

    def search_offers(
        self, query: str, storage_gb: int, limit: int = 64, interruptible: bool = False
    ) -> list[Offer]:
        """Offers for a query such as `num_gpus=1 gpu_ram>=10`, cheapest first, priced with `storage_gb` of disk.

        Rented offers are left out unless the query says otherwise. Raises VastBlind.
        """
        query = query if "rented" in query else f"{query} rented=False"
        arguments = ["search", "offers", "--raw", "--limit", str(limit), "--storage", str(storage_gb)]
        arguments += ["-o", "dph_total", *(["-b"] if interruptible else []), query.strip()]
        rows = self._read("search", arguments, list)
        return _sound(rows, Offer.from_row, "offers")

    def create_instance(self, request: CreateRequest) -> Created:
        """Rent an offer; the intent must be recorded under `request.label` before this is called.

        Raises OfferGone, CreateRefused (look at `contract_id`), CreateUnknown, VastAuthFailed or VastRateLimited.
        """
        reply = self._run("create", create_arguments(request)).without(request.secrets)
        error = reply.error()
        if error:
            self._raise_create_error(*error)
        answer = _json_or_none(reply)
        if not isinstance(answer, dict) or reply.returncode != 0:
            raise CreateUnknown(f"create gave no answer: {self._last_line(reply)}")
        contract_id = answer.get("new_contract")
        if answer.get("success") is not True or not isinstance(contract_id, int):
            message = self._clean(str(answer.get("msg") or "no message"))
            raise _refusal(message)(message, _int_or_none(contract_id))
        return Created(contract_id)

    def list_instances(self) -> list[VastInstance]:
        """Every contract of the account, ours or not. Raises VastBlind, never an empty list for a failure.

        Page by page: with `--limit` the CLI hands on what came, without it breaks at a row without `start_date`.
        """
        rows: list[Any] = []
        token: str | None = None
        for _ in range(MAX_PAGES):
            arguments = ["show", "instances", "--raw", "--limit", str(PAGE_ROWS)]
            page = self._read("list", [*arguments, *(["--next-token", token] if token else [])], dict)
            if not isinstance(page.get("instances"), list):
                raise VastBlind("the list of instances came without a list")
            rows += page["instances"]
            token = page.get("next_token")
            if not token:
                break
        if len(rows) < (_int_or_none(page.get("total_instances")) or 0):
            raise VastBlind(f"the list of instances is short: {len(rows)} of {page['total_instances']}")
        listed = read_sound(rows, VastInstance.from_row, "instances")
        # One without a number cannot be told from a machine of ours: then none may be declared gone.
        if any(isinstance(row, dict) and row.get("label") and _int_or_none(row.get("id")) is None for row in rows):
            raise VastBlind("a contract with a label came without its number")
        if rows and not listed:
            raise VastBlind("no row of the list of instances can be read")
        return listed

    def destroy_instance(self, contract_id: int) -> None:
        """End a contract; one that is already gone is fine. Raises DestroyFailed, VastAuthFailed, VastRateLimited."""
        reply = self._run("destroy", ["destroy", "instance", str(contract_id), "-y"])  # `--raw` would print nothing
        error = reply.error()
        if error and _names_missing_instance(*error):
            return
        if error:
            self._raise_if_turned_away(*error)
            raise DestroyFailed(self._clean(error[1]), error[0])
        said = reply.stdout.strip()
        gone = f"destroying instance {contract_id}." in said or "no_such_instance" in said
        if reply.returncode != 0 or not gone:
            raise DestroyFailed(f"destroy of {contract_id} was not confirmed: {self._last_line(reply)}")

    def logs(self, contract_id: int, tail: int = 200) -> str:
        """The last `tail` lines a contract's container wrote. Raises VastBlind."""
        reply = self._run("logs", ["logs", str(contract_id), "--tail", str(tail), "--raw"])
        error = reply.error()
        if error:
            self._raise_blind(*error)
        if reply.returncode != 0:
            raise VastBlind(f"no logs of {contract_id}: {self._last_line(reply)}")
        return reply.stdout

    def get_user(self) -> User:
        """The account and its credit. Raises VastBlind."""
        row = self._read("user", ["show", "user", "--raw"], dict)
        return _parsed(lambda: User.from_row(row))

    def list_charges(self, start: date, end: date) -> list[Charge]:
        """Charges of all contracts from `start` to `end`, both days included (UTC). Raises VastBlind."""
        charges: list[Charge] = []
        token: str | None = None
        arguments = ["show", "invoices-v1", "--charges", "-ct", "instance", "-l", "100", "--raw"]
        arguments += ["-s", start.isoformat(), "-e", end.isoformat()]
        for _ in range(MAX_PAGES):
            page = self._read("charges", [*arguments, *(["-t", token] if token else [])], dict)
            if not isinstance(page.get("results"), list):
                raise VastBlind("the charges came without a list")
            charges += itertools.chain.from_iterable(read_sound(page["results"], Charge.list_from_row, "charges"))
            token = page.get("next_token")
            if not token:
                return charges
        raise VastBlind(f"charges did not end after {MAX_PAGES} pages")

    def list_price_increases(self) -> tuple[list[PriceIncrease], bool]:
        """What hosts ask for their machines from the end of our contracts on, and whether that is all of it.

        There is no verb here that accepts one: that is for a person, at vast.ai. Raises VastBlind.
        """
        answer = self._read("increases", ["show", "pending-price-increases", "--raw"], dict)
        rows = answer.get("pending_price_increases")
        if answer.get("success") is not True or not isinstance(rows, list):
            raise VastBlind("the price increases came without a list")
        sound = read_sound(rows, PriceIncrease.from_row, "price increases")
        return sound, answer.get("truncated") is not True and len(sound) == len(rows)

    def _run(self, verb: str, arguments: Sequence[str]) -> Reply:
        self._pacer.wait(verb)
        return self._cli.run([*arguments[:2], "--retry", "1", *arguments[2:]], self._timeout_seconds)

    def _read(self, verb: str, arguments: Sequence[str], kind: type[T]) -> T:
        return self._judge_read(self._run(verb, arguments), kind)

    def _judge_read(self, reply: Reply, kind: type[T]) -> T:
        error = reply.error()
        if error:
            self._raise_blind(*error)
        answer = _json_or_none(reply)
        if reply.returncode != 0 or not isinstance(answer, kind):
            raise VastBlind(f"no usable answer: {self._last_line(reply)}")
        return answer

    def _raise_create_error(self, status: int, message: str) -> NoReturn:
        self._raise_if_turned_away(status, message)
        message = self._clean(message)
        if status == 402 or _refusal(message) is NoCredit:
            raise NoCredit(message, status=status)
        if status in (404, 410) or "no_such_ask" in message:
            raise OfferGone(message, status)
        if 400 <= status < 500:
            raise CreateRefused(message, status=status)
        raise CreateUnknown(message, status)

    def _raise_blind(self, status: int, message: str) -> NoReturn:
        self._raise_if_turned_away(status, message)
        raise VastBlind(f"error {status}: {self._clean(message)}", status)

    def _raise_if_turned_away(self, status: int, message: str) -> None:
        if status in (401, 403) or "Invalid user key" in message or "auth_error" in message:
            raise VastAuthFailed(f"error {status}: {self._clean(message)}", status)
        if status == 429:
            raise VastRateLimited(f"error {status}: {self._clean(message)}", status)

    def _last_line(self, reply: Reply) -> str:
        if reply.returncode is None:
            return f"killed after {self._timeout_seconds:g} s"
        lines = (reply.stderr.strip() or reply.stdout.strip()).splitlines()
        return f"exit {reply.returncode}, {self._clean(lines[-1])}" if lines else f"exit {reply.returncode}, no output"

    def _clean(self, message: str) -> str:
        return message.replace(self._api_key, "***")[:MESSAGE_CHARACTERS] if self._api_key else message


def create_arguments(request: CreateRequest) -> list[str]:
    """The arguments of `vastai create instance`; `--args` is last because it swallows whatever follows."""
    env = " ".join(f"-e {name}={value}" for name, value in request.env.items())
    arguments = ["create", "instance", str(request.ask_id), "--image", request.image]
    arguments += ["--disk", str(request.disk_gb), f"--label={request.label}"]
    arguments += [f"--env={env}"] if env else []
    arguments += [f"--login={request.image_login}"] if request.image_login else []
    if request.bid_usd_per_hour is not None:
        arguments += ["--bid_price", f"{request.bid_usd_per_hour:.6f}"]
    return [*arguments, "--cancel-unavail", "--raw", "--args"]


def _names_missing_instance(status: int, message: str) -> bool:
    """A bad key answers 404 as well, so only a message about the instance means that it is gone."""
    return status in (404, 410) and "no_such_instance" in message


def _refusal(message: str) -> type[CreateRefused]:
    return NoCredit if NO_CREDIT.search(message) else CreateRefused


def _sound(rows: Sequence[Any], read: Callable[[Any], T], what: str) -> list[T]:
    """The rows that can be read. Raises VastBlind when there are some and none can: that is another API."""
    sound = read_sound(rows, read, what)
    if rows and not sound:
        raise VastBlind(f"none of {len(rows)} {what} can be read")
    return sound


def _parsed(parse: Callable[[], T]) -> T:
    try:
        return parse()
    except (KeyError, TypeError, ValueError, AttributeError) as problem:
        raise VastBlind(f"a row could not be read: {type(problem).__name__} {problem}") from problem


def _json_or_none(reply: Reply) -> Any:
    try:
        return reply.json()
    except ValueError:
        return None


def _int_or_none(value: Any) -> int | None:
    return value if isinstance(value, int) else None
