"""People join, sign in and out; programs have tokens; an access log says who did what, and not what they looked for."""

import logging

import pyotp
import pytest

from control_plane.__main__ import main
from control_plane.accounts.factors import find_step
from control_plane.http.address import visitor_address
from tests.control_plane.desk import PDF, Desk, complete_a_document, make_desk
from tests.control_plane.people import PASSWORD, accept, bearer, browser, invite, join, session_of, sign_in


def test_a_person_joins_by_a_link_signs_in_and_is_known_by_name(desk: Desk):
    anna = join(desk, "Anna", "helper")
    answer = sign_in(desk, anna)
    assert answer.headers["Location"].endswith("/documents")
    cookie = answer.headers["Set-Cookie"]
    assert "HttpOnly" in cookie and "SameSite=Lax" in cookie and "Path=/" in cookie and "Domain" not in cookie
    me = desk.http.get("/api/me", headers=bearer(session_of(answer))).json
    assert me == {"name": "Anna", "role": "helper", "scopes": ["read", "upload", "decide"], "by": "session"}
    assert desk.get("/api/me").json == {
        "name": "owner", "role": "owner", "scopes": ["read", "upload", "decide", "admin"], "by": "root"
    }  # fmt: skip
    listed = desk.get("/api/accounts").json["accounts"]
    assert [(each["name"], each["role"], each["status"], each["invited_by"]) for each in listed] == [
        ("Anna", "helper", "joined", "owner")
    ]


def test_the_cookie_of_a_page_over_tls_never_goes_over_anything_else(desk: Desk):
    anna = join(desk, "Anna")
    assert "Secure" not in sign_in(desk, anna).headers["Set-Cookie"]
    assert "Secure" in sign_in(desk, anna, **{"X-Forwarded-Proto": "https"}).headers["Set-Cookie"]


def test_a_link_opens_once_and_a_fresh_one_kills_it(desk: Desk):
    account_id, first = invite(desk, "Anna", "lawyer")
    again = desk.post(f"/api/accounts/{account_id}/invite").json
    assert desk.http.get(first).status_code == 404
    path = again["link"].partition("127.0.0.1")[2].partition("/")[2]
    anna = accept(desk, "Anna", account_id, f"/{path}")
    assert desk.http.get(f"/{path}").status_code == 404
    assert desk.http.post(f"/{path}", data={"key": anna.key}).status_code == 404
    _, old = invite(desk, "Berta", "lawyer")
    desk.sql("update invitations set created_at = now() - interval '8 days' where ended_at is null")
    assert desk.http.get(old).status_code == 404
    assert desk.post("/api/accounts", name="anna", role="owner").json["code"] == "wrong_state"


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"password": "short", "again": "short"}, "at least 12"),
        ({"password": "anna anna anna", "again": "anna anna anna"}, "too easy"),
        ({"again": PASSWORD + "x"}, "differ"), ({"code": "000000"}, "code"), ({"code": ""}, "code"),
    ],
)  # fmt: skip
def test_a_weak_password_or_a_wrong_code_uses_no_link_up(desk: Desk, change: dict[str, str], says: str):
    _, path = invite(desk, "Anna", "helper")
    key = pyotp.random_base32()
    form = {"key": key, "password": PASSWORD, "again": PASSWORD, "code": pyotp.TOTP(key).now(), **change}
    refused = desk.http.post(path, data=form)
    assert (refused.status_code, says in refused.text) == (400, True)
    assert desk.http.get(path).status_code == 200


def test_one_sentence_for_every_wrong_word(desk: Desk):
    anna = join(desk, "Anna")
    code = anna.code()
    wrong = [
        sign_in(desk, anna, code, "wrong password"), sign_in(desk, anna, "000000"),
    ]  # fmt: skip
    anna.name = "Nobody"
    wrong.append(sign_in(desk, anna, code))
    assert {answer.status_code for answer in wrong} == {401}
    assert len({answer.text.replace("Nobody", "Anna") for answer in wrong}) == 1
    assert not any("Set-Cookie" in answer.headers for answer in wrong)
    anna.name = " anna "
    assert sign_in(desk, anna, code).status_code == 303


