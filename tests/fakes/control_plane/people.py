"""Who calls, accounts, tokens and the access log."""

from datetime import UTC, datetime

from flask import Blueprint, jsonify, request

from .answers import state

answers = Blueprint("people", __name__)
THEN = datetime(2026, 11, 20, 9, 30, tzinfo=UTC).isoformat()


def listed(name: str, role: str, status: str) -> dict:
    return {
        "id": f"00000000-0000-4000-8000-{len(name):012d}", "name": name, "role": role, "status": status,
        "invited_by": "owner", "created_at": THEN, "joined_at": THEN if status == "joined" else None,
        "removed_at": None,
    }  # fmt: skip


def sample_accounts() -> list[dict]:
    return [listed("Anna Berg", "helper", "joined"), listed("R. Olsen, attorney at law", "lawyer", "invited")]


def sample_tokens() -> list[dict]:
    return [{
        "id": "00000000-0000-4000-8000-0000000000aa", "name": "scanner in the hall", "account_id": None,
        "scopes": ["upload"], "made_by": "owner", "created_at": THEN, "used_at": None,
    }]  # fmt: skip


def sample_access() -> list[dict]:
    rows = [("Anna Berg", "session", "saw", "GET /api/documents/00000000-0000-4000-8000-000000000001", None),
            ("Anna Berg", "session", "refused", "POST /api/renting/pause", 403),
            ("owner", "root", "managed", "POST /api/accounts", 201)]  # fmt: skip
    return [
        {"id": number, "created_at": THEN, "person": person, "via": via, "action": action, "route": route,
         "document_id": None, "status": status, "address": "203.0.113.7"}
        for number, (person, via, action, route, status) in enumerate(rows, 1)
    ]  # fmt: skip


@answers.get("/api/me")
def me():
    return jsonify(state().me)


@answers.post("/api/me/sign-out")
def sign_out():
    fake = state()
    fake.token = "nobody's any more"
    return jsonify(fake.me)


@answers.get("/api/accounts")
def accounts():
    return jsonify(accounts=state().accounts)


@answers.post("/api/accounts")
def add_account():
    body = request.get_json()
    made = listed(body["name"], body["role"], "invited")
    state().accounts.append(made)
    return jsonify(account=made, link="https://aseagi.test/account/invitation?t=made-up"), 201


@answers.get("/api/tokens")
def tokens():
    return jsonify(tokens=state().tokens)


@answers.get("/api/access-log")
def access_log():
    return jsonify(lines=state().access, next=None)
