"""What was found over all documents, what it cost, and what happened."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, jsonify, request

from control_plane.database.enums import FindingKind
from control_plane.documents.jobs import OF_CASE, PAGE
from control_plane.http.answers import to_json
from control_plane.http.requests import query_cursor, query_day, query_int, query_limit
from control_plane.http.schemas import (
    BOOLEAN,
    COUNTS,
    ID,
    INTEGER,
    NUMBER,
    STRING,
    TIME,
    array,
    listing,
    mapping,
    nullable,
    obj,
)
from control_plane.http.wiring import clients, describe, settings
from control_plane.intake.store import check_choice

blueprint = Blueprint("reports", __name__)
MOST = 2**53

FINDING = obj(
    id=INTEGER, document_id=ID, original_filename=STRING, document_type=nullable("string"),
    document_date=nullable("string"), kind={"enum": list(FindingKind)}, page=nullable("integer"),
    quote=nullable("string"), verified=BOOLEAN, explanation=nullable("string"), score=nullable("number"),
    case_number=nullable("string"),
)  # fmt: skip
DATED = obj(
    date=nullable("string"), document_id=ID, original_filename=STRING, document_type=nullable("string"),
    summary=nullable("string")
)  # fmt: skip
CASE = obj(
    case_number=STRING, court=nullable("string"), documents=INTEGER, pages=INTEGER, findings=INTEGER,
    unproven_findings=INTEGER, judged_all=INTEGER, judged_part=INTEGER, judged_none=INTEGER,
)  # fmt: skip
DAY = obj(date=STRING, machines_usd=NUMBER, claude_usd=NUMBER)
CAPS = obj(
    max_machines=INTEGER, max_dollars_per_hour=NUMBER, max_dollars_per_day=NUMBER,
    max_dollars_per_batch=nullable("number"), min_credit_dollars=NUMBER, max_claude_dollars_per_day=NUMBER,
)  # fmt: skip
EVENT = obj(
    id=INTEGER, kind=STRING, job_id=nullable("string"), document_id=nullable("string"), batch_id=nullable("string"),
    instance=nullable("string"), created_at=TIME, detail=mapping({}),
)  # fmt: skip
JUDGED_COUNTS = obj(all=INTEGER, part=INTEGER, none=INTEGER)
SPENT = obj(machines_usd=NUMBER, claude_usd=NUMBER, total_usd=NUMBER)


@blueprint.get("/api/findings")
@describe(
    "Findings of all documents: those whose words stand first, the gravest first", "Reports",
    query={
        "kind": ("string", "One of " + ", ".join(FindingKind)),
        "min_score": ("integer", "Only findings at least this grave, 0 to 100."),
        **OF_CASE,
        **PAGE,
    },
    answer=listing("findings", FINDING), errors=(400, 503),
)  # fmt: skip
def findings() -> Response:
    """A page of findings."""
    kind = check_choice(request.args.get("kind"), tuple(FindingKind), "kind")
    page = clients().database.list_findings(
        query_limit(),
        query_cursor(),
        FindingKind(kind) if kind else None,
        query_int("min_score", 0, 0, 100),
        request.args.get("case_number"),
        query_day("since"),
    )
    return jsonify(findings=_without(page.rows, "rank"), next=page.next)


@blueprint.get("/api/timeline")
@describe(
    "Dated documents, the oldest first", "Reports",
    query=PAGE, answer=listing("timeline", DATED), errors=(400, 503),
)  # fmt: skip
def timeline() -> Response:
    """A page of the timeline; /api/analytics says how many there are."""
    page = clients().database.list_timeline(query_limit(), query_cursor())
    return jsonify(timeline=_without(page.rows, "place"), next=page.next)


@blueprint.get("/api/cases")
@describe("Every case number, and what there is of it", "Reports", answer=obj(cases=array(CASE)), errors=(503,))
def cases() -> Response:
    """All of them, in order."""
    return jsonify(cases=to_json(clients().database.list_cases()))


def _without(rows: list[Any], name: str) -> list[dict[str, Any]]:
    return [{key: value for key, value in row.items() if key != name} for row in to_json(rows)]


@blueprint.get("/api/analytics")
@describe(
    "Counts, score distributions and parties", "Reports",
    answer=obj(
        documents=INTEGER, analysed=INTEGER, judged=JUDGED_COUNTS, by_type=COUNTS, by_source=COUNTS, by_analyst=COUNTS,
        findings_by_kind=COUNTS, finding_strengths=mapping(array(INTEGER)), unproven_findings=INTEGER,
        scores=mapping(array(obj(low=NUMBER, high=NUMBER, documents=INTEGER))),
        pages=INTEGER, dated=INTEGER, named=INTEGER,
        parties=array(obj(name=STRING, role=nullable("string"), documents=INTEGER)),
    ),
    errors=(503,),
)  # fmt: skip
def analytics() -> Response:
    """Over all documents that are no duplicates; a score nobody judged, or without words that stand, is in no bar."""
    return jsonify(to_json(clients().database.get_analytics()))


@blueprint.get("/api/costs")
@describe(
    "What it costs", "Reports",
    answer=obj(
        today=SPENT, month=SPENT, days=array(DAY), documents=INTEGER, pages=INTEGER,
        usd_per_document=nullable("number"), usd_per_page=nullable("number"), caps=CAPS,
    ),
    errors=(503,),
)  # fmt: skip
def costs() -> Response:
    """Dollars of machines and of Claude by day (UTC), per document and page, and the caps that hold."""
    now = settings()
    caps = {
        "max_machines": now.max_machines,
        "max_dollars_per_hour": now.max_dollars_per_hour,
        "max_dollars_per_day": now.max_dollars_per_day,
        "max_dollars_per_batch": now.max_dollars_per_batch,
        "min_credit_dollars": now.min_credit_dollars,
        "max_claude_dollars_per_day": now.max_claude_dollars_per_day,
    }
    return jsonify(to_json(clients().database.get_costs()) | {"caps": caps})


@blueprint.get("/api/events")
@describe(
    "What happened, in order", "Reports",
    query={
        "after": ("integer", "Events after this id; without it the newest."),
        "limit": ("integer", "Rows, 1 to 200; 50 if not said."),
    },
    answer=listing("events", EVENT), errors=(400, 503),
)  # fmt: skip
def events() -> Response:
    """Events after an id, oldest first; ask again with `next`, which is never null once something has happened."""
    limit, after = query_limit(), query_int("after", 0, 0, MOST)
    rows = clients().database.list_events(limit, after if "after" in request.args else None)
    shown = [{("detail" if name == "payload" else name): value for name, value in to_json(row).items()} for row in rows]
    return jsonify(events=shown, next=rows[-1].id if rows else after or None)
