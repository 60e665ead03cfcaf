"""The stand-in control plane answers in the real one's shapes, as its API document has them."""

import httpx
import pytest

from tests.control_plane.desk import PDF, Desk, make_desk
from tests.fakes.control_plane import FakeControlPlane

ROUTES = {
    "/api/jobs": "/api/jobs",
    "/api/jobs/{job_id}": "/api/jobs/{job}",
    "/api/totals": "/api/totals",
    "/api/documents/{document_id}/custody": "/api/documents/{document}/custody",
    "/api/search": "/api/search?q=reno",
    "/api/findings": "/api/findings",
    "/api/analytics": "/api/analytics",
    "/api/timeline": "/api/timeline",
    "/api/cases": "/api/cases",
    "/api/costs": "/api/costs",
    "/api/instances/status": "/api/instances/status",
    "/vastai/balance": "/vastai/balance",
    "/vastai/offers": "/vastai/offers",
    "/batch/estimate": "/batch/estimate",
    "/batch/status": "/batch/status",
    "/batch/skipped": "/batch/skipped?batch_id=1",
}


@pytest.fixture
def desk(clean_cloud) -> Desk:
    """The real control plane, in this process."""
    return make_desk(clean_cloud)


def ask(fake: FakeControlPlane, address: str) -> dict:
    return httpx.get(fake.url + address, headers={"Authorization": f"Bearer {fake.token}"}).json()


def test_every_answer_has_only_documented_names(desk, control_plane):
    paths = desk.documented()["paths"]
    ids = {"job": control_plane.jobs[0]["id"], "document": control_plane.documents[0]["id"]}
    unknown = {}
    for route, address in ROUTES.items():
        schema = paths[route]["get"]["responses"]["200"]["content"]["application/json"]["schema"]
        unknown[route] = unknown_names(ask(control_plane, address.format(**ids)), schema)
    assert not any(unknown.values()), unknown


def test_a_document_has_only_names_that_the_real_one_has(desk, control_plane):
    real = desk.get(f"/api/documents/{desk.upload(PDF).json['document_id']}").json
    ours = ask(control_plane, f"/api/documents/{control_plane.documents[0]['id']}")
    assert set(ours) <= set(real)
    listed = desk.get("/api/documents").json["documents"][0]
    assert set(ask(control_plane, "/api/documents")["documents"][0]) <= set(listed)


def unknown_names(value, schema: dict, place: str = "") -> set[str]:
    """Names in a value that its schema does not have; a schema without names allows any."""
    if isinstance(value, list):
        return set().union(*(unknown_names(each, schema.get("items", {}), place) for each in value))
    known = schema.get("properties")
    if not isinstance(value, dict) or not known:
        return set()
    extra = {f"{place}{name}" for name in value if name not in known}
    return extra.union(
        *(unknown_names(each, known[name], f"{place}{name}.") for name, each in value.items() if name in known)
    )
