"""Where Telegram delivers updates: `POST /telegram/webhook`, guarded by the secret that Telegram repeats."""

from __future__ import annotations

import hmac

from flask import Blueprint, current_app, request

from control_plane.clients import Clients
from control_plane.errors import NotAllowed, NotFound
from control_plane.http.contract import describe
from control_plane.http.wiring import settings
from control_plane.settings import Settings
from control_plane.telegram.answers import TelegramDesk
from control_plane.telegram.client import TelegramClient
from control_plane.telegram.update import read_update

blueprint = Blueprint("telegram", __name__)
MOST_BODY_BYTES = 1024 * 1024


def build_desk(settings: Settings, clients: Clients) -> TelegramDesk | None:
    """The bot; without a token there is none, and the webhook does not exist."""
    token = settings.telegram_bot_token
    return TelegramDesk(TelegramClient(token, settings.telegram_api_url), clients, settings) if token else None


@blueprint.post("/telegram/webhook")
@describe(
    "Updates from Telegram", "Telegram", auth="none", raw=("application/json", {"type": "object"}),
    answer=dict[str, bool], errors=(401, 404, 503),
)  # fmt: skip
def webhook() -> dict[str, bool]:
    """Answer one update. 503 makes Telegram send it again later; everything else ends it."""
    desk: TelegramDesk | None = current_app.extensions["telegram"]
    if desk is None:
        raise NotFound("Telegram is not set up; set TELEGRAM_BOT_TOKEN.", "telegram_off")
    given = request.headers.get("X-Telegram-Bot-Api-Secret-Token", "")
    if not hmac.compare_digest(given.encode(), (settings().telegram_webhook_secret or "").encode()):
        raise NotAllowed("This is not Telegram: the secret token is missing or wrong.", "wrong_secret")
    request.max_content_length = MOST_BODY_BYTES
    if incoming := read_update(request.get_json(silent=True)):
        desk.answer(incoming)
    return {"ok": True}
