"""A control plane with a bot of a stand-in Telegram."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import httpx
import pytest

from control_plane.telegram.notifier import Notifier, tick
from local_cloud import Cloud
from tests.control_plane.desk import Desk, make_desk
from tests.fakes.telegram_api import FakeTelegram
from tests.queue.claims import new_analysis

SECRET = "stand-in-webhook-secret"
DANA = 4711


@dataclass
class Bot:
    """The webhook as Telegram reaches it, and the notifier's loop, one turn at a time."""

    desk: Desk
    telegram: FakeTelegram
    notifier: Notifier

    def deliver(self, update: dict, secret: str = SECRET):
        return self.desk.http.post(
            "/telegram/webhook", json=update, headers={"X-Telegram-Bot-Api-Secret-Token": secret}
        )

    def texts(self) -> list[str]:
        return [message["text"] for message in self.telegram.sent]

    def tick(self) -> float:
        return tick(self.notifier)

    def finish(self, status: str = "completed", **document) -> str:
        """Let a worker end the one open job; returns the document's id."""
        worker = self.desk.add_machine("aseagi-test-00000001")
        job = self.desk.claim(worker)
        rest = f"{self.desk.settings.supabase_url}/rest/v1/rpc/"
        headers = {"apikey": self.desk.settings.supabase_publishable_key, **worker}
        lease = {"job_id": job["job_id"], "lease_token": job["lease_token"]}
        if status == "failed":
            body = lease | {"code": "encrypted", "message": "It is locked with a password.", "retry": False}
            httpx.post(f"{rest}fail_job", headers=headers, json=body).raise_for_status()
        else:
            self.desk.clients.database.complete_job("aseagi-test-00000001", *lease.values(), _result(job, document))
            self.desk.clients.database.index_texts()  # as the importer does
        return job["document_id"]


def _result(job: dict, document: dict) -> dict:
    analysis = {
        "words": "still in Reno", "analyst": "claude", "document_type": "court_order", "document_date": "2023-11-02",
        "parties": [{"name": "Dana <W>", "role": "petitioner"}], "case_number": "FL-2023-004417",
        "summary": "Sets parenting time & exchanges.", "relevancy_score": 925, "truth_score": 88,
        "findings": [{"role": "order_violation", "quote": "still in Reno", "reason": "x", "number": 74}],
    }  # fmt: skip
    return {
        "sha256": job["sha256"], "mime_type": "application/pdf", "pages_total": 1, "seconds": 1.0,
        "pages": [{"page": 1, "outcome": "ocr", "engine": "onnx", "confidence": 0.9, "seconds": 1.0, "words": 4}],
        "artifacts": {"ocr.txt": {"key": f"{job['artifact_prefix']}ocr.txt", "bytes": 22, "sha256": "0" * 64}},
        "text": "We are <still> in Reno, still in Reno", "chunks": [],
        "analysis": new_analysis(**analysis | document),
    }  # fmt: skip


@pytest.fixture
def telegram() -> Iterator[FakeTelegram]:
    """The stand-in Bot API."""
    with FakeTelegram() as fake:
        yield fake


@pytest.fixture
def make_bot(clean_cloud: Cloud, telegram: FakeTelegram) -> Iterator[Callable[..., Bot]]:
    """`make_bot(NAME=value)`: the control plane with these settings and a bot."""
    made = []

    def make(**changes: str) -> Bot:
        environ = {
            "TELEGRAM_BOT_TOKEN": telegram.token, "TELEGRAM_API_URL": telegram.url, "TELEGRAM_WEBHOOK_SECRET": SECRET,
            "TELEGRAM_ALLOWED_USERS": str(DANA),
        }  # fmt: skip
        desk = make_desk(clean_cloud, **(environ | changes))
        telegram_desk = desk.http.application.extensions["telegram"]
        bot = Bot(desk, telegram, Notifier(desk.clients, telegram_desk.telegram, desk.settings))
        made.append(telegram_desk.telegram)
        return bot

    yield make
    for client in made:
        client.close()


@pytest.fixture
def bot(make_bot) -> Bot:
    """The bot with its usual settings."""
    return make_bot()
