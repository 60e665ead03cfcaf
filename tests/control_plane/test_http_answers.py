"""The API document names every field that is really sent, with its type: real answers of every route prove it."""

import json
import re
from collections.abc import Iterator
from typing import Any

import jsonschema
import pytest

from local_cloud import Cloud
from scripts.bench.case import CaseLibrary
from tests.control_plane.desk import PDF, Desk, complete_a_document, make_desk
from tests.fakes.drive import FakeDrive

ORDER = """FAMILY COURT OF THE COUNTY OF ESK
Ann Lee, Petitioner, v. Tom Lee, Respondent
ORDER AFTER HEARING
1. The father, Tom Lee, shall pay $200 a month, on or before the 3rd.
2. Neither parent shall call the other between 9:00 p.m. and 7:00 a.m., except in an emergency.
The next hearing is on May 4, 2024 at 9:00 a.m.
Filed March 1, 2024
"""
# Their answers are no JSON of ours, or the document's own.
FOREIGN = {
    "/metrics",  # Prometheus' own words, with a token of its own
    "/api/documents/{document_id}/structure/{name}", "/openapi.json", "/docs",
    "/api/documents/{document_id}/picture", "/api/custody/export",
    "/claude/v1/batches/{batch_id}", "/claude/v1/batches/{batch_id}/results",  # the analysis worker's
    "/api/case/pairs/{pair_id}",  # needs two papers that differ: tests/queue/test_pairs.py
}  # fmt: skip


@pytest.fixture
def desk(clean_cloud: Cloud, drive: FakeDrive, drive_settings: dict[str, str]) -> Desk:
    drive.add_file("file-1", "letter.pdf", "folder-root", PDF)
    return make_desk(clean_cloud, MAX_UPLOAD_BYTES="5000000", **drive_settings)


@pytest.fixture
def ids(desk: Desk, clean_cloud: Cloud) -> dict[str, str]:
    """A house in which something of each kind has happened; the ids that paths need."""
    library = CaseLibrary(clean_cloud)
    library.enter({"order": {"text": ORDER}, "copy": {"text": f"COPY\n{ORDER}"}})
    library.sweep()
    person_id = desk.get("/api/case/people").json["people"][0]["id"]
    event_id = desk.get("/api/case/events").json["events"][0]["id"]
    document_id = complete_a_document(desk)
    desk.sql(
        "update master_document_registry set dates = '[\"2024-05-01\"]', key_facts = '[\"One.\"]', "
        "parties = '[{\"name\": \"A. Smith\", \"role\": \"petitioner\"}]'"
    )
    failed = desk.upload(PDF + b"2", "two.pdf").json
    desk.sql("update processing_jobs set status = 'failed', error_code = 'corrupt_pdf', finished_at = now() "
             "where id = %s", failed["job_id"])  # fmt: skip
    batch_id = desk.upload_many(("three.pdf", PDF + b"3"), ("lie.pdf", b"MZ\0\0")).json["batch_id"]
    folder = desk.post("/batch/start", prefix="inbox/").json["id"]
    step = {"place": "", "scanned": 1, "skipped": [{"source_id": "inbox/a.zip", "name": "a.zip", "code": "empty_file"}]}
    desk.clients.database.enqueue_objects(folder, "", [], step)
    [(estimate_id,)] = desk.sql(
        "insert into estimates (status, request, listing, draws, sample_batch_id, price, priced_at, expires_at) values"
        " ('ready', '{}', %s, '[]', %s, %s, now(), now() + interval '1 day') returning id",
        json.dumps(dict.fromkeys(("documents", "known", "new", "unsupported", "empty", "bytes", "pages"), 1)
                   | {"complete": True}), folder,
        json.dumps(dict.fromkeys(("usd", "low_usd", "high_usd", "machine_usd", "claude_usd", "documents", "pages",
                                  "hours", "machines"), 1)),
    )  # fmt: skip
    webhook_id = desk.post("/api/webhooks", url="http://127.0.0.1:9/hook").json["id"]
    desk.sql("select record_webhook_delivery(%s, (select min(id) from events), 200, null, 0.1)", webhook_id)
    return {"person_id": person_id, "event_id": event_id, "page": "1", "webhook_id": webhook_id,
            "document_id": document_id, "job_id": failed["job_id"], "batch_id": folder, "uploaded": batch_id,
            "label": "aseagi-local-00000001", "checkpoint_file": "checkpoint_1.json",
            "estimate_id": str(estimate_id)}  # fmt: skip


