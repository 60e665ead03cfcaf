"""Search over HTTP; how well it ranks is tested with the SQL."""

import pytest

from tests.control_plane.desk import Desk
from tests.control_plane.test_desk_jobs import complete_a_document


def test_a_document_is_found_by_its_words_and_its_name(desk: Desk):
    document_id, _ = complete_a_document(desk)
    for words in ("motion", "Bürgschaft", '"motion text"', "1:24-cv-7"):
        [found] = desk.get("/api/search", q=words).json["results"]
        assert (found["document_id"], found["original_filename"]) == (document_id, "Bürgschaft.pdf"), words
        assert found["document_type"] == "motion" and found["score"] > 0
    assert desk.get("/api/search", q="subpoena").json == {"results": []}


@pytest.mark.parametrize(
    ("filters", "count"),
    [
        ({"type": "motion"}, 1), ({"type": "order"}, 0), ({"min_relevancy": 701}, 0), ({"case_number": "1:24-cv-7"}, 1),
        ({"date_from": "2024-05-02"}, 0), ({"date_to": "2024-05-01"}, 1), ({"source": "telegram"}, 0),
    ],
)  # fmt: skip
def test_a_search_is_narrowed(desk: Desk, filters: dict, count: int):
    complete_a_document(desk)
    assert len(desk.get("/api/search", q="motion", **filters).json["results"]) == count


@pytest.mark.parametrize("question", [{}, {"q": " "}, {"q": "x", "limit": 0}, {"q": "x", "date_from": "soon"}])
def test_a_search_without_sense_is_refused(desk: Desk, question: dict):
    reply = desk.get("/api/search", **question)
    assert (reply.status_code, reply.json["code"]) == (400, "bad_argument")
