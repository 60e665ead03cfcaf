"""The frame: who gets in, whose forms count, what a browser is allowed, and what is said when something is wrong."""

import time
from collections.abc import Callable

from dashboard.case_room import links
from dashboard.login import COOKIE, sign_pass
from tests.control_plane.desk import Desk
from tests.dashboard.case_room.conftest import PASSWORD, Room


def test_the_sign_in_stands_before_everything_and_leads_where_the_link_led(make_room: Callable[..., Room], desk: Desk):
    room = make_room(desk)
    answer = room.http.get("/case/?q=1")
    assert answer.status_code == 303 and answer.headers["Location"] == "/case/sign-in?wanted=%2Fcase%2F%3Fq%3D1"
    assert "not right" in room.send("/sign-in", "/sign-in", password="guess")
    assert room.http.get("/case/").status_code == 303
    answer = room.post("/sign-in?wanted=/case/?q=1", "/sign-in", password=PASSWORD)
    assert (answer.status_code, answer.request.full_path) == (200, "/case/?q=1")


def test_the_sign_in_leads_nowhere_else(make_room: Callable[..., Room], desk: Desk):
    for wanted in ("https://elsewhere.test/", "//elsewhere.test", "/case/../admin\\", "/documents"):
        answer = make_room(desk).post(f"/sign-in?wanted={wanted}", "/sign-in", password=PASSWORD)
        assert answer.request.path == "/case/", wanted


def test_who_is_signed_in_at_the_dashboard_is_signed_in_here(make_room: Callable[..., Room], desk: Desk):
    room = make_room(desk)
    room.http.set_cookie(COOKIE, sign_pass(PASSWORD, time.time()))
    assert room.http.get("/case/").status_code == 200
    room.send("/", "/sign-out")
    assert room.http.get("/case/").status_code == 303


def test_guessers_wait(make_room: Callable[..., Room], desk: Desk):
    room = make_room(desk)
    for _ in range(5):
        room.send("/sign-in", "/sign-in", password="guess")
    assert "Too many wrong passwords" in room.send("/sign-in", "/sign-in", password=PASSWORD)
    assert room.http.get("/case/").status_code == 303


def test_a_form_that_is_not_ours_does_nothing(room: Room):
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
    away = make_room(desk, CONTROL_PLANE_TOKEN="another")
    away.sign_in()
    assert "Authorization: Bearer" in away.open("/", 502)


def test_addresses_leave_out_what_is_not_said():
    assert links.to_words("d1", 3, 120, 40) == "/case/reader/d1?page=3&start=120&length=40"
    assert links.to_words("d1", 3, None, 40) == "/case/reader/d1?page=3"
    assert links.to_papers(status="failed", tag="") == "/case/papers?status=failed"
