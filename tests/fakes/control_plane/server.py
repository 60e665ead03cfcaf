"""The stand-in itself: state as plain lists, served by a real HTTP server on a free loopback port."""

import logging
import threading
from datetime import UTC, datetime
from typing import Any

from flask import Flask, request
from werkzeug.serving import make_server

from . import alarms, batches, case, costs, documents, findings, health, jobs, judging, machines, pairs, people
from .answers import EXTENSION, refusal

TOKEN = "stand-in-control-plane-token"


class FakeControlPlane:
    """See the package."""

    def __init__(self, empty: bool = False):
        self.token = TOKEN
        self.now = datetime.now(UTC)
        self.calls: list[tuple[str, str, Any]] = []
        self.refusals: dict[str, tuple[int, str, str]] = {}
        self.families: dict[str, dict] = {}
        self.proposals: list[dict] = []
        self.file_facts: dict[str, list[dict]] = {}
        self.talks: dict[str, dict] = {}
        self.documents: list[dict] = [] if empty else case.sample_documents(self.now)
        self.jobs: list[dict] = [] if empty else jobs.sample_jobs(self.now, self.documents)
        self.batches: list[dict] = [] if empty else batches.sample_batches(self.now)
        self.quotes: list[dict] = [] if empty else batches.sample_quotes(self.now)
        self.machines: list[dict] = [] if empty else machines.sample_machines(self.now)
        self.offers: list[dict] = [] if empty else machines.sample_offers()
        self.still = {job["id"] for job in self.jobs if job["status"] in ("queued", "processing")}
        self.refused: list[dict] = []
        self.alarms: list[dict] = [] if empty else alarms.sample_alarms(self.now)
        self.me = {"name": "owner", "role": "owner", "scopes": ["read", "upload", "decide", "admin"], "by": "root"}
        self.accounts = [] if empty else people.sample_accounts()
        self.tokens = [] if empty else people.sample_tokens()
        self.access = [] if empty else people.sample_access()
        self.looked = health.never_looked() if empty else health.sample_look(self.now)
        self.readiness = health.sample_readiness(self.now)
        self.text_state = "unchanged"
        self.paused, self.pause_reason = False, None
        self.door = {"status": "open", "code": None, "message": None}
        self.waits: dict[str, int] = {} if empty else {"day_cap": 880, "in_line": 24}
        self.costs = costs.sample_costs(self.now, empty)
        self._server = None

    def __enter__(self) -> "FakeControlPlane":
        logging.getLogger("werkzeug").setLevel(logging.ERROR)
        self._server = make_server("127.0.0.1", 0, self._app(), threaded=True)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        for document in self.documents:
            document["thumbnail"] = f"{self.url}/files/{document['id']}/thumbnail.jpg"
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *exc) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def refuse(self, path: str, status: int, code: str, message: str) -> None:
        """Answer this path with an error from now on."""
        self.refusals[path] = (status, code, message)

    def _app(self) -> Flask:
        app = Flask(__name__)
        app.extensions[EXTENSION] = self
        app.before_request(self._gate)
        for noun in (alarms, health, documents, findings, jobs, machines, batches, costs, judging, pairs, people):
            app.register_blueprint(noun.answers)
        return app

    def _gate(self):
        if request.path.startswith("/files/"):
            return None
        self.calls.append((request.method, request.path, request.get_json(silent=True) or request.args.to_dict()))
        if request.headers.get("Authorization") != f"Bearer {self.token}":
            return refusal(401, "bad_token", "The token is missing or wrong.")
        return refusal(*self.refusals[request.path]) if request.path in self.refusals else None
