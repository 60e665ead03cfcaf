"""Every command the control plane uses, through the real CLI: what it sends and prints, as recorded from Vast.ai."""

import json
import re
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from control_plane.vast.cli import Reply, VastCli
from tests.vast.emulator_process import EmulatorProcess, run

SEARCH = "num_gpus=1 gpu_name in [RTX_3090,RTX_4090] gpu_ram>=23 disk_space>=20 duration>=0.5 rented=False"
OFFER_FIELDS = {
    "id": int, "machine_id": int, "host_id": int, "gpu_name": str, "num_gpus": int, "gpu_ram": int, "cpu_ram": int,
    "cpu_cores": int, "cpu_cores_effective": float, "disk_space": float, "dph_total": float, "dph_base": float,
    "min_bid": float, "storage_cost": float, "inet_up": float, "inet_down": float, "inet_up_cost": float,
    "inet_down_cost": float, "duration": float, "reliability2": float, "verification": str, "rentable": bool,
    "rented": bool, "is_bid": bool, "geolocation": str, "cuda_max_good": float, "compute_cap": int, "dlperf": float,
}  # fmt: skip


def sent(emulator: EmulatorProcess, path_start: str) -> dict[str, Any]:
    """The last request whose path starts so."""
    found = [r for r in emulator.admin("GET", "requests")["requests"] if r["path"].startswith(path_start)]
    assert found, f"nothing was sent to {path_start}"
    assert found[-1]["agent"] == "vastai-cli/1.9.1"
    return found[-1]


def good(reply: Reply) -> Any:
    """The JSON of a call that worked."""
    assert (reply.returncode, reply.stderr) == (0, "")
    return json.loads(reply.stdout)


def failed(reply: Reply, status: int, message: str) -> None:
    """HTTP errors leave exit code 0, nothing on stdout and an error object on stderr."""
    assert (reply.returncode, reply.stdout) == (0, "")
    error = json.loads(reply.stderr)
    assert (error["error"], error["status_code"]) == (True, status)
    assert message in (error["msg"] or "")


def test_search_offers(emulator: EmulatorProcess, cli: VastCli) -> None:
    arguments = ["search", "offers", "--raw", "--limit", "20", "--storage", "20", "-o", "dph_total", SEARCH]
    offers = good(run(cli, *arguments))
    assert sent(emulator, "/api/v0/bundles/")["body"] == {
        "verified": {"eq": True}, "external": {"eq": False}, "rentable": {"eq": True},
        "gpu_name": {"in": ["RTX 3090", "RTX 4090"]}, "num_gpus": {"eq": "1"}, "gpu_ram": {"gte": 23000.0},
        "disk_space": {"gte": "20"}, "duration": {"gte": 43200.0}, "rented": {"eq": False},
        "order": [["dph_total", "asc"]], "type": "on-demand", "limit": 20, "allocated_storage": 20.0,
    }  # fmt: skip
    assert offers and {row["gpu_name"] for row in offers} == {"RTX 3090", "RTX 4090"}
    assert [row["dph_total"] for row in offers] == sorted(row["dph_total"] for row in offers)
    assert all(type(row[name]) is kind for row in offers for name, kind in OFFER_FIELDS.items())
    assert all(row["gpu_ram"] > 23_000 and row["duration"] >= 43_200 for row in offers)


def test_search_for_bids_and_no_more_than_64_rows(emulator: EmulatorProcess, cli: VastCli) -> None:
    offers = good(run(cli, "search", "offers", "--raw", "--limit", "500", "-n", "-b", "num_gpus>=1"))
    assert sent(emulator, "/api/v0/bundles/")["body"]["type"] == "bid"
    assert len(offers) == 64
    assert all(row["is_bid"] and row["dph_base"] == row["min_bid"] for row in offers)


def test_a_bad_query_exits_with_0_and_says_so_on_stdout(cli: VastCli) -> None:
    reply = run(cli, "search", "offers", "--raw", "gpu_name=RTX 3090")
    assert reply.returncode == 0
    assert re.fullmatch(r"Error:  .*\n1\n", reply.stdout)


