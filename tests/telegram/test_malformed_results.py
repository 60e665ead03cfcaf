"""Whatever a machine stored, what the bot says of it can be sent, and what the API gives has its promised types."""

from hypothesis import given, settings
from hypothesis import strategies as st

from control_plane.documents.routes import stored
from control_plane.telegram import texts
from tests.fakes.telegram_api import _problem

ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=50) | st.just("&" * 9000),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=6,
)
PARTY = st.dictionaries(st.sampled_from(["name", "role", "x"]), ANYTHING)
COLUMNS = ("original_filename", "document_type", "document_date", "pages_total", "case_number", "summary", "dates",
           "key_facts", "unproven_findings", *stored.SCALES)  # fmt: skip
DOCUMENTS = st.fixed_dictionaries(
    {},
    optional={name: ANYTHING for name in COLUMNS}
    | {"parties": ANYTHING | st.lists(PARTY | ANYTHING), "judged": st.sampled_from(["all", "part", "none", None]),
       "unproven_scores": st.just([])},
)  # fmt: skip
ROWS = st.dictionaries(st.sampled_from(["kind", "page", "quote", "verified", "score", "reason"]), ANYTHING, max_size=6)


@settings(max_examples=300, deadline=None)
@given(document=DOCUMENTS, findings=st.lists(ROWS, max_size=5))
def test_every_stored_result_can_be_told(document, findings):
    assert _problem({"text": texts.result(document, findings), "parse_mode": "HTML"}) is None


@settings(max_examples=300, deadline=None)
@given(value=ANYTHING | st.lists(ROWS | PARTY | ANYTHING))
def test_every_stored_list_becomes_what_the_api_promises(value):
    for party in stored.parties(value):
        assert isinstance(party["name"], str) and isinstance(party["role"], str | None)
    for fact in stored.key_facts(value) + stored.dates(value):
        assert fact.encode()
    for row in stored.score_evidence(value):
        assert row["score"] in stored.SCALES and isinstance(row["page"], int | None)
        assert not row["verified"] or row["quote"]


@settings(max_examples=200, deadline=None)
@given(row=ROWS, page=st.dictionaries(st.sampled_from(["confidence", "page"]), ANYTHING))
def test_a_finding_stands_only_on_words_and_a_page_is_certain_between_0_and_1(row, page):
    finding = stored.sound_finding(row)
    assert not finding["verified"] or finding["quote"]
    assert finding["score"] is None or 0 <= finding["score"] <= 100
    confidence = stored.sound_page(page)["confidence"]
    assert confidence is None or 0 <= confidence <= 1
