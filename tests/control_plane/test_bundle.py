"""The trouble bundle says how the house stands, and nothing that is secret or anybody's."""

import json
import tarfile
from pathlib import Path

from control_plane.bundle import run, settings_shown
from control_plane.settings import Settings
from tests.control_plane.desk import PDF, complete_a_document, make_desk

PLANTED = "PlantedSecretOfThisTest0123456789abcdef"
SECRETS = (
    "ANTHROPIC_API_KEY", "TELEGRAM_BOT_TOKEN", "TELEGRAM_WEBHOOK_SECRET", "SMTP_PASSWORD", "IMAP_PASSWORD",
    "ANALYSIS_WORKER_SECRET", "METRICS_TOKEN", "WORKER_IMAGE_LOGIN", "SPACES_SECRET", "VAST_API_KEY",
)  # fmt: skip
WORDS = ("Zanzibarfile", "Zanzibarbatch", "Zanzibarword", "Zanzibarmessage", "Zanzibarfault")


def test_a_bundle_holds_no_planted_secret_and_no_word(clean_cloud, tmp_path: Path, capsys):
    desk = make_desk(clean_cloud)
    document_id = complete_a_document(desk)
    desk.upload(PDF + b"\n", "Zanzibarfile.pdf")
    desk.upload(b"MZ\x90\x00" + b"\x00" * 80, "Zanzibarfile.exe")
    desk.upload_many(("Zanzibarfile2.pdf", PDF + b"\n\n"), name="Zanzibarbatch")
    desk.sql("update document_repository set text = 'Zanzibarword' where document_id = %s", document_id)
    desk.sql("update processing_jobs set error_code = 'corrupt_pdf', error_message = 'Zanzibarfault'")
    desk.clients.database.raise_alarm("vast_auth", "Zanzibarmessage", "")
    environ = desk.environ | dict.fromkeys(SECRETS, PLANTED) | {
        "SMTP_URL": f"smtp://{PLANTED}@mail.example.org", "MAIL_FROM": "a@example.org", "MAIL_TO": f"{PLANTED}@b.org",
    }  # fmt: skip
    assert run(Settings.from_env(environ), tmp_path) == 0
    [path] = tmp_path.iterdir()
    assert str(path) in capsys.readouterr().out
    with tarfile.open(path) as bundle:
        told = {name: bundle.extractfile(name).read().decode() for name in bundle.getnames()}  # type: ignore[union-attr]
    everything = "\n".join(told.values())
    secrets = {PLANTED, desk.settings.supabase_service_key, desk.settings.control_plane_token, desk.settings.spaces_key,
               desk.settings.supabase_jwt_secret, desk.settings.supabase_publishable_key}  # fmt: skip
    assert not [secret for secret in secrets if secret in everything]
    assert not [word for word in WORDS if word.lower() in everything.lower()]
    assert "corrupt_pdf" in told["jobs.json"] and "vast_auth" in told["alarms.json"]
    assert "file_refused" in told["events.json"] and json.loads(told["metrics.json"])["queue"]
    assert json.loads(told["settings.json"])["max_machines"] == desk.settings.max_machines
    assert "could_not_be_asked" not in everything


def test_a_bundle_is_made_while_the_database_is_away(clean_cloud, tmp_path: Path):
    desk = make_desk(clean_cloud)
    assert run(Settings.from_env(desk.environ | {"SUPABASE_URL": "http://127.0.0.1:9"}), tmp_path) == 0
    [path] = tmp_path.iterdir()
    with tarfile.open(path) as bundle:
        jobs = json.load(bundle.extractfile("jobs.json"))  # type: ignore[arg-type]
    assert jobs == {"could_not_be_asked": "queue_unavailable"}


def test_of_settings_only_numbers_are_shown(clean_cloud):
    told = settings_shown(make_desk(clean_cloud).settings)
    assert told["anthropic_api_key"] is None and told["spaces_bucket"] == "set"
    assert told["fleet"]["leader_seconds"] > 0 and told["supabase_service_key"] == "set"