def test_create_instance(emulator: EmulatorProcess, cli: VastCli) -> None:
    ask = emulator.cheapest()["id"]
    env = "-e QUEUE_URL=https://cp.example/api?x=1 -e TOK=a=b== -p 8080:8080"
    arguments = ["create", "instance", str(ask), "--image", "ghcr.io/me/worker:1", "--disk", "20"]
    arguments += ["--label", "gq-abc123", "--login", "-u bob -p tok ghcr.io", "--env", env]
    created = good(run(cli, *arguments, "--cancel-unavail", "--retry", "1", "--raw", "--args"))
    assert sent(emulator, "/api/v0/asks/") == {
        "method": "PUT", "path": f"/api/v0/asks/{ask}/", "agent": "vastai-cli/1.9.1", "body": {
            "client_id": "me", "image": "ghcr.io/me/worker:1",
            "env": {"QUEUE_URL": "https://cp.example/api?x=1", "TOK": "a=b==", "-p 8080:8080": "1"},
            "price": None, "disk": 20.0, "label": "gq-abc123", "extra": None, "onstart": None,
            "image_login": "-u bob -p tok ghcr.io", "python_utf8": False, "lang_utf8": False,
            "use_jupyter_lab": False, "jupyter_dir": None, "force": False, "cancel_unavail": True,
            "template_hash_id": None, "user": None, "runtype": "args",
        },
    }  # fmt: skip
    assert created.keys() == {"success", "new_contract", "instance_api_key"}
    assert created["success"] is True and isinstance(created["new_contract"], int)
    failed(run(cli, *arguments, "--cancel-unavail", "--retry", "1", "--raw", "--args"), 410, "no_such_ask")
    failed(run(cli, *[*arguments[:2], "999", *arguments[3:]], "--raw", "--args"), 404, "no_such_ask")
    emulator.destroy(created["new_contract"])


def test_without_cancel_unavail_a_dead_ask_is_a_stopped_contract(emulator: EmulatorProcess) -> None:
    ask = emulator.cheapest()["id"]
    first, second = emulator.rent(ask), emulator.rent(ask, cancel_unavail=False)
    assert (emulator.contract(second)["actual_status"], emulator.contract(second)["is_open"]) == ("stopped", True)
    emulator.destroy(first), emulator.destroy(second)


def test_show_instances_follows_pages(emulator: EmulatorProcess, cli: VastCli) -> None:
    asks = emulator.http("POST", "/api/v0/bundles/", {"limit": 64, "num_gpus": {"eq": 1}}, emulator.key).body["offers"]
    contracts = [emulator.rent(row["id"], label=f"l-{row['id']}", env={"A": "b=c"}) for row in asks[:30]]
    rows = good(run(cli, "show", "instances", "--raw"))
    assert [row["id"] for row in rows] == contracts
    assert all(row["extra_env"] == {"A": "b=c"} and row["duration"] is not None for row in rows)
    listed = [r for r in emulator.admin("GET", "requests")["requests"] if r["path"].startswith("/api/v1/instances/")]
    first, second = (parse_qs(urlsplit(r["path"]).query) for r in listed)
    expected = {"select_filters": ["{}"], "order_by": ['[{"col": "id", "dir": "asc"}]'], "limit": ["25"]}
    assert first == expected and second.keys() == {*expected, "after_token"}
    one = good(run(cli, "show", "instances", "--raw", "--label", f"l-{asks[3]['id']}"))
    assert [row["id"] for row in one] == [contracts[3]]
    for contract in contracts:
        emulator.destroy(contract)


def test_show_instance(emulator: EmulatorProcess, cli: VastCli) -> None:
    contract = emulator.rent(label="l-1")
    row = good(run(cli, "show", "instance", str(contract), "--raw"))
    assert sent(emulator, "/api/v0/instances/")["path"] == f"/api/v0/instances/{contract}/?owner=me"
    assert (row["id"], row["label"], row["actual_status"], row["intended_status"]) == (
        contract, "l-1", "running", "running",
    )  # fmt: skip
    assert (row["cur_state"], row["status_msg"]) == ("running", "success, running me/worker:1")
    emulator.destroy(contract)
    assert good(run(cli, "show", "instance", str(contract), "--raw")) == {"instances": None}


