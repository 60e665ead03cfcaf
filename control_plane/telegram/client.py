"""Telegram's Bot API on the wire, through python-telegram-bot, for code that is not asynchronous."""

from __future__ import annotations

import asyncio
import re
import threading
from collections.abc import Coroutine, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeVar

from telegram import Bot, InlineKeyboardButton, InlineKeyboardMarkup, LinkPreviewOptions, ReplyParameters
from telegram.constants import ParseMode
from telegram.error import BadRequest, ChatMigrated, Forbidden, InvalidToken, RetryAfter, TelegramError
from telegram.request import HTTPXRequest

from control_plane.errors import ControlPlaneError, KeyRefused, Unavailable

Result = TypeVar("Result")
CALL_SECONDS = 60.0
CHUNK_BYTES = 1024 * 1024
KEY_REFUSED = "Telegram refuses our key: TELEGRAM_BOT_TOKEN is wrong or was revoked."
# Telegram has one code for everything it does not like; only its words tell our text from a chat that is gone.
OUR_TEXT = re.compile(r"parse entit|too long|text is empty|button|reply markup", re.IGNORECASE)


class TelegramAway(Unavailable):
    """Telegram did not answer, or asks us to slow down; nothing was lost, the same call may be repeated."""

    code = "telegram_away"

    def __init__(self, message: str, retry_after_seconds: float = 5.0) -> None:
        super().__init__(message)
        self.retry_after_seconds = retry_after_seconds


class TelegramFlood(TelegramAway):
    """Telegram takes nothing from this bot for so long; whatever is sent before makes it longer."""


class TelegramRefused(ControlPlaneError):
    """Telegram will never do this: the person blocked the bot, the chat or the file is gone."""

    status, code = 502, "telegram_refused"


class TelegramTextRefused(ControlPlaneError):
    """Telegram cannot show what we wrote: too long, empty or broken markup. Ours to mend, no chat's fault."""

    status, code = 502, "telegram_text_refused"


class TelegramKeyRefused(KeyRefused):
    """Telegram does not know the bot's token; nothing is sent or fetched until somebody sets the right one."""

    code = "telegram_key_refused"


@dataclass(frozen=True)
class Button:
    """A button under a message: it opens `url`, or sends `data` (64 bytes at most) back to us."""

    label: str
    url: str | None = None
    data: str | None = None


@dataclass(frozen=True)
class WebhookInfo:
    """Where Telegram sends updates ("": nowhere), how many wait, and when and why it last failed."""

    url: str
    waiting: int
    failed_at: datetime | None
    problem: str


class TelegramClient:
    """One bot. Its connections live in an event loop of its own thread; call it from any other."""

    def __init__(self, token: str, api_url: str) -> None:
        request = HTTPXRequest(connection_pool_size=8, read_timeout=20, write_timeout=20, connect_timeout=10)
        self._bot = Bot(token, base_url=f"{api_url}/bot", base_file_url=f"{api_url}/file/bot", request=request)
        self._loop = asyncio.new_event_loop()
        threading.Thread(target=self._loop.run_forever, name="telegram", daemon=True).start()

    def send(
        self, chat_id: int, html: str, buttons: Iterable[Iterable[Button]] = (), reply_to: int | None = None
    ) -> None:
        """Send a message in Telegram's HTML. Raises TelegramAway or TelegramRefused."""
        rows = [[InlineKeyboardButton(b.label, url=b.url, callback_data=b.data) for b in row] for row in buttons]
        reply = ReplyParameters(reply_to, allow_sending_without_reply=True) if reply_to else None
        self._run(
            self._bot.send_message(
                chat_id, html, parse_mode=ParseMode.HTML, reply_parameters=reply,
                reply_markup=InlineKeyboardMarkup(rows) if rows else None,
                link_preview_options=LinkPreviewOptions(is_disabled=True),
            )
        )  # fmt: skip

    def answer_button(self, callback_id: str, text: str | None = None) -> None:
        """Tell Telegram that a pressed button was heard, so that it stops waiting."""
        self._run(self._bot.answer_callback_query(callback_id, text))

    def download(self, file_id: str) -> list[bytes]:
        """A file's bytes in pieces; Telegram gives bots files of at most 20 MB, so they fit into memory."""
        content = bytes(self._run(self._download(file_id)))
        return [content[start : start + CHUNK_BYTES] for start in range(0, len(content), CHUNK_BYTES)]

    def set_webhook(self, url: str, secret: str) -> None:
        """Ask Telegram to send updates to our address, each with the secret."""
        kinds = ["message", "callback_query"]
        self._run(self._bot.set_webhook(url, secret_token=secret, allowed_updates=kinds, max_connections=10))

    def get_name(self) -> str:
        """The bot's own name, by which people find it."""
        return self._run(self._bot.get_me()).username or ""

    def get_webhook(self) -> WebhookInfo:
        """Where Telegram sends updates, and whether it gets through."""
        info = self._run(self._bot.get_webhook_info())
        return WebhookInfo(
            info.url, info.pending_update_count, info.last_error_date, (info.last_error_message or "")[:200]
        )  # fmt: skip

    def close(self) -> None:
        """Close the connections and end the thread."""
        self._run(self._bot.shutdown())
        self._loop.call_soon_threadsafe(self._loop.stop)

    async def _download(self, file_id: str) -> bytearray:
        file = await self._bot.get_file(file_id)
        return await file.download_as_bytearray()

    def _run(self, call: Coroutine[Any, Any, Result]) -> Result:
        try:
            return asyncio.run_coroutine_threadsafe(call, self._loop).result(CALL_SECONDS)
        except RetryAfter as error:
            wait = error.retry_after
            seconds = wait.total_seconds() if isinstance(wait, timedelta) else float(wait)
            raise TelegramFlood("Telegram asks us to slow down.", seconds) from error
        except InvalidToken as error:
            raise TelegramKeyRefused(KEY_REFUSED) from error
        except BadRequest as error:
            if OUR_TEXT.search(str(error)):
                raise TelegramTextRefused("Telegram cannot show this text.") from error
            raise TelegramRefused("Telegram refused this for good.") from error
        except (Forbidden, ChatMigrated) as error:
            raise TelegramRefused("Telegram refused this for good.") from error
        except (TelegramError, TimeoutError) as error:
            raise TelegramAway("Telegram does not answer; try again in a minute.") from error
