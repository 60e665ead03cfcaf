"""`python -m control_plane notify` as a process."""

import os
import subprocess
import sys

from tests.control_plane.desk import REPOSITORY, wait_until
from tests.fakes.listener import listen
from tests.telegram.conftest import DANA, SECRET


def run(environ: dict[str, str]) -> subprocess.Popen:
    command = [sys.executable, "-m", "control_plane", "notify"]
    return subprocess.Popen(
        command, cwd=REPOSITORY, env={**environ, "PATH": os.environ["PATH"]}, stderr=subprocess.PIPE
    )


def test_it_gives_telegram_our_address_tells_what_happened_and_ends_when_told(clean_cloud, bot):
    environ = clean_cloud.control_plane_environ() | {
        "TELEGRAM_BOT_TOKEN": bot.telegram.token, "TELEGRAM_API_URL": bot.telegram.url,
        "TELEGRAM_WEBHOOK_SECRET": SECRET, "TELEGRAM_ALLOWED_USERS": str(DANA),
        "CONTROL_PLANE_URL": "https://documents.example.org",
    }  # fmt: skip
    process = run(environ)
    try:
        wait_until(lambda: bool(bot.telegram.webhooks), 60)
        assert bot.telegram.webhooks[0]["url"] == "https://documents.example.org/telegram/webhook"
        assert bot.telegram.webhooks[0]["secret_token"] == SECRET
        bot.desk.sql("select raise_alarm('leak', 'Look at the machines.')")
        wait_until(lambda: bool(bot.telegram.sent), 30)
    finally:
        process.terminate()
        _, log = process.communicate(timeout=30)
    assert process.returncode == 0
    assert bot.telegram.token.encode() not in log


def test_without_a_token_it_still_tells_programs(clean_cloud, bot):
    listener = listen()
    bot.desk.post("/api/webhooks", url=listener.url, kinds=["alarm_raised"])
    process = run(clean_cloud.control_plane_environ())
    try:
        bot.desk.sql("select raise_alarm('leak', 'Look at the machines.')")
        wait_until(lambda: bool(listener.bodies), 60)
    finally:
        process.terminate()
        process.communicate(timeout=30)
        listener.close()
    assert process.returncode == 0 and bot.telegram.sent == []