def test_destroy_instance(emulator: EmulatorProcess, cli: VastCli) -> None:
    contract = emulator.rent()
    without_yes = run(cli, "destroy", "instance", str(contract))
    assert without_yes.stdout.endswith("Aborted.\n")
    assert emulator.contract(contract)["is_open"]
    reply = run(cli, "destroy", "instance", str(contract), "-y")
    assert (reply.returncode, reply.stdout, reply.stderr) == (0, f"destroying instance {contract}.\n", "")
    assert sent(emulator, f"/api/v0/instances/{contract}")["method"] == "DELETE"
    again = run(cli, "destroy", "instance", str(contract), "-y")
    assert (again.returncode, again.stdout) == (0, "")
    assert "404" in again.stderr and "no_such_instance" in again.stderr


def test_destroy_raw_says_nothing_whatever_happened(emulator: EmulatorProcess, cli: VastCli) -> None:
    contract = emulator.rent()
    emulator.inject(kind="refused", route="destroy")
    refused, done = (run(cli, "destroy", "instance", str(contract), "-y", "--raw") for _ in range(2))
    assert (refused.stdout, done.stdout) == ("", "")
    assert not emulator.contract(contract)["is_open"]


def test_label_stop_bid_and_logs(emulator: EmulatorProcess, cli: VastCli) -> None:
    ask = emulator.cheapest(type="bid")
    contract = emulator.rent(ask["id"], price=ask["min_bid"] * 2)
    assert run(cli, "label", "instance", str(contract), "new").stdout == f"label for {contract} set to new.\n"
    assert sent(emulator, f"/api/v0/instances/{contract}/")["body"] == {"label": "new"}
    assert run(cli, "change", "bid", str(contract), "--price", "0.5").stdout == "Per gpu bid price changed\n"
    assert sent(emulator, "/api/v0/instances/bid_price/")["body"] == {"client_id": "me", "price": 0.5}
    assert emulator.contract(contract)["terms"]["gpu_dollars_per_hour"] == 0.5
    assert run(cli, "logs", str(contract), "--tail", "200").returncode == 0
    assert sent(emulator, "/api/v0/instances/request_logs/")["body"] == {"tail": "200"}
    log_urls = [r["path"] for r in emulator.admin("GET", "requests")["requests"] if r["path"].startswith("/logs/")]
    assert len(log_urls) == 2, "a log is not there at the first look"
    assert run(cli, "stop", "instance", str(contract)).stdout == f"stopping instance {contract}.\n"
    assert emulator.contract(contract)["label"] == "new"
    assert emulator.contract(contract)["actual_status"] == "stopped"
    emulator.destroy(contract)


def test_show_user_and_charges(emulator: EmulatorProcess, cli: VastCli) -> None:
    contract = emulator.rent(label="l-1")
    emulator.advance(3600)
    emulator.destroy(contract)
    user = good(run(cli, "show", "user", "--raw"))
    dollars = emulator.contract(contract)["dollars"]
    assert user["balance"] == 0
    assert user["credit"] == pytest.approx(25.0 - dollars["total"])
    days = ["-s", "2020-01-01", "-e", "2040-01-01"]
    arguments = ["show", "invoices-v1", "--charges", "-ct", "instance", "-l", "100", *days, "--raw"]
    page = good(run(cli, *arguments))
    asked = parse_qs(urlsplit(sent(emulator, "/api/v0/charges/")["path"]).query)
    assert json.loads(asked["select_filters"][0]) == {
        "day": {"gte": 1577836800, "lte": 2208988800}, "type": {"in": ["instance"]}
    }  # fmt: skip
    assert (asked["latest_first"], asked["limit"], asked["format"]) == (["false"], ["100"], ["table"])
    assert {row["source"] for row in page["results"]} == {f"instance-{contract}"}
    assert {row["metadata"]["label"] for row in page["results"]} == {"l-1"}
    items = [item for row in page["results"] for item in row["items"]]
    for kind in ("gpu", "disk", "bwd", "bwu"):
        assert sum(item["amount"] for item in items if item["type"] == kind) == pytest.approx(dollars[kind])


