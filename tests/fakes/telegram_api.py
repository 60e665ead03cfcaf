"""A stand-in for Telegram's Bot API over HTTP: what the bot sends is checked like the real one checks it, and kept.

`FakeTelegram()` is a context manager with `url` and `token`. `files` maps file ids to bytes, `sent` holds messages as
dicts, `failures` lists how the next sendMessage calls fail, `failing_texts` what never comes through,
`webhook_failures` how the next setWebhook calls fail, `webhook_info` is what getWebhookInfo tells.
"""

import json
import logging
import threading
from html.parser import HTMLParser
from typing import Any

from flask import Flask, Response, jsonify, request
from werkzeug.serving import make_server

TOKEN = "123456:stand-in-bot-token"
TAGS = {"b", "i", "u", "s", "a", "code", "pre", "blockquote"}
FAILURES = {
    "too_many": (429, {"description": "Too Many Requests: retry after 1", "parameters": {"retry_after": 1}}),
    "flood": (429, {"description": "Too Many Requests: retry after 240", "parameters": {"retry_after": 240}}),
    "blocked": (403, {"description": "Forbidden: bot was blocked by the user"}),
    "down": (502, {"description": "Bad Gateway"}),
    "markup": (400, {"description": "Bad Request: can't parse entities: unsupported start tag"}),
}


class FakeTelegram:
    """Keeps messages, hands out files, and refuses what the real one refuses."""

    def __init__(self) -> None:
        self.token = TOKEN
        self.files: dict[str, bytes] = {}
        self.sent: list[dict[str, Any]] = []
        self.answered: list[str] = []
        self.webhooks: list[dict[str, Any]] = []
        self.failures: list[str] = []
        self.failing_texts: list[str] = []
        self.webhook_failures: list[str] = []
        self.webhook_info: dict[str, Any] = {}

    def __enter__(self) -> "FakeTelegram":
        logging.getLogger("werkzeug").setLevel(logging.ERROR)
        app = Flask(__name__)
        app.add_url_rule("/bot<token>/<method>", view_func=self._call, methods=["POST"])
        app.add_url_rule("/file/bot<token>/<path:path>", view_func=self._file)
        self._server = make_server("127.0.0.1", 0, app, threaded=True)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *exc) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def _call(self, token: str, method: str) -> Response:
        if token != self.token:
            return _error(401, description="Unauthorized")
        values = {name: _value(text) for name, text in request.form.items()}
        return getattr(self, f"_{method}")(values)

    def _sendMessage(self, values: dict) -> Response:  # noqa: N802  Telegram's name
        if self.failures:
            status, body = FAILURES[self.failures.pop(0)]
            return _error(status, **body)
        if any(text in str(values["text"]) for text in self.failing_texts):
            return _error(502, description="Bad Gateway")
        if problem := _problem(values):
            return _error(400, description=f"Bad Request: {problem}")
        self.sent.append(values)
        chat = {"id": values["chat_id"], "type": "private"}
        message = {"message_id": 1000 + len(self.sent), "date": 1_780_000_000, "chat": chat, "text": "sent"}
        return jsonify(ok=True, result=message)

    def _answerCallbackQuery(self, values: dict) -> Response:  # noqa: N802
        self.answered.append(str(values["callback_query_id"]))
        return jsonify(ok=True, result=True)

    def _setWebhook(self, values: dict) -> Response:  # noqa: N802
        if self.webhook_failures:
            status, body = FAILURES[self.webhook_failures.pop(0)]
            return _error(status, **body)
        self.webhooks.append(values)
        self.webhook_info = {"url": values["url"]}
        return jsonify(ok=True, result=True)

    def _getMe(self, values: dict) -> Response:  # noqa: N802
        return jsonify(ok=True, result={"id": 999, "is_bot": True, "first_name": "Papers", "username": "papers_bot"})

    def _getWebhookInfo(self, values: dict) -> Response:  # noqa: N802
        told = {"url": "", "has_custom_certificate": False, "pending_update_count": 0} | self.webhook_info
        return jsonify(ok=True, result=told)

    def _getFile(self, values: dict) -> Response:  # noqa: N802
        file_id = str(values["file_id"])
        if file_id not in self.files:
            return _error(400, description="Bad Request: invalid file_id")
        if len(self.files[file_id]) > 20 * 1024**2:
            return _error(400, description="Bad Request: file is too big")
        result = {"file_id": file_id, "file_unique_id": file_id, "file_path": f"documents/{file_id}"}
        return jsonify(ok=True, result=result)

    def _file(self, token: str, path: str) -> Response:
        return Response(self.files[path.removeprefix("documents/")])


def document_update(user_id: int, message_id: int, file_id: str, name: str, size: int, **chat: Any) -> dict:
    """An update as Telegram sends it when a person sends a file."""
    document = {"file_id": file_id, "file_unique_id": file_id, "file_name": name, "file_size": size}
    return message_update(user_id, message_id, document=document, **chat)


def photo_update(user_id: int, message_id: int, file_id: str, album_id: str | None = None) -> dict:
    """A photo, in several sizes, perhaps of an album."""
    sizes = [
        {"file_id": "thumb", "file_unique_id": "t", "width": 90, "height": 67, "file_size": 900},
        {"file_id": file_id, "file_unique_id": file_id, "width": 1280, "height": 960, "file_size": 90_000},
    ]
    album = {"media_group_id": album_id} if album_id else {}
    return message_update(user_id, message_id, photo=sizes, **album)


def text_update(user_id: int, message_id: int, text: str) -> dict:
    """A message of words."""
    entities = [{"type": "bot_command", "offset": 0, "length": len(text.split()[0])}] if text.startswith("/") else []
    return message_update(user_id, message_id, text=text, entities=entities)


def button_update(user_id: int, message_id: int, data: str) -> dict:
    """A pressed button under one of the bot's messages."""
    message = message_update(999, message_id, text="result")["message"] | {"chat": {"id": user_id, "type": "private"}}
    query = {"id": f"q{message_id}", "from": _person(user_id), "chat_instance": "1", "data": data, "message": message}
    return {"update_id": 5000 + message_id, "callback_query": query}


def message_update(user_id: int, message_id: int, chat_type: str = "private", **content: Any) -> dict:
    """Any message of a person."""
    chat = {"id": user_id if chat_type == "private" else -100, "type": chat_type}
    message = {"message_id": message_id, "from": _person(user_id), "chat": chat, "date": 1_780_000_000} | content
    return {"update_id": 1000 + message_id, "message": message}


def _person(user_id: int) -> dict:
    return {"id": user_id, "is_bot": False, "first_name": "Dana"}


def _problem(values: dict) -> str | None:
    if not 1 <= len(values["text"]) <= 4096:
        return "message is too long"
    if values.get("parse_mode") == "HTML":
        checker = _Checker()
        checker.feed(values["text"])
        if checker.problem or checker.open:
            return "can't parse entities"
    for row in (values.get("reply_markup") or {}).get("inline_keyboard", []):
        for button in row:
            if len(button.get("callback_data", "").encode()) > 64:
                return "BUTTON_DATA_INVALID"
            if not button.get("text") or not (button.get("callback_data") or button.get("url", "").startswith("http")):
                return "Text buttons are unallowed in the inline keyboard"
    return None


class _Checker(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.problem = False

    def handle_starttag(self, tag: str, attrs: list) -> None:
        self.problem |= tag not in TAGS
        self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        self.problem |= not self.open or self.open.pop() != tag


def _value(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text


def _error(status: int, **body: Any) -> Response:
    response = jsonify(ok=False, error_code=status, **body)
    response.status_code = status
    return response
