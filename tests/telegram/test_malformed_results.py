"""Whatever a machine stored, it is read as what its column promises, and what the bot says of it can be sent."""

from dataclasses import replace
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from control_plane.database import stored
from control_plane.database.connection import parse_rows
from control_plane.database.enums import JobStatus
from control_plane.database.part_rows import Companion, Mail
from control_plane.database.rows import Document, Finding, ReadPage
from control_plane.documents.family import Family, InnerFile
from control_plane.telegram import texts
from tests.fakes.telegram_api import _problem

ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=50) | st.just("&" * 9000),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=6,
)
PARTY = st.dictionaries(st.sampled_from(["name", "role", "x"]), ANYTHING)
EVIDENCE_KEYS = ["score", "page", "quote", "verified", "reason", "state", "differs"]
EVIDENCE = st.dictionaries(st.sampled_from(EVIDENCE_KEYS), ANYTHING, max_size=6)
WORDS = st.none() | st.text(max_size=50) | st.just("&" * 9000)
SOUND = dict.fromkeys(Document.__dataclass_fields__) | {
    "id": "d", "seq": 1, "original_filename": "a.pdf", "source": "upload", "object_key": "raw/a.pdf", "artifacts": {},
    "created_at": "2026-11-26T14:00:00+00:00", "findings_count": 0, "unproven_findings": 0, "judged": "all",
    "unproven_scores": [], "claude_usd": 0, "tags": [], "is_important": False, "corrected": {}, "as_read": {},
}  # fmt: skip
DOCUMENTS = st.fixed_dictionaries(
    {"dates": ANYTHING, "key_facts": ANYTHING, "parties": ANYTHING | st.lists(PARTY | ANYTHING),
     "disagreements": ANYTHING | st.lists(st.dictionaries(st.sampled_from(["about", "rules", "claude"]), ANYTHING)),
     "score_evidence": ANYTHING | st.lists(EVIDENCE | ANYTHING), "judged": st.sampled_from(["all", "part", "none"]),
     **{name: ANYTHING for name in stored.SCALES},
     **{name: WORDS for name in ("document_type", "case_number", "summary")},
     "original_filename": st.text(max_size=50) | st.just("&" * 9000), "pages_total": st.none() | st.integers(0, 10**6)},
)  # fmt: skip
FINDINGS = st.fixed_dictionaries(
    {"id": st.just(1), "kind": st.sampled_from(sorted(texts.KINDS)), "page": ANYTHING, "quote": ANYTHING,
     "verified": st.booleans(), "explanation": WORDS, "score": ANYTHING, "state": st.none(), "differs": st.just([]),
     "is_wrong": st.booleans()},
)  # fmt: skip


LONG = "&" * 9000
TAKEN = InnerFile(1, "attachment", LONG, "d", None, 1, None, None, None, JobStatus.COMPLETED, None, 1, None)
FAMILY = Family(
    [TAKEN, replace(TAKEN, code="link", reason=LONG, document_id=None)] * 9, 200, [],
    [Companion("d", LONG, None)] * 9, Mail(LONG, LONG, LONG, [LONG] * 99, LONG), [],
)  # fmt: skip


def read(kind: type, row: dict[str, Any]) -> Any:
    (found,) = parse_rows(kind, [row])
    return found


@settings(max_examples=300, deadline=None)
@given(row=DOCUMENTS, findings=st.lists(FINDINGS, max_size=5))
def test_every_stored_result_can_be_told(row, findings):
    told = texts.result(read(Document, SOUND | row), parse_rows(Finding, findings), FAMILY)
    assert _problem({"text": told, "parse_mode": "HTML"}) is None


@settings(max_examples=300, deadline=None)
@given(row=DOCUMENTS)
def test_every_stored_list_becomes_what_it_promises(row):
    document = read(Document, SOUND | row)
    assert all(party.name and isinstance(party.role, str | None) for party in document.parties)
    assert all(fact.encode() for fact in document.key_facts + document.dates)
    for evidence in document.score_evidence:
        assert evidence.score in stored.SCALES and isinstance(evidence.page, int | None)
        assert not evidence.verified or evidence.quote
    for name, (low, high) in stored.SCALES.items():
        score = getattr(document, name)
        assert score is None or low <= score <= high


@settings(max_examples=200, deadline=None)
@given(row=FINDINGS, confidence=ANYTHING)
def test_a_finding_stands_only_on_words_and_a_page_is_certain_between_0_and_1(row, confidence):
    finding = read(Finding, row)
    assert not finding.verified or finding.quote
    assert finding.score is None or 0 <= finding.score <= 100
    unread = {"engine": None, "reason": None, "rotation": None, "hidden_words": 0}
    page = read(ReadPage, {"page": 1, "outcome": "ocr", "confidence": confidence, **unread})
    assert page.confidence is None or 0 <= page.confidence <= 1
