"""What is said to be Claude's comes from a call that our gateway made for this job: the analysis worker taken over."""

import httpx

from tests.claude.conftest import Gateway
from tests.control_plane.desk import PDF
from tests.queue.claims import new_analysis, new_claim

PAIRS = '{"pairs": []}'
PAGES = '{"pages": [{"page": 1, "text": "In the matter of a name."}]}'
FORGED = {"reason": "x", "kind": "perjury", "role": "perjury", "number": 90, "quote": "words", "stated_by": "claude"}


def rpc(gateway: Gateway, verb: str, **arguments) -> httpx.Response:
    settings = gateway.desk.settings
    headers = {"apikey": settings.supabase_publishable_key, "Authorization": f"Bearer {gateway.token}"}
    lease = {"job_id": gateway.job["job_id"], "lease_token": gateway.job["lease_token"]}
    url = f"{settings.supabase_url}/rest/v1/rpc/{verb}"
    return httpx.post(url, headers=headers, json={**lease, **arguments}, timeout=20)


def complete(gateway: Gateway, found: dict) -> tuple[int, str]:
    """The status, and the SQLSTATE or what the job is then."""
    reply = rpc(gateway, "complete_analysis", result={"analysis": found})
    body = reply.json()
    return reply.status_code, body["code"] if isinstance(body, dict) else body[0]["status"]


def by_claude(calls: object = None, **changes) -> dict:
    return new_analysis(None, analyst="claude", model="claude-opus-9", summary="Forged.", **changes) | {"calls": calls}


def call(gateway: Gateway, kind: str = "quick") -> str:
    reply = gateway.ask(kind=kind, content=PAIRS if kind.startswith("pairs") else PAGES)
    assert reply.status_code == 200, reply.text
    return reply.json()["call_id"]


def changed(gateway: Gateway, change: str) -> str:
    made = call(gateway)
    gateway.desk.sql(f"update claude_calls set {change} where id = %s", made)
    return made


def of_another_job(gateway: Gateway) -> str:
    """A call that was made and answered for another document's job."""
    entered = gateway.desk.upload(PDF + b"another", "another.pdf").json
    made = call(gateway)
    statement = "update claude_calls set (job_id, document_id) = (%s, %s) where id = %s"
    gateway.desk.sql(statement, entered["job_id"], entered["document_id"], made)
    return made


NAMED = {
    "none": lambda gateway: None,
    "empty": lambda gateway: [],
    "word": lambda gateway: "all",
    "null": lambda gateway: [None],
    "unknown": lambda gateway: [gateway.job["job_id"]],
    "malformed": lambda gateway: ["no id"],
    "other_job": lambda gateway: [of_another_job(gateway)],
    "other_kind": lambda gateway: [call(gateway, "pairs_quick")],
    "refused": lambda gateway: [changed(gateway, "outcome = 'refused'")],
    "in_flight": lambda gateway: [changed(gateway, "outcome = null")],
    "used": lambda gateway: [changed(gateway, "used_at = now()")],
    "twice": lambda gateway: [call(gateway)] * 2,
    "one_wrong": lambda gateway: [call(gateway), call(gateway, "pairs_careful")],
}
CLAIM = {name: value for name, value in FORGED.items() if name != "kind"}
LINES = {"page": 1, "kind": "chat", "engine": "claude", "model": "claude-opus-9",
         "lines": [{"text": "I lied.", "doubtful": False}]}  # fmt: skip
SMUGGLED = {"claim": {"claims": [new_claim("finding", **CLAIM)]}, "transcription": {"transcriptions": [LINES]}}


def test_no_judgement_is_published_without_a_call_of_its_own(gateway):
    refused = {name: complete(gateway, by_claude(calls(gateway))) for name, calls in NAMED.items()}
    assert refused == dict.fromkeys(NAMED, (400, "AS007")) | {"malformed": (400, "AS006")}
    hidden = {name: complete(gateway, new_analysis(None) | said) for name, said in SMUGGLED.items()}
    assert hidden == dict.fromkeys(SMUGGLED, (400, "AS007")), "nothing of Claude's hides in an analysis by rules"
    assert gateway.desk.sql("select count(*) from analysis_runs") == [(0,)]
    assert gateway.desk.sql("select count(*) from claude_calls where used_at is not null") == [(1,)]


def test_an_analysis_is_published_once_and_its_model_is_the_ledger_s(gateway):
    calls = [call(gateway), call(gateway, "careful")]
    assert complete(gateway, by_claude(calls) | {"transcriptions": [LINES]}) == (200, "completed")
    assert gateway.desk.sql("select model from analysis_runs") == [("claude-sonnet-5-5",)]
    assert gateway.desk.sql("select model from document_transcriptions") == [("claude-haiku-5-5",)]
    assert gateway.desk.sql("select count(*) from claude_calls where used_at is null") == [(0,)]



def verdict(gateway: Gateway, made: object) -> tuple[int, str]:
    given = {"pair_id": gateway.job["job_id"], "verdict": "conflict", "kind": "contradiction", "reason": "x",
             "explained_by": "", "call": made, "words_md5": "0" * 32}  # fmt: skip
    reply = rpc(gateway, "complete_comparison", verdicts=[given])
    body = reply.json()
    return reply.status_code, body["code"] if isinstance(body, dict) else body[0]["status"]


def test_a_verdict_names_a_call_that_compared(gateway):
    gateway.desk.sql("update processing_jobs set kind = 'compare'")
    for made in (None, gateway.job["job_id"], call(gateway), call(gateway, "careful")):
        assert verdict(gateway, made) == (400, "AS007")
    sound = call(gateway, "pairs_quick")
    gateway.desk.sql("update claude_calls set used_at = now() where id = %s", sound)
    assert verdict(gateway, sound) == (400, "AS007")
    assert verdict(gateway, call(gateway, "pairs_careful")) == (200, "completed")
