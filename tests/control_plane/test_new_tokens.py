"""New tokens of the house, as docs/operations.md changes them: what showed the old one is out, and nobody else."""

from local_cloud import Cloud
from tests.control_plane.desk import PDF, Desk, make_desk
from tests.control_plane.people import bearer, join, session_of, sign_in

NAMES = ("CONTROL_PLANE_TOKEN", "METRICS_TOKEN", "ANALYSIS_WORKER_SECRET")
ROUTES = (("GET", "/api/jobs"), ("GET", "/metrics"), ("POST", "/api/analysis/token"))


def statuses(desk: Desk, keys: dict[str, str]) -> list[int]:
    """What each key gets where it belongs."""
    return [
        desk.http.open(path, method=method, headers=bearer(keys[name])).status_code
        for name, (method, path) in zip(NAMES, ROUTES, strict=True)
    ]


def test_the_old_token_opens_nothing_and_who_is_signed_in_stays(clean_cloud: Cloud) -> None:
    old, new = ({name: f"{when}-{name.lower()}-{'x' * 30}" for name in NAMES} for when in ("old", "new"))
    before = make_desk(clean_cloud, **old)
    dana = session_of(sign_in(before, join(before, "Dana", "owner")))
    before.upload(PDF)
    machine = before.add_machine("aseagi-local-00000001")
    assert statuses(before, old) == [200, 200, 200]
    after = make_desk(clean_cloud, **new)
    assert statuses(after, old) == [401, 401, 401] and statuses(after, new) == [200, 200, 200]
    assert after.http.get("/api/jobs", headers=bearer(dana)).status_code == 200
    job = after.claim(machine)
    lease = {"job_id": job["job_id"], "lease_token": job["lease_token"]}
    assert after.http.post("/api/worker/urls", headers=machine, json=lease | {"put": []}).status_code == 200
