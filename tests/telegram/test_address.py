"""Our address at Telegram: registered again where Telegram knows none, another, or does not get through."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from control_plane.doctor import telegram as doctor
from control_plane.telegram.address import FRESH, PATIENCE, SOUND_SECONDS, TROUBLED_SECONDS, AddressKeeper
from tests.fakes.telegram_api import text_update
from tests.telegram.conftest import DANA, SECRET, Bot

URL = "https://papers.example.org/telegram/webhook"


@pytest.fixture
def keeper(bot: Bot) -> AddressKeeper:
    """A keeper whose wall clock stands."""
    at = datetime.now(UTC).replace(microsecond=0)
    settings = replace(bot.desk.settings, control_plane_url="https://papers.example.org")
    return AddressKeeper(bot.notifier.telegram, settings, bot.desk.clients.database, wall=lambda: at)


def examine(keeper: AddressKeeper) -> dict[str, str]:
    return {each.tried: each.code for each in doctor.examine(keeper.settings) if each.state != "ok"}


def test_an_address_that_was_refused_once_is_registered_when_telegram_takes_it(bot: Bot, keeper: AddressKeeper):
    bot.telegram.webhook_failures = ["down"]
    assert examine(keeper) == {"the webhook": "telegram_webhook_missing"}
    assert keeper.tick() == TROUBLED_SECONDS and bot.telegram.webhooks == []
    assert keeper.tick() == TROUBLED_SECONDS
    assert [(each["url"], each["secret_token"]) for each in bot.telegram.webhooks] == [(URL, SECRET)]
    assert keeper.tick() == SOUND_SECONDS and len(bot.telegram.webhooks) == 1
    assert examine(keeper) == {}


def test_with_a_new_token_and_a_new_secret_telegram_is_told_and_what_waited_is_said(make_bot, bot: Bot, keeper):
    """The old token is ended at Telegram first; the address it has on show is the right one all the while."""
    keeper.tick()
    bot.telegram.token = "654321:new-stand-in-token"
    bot.desk.clients.database.raise_alarm("standstill", "Documents wait.")
    bot.tick()
    assert bot.desk.doors() == {"telegram": "telegram_key_refused"} and bot.texts() == []
    renewed = make_bot(TELEGRAM_BOT_TOKEN=bot.telegram.token, TELEGRAM_WEBHOOK_SECRET="a-new-webhook-secret")
    renewed.desk.make_doors_due()
    renewed.desk.sql("update event_deliveries set offered_until = now() - interval '1 second'")
    renewed.tick()
    assert renewed.desk.doors() == {} and any("Documents wait." in text for text in renewed.texts())
    settings = replace(renewed.desk.settings, control_plane_url="https://papers.example.org")
    AddressKeeper(renewed.notifier.telegram, settings, renewed.desk.clients.database).tick()
    assert [each["secret_token"] for each in bot.telegram.webhooks] == [SECRET, "a-new-webhook-secret"]
    asked = text_update(DANA, 1, "/status")
    assert renewed.deliver(asked).status_code == 401
    assert renewed.deliver(asked, "a-new-webhook-secret").status_code == 200


def test_another_address_is_set_right(bot: Bot, keeper: AddressKeeper):
    bot.telegram.webhook_info = {"url": "https://of-yesterday.example.org/telegram/webhook"}
    assert examine(keeper) == {"the webhook": "telegram_webhook_elsewhere"}
    keeper.tick()
    assert bot.telegram.webhook_info["url"] == URL


def test_a_certificate_that_came_late_is_tried_again_and_no_old_error_keeps_it_busy(bot: Bot, keeper: AddressKeeper):
    now = keeper.wall()
    failed = {"last_error_date": int(now.timestamp()), "last_error_message": "SSL error", "pending_update_count": 3}
    bot.telegram.webhook_info = {"url": URL} | failed
    [found] = [each for each in doctor.examine(keeper.settings) if each.state == "fault"]
    assert found.code == "telegram_webhook_failing" and "SSL error; 3 updates wait" in found.message
    keeper.tick()
    assert len(bot.telegram.webhooks) == 1
    bot.telegram.webhook_info = {"url": URL} | failed  # Telegram goes on showing its last error
    keeper.tick()
    assert len(bot.telegram.webhooks) == 1
    keeper.wall = lambda: now + FRESH + timedelta(minutes=1)
    assert keeper.tick() == SOUND_SECONDS and examine(keeper) == {"the webhook": "telegram_webhook_failing"}


def test_people_are_told_when_mending_does_not_help_and_when_it_did(bot: Bot, keeper: AddressKeeper):
    now = keeper.wall()

    def fail_at(at: datetime) -> None:
        keeper.wall = lambda: at
        bot.telegram.webhook_info = {"url": URL, "last_error_date": int(at.timestamp()), "last_error_message": "x"}
        keeper.tick()

    def is_open() -> bool:
        return bool(bot.desk.sql("select 1 from alarms where name = 'telegram_deaf' and cleared_at is null"))

    fail_at(now)
    assert not is_open()
    fail_at(now + PATIENCE + timedelta(seconds=1))
    assert is_open()
    bot.telegram.webhook_info = {"url": URL}
    keeper.tick()
    assert not is_open()


def test_a_wrong_token_and_an_address_without_tls(bot: Bot, keeper: AddressKeeper):
    assert codes_of(replace(keeper.settings, telegram_bot_token="1:wrong")) == {"the bot": "telegram_key_refused"}
    assert codes_of(bot.desk.settings) == {"the webhook": "telegram_needs_https"}
    assert codes_of(replace(bot.desk.settings, telegram_bot_token=None)) == {"set up": "not_set_up"}
    assert AddressKeeper(bot.notifier.telegram, bot.desk.settings, bot.desk.clients.database).tick() == SOUND_SECONDS
    assert bot.telegram.webhooks == []


def codes_of(settings) -> dict[str, str]:
    return {each.tried: each.code for each in doctor.examine(settings) if each.state != "ok"}
