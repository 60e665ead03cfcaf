"""Telegram: who the bot is, and whether updates reach us, by the calls the notifier makes (wire)."""

from __future__ import annotations

from datetime import UTC, datetime

from control_plane.doctor.probes import Probe, Trouble, look, off
from control_plane.settings import Settings
from control_plane.telegram.address import trouble_of, webhook_url
from control_plane.telegram.client import TelegramClient

DOOR = "telegram"


def examine(settings: Settings) -> list[Probe]:
    """The token, then the webhook."""
    if not settings.telegram_bot_token:
        return [off(DOOR, "No TELEGRAM_BOT_TOKEN is set: there is no bot.")]
    client = TelegramClient(settings.telegram_bot_token, settings.telegram_api_url)
    try:
        known = look(DOOR, "the bot", lambda: f"The bot is @{client.get_name()}.")
        if known.state == "fault":
            return [known]
        return [
            known, look(DOOR, "who may write", lambda: _people(settings)),
            look(DOOR, "the webhook", lambda: _webhook(client, settings)),
        ]  # fmt: skip
    finally:
        client.close()


def _people(settings: Settings) -> str:
    if not settings.telegram_allowed_users:
        raise Trouble(
            "telegram_nobody_allowed", "TELEGRAM_ALLOWED_USERS names nobody, so nobody is answered.", "warning"
        )
    return f"{len(settings.telegram_allowed_users)} people are answered."


def _webhook(client: TelegramClient, settings: Settings) -> str:
    url = webhook_url(settings)
    if url is None:
        raise Trouble("telegram_needs_https", "CONTROL_PLANE_URL is no https address: Telegram delivers to none else.")
    trouble = trouble_of(client.get_webhook(), url, datetime.now(UTC))
    if trouble:
        raise Trouble(*trouble)
    return "Telegram delivers to us."
