"""Over HTTP: the analysis worker's questions in batches, how a batch stands, and its results."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Response, current_app, request
from pydantic import Field

from control_plane.claude.errors import ClaudePaused
from control_plane.claude.gateway import MOST_BODY_BYTES
from control_plane.claude.ledger import Ledger
from control_plane.claude.message_batches import AskedQuestion, MessageBatches, Question, Status
from control_plane.database.claude_rows import MessageBatch
from control_plane.errors import NotFound
from control_plane.http.contract import Body, describe, read_body
from control_plane.http.models import Id, path_id
from control_plane.http.wiring import clients, settings

blueprint = Blueprint("claude_batches", __name__)
MOST_QUESTIONS = 500


class QuestionBody(Body):
    """A question about a document that is held: `key` names it among the document's, `body` is `{kind, content}`."""

    job_id: Id
    lease_token: Id
    key: str = Field(pattern=r"^[a-z0-9_]{1,60}$")
    body: dict[str, Any]


class QuestionsBody(Body):
    """Questions that go together; all of a document's or none."""

    requests: list[QuestionBody] = Field(min_length=1, max_length=MOST_QUESTIONS)


@dataclass(frozen=True)
class Submitted:
    """What became of each question, in order."""

    calls: list[AskedQuestion]


@dataclass(frozen=True)
class BatchState:
    """How a batch stands; `lost`: Anthropic never had it, and nothing was charged."""

    id: str
    status: Status


@blueprint.post("/claude/v1/batches")
@describe(
    "Ask Claude many questions at half the price", "Workers", auth="analyst",
    raw=("application/json", QuestionsBody), answer=Submitted, errors=(400, 401, 403, 503),
)  # fmt: skip
def submit() -> Submitted:
    """One Message Batch, within the caps. A question that was asked before gets its call back, and costs nothing."""
    request.max_content_length = MOST_BODY_BYTES
    body = read_body(QuestionsBody)
    questions = [Question(str(each.job_id), str(each.lease_token), each.key, each.body) for each in body.requests]
    return Submitted(_batches().submit(questions))


@blueprint.get("/claude/v1/batches/<batch_id>")
@describe("How a message batch stands", "Workers", auth="analyst", answer=BatchState, errors=(401, 403, 404, 503))
def look(batch_id: str) -> BatchState:
    """`in_progress`, `ended` or `lost`."""
    batch = _batch(batch_id)
    return BatchState(batch.id, _batches().look(batch))


@blueprint.get("/claude/v1/batches/<batch_id>/results")
@describe(
    "The results of a message batch", "Workers", auth="analyst", answer=str, answer_type="application/x-jsonl",
    errors=(401, 403, 404, 503),
)  # fmt: skip
def results(batch_id: str) -> Response:
    """A JSON object on each line, as Anthropic gives them, with `code` where the account was refused."""
    batch, batches = _batch(batch_id), _batches()
    lines = batches.results(batch)
    first = next(lines, None)  # what is wrong with the batch is said before anything is sent
    rest = (json.dumps(line) + "\n" for line in lines)
    head = "" if first is None else json.dumps(first) + "\n"
    return Response((each for part in ([head], rest) for each in part), content_type="application/x-jsonl")


def _batches() -> MessageBatches:
    client = current_app.extensions["claude"]
    if client is None:
        raise ClaudePaused("No ANTHROPIC_API_KEY is set, so Claude is off.")
    return MessageBatches(client, Ledger(clients().database, settings()))


def _batch(batch_id: str) -> MessageBatch:
    batch = clients().database.get_message_batch(path_id(batch_id, "message batch"))
    if batch is None or batch.vendor_id is None and batch.status == "ended":
        raise NotFound("There is no such message batch.")
    return batch
