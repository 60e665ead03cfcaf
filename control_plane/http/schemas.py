"""JSON schemas that several routes share in the API document. Pure data."""

from __future__ import annotations

from typing import Any

Schema = dict[str, Any]


def nullable(kind: str, **more: Any) -> Schema:
    """A value that may be unknown."""
    return {"type": [kind, "null"], **more}


def listing(noun: str, item: Schema) -> Schema:
    """A page of a list, with the cursor of the next."""
    return {
        "type": "object",
        "required": [noun, "next"],
        "properties": {noun: {"type": "array", "items": item}, "next": nullable("integer")},
    }


def obj(**properties: Schema) -> Schema:
    """An object with these properties, all of them always there."""
    return {"type": "object", "required": list(properties), "properties": properties}


def array(item: Schema) -> Schema:
    """A list of such items."""
    return {"type": "array", "items": item}


def mapping(item: Schema) -> Schema:
    """An object with any names, each of them such an item."""
    return {"type": "object", "additionalProperties": item}


STRING: Schema = {"type": "string"}
INTEGER: Schema = {"type": "integer"}
NUMBER: Schema = {"type": "number"}
BOOLEAN: Schema = {"type": "boolean"}
OBJECT: Schema = {"type": "object"}
ID: Schema = {"type": "string", "format": "uuid"}
TIME: Schema = {"type": "string", "format": "date-time"}
COUNTS = mapping(INTEGER)
LINK: Schema = {"type": "string", "format": "uri"}

ERROR = obj(code=STRING, message=STRING, request_id=nullable("string"))

ENQUEUED = obj(journal_id=ID, document_id=ID, job_id=nullable("string"), duplicate=BOOLEAN, status=STRING)
ENQUEUED_MANY = obj(
    batch_id=nullable("string"),
    files={
        "type": "array",
        "items": {
            "type": "object",
            "required": ["filename", "document_id", "job_id", "duplicate", "status"],
            "properties": {
                "filename": STRING,
                "journal_id": nullable("string"),
                "document_id": nullable("string"),
                "job_id": nullable("string"),
                "duplicate": BOOLEAN,
                "status": STRING,
                "code": STRING,
                "message": STRING,
            },
        },
    },
)

CHOICES: dict[str, Schema] = {
    "priority": {"enum": ["high", "normal", "low"]},
    "placement": {"enum": ["any_host", "datacenter_only", "local_only"]},
}
# Said before the files, they are stored with their first bytes.
FORM_CHOICES: dict[str, Schema] = {**CHOICES, "allow_claude": {"enum": ["yes", "no"]}}
BINARY: Schema = {"type": "string", "format": "binary"}
UPLOAD_FORM: Schema = {"type": "object", "required": ["file"], "properties": {**FORM_CHOICES, "file": BINARY}}
UPLOAD_MANY_FORM: Schema = {
    "type": "object",
    "required": ["files"],
    "properties": {"name": STRING, **FORM_CHOICES, "files": {"type": "array", "items": BINARY}},
}

JOB = obj(
    id=ID,
    seq=INTEGER,
    document_id=ID,
    batch_id=nullable("string"),
    status={"enum": ["queued", "processing", "completed", "failed", "cancelled"]},
    priority=CHOICES["priority"],
    placement=CHOICES["placement"],
    attempt=INTEGER,
    max_attempts=INTEGER,
    original_filename=STRING,
    source=STRING,
    object_key=STRING,
    mime_type=nullable("string"),
    bytes=nullable("integer"),
    pages_done=nullable("integer"),
    pages_total=nullable("integer"),
    page_outcomes=COUNTS,
    document_type=nullable("string"),
    document_date=nullable("string"),
    case_number=nullable("string"),
    error_code=nullable("string"),
    error_message=nullable("string"),
    instance=nullable("string"),
    created_at=TIME,
    started_at=nullable("string"),
    finished_at=nullable("string"),
    run_after=nullable("string"),
    seconds=nullable("number"),
    cost_usd=nullable("number"),
    duplicate_of=nullable("string"),
    analyst=nullable("string"),
    allow_claude=BOOLEAN,
    choices_unsaid=BOOLEAN,
)

JUDGED: Schema = {"enum": ["all", "part", "none"]}
PARTY: Schema = {"type": "object", "properties": {"name": nullable("string"), "role": nullable("string")}}
LISTED_DOCUMENT: dict[str, Schema] = {
    "id": ID,
    "seq": INTEGER,
    "original_filename": nullable("string"),
    "source": nullable("string"),
    "mime_type": nullable("string"),
    "bytes": nullable("integer"),
    "sha256": nullable("string"),
    "md5": nullable("string"),
    "duplicate_of": nullable("string"),
    "created_at": TIME,
    "job_id": nullable("string"),
    "batch_id": nullable("string"),
    "status": nullable("string"),
    "pages_total": nullable("integer"),
    "page_outcomes": {**COUNTS, "type": ["object", "null"]},
    "error_code": nullable("string"),
    "error_message": nullable("string"),
    "cost_usd": nullable("number"),
    "document_type": nullable("string"),
    "document_date": nullable("string"),
    "dates": array(STRING),
    "parties": array(PARTY),
    "case_number": nullable("string"),
    "court": nullable("string"),
    "summary": nullable("string"),
    "key_facts": array(STRING),
    "analyst": nullable("string"),
    "model": nullable("string"),
    "fallback_reason": nullable("string"),
    "truth_score": nullable("number"),
    "justice_score": nullable("number"),
    "fraud_score": nullable("number"),
    "perjury_score": nullable("number"),
    "legal_credit_score": nullable("number"),
    "relevancy_score": nullable("number"),
    "analysed_at": nullable("string"),
    "text_excerpt": nullable("string"),
    "words": nullable("integer"),
    "findings_count": INTEGER,
    "unproven_findings": INTEGER,
    "judged": JUDGED,
    "unproven_scores": array(STRING),
    "thumbnail": nullable("string"),
}
PAGE = obj(
    page=INTEGER, outcome=STRING, engine=nullable("string"), confidence=nullable("number"), reason=nullable("string"),
    rotation=nullable("integer"),
)  # fmt: skip
QUOTED = {"page": nullable("integer"), "quote": nullable("string"), "verified": BOOLEAN}
DOCUMENT_FINDING = obj(
    id=INTEGER, kind=STRING, **QUOTED, explanation=nullable("string"), score=nullable("number")
)
EVIDENCE: Schema = {"type": "object", "properties": {"score": STRING, **QUOTED, "reason": nullable("string")}}
CHAIN = obj(events=INTEGER, intact=BOOLEAN, broken_at=nullable("integer"))

DOCUMENT = obj(**LISTED_DOCUMENT)
WHOLE_DOCUMENT = obj(
    **LISTED_DOCUMENT,
    pages=array(PAGE),
    findings=array(DOCUMENT_FINDING),
    score_evidence=array(EVIDENCE),
    artifacts=mapping(LINK),
    artifact_files=mapping(obj(bytes=INTEGER, sha256=STRING)),
    custody=CHAIN,
    original=LINK,
    view=nullable("string", format="uri"),
)