def test_a_host_asks_more_and_nothing_changes_until_the_contract_ends(emulator: EmulatorProcess, cli: VastCli) -> None:
    emulator.admin("POST", "credit", {"dollars": 100_000})  # an offer may run for a year
    kept, agreed = emulator.rent(), emulator.rent()
    for contract in (kept, agreed):
        emulator.admin("POST", f"instances/{contract}/ask_more", {"factor": 2, "seconds": 3600})
    asked = good(run(cli, "show", "pending-price-increases", "--raw"))
    assert (asked["success"], asked["count"], asked["truncated"]) == (True, 2, False)
    row = {each["contract_id"]: each for each in asked["pending_price_increases"]}[agreed]
    assert row["new_gpu_costpersec"] == pytest.approx(2 * row["old_gpu_costpersec"]) and row["new_bwu_cost"] is None
    before = emulator.contract(agreed)
    accepted = run(cli, "accept", "price-increase", str(agreed), "--yes")
    assert accepted.returncode == 0
    assert sent(emulator, "/api/v0/instances/accept-price-increase/")["body"] == {
        "pending_price_increase_id": row["pending_price_increase_id"]
    }
    stale = {"pending_price_increase_id": row["pending_price_increase_id"]}
    for route, body, status in (("reject", stale, 404), ("accept", stale | {"host_id": 1}, 400)):
        answer = emulator.http("PUT", f"/api/v0/instances/{route}-price-increase/", body, emulator.key)
        assert answer.status == status
    ends = {contract: emulator.contract(contract)["ends_at"] for contract in (kept, agreed)}
    for contract in sorted(ends, key=ends.__getitem__):  # which of the two offers lasts longer, the hour's market says
        emulator.advance(ends[contract] - emulator.admin("GET", "state")["now"] + 60)
        status = emulator.contract(contract)["actual_status"]
        assert status == ("running" if contract == agreed else "stopped"), "no higher price, and no longer time"
    price = before["terms"]["gpu_dollars_per_hour"]
    assert emulator.contract(agreed)["terms"]["gpu_dollars_per_hour"] == pytest.approx(2 * price)
    for contract in (kept, agreed):
        emulator.destroy(contract)


@pytest.mark.parametrize(
    ("fault", "status", "message"),
    [
        ({"kind": "rate_limited"}, 429, "no detail message"),
        ({"kind": "error_html"}, 500, "no detail message"),
        ({"kind": "status", "status": 502}, 502, "502"),
        ({"kind": "key_revoked"}, 404, "Invalid user key"),
        ({"kind": "not_json"}, 0, ""),
    ],
)
def test_errors_exit_with_0(emulator: EmulatorProcess, cli: VastCli, fault: dict, status: int, message: str) -> None:
    emulator.inject(route="user", **fault)
    failed(run(cli, "show", "user", "--raw", "--retry", "1"), status, message)


def test_dropped_connections_and_listed_errors_are_tracebacks(emulator: EmulatorProcess, cli: VastCli) -> None:
    for kind in ("drop", "error_list"):
        emulator.inject(kind=kind, route="user")
        reply = run(cli, "show", "user", "--raw", "--retry", "1")
        assert (reply.returncode, reply.stdout) == (1, "")
        assert "Traceback" in reply.stderr


def test_a_charset_in_the_content_type_breaks_a_search(emulator: EmulatorProcess, cli: VastCli) -> None:
    emulator.inject(kind="charset", route="search")
    reply = run(cli, "search", "offers", "--raw", "num_gpus=1")
    assert (reply.returncode, reply.stdout) == (0, "invalid return Content-Type: application/json; charset=utf-8\n")


def test_retries_repeat_a_create_that_was_carried_out(emulator: EmulatorProcess, cli: VastCli) -> None:
    """Why the control plane says `--retry 1`: the second try reports a loss although the first one rented."""
    ask = emulator.cheapest()["id"]
    emulator.inject(kind="commit_then_drop", route="create")
    reply = run(cli, "create", "instance", str(ask), "--image", "i", "--cancel-unavail", "--raw", "--args")
    failed(reply, 410, "no_such_ask")
    (contract,) = emulator.admin("GET", "state")["open_contracts"]
    emulator.destroy(contract)


def test_the_old_list_is_gone_and_names_need_no_key(emulator: EmulatorProcess) -> None:
    old = emulator.http("GET", "/api/v0/instances/", key=emulator.key)
    assert (old.status, old.body["error"]) == (410, "deprecated_endpoint")
    names = emulator.http("GET", "/api/v0/gpu_names/unique/")
    assert "RTX 4090" in names.body["gpu_names"]
    for path in ("/api/v0/users/current", "/api/v0/users/current/"):
        assert emulator.http("GET", path, key=emulator.key).content_type == "application/json"