def test_a_code_opens_once(desk: Desk):
    anna = join(desk, "Anna")
    code = anna.code()
    assert sign_in(desk, anna, code).status_code == 303
    assert sign_in(desk, anna, code).status_code == 401
    assert len(anna.recovery_codes) == 10
    spelled = anna.recovery_codes[3].replace("-", " ").upper()
    assert sign_in(desk, anna, spelled).status_code == 303
    assert sign_in(desk, anna, spelled).status_code == 401
    assert sign_in(desk, anna, anna.recovery_codes[4]).status_code == 303


def test_a_code_is_of_this_half_minute_or_the_one_beside_it():
    key, now = pyotp.random_base32(), 1_700_000_010.0
    codes = [pyotp.TOTP(key).at(int(now) + 30 * away) for away in (-2, -1, 0, 1, 2)]
    here = int(now) // 30
    assert [find_step(key, code, now) for code in codes] == [None, here - 1, here, here + 1, None]


def test_signing_out_ends_the_session_here_and_everywhere(desk: Desk):
    anna = join(desk, "Anna")
    one, two, three = (
        session_of(sign_in(desk, anna, code)) for code in (anna.code(), *anna.recovery_codes[:2])
    )  # fmt: skip
    assert all(known(desk, each) == 200 for each in (one, two, three))
    left = sign_out(desk, one)
    assert left.status_code == 303 and "aseagi_session=;" in left.headers["Set-Cookie"]
    assert [known(desk, each) for each in (one, two, three)] == [401, 200, 200]
    assert desk.http.get("/api/me", headers=bearer(one)).json["code"] == "session_ended"
    sign_out(desk, two, everywhere="yes")
    assert known(desk, three) == 401


@pytest.mark.parametrize("change", ["seen_at = now() - interval '3 hours'", "created_at = now() - interval '13 hours'"])
def test_a_session_ends_by_itself(desk: Desk, change: str):
    session = session_of(sign_in(desk, join(desk, "Anna")))
    assert known(desk, session) == 200
    desk.sql(f"update sessions set {change}")
    desk.http.application.extensions["callers"].forget()
    assert known(desk, session) == 401
    assert check(desk, session) == 401


def test_a_removed_person_is_out_at_once_and_may_be_let_in_again(desk: Desk):
    anna = join(desk, "Anna")
    session = session_of(sign_in(desk, anna))
    token = desk.post("/api/tokens", name="scanner", scopes=["read"], account_id=anna.id).json["token"]
    assert known(desk, session) == known(desk, token) == 200
    assert desk.http.delete(f"/api/accounts/{anna.id}", headers=desk.auth).json["accounts"][0]["status"] == "removed"
    assert known(desk, session) == known(desk, token) == 401
    assert sign_in(desk, anna).status_code == 401
    link = desk.post(f"/api/accounts/{anna.id}/invite", role="lawyer").json["link"]
    again = accept(desk, "Anna", anna.id, "/account" + link.partition("/account")[2])
    assert desk.http.get("/api/me", headers=bearer(session_of(sign_in(desk, again)))).json["role"] == "lawyer"


def test_nothing_that_opens_a_door_is_in_the_database_or_a_log(desk: Desk, caplog):
    with caplog.at_level(logging.DEBUG):
        account_id, path = invite(desk, "Anna", "helper")
        anna = accept(desk, "Anna", account_id, path)
        session = session_of(sign_in(desk, anna))
        token = desk.post("/api/tokens", name="scanner", scopes=["read"]).json["token"]
    tables = ("accounts", "invitations", "sessions", "sign_in_guesses", "api_tokens", "access_log")
    kept = str([desk.sql(f"select * from {table}") for table in tables])
    secrets = [PASSWORD, anna.key, path.partition("t=")[2], session, token, *anna.recovery_codes]
    assert not [secret for secret in secrets if secret in kept or secret in caplog.text]


