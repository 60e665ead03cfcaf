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
BINARY: Schema = {"type": "string", "format": "binary"}
UPLOAD_FORM: Schema = {"type": "object", "required": ["file"], "properties": {"file": BINARY, **CHOICES}}
UPLOAD_MANY_FORM: Schema = {
    "type": "object",
    "required": ["files"],
    "properties": {"files": {"type": "array", "items": BINARY}, "name": STRING, **CHOICES},
}

JOB = obj(
    id=ID,
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
    page_outcomes=OBJECT,
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
)

CHAIN = obj(events=INTEGER, intact=BOOLEAN, broken_at=nullable("integer"))

DOCUMENT = obj(
    id=ID,
    original_filename=nullable("string"),
    document_type=nullable("string"),
    document_date=nullable("string"),
    case_number=nullable("string"),
    court=nullable("string"),
    summary=nullable("string"),
    parties={"type": ["array", "null"]},
    relevancy_score=nullable("integer"),
    truth_score=nullable("integer"),
    justice_score=nullable("integer"),
    fraud_score=nullable("integer"),
    perjury_score=nullable("integer"),
    legal_credit_score=nullable("integer"),
    pages_total=nullable("integer"),
    status=nullable("string"),
    analyst=nullable("string"),
    source=nullable("string"),
    created_at=TIME,
    job_id=nullable("string"),
    findings_count=nullable("integer"),
    thumbnail=nullable("string"),
)
