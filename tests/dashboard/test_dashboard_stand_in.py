"""The stand-in control plane answers as the real one's API document says, field for field."""

from typing import Any

import httpx
import jsonschema
import pytest

from tests.control_plane.desk import Desk, make_desk
from tests.control_plane.test_http_answers import close
from tests.fakes.control_plane import FakeControlPlane

GET = {
    "/api/alarms": "/api/alarms",
    "/api/jobs": "/api/jobs",
    "/api/jobs/{job_id}": "/api/jobs/{job}",
    "/api/totals": "/api/totals",
    "/api/placement": "/api/placement",
    "/api/refused-files": "/api/refused-files",
    "/api/documents": "/api/documents",
    "/api/documents/{document_id}": "/api/documents/{document}",
    "/api/documents/{document_id}/custody": "/api/documents/{document}/custody",
    "/api/tags": "/api/tags",
    "/api/search": "/api/search?q=reno",
    "/api/findings": "/api/findings",
    "/api/case/pairs": "/api/case/pairs",
    "/api/case/pairs/counts": "/api/case/pairs/counts",
    "/api/analytics": "/api/analytics",
    "/api/timeline": "/api/timeline",
    "/api/cases": "/api/cases",
    "/api/costs": "/api/costs",
    "/api/analysis": "/api/analysis",
    "/api/analysis/estimate": "/api/analysis/estimate?reason=no_key",
    "/api/documents/{document_id}/runs": "/api/documents/{document}/runs",
    "/api/instances/status": "/api/instances/status",
    "/api/instances/{label}/logs": "/api/instances/{machine}/logs",
    "/vastai/balance": "/vastai/balance",
    "/vastai/offers": "/vastai/offers",
    "/batch/estimate": "/batch/estimate",
    "/batch/status": "/batch/status",
    "/batch/skipped": "/batch/skipped?batch_id={batch}",
}
POST = {
    "/api/alarms/{alarm_id}/clear": ("/api/alarms/2/clear", {}),
    "/api/jobs/{job_id}/retry": ("/api/jobs/{job}/retry", {}),
    "/api/jobs/{job_id}/choices": ("/api/jobs/{job}/choices", {"placement": "any_host", "allow_claude": False}),
    "/api/jobs/{job_id}/cancel": ("/api/jobs/{job}/cancel", {}),
    "/api/instances/launch": ("/api/instances/launch", {}),
    "/api/instances/own": ("/api/instances/own", {"name": "desk"}),
    "/api/instances/{label}/destroy": ("/api/instances/{machine}/destroy", {}),
    "/api/renting/pause": ("/api/renting/pause", {"reason": "holiday"}),
    "/api/renting/resume": ("/api/renting/resume", {}),
    "/api/analysis/again": ("/api/analysis/again", {"reason": "no_key"}),
    "/api/analysis/cancel": ("/api/analysis/cancel", {}),
    "/api/claude/pause": ("/api/claude/pause", {}),
    "/api/claude/resume": ("/api/claude/resume", {}),
    "/batch/start": ("/batch/start", {"prefix": "inbox/"}),
    "/batch/pause": ("/batch/pause", {"batch_id": "{batch}"}),
    "/batch/resume": ("/batch/resume", {"batch_id": "{batch}"}),
    "/batch/stop": ("/batch/stop", {"batch_id": "{batch}"}),
    "/batch/again": ("/batch/again", {"batch_id": "{batch}"}),
    "/api/decisions": ("/api/decisions", {"documents": ["{document}"], "important": True}),
    "/api/documents/{document_id}/notes": ("/api/documents/{document}/notes", {"text": "See page 2"}),
    "/api/passwords": ("/api/passwords", {"password": "x", "note": "the bank"}),
}


@pytest.fixture
def desk(clean_cloud) -> Desk:
    """The real control plane, in this process."""
    return make_desk(clean_cloud)


def test_every_answer_is_as_documented(desk: Desk, control_plane: FakeControlPlane):
    problems = check_all(desk.documented()["paths"], control_plane)
    assert not problems, "\n".join(problems)


def check_all(paths: dict[str, Any], fake: FakeControlPlane) -> list[str]:
    """What is wrong with the stand-in's answers."""
    ids = {"job": fake.jobs[0]["id"], "document": fake.documents[0]["id"], "batch": fake.batches[0]["id"]}
    ids["machine"] = fake.machines[0]["label"]
    problems = []
    with httpx.Client(base_url=fake.url, headers={"Authorization": f"Bearer {fake.token}"}) as http:
        for route, address in GET.items():
            problems += check(paths[route]["get"], http.get(address.format(**ids)))
        for route, (address, body) in POST.items():
            filled = {name: ids["batch"] if value == "{batch}" else value for name, value in body.items()}
            problems += check(paths[route]["post"], http.post(address.format(**ids), json=filled))
        sent = http.post("/api/upload", files={"file": ("new.pdf", b"%PDF-1.4")})
        problems += check(paths["/api/upload"]["post"], sent)
    return problems


def check(operation: dict[str, Any], reply: httpx.Response) -> list[str]:
    """What is wrong with one answer."""
    status = next(each for each in operation["responses"] if each.startswith("2"))
    if reply.status_code != int(status):
        return [f"{reply.url}: {reply.status_code} instead of {status}"]
    schema = operation["responses"][status]["content"]["application/json"]["schema"]
    errors = jsonschema.Draft202012Validator(close(schema)).iter_errors(reply.json())
    return [f"{reply.url.path}: {error.json_path} {error.message[:200]}" for error in errors]
