"""Rented machines, renting, and the market."""

from datetime import datetime, timedelta

from flask import Blueprint, request

from .answers import refusal, state

answers = Blueprint("machines", __name__)


@answers.get("/api/instances/status")
def show_machines():
    renting = {"paused": state().paused, "reason": state().pause_reason}
    return {"instances": state().machines, "renting": renting, "jobs_queued": 0, "jobs_processing": 0}


@answers.post("/api/instances/launch")
def launch():
    state().machines.insert(0, _row("aseagi-home-0badcafe", "intent", state().now))
    return {"label": None, "status": "requested"}, 202


@answers.post("/api/instances/own")
def join_own_computer():
    label = f"own-home-{request.get_json()['name']}"
    own = {"gpu_name": None, "geolocation": None, "contract_id": None, "usd_per_hour": 0.0}
    state().machines.insert(0, _row(label, "booting", state().now, hosting="local", **own))
    return {"label": label, "environment": {"WORKER_TOKEN": "token-of-desk", "OWN_COMPUTER": "yes"}}, 201


@answers.post("/api/instances/<label>/destroy")
def destroy(label: str):
    for row in state().machines:
        if row["label"] == label:
            row["status"] = "destroying"
            return {"label": label, "status": "destroying"}, 202
    return refusal(404, "not_found", "There is no such machine.")


@answers.get("/api/instances/<label>/logs")
def show_log(label: str):
    return {"label": label, "log": "worker ready\nread 40 pages"}


@answers.post("/api/renting/pause")
def pause_renting():
    return _set_paused(True)


@answers.post("/api/renting/resume")
def resume_renting():
    return _set_paused(False)


@answers.get("/vastai/balance")
def show_balance():
    return {"balance": 18.42, "currency": "USD"}


@answers.get("/vastai/offers")
def list_offers():
    return {"offers": state().offers}


def _set_paused(paused: bool):
    state().paused = paused
    state().pause_reason = (request.get_json(silent=True) or {}).get("reason") if paused else None
    return {"paused": state().paused, "reason": state().pause_reason}


def _row(label: str, status: str, now: datetime, **more) -> dict:
    return {
        "label": label,
        "status": status,
        "hosting": "community",
        "contract_id": 7712345,
        "gpu_name": "RTX 3060",
        "geolocation": "Sweden, SE",
        "usd_per_hour": 0.071,
        "machine_usd": 0.0,
        "created_at": now.isoformat(),
        "ready_at": None,
        "last_heartbeat_at": None,
        "jobs_held": 0,
        "pages_done": 0,
        "pages_per_second": None,
        "reason": None,
        "verdict": "wait",
        "verdict_reason": "it loads the image, as boots like it do",
        "verdict_at": now.isoformat(),
        "billing": None,
        "price_increase": None,
    } | more


def sample_machines(now: datetime) -> list[dict]:
    return [
        _row(
            "aseagi-home-3fa9c1d2",
            "ready",
            now - timedelta(minutes=24),
            machine_usd=0.029,
            jobs_held=6,
            pages_done=4120,
            pages_per_second=14.2,
            last_heartbeat_at=(now - timedelta(seconds=4)).isoformat(),
            verdict="keep",
            verdict_reason="it reports and hands work back",
            price_increase="GPU $0.0710 → $0.0990 an hour, from 28 Nov 12:00 UTC on",
        ),
        _row(
            "aseagi-home-77e01b5c",
            "booting",
            now - timedelta(minutes=1),
            gpu_name="RTX 4070",
            geolocation="Texas, US",
            hosting="datacenter",
            usd_per_hour=0.118,
            machine_usd=0.002,
        ),
        _row(
            "aseagi-home-0c44de90",
            "destroyed",
            now - timedelta(hours=7),
            machine_usd=0.11,
            pages_done=9300,
            reason="idle for five minutes",
            verdict=None,
            verdict_reason=None,
            billing="its bill has stopped",
        ),
    ]


def sample_offers() -> list[dict]:
    cards = [
        ("RTX 3060", 0.071, "Sweden, SE"),
        ("RTX 3070", 0.083, "Ohio, US"),
        ("RTX 4060 Ti", 0.096, "Spain, ES"),
        ("RTX 4070", 0.118, "Texas, US"),
        ("RTX 3090", 0.142, "Poland, PL"),
    ]
    return [
        {
            "id": 9_000_000 + i,
            "gpu_name": name,
            "num_gpus": 1,
            "usd_per_hour": price,
            "reliability": 0.985 + i / 1000,
            "geolocation": place,
            "inet_down_mbps": 410 + 90 * i,
            "hosting": "datacenter" if i == 3 else "community",
            "pages": 1200,
            "run_usd": 0.011 + 0.004 * i,
            "usd_per_page": (0.011 + 0.004 * i) / 1200,
            "run_hours": 0.2,
            "within_caps": i < 4,
        }
        for i, (name, price, place) in enumerate(cards)
    ]
