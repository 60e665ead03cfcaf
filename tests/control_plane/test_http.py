"""What holds for every route: tokens, JSON errors, request ids, quiet logs, and an API document that cannot drift."""

import io
import json
import logging
import re
import sys

import pytest
from openapi_spec_validator import validate

from control_plane.http.access_log import JsonFormatter
from control_plane.settings import Settings, SettingsError
from local_cloud import Cloud
from tests.control_plane.desk import PDF, Desk, make_desk

OPEN_ROUTES = {"/health", "/ready", "/docs", "/openapi.json", "/telegram/webhook"}


def test_every_route_but_the_open_ones_needs_a_token(desk: Desk):
    paths = desk.http.get("/openapi.json").json["paths"]
    assert {"/api/upload", "/api/worker/urls"} <= set(paths)
    for path, operations in paths.items():
        if path in OPEN_ROUTES:
            continue
        for method in operations:
            for headers in ({}, {"Authorization": "Bearer wrong"}, {"Authorization": "Basic YTpi"}):
                reply = desk.http.open(re.sub(r"{\w+}", "x", path), method=method.upper(), headers=headers)
                assert reply.status_code == 401 and reply.json["code"], (method, path)


def test_open_routes_need_none(desk: Desk):
    assert desk.http.get("/health").json["status"] == "healthy"
    page = desk.http.get("/docs")
    assert page.status_code == 200 and "/api/batch-upload" in page.text
    assert not re.search(r"(?:src|href)=.https?:", page.text) and "<script" not in page.text


def test_the_document_is_valid_and_lists_every_route(desk: Desk):
    document = desk.http.get("/openapi.json").json
    validate(document)
    listed = {(path, method) for path, operations in document["paths"].items() for method in operations}
    for rule in desk.http.application.url_map.iter_rules():
        if rule.rule.startswith("/account"):  # pages for browsers
            continue
        path = re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule)
        for method in rule.methods - {"HEAD", "OPTIONS"}:
            assert (path, method.lower()) in listed


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/nothing/here", 404, "not_found"),
        ("DELETE", "/api/jobs", 405, "method_not_allowed"),
        ("POST", "/api/jobs/create", 400, "not_json"),
    ],
)
def test_errors_are_json(desk: Desk, method: str, path: str, status: int, code: str):
    reply = desk.http.open(path, method=method, headers=desk.auth)
    assert (reply.status_code, reply.json["code"]) == (status, code)
    assert set(reply.json) == {"code", "message", "request_id"}


def test_a_defect_answers_500_and_tells_nothing(desk: Desk, caplog):
    class Broken:
        def table(self, name: str):
            raise RuntimeError("the text of a document")

    desk.http.application.extensions["clients"] = type(desk.clients)(Broken(), desk.clients.storage, desk.clients.vast)
    with caplog.at_level(logging.INFO):
        reply = desk.get("/api/jobs")
    assert (reply.status_code, reply.json["code"]) == (500, "internal_error")
    assert "text of a document" not in reply.text + caplog.text


def test_a_request_id_is_taken_over_or_made(desk: Desk):
    assert desk.http.get("/health", headers={"X-Request-ID": "abc-12345"}).headers["X-Request-ID"] == "abc-12345"
    made = desk.http.get("/health", headers={"X-Request-ID": "no good id"}).headers["X-Request-ID"]
    assert re.fullmatch(r"[0-9a-f]{32}", made)


def test_the_log_has_the_path_and_neither_query_nor_token(desk: Desk, caplog):
    with caplog.at_level(logging.INFO):
        desk.get("/api/documents", q="secret words")
        desk.http.post("/api/upload", headers=desk.auth, data={"file": (io.BytesIO(PDF), "secret name.pdf")})
    lines = [record for record in caplog.records if record.message == "request"]
    assert [(line.method, line.path, line.status) for line in lines] == [
        ("GET", "/api/documents", 200), ("POST", "/api/upload", 201),
    ]  # fmt: skip
    everything = caplog.text + "".join(str(vars(record)) for record in caplog.records)
    assert "secret" not in everything.replace("openapi", "")
    assert desk.settings.control_plane_token not in everything


def test_ready_tells_each_dependency(desk: Desk, away):
    reply = desk.get("/ready")
    assert reply.status_code == 200 and reply.json["ready"] is True
    assert [reply.json[name]["ok"] for name in ("postgres", "storage", "vast")] == [True] * 3
    for dependency, entry in (("database", "postgres"), ("storage", "storage")):
        broken = away(dependency).get("/ready", headers=desk.auth)
        assert broken.status_code == 503 and broken.json["ready"] is False
        assert broken.json[entry]["ok"] is False and broken.json["vast"]["ok"] is True


