"""What the doctor says of Google Drive, the mailbox and this machine; and its answer as a whole."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from control_plane.clients import build_clients
from control_plane.doctor import drive, examine, host, mail, mailbox, timestamp
from control_plane.doctor.mends import MENDS, UNKNOWN, mend_of
from control_plane.settings import Settings
from local_cloud import Cloud
from tests.control_plane.desk import REPOSITORY, make_desk
from tests.doctor.conftest import codes
from tests.fakes.imap import PASSWORD, FakeMailbox, serve_mailbox
from tests.fakes.mail_server import PASSWORD as MAIL_PASSWORD
from tests.fakes.mail_server import mail_host


@pytest.fixture
def box() -> Iterator[FakeMailbox]:
    stand_in = FakeMailbox()
    server = serve_mailbox(stand_in)
    yield stand_in
    server.shutdown()
    server.server_close()


def test_a_mailbox(settings: Settings, box: FakeMailbox):
    sound = replace(settings, imap_url=box.url, imap_password=PASSWORD)
    assert codes(mailbox.examine(sound)) == {}
    assert codes(mailbox.examine(replace(sound, imap_password="other"))) == {"folder INBOX": "mailbox_refused"}
    missing = replace(sound, imap_watch_folder="Evidence")
    assert codes(mailbox.examine(missing)) == {"folder Evidence": "mailbox_folder_missing"}
    away = replace(sound, imap_url="imap://dana@127.0.0.1:9")
    assert codes(mailbox.examine(away)) == {"folder INBOX": "mailbox_unavailable"}
    assert [each.state for each in mailbox.examine(settings)] == ["off"]


def test_mail_to_people(settings: Settings):
    with mail_host() as server:
        sound = replace(settings, smtp_url=server.url, smtp_password=MAIL_PASSWORD)
        assert codes(mail.examine(sound)) == {} and server.taken == []
        assert codes(mail.examine(replace(sound, smtp_password="other"))) == {"signing in": "mail_key_refused"}
    assert codes(mail.examine(sound)) == {"signing in": "mail_unavailable"}


def test_the_time_stamp_authority(settings: Settings, tmp_path: Path):
    assert [each.state for each in timestamp.examine(settings)] == ["off"]
    asked = replace(settings, record_timestamp_url="http://127.0.0.1:9")
    assert codes(timestamp.examine(asked)) == {"a stamp": "timestamp_without_ca"}
    asked = replace(asked, record_timestamp_ca_file=tmp_path / "ca.pem")
    assert codes(timestamp.examine(asked)) == {"a stamp": "timestamp_refused"}


def test_drive_is_off_or_its_login_cannot_be_read(settings: Settings, tmp_path: Path):
    database = build_clients(settings).database
    assert [each.state for each in drive.examine(settings, database)] == ["off"]
    broken = replace(settings, google_drive_credentials_file=tmp_path / "none.json")
    assert codes(drive.examine(broken, database)) == {"a listing": "drive_not_configured"}


def test_a_clock_that_is_wrong_is_said_by_how_much(settings: Settings):
    assert codes(host.examine(replace(settings, control_plane_url=settings.spaces_endpoint))).keys() <= {
        "our address from outside", "the disk", "the memory",
    }  # fmt: skip
    late = host.examine(settings, now=lambda: host.time.time() + 400)
    wrong = next(each for each in late if each.code == "clock_wrong")
    assert "ahead" in wrong.message and "by the storage" in wrong.tried


def test_memory_and_disk(settings: Settings, tmp_path: Path):
    with pytest.raises(host.Trouble, match="50 MB"):
        host._memory("MemTotal: 2000000 kB\nMemAvailable: 48829 kB\n")
    assert "free" in host._memory("MemTotal: 2000000 kB\nMemAvailable: 900000 kB\n")
    assert "GB are free" in host._disk(tmp_path / "not" / "there", least=0)
    with pytest.raises(host.Trouble, match="are free"):
        host._disk(tmp_path, least=10**18)


def test_what_answers_elsewhere_than_we_do_is_no_address_of_ours(settings: Settings, clean_cloud: Cloud):
    elsewhere = replace(settings, control_plane_url=clean_cloud.vast_url)
    assert codes(host.examine(elsewhere))["our address from outside"] == "front_elsewhere"
    nowhere = replace(settings, control_plane_url="http://127.0.0.1:9")
    assert codes(host.examine(nowhere))["our address from outside"] == "front_away"


def test_the_program_says_all_and_ends_with_what_it_found(clean_cloud: Cloud):
    environ = {**clean_cloud.control_plane_environ(), "PATH": os.environ["PATH"], "FLEET_QUERY": "gpu_ram>=8"}
    command = [sys.executable, "-m", "control_plane", "doctor", "--json"]
    ended = subprocess.run(command, env=environ, cwd=REPOSITORY, capture_output=True, text=True, timeout=120)
    told = json.loads(ended.stdout)
    assert ended.returncode == 1 and told["sound"] is False
    doors = {each["door"] for each in told["probes"]}
    assert doors == {
        "bucket", "database", "vast", "image", "claude", "telegram", "drive", "mailbox", "mail", "timestamp", "host",
    }  # fmt: skip
    faults = {each["code"] for each in told["probes"] if each["state"] == "fault"}
    assert faults >= {"front_away"}  # no control plane runs here
    desk = make_desk(clean_cloud)
    shown = desk.get("/api/doctor").json
    assert shown["probes"] == told["probes"] and shown["sound"] is False
    assert desk.post("/api/doctor/run").json["examined_at"] == shown["examined_at"]  # it has only just looked
    assert "front_away" in desk.get("/ready").json["faults"]
    cloud = clean_cloud
    for secret in (cloud.spaces_secret, cloud.vast_api_key, cloud.service_key, cloud.jwt_secret):
        assert secret not in ended.stdout + ended.stderr


def test_one_door_alone_and_a_door_that_is_none(settings: Settings, capsys):
    assert examine.run(settings, False, "drive") == 0
    assert capsys.readouterr().out == "off     drive: set up. No GOOGLE_DRIVE_CREDENTIALS_FILE is set.\n0 faults\n"
    assert examine.run(settings, False, "front") == 2


def test_every_code_that_the_doctor_gives_has_its_mend():
    source = "".join(path.read_text() for path in (REPOSITORY / "control_plane" / "doctor").glob("*.py"))
    given = set(re.findall(r'Trouble\(\s*"([a-z_]+)"', source))
    assert len(given) > 30 and given <= MENDS.keys()
    assert mend_of("of no door") == UNKNOWN