QUERIES = {
    "/api/search": {"q": "motion"},
    "/batch/skipped": {"batch_id": "{batch_id}"},
    "/api/events": {"after": "0"},
    "/api/case/statements": {"person_id": "{person_id}"},
    "/batch/estimate": {"prefix": "inbox/"},
}
# In this order: each changes the state that the next one needs.
POSTS = [
    ("/api/jobs/{job_id}/retry", None),
    ("/api/jobs/{job_id}/cancel", None),
    ("/batch/pause", {"batch_id": "{batch_id}"}),
    ("/batch/resume", {"batch_id": "{batch_id}"}),
    ("/batch/stop", {"batch_id": "{batch_id}"}),
    ("/batch/resume/{checkpoint_file}", None),
    ("/batch/start", {"prefix": "outbox/"}),
    ("/api/instances/launch", {}),
    ("/api/renting/pause", {"reason": "holiday"}),
    ("/api/renting/resume", {}),
    ("/api/instances/{label}/destroy", None),
]


def test_every_field_that_is_sent_is_in_the_document(desk: Desk, ids: dict[str, str]):
    paths = desk.documented()["paths"]
    problems = []
    for path, operations in paths.items():
        if "get" in operations and path not in FOREIGN | {"/api/instances/{label}/logs"}:
            query = {name: value.format(**ids) for name, value in QUERIES.get(path, {}).items()}
            reply = desk.get(path.format(**ids), **query)
            problems += check(f"GET {path}", operations["get"], reply)
    for path, body in POSTS:
        body = {name: str(value).format(**ids) for name, value in (body or {}).items()}
        problems += check(f"POST {path}", paths[path]["post"], desk.post(path.format(**ids), **body))
    assert not problems, "\n".join(problems)


def test_answers_to_uploads_are_in_the_document(desk: Desk):
    paths = desk.documented()["paths"]
    problems = check("upload", paths["/api/upload"]["post"], desk.upload(PDF))
    problems += check("uploads", paths["/api/batch-upload"]["post"], desk.upload_many(("a.pdf", PDF), ("b", b"MZ\0")))
    assert not problems, "\n".join(problems)


def check(name: str, operation: dict, reply: Any) -> list[str]:
    """What is wrong with an answer; an empty list when its schema says all of it."""
    answers = operation["responses"]
    status = next(each for each in answers if each.startswith("2"))
    if reply.status_code != int(status):
        return [f"{name}: {reply.status_code} {reply.text[:300]}"]
    schema = answers[status]["content"]["application/json"]["schema"]
    if open_ends := list(find_open_ends(schema, name)):
        return [f"{each}: its fields are not named" for each in open_ends]
    errors = jsonschema.Draft202012Validator(close(schema)).iter_errors(reply.json)
    return [f"{name}: {error.json_path} {error.message[:200]}" for error in errors]


def find_open_ends(schema: Any, place: str) -> Iterator[str]:
    """Objects and lists whose contents a schema leaves open."""
    kinds = schema.get("type", ())
    kinds = [kinds] if isinstance(kinds, str) else kinds
    if "object" in kinds and not {"properties", "additionalProperties"} & set(schema):
        yield place
    if "array" in kinds and not schema.get("items"):
        yield place
    for name, each in schema.get("properties", {}).items():
        yield from find_open_ends(each, f"{place}.{name}")
    for each in schema.get("anyOf", []):
        yield from find_open_ends(each, place)
    for name in ("items", "additionalProperties"):
        if isinstance(schema.get(name), dict):
            yield from find_open_ends(schema[name], f"{place}.{re.sub('s$', '', name)}")


def close(schema: Any) -> Any:
    """The same schema, in which no field may come that it does not name."""
    if isinstance(schema, list):
        return [close(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    closed = {name: close(each) for name, each in schema.items()}
    return {"additionalProperties": False, **closed} if isinstance(schema.get("properties"), dict) else closed