@pytest.mark.parametrize("path", ["/api/jobs", "/api/totals", "/api/documents", "/api/instances/status"])
def test_without_the_queue_reading_answers_503(desk: Desk, away, path: str):
    reply = away("database").get(path, headers=desk.auth)
    assert (reply.status_code, reply.json["code"]) == (503, "queue_unavailable")


@pytest.mark.parametrize(
    ("wrong", "path", "code"),
    [
        ({"SUPABASE_SERVICE_KEY": "sb_secret_of-another-project"}, "/api/jobs", "database_key_refused"),
        ({"SUPABASE_SERVICE_KEY": "PUBLISHABLE"}, "/api/jobs", "database_key_refused"),
        ({"SPACES_SECRET": "not the secret"}, "/batch/estimate?prefix=inbox/", "storage_key_refused"),
        ({"SPACES_KEY": "AKNOBODY"}, "/batch/estimate?prefix=inbox/", "storage_key_refused"),
        ({"SPACES_BUCKET": "of-somebody-else"}, "/batch/estimate?prefix=inbox/", "storage_bucket_missing"),
        ({"VAST_API_KEY": "0" * 64}, "/vastai/balance", "vast_key_refused"),
    ],
)
def test_a_wrong_key_is_named_and_not_called_an_outage(clean_cloud: Cloud, wrong: dict, path: str, code: str):
    """An outage ends by itself, and every caller is told to try again in a minute; a wrong key never ends."""
    wrong = {name: clean_cloud.publishable_key if value == "PUBLISHABLE" else value for name, value in wrong.items()}
    desk = make_desk(clean_cloud, **wrong)
    reply = desk.get(path)
    assert (reply.status_code, reply.json["code"]) == (500, code)
    assert next(iter(wrong)) in reply.json["message"] or "SPACES_KEY" in reply.json["message"]
    assert "Retry-After" not in reply.headers
    entry = {"database": "postgres", "storage": "storage", "vast": "vast"}[code.split("_")[0]]
    ready = desk.get("/ready")
    assert ready.status_code == 503 and not ready.json[entry]["ok"]


def test_settings_tell_every_problem_and_no_secret(clean_cloud):
    environ = clean_cloud.control_plane_environ()
    wrong = environ | {
        "SUPABASE_URL": "ftp://x", "CONTROL_PLANE_TOKEN": "tiny", "MAX_MACHINES": "many", "DEPLOYMENT": "No Good",
        "MAX_DOLLARS_PER_HOUR": "-1", "TELEGRAM_ALLOWED_USERS": "@me", "TELEGRAM_BOT_TOKEN": "123:abc",
        "TELEGRAM_WEBHOOK_SECRET": "", "OCR_LANGUAGES": "eng+rus+tlh",
    }  # fmt: skip
    del wrong["SPACES_BUCKET"]
    with pytest.raises(SettingsError) as caught:
        Settings.from_env(wrong)
    named = {problem.split()[0] for problem in caught.value.problems}
    assert named == {
        "SUPABASE_URL", "CONTROL_PLANE_TOKEN", "MAX_MACHINES", "DEPLOYMENT", "MAX_DOLLARS_PER_HOUR",
        "TELEGRAM_ALLOWED_USERS", "TELEGRAM_WEBHOOK_SECRET", "SPACES_BUCKET", "OCR_LANGUAGES",
    }  # fmt: skip
    assert "no worker's image reads tlh" in str(caught.value)
    assert "tiny" not in str(caught.value)
    shown = repr(Settings.from_env(environ))
    for name, value in environ.items():
        if name.endswith(("KEY", "SECRET", "TOKEN")):
            assert value not in shown, name


def test_a_log_line_is_json_and_repeats_no_exception_s_words():
    try:
        raise ValueError("the text of a document")
    except ValueError:
        record = logging.LogRecord("x", logging.ERROR, __file__, 1, "it %s", ("failed",), sys.exc_info())
    record.job_id = "7"
    line = json.loads(JsonFormatter().format(record))
    assert (line["level"], line["message"], line["error"], line["job_id"]) == ("error", "it failed", "ValueError", "7")
    assert "document" not in str(line)
