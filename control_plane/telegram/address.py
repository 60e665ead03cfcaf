"""Whether Telegram knows our address and gets through to it: registered again where it does not (wire)."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from control_plane.database import Database
from control_plane.errors import ControlPlaneError
from control_plane.settings import Settings
from control_plane.telegram.client import TelegramClient, WebhookInfo

log = logging.getLogger(__name__)
SOUND_SECONDS = 300.0
TROUBLED_SECONDS = 60.0
FRESH = timedelta(minutes=10)
"""An error of Telegram's that is older than this is over: it tries again every minute while updates wait."""
PATIENCE = timedelta(minutes=15)
"""So long it is mended in silence: a certificate or a restart may take minutes."""


def webhook_url(settings: Settings) -> str | None:
    """Where Telegram is to deliver; None where it cannot: it takes TLS addresses only."""
    url = settings.control_plane_url
    return f"{url}/telegram/webhook" if url.startswith("https://") else None


def trouble_of(info: WebhookInfo, url: str, now: datetime) -> tuple[str, str] | None:
    """Code and words for what keeps Telegram's updates from us; None for nothing (pure)."""
    if not info.url:
        return "telegram_webhook_missing", "Telegram knows no address of ours, so the bot is deaf."
    if info.url != url:
        return "telegram_webhook_elsewhere", "Telegram delivers to another address than CONTROL_PLANE_URL's."
    if info.failed_at is not None and now - info.failed_at < FRESH:
        waiting = f"; {info.waiting} updates wait" if info.waiting else ""
        return "telegram_webhook_failing", f"Telegram does not get through to us: {info.problem}{waiting}."
    return None


@dataclass
class AddressKeeper:
    """Looks every few minutes, and every minute while there is trouble; raises an alarm when that does not help."""

    telegram: TelegramClient
    settings: Settings
    database: Database
    wall: Callable[[], datetime] = lambda: datetime.now(UTC)
    troubled_since: datetime | None = None
    registered_at: datetime | None = None

    def tick(self) -> float:
        """Look, and register at the start and where something is wrong; returns the seconds to pause.

        At the start: what Telegram shows of an address does not say with which TELEGRAM_WEBHOOK_SECRET it comes.
        """
        url = webhook_url(self.settings)
        if url is None:
            return SOUND_SECONDS
        try:
            info = self.telegram.get_webhook()
            trouble = trouble_of(info, url, self.wall())
            if self.registered_at is None or (trouble is not None and not self._is_old_news(info)):
                if trouble is not None:
                    log.warning("telegram gets our address again", extra={"code": trouble[0]})
                self.telegram.set_webhook(url, self.settings.telegram_webhook_secret or "")
                self.registered_at = self.wall()
            self._tell(trouble)
        except ControlPlaneError as error:
            log.error("telegram's webhook was not looked at", extra={"code": error.code})
            return TROUBLED_SECONDS
        return TROUBLED_SECONDS if trouble else SOUND_SECONDS

    def _is_old_news(self, info: WebhookInfo) -> bool:
        """Whether the error is from before we registered: Telegram keeps the last one on show."""
        since, failed = self.registered_at, info.failed_at
        return bool(info.url == webhook_url(self.settings) and since and failed and failed <= since)

    def _tell(self, trouble: tuple[str, str] | None) -> None:
        if trouble is None:
            if self.troubled_since is not None:
                self.database.clear_alarm("telegram_deaf")
            self.troubled_since = None
            return
        self.troubled_since = self.troubled_since or self.wall()
        if self.wall() - self.troubled_since > PATIENCE:
            self.database.raise_alarm("telegram_deaf", f"{trouble[1]} It is registered again every minute.")
