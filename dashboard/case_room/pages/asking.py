"""Ask: a question in words, answered with quotes that stand, each a link to its place; or "not in your documents"."""

from flask import Blueprint, request

from dashboard.case_room import frame

blueprint = Blueprint("asking", __name__)


@blueprint.get("/ask")
def show() -> str:
    """The question, and what is nearest to its words; that costs nothing."""
    question = request.args.get("q", "").strip()
    return _answer(question, "words")


@blueprint.post("/ask")
def by_claude() -> str:
    """The same question, Claude choosing among the quotes; the same question twice is paid once."""
    return _answer(request.form.get("q", "").strip(), "claude")


def _answer(question: str, by: str) -> str:
    answered = frame.api().ask(question, by) if question else None
    return frame.show("ask.html", "Ask", question=question, answered=answered)
