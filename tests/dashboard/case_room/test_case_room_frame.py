"""The frame: who gets in, whose forms count, what a browser is allowed, and what is said when something is wrong."""

from collections.abc import Callable

from dashboard.case_room import links
from dashboard.visitors import COOKIE
from tests.control_plane.desk import Desk
from tests.control_plane.people import bearer, join, session_of, sign_in
from tests.dashboard.case_room.conftest import Room


def test_the_sign_in_stands_before_everything_and_leads_where_the_link_led(make_room: Callable[..., Room], desk: Desk):
    room = make_room(desk, CONTROL_PLANE_TOKEN="")
    for cookie in ("", "ses_wrong"):
        room.http.set_cookie(COOKIE, cookie)
        answer = room.http.get("/case/?q=1")
        assert (answer.status_code, answer.headers["Location"]) == (303, "/account/sign-in?to=/case/%3Fq%3D1")
    room.http.set_cookie(COOKIE, desk.settings.control_plane_token)
    assert room.http.get("/case/").status_code == 200, "who holds the owner's token is the owner"


def test_who_is_signed_in_is_known_by_name_and_signs_out_at_both_windows(make_room: Callable[..., Room], desk: Desk):
    room, session = enter(make_room, desk)
    assert '<span title="lawyer">Anna</span>' in room.open("/")
    answer = room.http.post("/case/sign-out", data=room.form("/", "/sign-out"))
    assert (answer.status_code, answer.headers["Location"]) == (303, "/account/sign-in?to=/case/")
    assert desk.http.get("/api/me", headers=bearer(session)).status_code == 401
    room.http.set_cookie(COOKIE, session)
    assert room.http.get("/case/").status_code == 303


def enter(make_room: Callable[..., Room], desk: Desk) -> tuple[Room, str]:
    """A lawyer's browser behind nginx, and her session."""
    session = session_of(sign_in(desk, join(desk, "Anna", "lawyer")))
    room = make_room(desk, CONTROL_PLANE_TOKEN="")
    room.http.set_cookie(COOKIE, session)
    return room, session


def test_at_home_no_other_name_leads_here(room: Room):
    """A page of evil.example may let its name lead to 127.0.0.1 and would then read everything as its own."""
    for host in ("evil.example:8600", "evil.example", "127.0.0.1.evil.example"):
        assert room.http.get("/case/", headers={"Host": host}).status_code == 403, host
    for host, status in (("localhost:8600", 200), ("127.0.0.1:8600", 200)):
        assert room.http.get("/case/", headers={"Host": host}).status_code == status, host


def test_a_form_that_is_not_ours_does_nothing(make_room: Callable[..., Room], desk: Desk):
    room, _ = enter(make_room, desk)
    assert room.http.post("/case/sign-out").status_code == 403
    assert room.http.post("/case/sign-out", data={"form_key": ""}).status_code == 403
    key = room.form("/", "/sign-out")
    foreign = room.http.post("/case/sign-out", data=key, headers={"Sec-Fetch-Site": "cross-site"})
    assert foreign.status_code == 403
    assert room.http.get("/case/").status_code == 200, "and nobody is signed out"


def test_a_browser_loads_nothing_from_elsewhere_and_keeps_no_page(room: Room):
    page = room.http.get("/case/")
    policy = dict(part.strip().split(" ", 1) for part in page.headers["Content-Security-Policy"].split(";"))
    assert policy["default-src"] == "'none'" and policy["frame-ancestors"] == "'none'"
    assert policy["script-src"] == "'self' 'wasm-unsafe-eval'" and policy["style-src"] == "'self'"
    assert page.headers["Cache-Control"] == "no-store"
    assert " style=" not in page.text and "<script>" not in page.text and " onclick" not in page.text
    style = room.http.get("/case/static/case.css")
    assert style.status_code == 200 and "max-age" in style.headers["Cache-Control"]


def test_what_is_wrong_is_said_on_a_page(make_room: Callable[..., Room], desk: Desk, room: Room):
    assert "There is no such page here." in room.open("/nothing", 404)


def test_addresses_leave_out_what_is_not_said():
    assert links.to_words("d1", 3, 120, 40) == "/case/reader/d1?page=3&start=120&length=40"
    assert links.to_words("d1", 3, None, 40) == "/case/reader/d1?page=3"
    assert links.to_papers(status="failed", tag="") == "/case/papers?status=failed"
