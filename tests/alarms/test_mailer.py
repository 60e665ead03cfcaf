"""Alarms by mail: to everybody named, until the server takes them, whatever the other channels do."""

from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest

from control_plane.alarms.mailer import FAILED_SECONDS, Mailer, build_mailer, tick
from control_plane.clients import build_clients
from control_plane.doors.absence import Absence
from control_plane.settings import Settings, SettingsError
from tests.control_plane.desk import Desk, make_desk
from tests.fakes.mail_server import PASSWORD, MailHost, mail_host

TO = "dana@example.org, clara@example.org"


@pytest.fixture
def host() -> Iterator[MailHost]:
    with mail_host() as running:
        yield running


@pytest.fixture
def make_mailer(clean_cloud, host: MailHost) -> Callable[..., tuple[Desk, Mailer]]:
    def make(**changes: str) -> tuple[Desk, Mailer]:
        environ = {"SMTP_URL": host.url, "SMTP_PASSWORD": PASSWORD, "MAIL_FROM": "house@example.org", "MAIL_TO": TO}
        desk = make_desk(clean_cloud, **(environ | changes))
        told = Settings.from_env(desk.environ | environ | changes, "notify")
        mailer = build_mailer(told, desk.clients.database)
        assert mailer is not None
        return desk, mailer

    return make


def offer_again(desk: Desk) -> None:
    desk.sql("update event_deliveries set offered_until = now() - interval '1 second'")


def test_an_alarm_and_its_end_are_told_to_everybody_once(make_mailer, host: MailHost):
    desk, mailer = make_mailer()
    database = desk.clients.database
    database.raise_alarm("standstill", "5 documents wait: <no offer> fits")
    tick(mailer)
    tick(mailer)
    [mail] = host.taken
    assert (mail["To"], mail["From"]) == (TO, "house@example.org")
    assert mail["Subject"].endswith("] Alarm: standstill") and mail["Auto-Submitted"] == "auto-generated"
    said = mail.get_content()
    assert "5 documents wait: <no offer> fits" in said and "/account/operations#standstill" in said
    [alarm] = database.list_open_alarms()
    assert alarm.told_at is not None
    database.clear_alarm("standstill")
    desk.sql("update alarms set cleared_at = cleared_at - interval '11 minutes'")
    database.announce_alarms()
    tick(mailer)
    assert [each["Subject"].partition("] ")[2] for each in host.taken] == ["Alarm: standstill", "Over: standstill"]
    assert len({each["Message-ID"] for each in host.taken}) == 2


@pytest.mark.parametrize("refusal", ["451 come back later", "550 no"])
def test_what_the_server_does_not_take_is_tried_until_it_does(make_mailer, host: MailHost, refusal: str):
    desk, mailer = make_mailer()
    desk.clients.database.raise_alarm("standstill", "5 documents wait")
    host.refusals = [refusal] * 8
    for _ in range(8):
        assert tick(mailer) == FAILED_SECONDS
        offer_again(desk)
    assert host.taken == [] and desk.sql("select told_at from alarms") == [(None,)]
    tick(mailer)
    assert len(host.taken) == 1


def test_a_wrong_password_keeps_what_there_is_to_tell(make_mailer, host: MailHost, caplog):
    desk, mailer = make_mailer(SMTP_PASSWORD="another")
    desk.clients.database.raise_alarm("standstill", "5 documents wait")
    assert tick(mailer) == FAILED_SECONDS
    assert [record.code for record in caplog.records if record.name.endswith("mailer")] == ["mail_key_refused"]
    assert desk.sql("select count(*) from event_deliveries where consumer = 'mail'") == [(1,)]


def test_mail_switched_on_late_tells_nothing_old(make_mailer, host: MailHost):
    desk, mailer = make_mailer()
    desk.clients.database.raise_alarm("standstill", "long ago")
    desk.sql("update events set created_at = created_at - interval '3 days'")
    desk.sql("insert into events (kind, payload) values ('alarm_raised', '[1]')")  # and what makes no sense
    tick(mailer)
    assert host.taken == []
    assert desk.sql("select count(*) from event_deliveries where consumer = 'mail'") == [(0,)]


def test_a_database_that_is_away_is_told_without_it_once_and_when_it_is_back(make_mailer, host: MailHost):
    desk, mailer = make_mailer()
    sound, mailer.absence = mailer.database, Absence(since=0.0)
    mailer.database = build_clients(replace(desk.settings, supabase_url="http://127.0.0.1:9")).database
    host.refusals = ["451 come back later"]
    for _ in range(3):
        assert tick(mailer) == FAILED_SECONDS
    mailer.database = sound
    for _ in range(2):
        tick(mailer)
    away, back = (each.get_content() for each in host.taken)
    assert "The database has not answered" in away and "Nothing is lost" in away and "answers again" in back
    assert all(each["To"] == TO for each in host.taken) and len({each["Message-ID"] for each in host.taken}) == 2


@pytest.mark.parametrize(
    "changes",
    [{"SMTP_URL": "http://mail.example.org"}, {"SMTP_URL": "smtp://a:secret@mail.example.org"}, {"MAIL_TO": ""},
     {"SMTP_URL": "smtp://mail.example.org:x"}, {"MAIL_FROM": "nobody"}, {"MAIL_TO": "you@a.org\nBcc: b@c.org <x>"}],
)  # fmt: skip
def test_settings_that_make_no_sense_are_named(make_mailer, changes: dict[str, str]):
    with pytest.raises(SettingsError) as refused:
        make_mailer(**changes)
    assert "secret" not in str(refused.value)