def test_tokens_have_scopes_and_end(desk: Desk):
    made = desk.post("/api/tokens", name="scanner", scopes=["upload", "read"]).json
    assert made["about"]["scopes"] == ["read", "upload"] and made["token"].startswith("aseagi_")
    scanner = bearer(made["token"])
    assert desk.http.get("/api/me", headers=scanner).json["name"] == "scanner (token)"
    refused = desk.http.post("/api/renting/pause", headers=scanner, json={})
    assert (refused.status_code, refused.json["code"]) == (403, "role_may_not")
    listed = desk.get("/api/tokens")
    assert made["token"] not in listed.text and listed.json["tokens"][0]["used_at"]
    anna = join(desk, "Anna", "lawyer")
    strong = desk.post("/api/tokens", name="hers", scopes=["read", "decide", "admin"], account_id=anna.id).json["token"]
    me = desk.http.get("/api/me", headers=bearer(strong)).json
    assert (me["name"], me["scopes"]) == ("Anna (token: hers)", ["read"])
    assert desk.http.delete(f"/api/tokens/{made['about']['id']}", headers=desk.auth).status_code == 200
    assert known(desk, made["token"]) == 401
    assert desk.http.delete(f"/api/tokens/{made['about']['id']}", headers=desk.auth).status_code == 404


def test_the_access_log_says_who_did_what_and_not_what_they_looked_for(desk: Desk):
    document_id = complete_a_document(desk)
    anna = join(desk, "Anna", "lawyer")
    session = bearer(session_of(sign_in(desk, anna, **{"X-Forwarded-For": "203.0.113.7"})))
    for _ in range(3):
        desk.http.get(f"/api/documents/{document_id}", headers=session)
        desk.http.get("/api/search?q=perjury+of+my+wife", headers=session)
        desk.http.get("/api/jobs", headers=session)
    desk.http.post("/api/renting/pause", headers=session, json={"reason": "words"})
    page = desk.get("/api/access-log", person="Anna").json["lines"]
    assert [(line["action"], line["via"], line["status"]) for line in reversed(page)] == [
        ("joined", "none", None), ("signed_in", "none", None), ("saw", "session", None), ("searched", "session", None),
        ("refused", "session", 403),
    ]  # fmt: skip
    assert next(line for line in page if line["action"] == "signed_in")["address"] == "203.0.113.7"
    assert [line["person"] for line in desk.get("/api/access-log", document_id=document_id).json["lines"]] == ["Anna"]
    everything = str(desk.sql("select * from access_log"))
    assert "perjury" not in everything and "words" not in everything
    changes = desk.get("/api/access-log", person="owner", limit="50").json["lines"]
    assert {("uploaded", 201), ("managed", 201)} <= {(line["action"], line["status"]) for line in changes}


def test_nothing_is_seen_that_cannot_be_written_down(desk: Desk, away):
    document = "6f1c2a9e-0000-4000-8000-000000000000"
    for path in (f"/api/documents/{document}/structure/mail.json", "/api/search?q=a", f"/api/documents/{document}"):
        reply = away("database").get(path, headers=desk.auth)
        assert (reply.status_code, reply.json["code"]) == (503, "queue_unavailable"), path


def test_a_form_of_another_site_does_nothing(desk: Desk):
    anna = join(desk, "Anna")
    session = session_of(sign_in(desk, anna))
    sites = ({"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"}, {"Origin": "https://evil.example"})
    for headers in sites:
        assert sign_in(desk, anna, **headers).status_code == 403
        assert sign_out(desk, session, headers=headers).status_code == 403
    assert known(desk, session) == 200


@pytest.mark.parametrize(
    "to", ["//evil.example/", "https://evil.example", "/\\evil.example", "/ok\r\nX: y", "", "javascript:alert(1)"]
)
def test_signing_in_leads_to_our_own_pages_alone(desk: Desk, to: str):
    anna = join(desk, "Anna")
    form = {"name": "Anna", "password": PASSWORD, "code": anna.code(), "to": to}
    assert browser(desk).post("/account/sign-in", data=form).headers["Location"] == f"{desk.settings.dashboard_url}/"


