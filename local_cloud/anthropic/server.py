"""The account over HTTP: `/v1/messages` and `/v1/messages/batches` (wire)."""

from __future__ import annotations

import json
import logging
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

from flask import Flask, Response, jsonify, request
from werkzeug.serving import make_server

from .account import Account
from .batches import Batch, Batches
from .refusals import MOST_BYTES, REQUEST, WRONG_KEY, Refused, invalid

VERSION = "2026-10-21"
SLOW_SECONDS = 3


class Server:
    """Serves an account on a loopback port, 0 for a free one; a context manager with `url`."""

    def __init__(self, account: Account, batches: Batches, port: int = 0) -> None:
        self.lost_batches: list[bool] = []  # connections that break off when a batch comes: whether it was made
        self.hold = threading.Event()
        self.hold.set()
        self._account = account
        self._batches = batches
        self._server = make_server("127.0.0.1", port, self._make_app(), threaded=True)
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> Server:
        logging.getLogger("werkzeug").setLevel(logging.ERROR)
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.hold.set()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def serve_forever(self) -> None:
        """Serve in this thread."""
        self._server.serve_forever()

    def _make_app(self) -> Flask:
        app = Flask(__name__)
        routes: tuple[tuple[str, str, Callable[..., Response]], ...] = (
            ("/v1/messages", "POST", self._messages),
            ("/v1/messages/batches", "POST", self._create_batch),
            ("/v1/messages/batches", "GET", self._list_batches),
            ("/v1/messages/batches/<batch_id>", "GET", self._get_batch),
            ("/v1/messages/batches/<batch_id>/cancel", "POST", self._cancel_batch),
            ("/v1/messages/batches/<batch_id>/results", "GET", self._results),
        )
        for number, (path, method, view) in enumerate(routes):
            app.add_url_rule(path, str(number), view_func=view, methods=[method])
        app.add_url_rule("/health", "health", view_func=lambda: Response("ok"))
        app.before_request(self._check_caller)
        app.register_error_handler(Refused, _refused)
        return app

    def _check_caller(self) -> None:
        if request.path == "/health":
            return
        if request.headers.get("Authorization") != f"Bearer {self._account.key}":
            raise WRONG_KEY
        if request.headers.get("anthropic-version") != VERSION:
            raise invalid("anthropic-version: header is required")

    def _messages(self) -> Response:
        if (request.content_length or 0) > MOST_BYTES:
            raise REQUEST["too_large"]
        body = request.get_json(silent=True)
        self._account.require_good_standing()
        self._account.check(body)
        ending = self._account.take_ending(body)
        self.hold.wait(30)
        if ending == "hang_up":
            return self._hang_up(body)
        if ending == "no_json":
            return Response("<html>Bad gateway</html>", 502, content_type="text/html")
        if ending == "slow":
            time.sleep(SLOW_SECONDS)
        response = jsonify(self._account.process(body, ending))
        response.headers["request-id"] = "req_01"
        return response

    def _hang_up(self, body: dict[str, Any]) -> Response:
        """The connection ends in the middle of the answer, which is billed all the same."""
        self._account.process(body, "answer")
        return _broken_off()

    def _create_batch(self) -> Response:
        raw = request.get_data()
        try:
            requests = json.loads(raw).get("requests")
        except (ValueError, AttributeError):
            raise invalid("The request body is not valid JSON") from None
        breaks_off = bool(self.lost_batches)
        if breaks_off and not self.lost_batches.pop(0):
            return _broken_off()
        batch = self._batches.create(requests, len(raw))
        return _broken_off() if breaks_off else self._show(batch)

    def _list_batches(self) -> Response:
        limit = request.args.get("limit", 20, type=int)
        page, has_more = self._batches.page(limit, request.args.get("after_id"), request.args.get("before_id"))
        now = self._account.clock.now()
        data = [batch.as_json(self.url, now) for batch in page]
        first, last = (page[0].id, page[-1].id) if page else (None, None)
        return jsonify(data=data, has_more=has_more, first_id=first, last_id=last)

    def _get_batch(self, batch_id: str) -> Response:
        return self._show(self._batches.get(batch_id))

    def _cancel_batch(self, batch_id: str) -> Response:
        return self._show(self._batches.cancel(batch_id))

    def _results(self, batch_id: str) -> Response:
        lines = (json.dumps(line) + "\n" for line in self._batches.results(batch_id))
        return Response(lines, content_type="application/x-jsonl")

    def _show(self, batch: Batch) -> Response:
        return jsonify(batch.as_json(self.url, self._account.clock.now()))


def _broken_off() -> Response:
    def stream() -> Iterator[bytes]:
        yield b'{"id": "'
        raise ConnectionAbortedError

    return Response(stream(), 200, content_type="application/json", headers={"Content-Length": "4000"})


def _refused(refused: Refused) -> Response:
    response = jsonify(refused.body)
    response.status_code = refused.status
    response.headers.update(dict(refused.headers))
    return response
