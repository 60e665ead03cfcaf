"""A stand-in for Anthropic's Messages API over HTTP, for the gateway and the worker's analyst.

`FakeAnthropic()` is a context manager with `url` and `key`. `script` lists how the next calls end, first to last; when
it is empty every call is answered from the document's own text. `requests` holds the bodies as they came.
"""

import json
import logging
import threading
import time
from typing import Any

from flask import Flask, Response, jsonify, request
from werkzeug.serving import make_server

KEY = "sk-ant-stand-in-key-0123456789"
ALLOWED_KEYS = {"model", "max_tokens", "messages", "system", "output_config"}
FILTERED = "Output blocked by content filtering policy"


class FakeAnthropic:
    """Answers, refuses and fails on demand, and counts tokens like the real one's answer does."""

    def __init__(self) -> None:
        self.key = KEY
        self.script: list[str] = []
        self.requests: list[dict[str, Any]] = []
        self.usage: dict[str, int] | None = None
        self.answer_changes: dict[str, Any] = {}
        self.hold = threading.Event()
        self.hold.set()
        self._lock = threading.Lock()

    def __enter__(self) -> "FakeAnthropic":
        logging.getLogger("werkzeug").setLevel(logging.ERROR)
        app = Flask(__name__)
        app.add_url_rule("/v1/messages", view_func=self._messages, methods=["POST"])
        self._server = make_server("127.0.0.1", 0, app, threaded=True)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *exc) -> None:
        self.hold.set()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def _messages(self) -> Response:
        if request.headers.get("Authorization") != f"Bearer {self.key}":
            return _error(401, "authentication_error", "invalid bearer token")
        if request.headers.get("anthropic-version") != "2026-10-21":
            return _error(400, "invalid_request_error", "anthropic-version: header is required")
        body = request.get_json()
        if unknown := set(body) - ALLOWED_KEYS:
            return _error(400, "invalid_request_error", f"{sorted(unknown)[0]}: Extra inputs are not permitted")
        with self._lock:
            self.requests.append(body)
            ending = self.script.pop(0) if self.script else "answer"
        self.hold.wait(30)
        return getattr(self, f"_{ending}")(body)

    def _answer(self, body: dict) -> Response:
        return self._message(body, json.dumps(answer_from(body) | self.answer_changes))

    def _cut_off(self, body: dict) -> Response:
        return self._message(body, json.dumps(answer_from(body))[:60], stop_reason="max_tokens")

    def _refusal(self, body: dict) -> Response:
        return self._message(body, "", stop_reason="refusal")

    def _malformed(self, body: dict) -> Response:
        return self._message(body, '{"document_type": "letter", "findings": "none"}')

    def _no_json(self, _body: dict) -> Response:
        return Response("<html>Bad gateway</html>", 502, content_type="text/html")

    def _filtered(self, _body: dict) -> Response:
        return _error(400, "invalid_request_error", FILTERED)

    def _rate_limited(self, _body: dict) -> Response:
        return _error(429, "rate_limit_error", "This request would exceed your rate limit", {"retry-after": "1"})

    def _overloaded(self, _body: dict) -> Response:
        return _error(529, "overloaded_error", "Overloaded", {"retry-after": "0"})

    def _hang_up(self, _body: dict) -> Response:
        # The connection ends in the middle of the answer: charged, as far as anybody knows.
        def stream():
            yield b'{"id": "msg_'
            raise ConnectionAbortedError

        return Response(stream(), 200, content_type="application/json", headers={"Content-Length": "4000"})

    def _slow(self, body: dict) -> Response:
        time.sleep(3)
        return self._answer(body)

    def _message(self, body: dict, text: str, stop_reason: str = "end_turn") -> Response:
        content = [{"type": "thinking", "thinking": "", "signature": "s"}]
        content += [{"type": "text", "text": text}] if text else []
        response = jsonify(
            id="msg_01", type="message", role="assistant", model=body["model"], content=content,
            stop_reason=stop_reason, stop_sequence=None, usage=self.usage or count_usage(body, text),
        )  # fmt: skip
        response.headers["request-id"] = "req_01"
        return response


def _texts(body: dict) -> list[str]:
    content = body["messages"][0]["content"]
    return [content] if isinstance(content, str) else [block["text"] for block in content if block["type"] == "text"]


def read_pages(body: dict) -> list[tuple[int, str]]:
    """The numbers and texts of the pages in the request, as its JSON gives them."""
    documents = [json.loads(text) for text in _texts(body) if text.startswith("{")]
    return [(page["page"], page["text"]) for document in documents for page in document["pages"]]


def answer_from(body: dict) -> dict:
    """A sound answer about the pages in the request, quoting their own words."""
    pages = read_pages(body)
    page, text = next(((n, t) for n, t in pages if len(t.split()) > 5), (1, "no words at all here"))
    quote = " ".join(text.split()[:8])
    nothing = {"score": None, "page": None, "quote": None, "reason": None}
    judged = {"page": page, "quote": quote, "reason": "The words say so."}
    return {
        "document_type": "Declaration", "document_date": "2024-05-14", "dates": ["2024-03-08", "not a date"],
        "parties": [{"name": "Dana Whitfield", "role": "Petitioner"}], "case_number": "FL-2023-004417", "court": None,
        "summary": "A statement about one weekend.", "key_facts": ["The children were in Reno on 8 March 2024."],
        "findings": [
            {"kind": "contradiction", "page": page, "quote": quote, "only_in_picture": False,
             "explanation": "Two places at once.", "score": 78}
        ],
        "truth": {"score": 24, **judged}, "justice": nothing, "fraud": {"score": 71, **judged},
        "perjury": nothing, "legal_credit": {"score": 410, **judged}, "relevancy": {"score": 960, **judged},
    }  # fmt: skip


def count_usage(body: dict, text: str) -> dict[str, int]:
    """Tokens about as the real API counts them: four characters of text, 1,500 an image."""
    content = body["messages"][0]["content"]
    images = sum(block["type"] == "image" for block in content if isinstance(block, dict))
    shown = sum(len(text) for text in _texts(body))
    return {
        "input_tokens": (shown + len(json.dumps(body.get("system", "")))) // 4 + 1500 * images,
        "output_tokens": len(text) // 4 + 40,
        "cache_creation_input_tokens": 0,
        "cache_read_input_tokens": 0,
    }


def _error(status: int, kind: str, message: str, headers: dict | None = None) -> Response:
    response = jsonify(type="error", error={"type": kind, "message": message}, request_id="req_01")
    response.status_code = status
    response.headers.update(headers or {})
    return response