def test_who_is_signed_in_passes_nginx_and_sees_the_own_page(desk: Desk):
    anna = join(desk, "Anna<b>")
    session = session_of(sign_in(desk, anna))
    assert check(desk, session) == 204 and check(desk, "") == check(desk, "ses_wrong") == 401
    assert check(desk, desk.settings.control_plane_token) == 401, "a token of programs opens no window"
    visitor = browser(desk)
    visitor.set_cookie("aseagi_session", session)
    page = visitor.get("/account")
    assert "Anna&lt;b&gt;" in page.text and "frame-ancestors 'none'" in page.headers["Content-Security-Policy"]
    assert visitor.get("/account/sign-in?to=/case/x").headers["Location"].endswith("/case/x")
    assert browser(desk).get("/account").headers["Location"].endswith("/account/sign-in")


def test_the_command_line_lets_an_owner_in_and_one_who_lost_everything(clean_cloud, monkeypatch, capsys):
    desk = make_desk(clean_cloud)
    for name, value in desk.environ.items():
        monkeypatch.setenv(name, value)
    for _ in range(2):
        assert main(["invite", "Clara"]) == 0
        link = capsys.readouterr().out.strip()
        (clara,) = desk.get("/api/accounts").json["accounts"]
        person = accept(desk, "Clara", clara["id"], "/account" + link.partition("/account")[2])
        session = session_of(sign_in(desk, person))
        assert desk.http.get("/api/accounts", headers=bearer(session)).status_code == 200
    with pytest.raises(SystemExit):
        main(["invite"])


def test_without_a_key_nobody_is_added(clean_cloud):
    desk = make_desk(clean_cloud, PASSWORDS_KEY="")
    reply = desk.post("/api/accounts", name="Anna", role="helper")
    assert (reply.status_code, reply.json["code"]) == (400, "passwords_off")


@pytest.mark.parametrize("name", ["owner", "OWNER", "", " ", "a" * 61, "Anna (token: x)", "a\nb", "a\0b"])
def test_a_name_is_one_that_decisions_can_be_stored_with(desk: Desk, name: str):
    assert desk.post("/api/accounts", name=name, role="helper").status_code == 400


def test_who_decides_is_who_is_signed_in(desk: Desk):
    anna = join(desk, "Anna")
    session = bearer(session_of(sign_in(desk, anna)))
    job_id = desk.upload(PDF + b"!", "one.pdf").json["job_id"]
    assert desk.http.post(f"/api/jobs/{job_id}/cancel", headers=session).status_code == 200
    (line, *_) = desk.get("/api/access-log", person="Anna").json["lines"]
    assert (line["action"], line["route"], line["status"]) == ("decided", f"POST /api/jobs/{job_id}/cancel", 200)


@pytest.mark.parametrize(
    ("forwarded", "connected", "counted"),
    [
        ("203.0.113.9", "127.0.0.1", "203.0.113.9"), ("1.2.3.4, 203.0.113.9", None, "203.0.113.9"),
        (None, "198.51.100.2", "198.51.100.2"), ("2001:db8:1:2:3::4", None, "2001:db8:1:2::/64"),
        ("::ffff:203.0.113.9", None, "203.0.113.9"), ("junk", None, "unknown"), (None, None, "unknown"),
    ],
)  # fmt: skip
def test_whom_a_guess_counts_against(forwarded: str | None, connected: str | None, counted: str):
    assert visitor_address(forwarded, connected) == counted


def known(desk: Desk, token: str) -> int:
    return desk.http.get("/api/me", headers=bearer(token)).status_code


def check(desk: Desk, session: str) -> int:
    visitor = browser(desk)
    visitor.set_cookie("aseagi_session", session)
    return visitor.get("/account/check").status_code


def sign_out(desk: Desk, session: str, headers: dict[str, str] | None = None, **form: str):
    visitor = browser(desk)
    visitor.set_cookie("aseagi_session", session)
    return visitor.post("/account/sign-out", data=form, headers=headers)
