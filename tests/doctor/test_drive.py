"""What the doctor says of Google Drive: each reason not to list is another answer."""

from pathlib import Path

import pytest

from control_plane.clients import build_clients
from control_plane.doctor import drive as doctor
from control_plane.doctor.probes import Probe
from control_plane.settings import Settings
from local_cloud import Cloud
from tests.control_plane.desk import make_desk
from tests.doctor.conftest import codes
from tests.fakes.drive import FakeDrive


@pytest.fixture
def settings(clean_cloud: Cloud, drive_settings: dict[str, str]) -> Settings:
    return Settings.from_env(clean_cloud.control_plane_environ() | drive_settings)


def ask(settings: Settings) -> list[Probe]:
    return doctor.examine(settings, build_clients(settings).database)


@pytest.mark.parametrize(
    ("reason", "code"),
    [
        ("accessNotConfigured", "drive_api_off"), ("insufficientPermissions", "drive_scope_missing"),
        ("domainPolicy", "drive_access_refused"), ("dailyLimitExceeded", "drive_quota"),
    ],
)  # fmt: skip
def test_each_refusal_of_google_s_has_its_own_answer(settings: Settings, drive: FakeDrive, reason: str, code: str):
    assert codes(ask(settings)) == {}
    drive.refusal = reason
    assert codes(ask(settings)) == {"a listing": code}


def test_a_login_that_ended_says_what_ends_it_after_seven_days(settings: Settings, drive: FakeDrive):
    drive.revoked = True
    (found,) = ask(settings)
    assert found.code == "drive_token_revoked" and "7 days" in found.message
    assert "Testing" in str(found.mend)


def test_a_folder_that_a_batch_reads_and_that_is_gone(
    clean_cloud: Cloud, drive: FakeDrive, drive_settings: dict[str, str]
):
    desk = make_desk(clean_cloud, **drive_settings)
    assert desk.post("/batch/start", folder_id="folder-root").status_code == 201
    assert codes(doctor.examine(desk.settings, desk.clients.database)) == {}
    del drive.files["folder-root"]
    gone = codes(doctor.examine(desk.settings, desk.clients.database))
    assert gone == {"folder folder-root": "drive_folder_missing"}


def test_without_credentials_it_is_off(clean_cloud: Cloud, tmp_path: Path):
    assert [each.state for each in ask(Settings.from_env(clean_cloud.control_plane_environ()))] == ["off"]
