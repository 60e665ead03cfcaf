"""Search over HTTP; how well it ranks is tested with the SQL."""

import numpy
import pytest

from control_plane.search.meaning import embed_query
from gpu_worker.embedding.minilm import MiniLm
from tests.control_plane.desk import Desk
from tests.control_plane.test_documents_jobs import complete_a_document


def test_a_document_is_found_by_its_words_and_its_name(desk: Desk):
    document_id = complete_a_document(desk)
    for words in ("motion", "Bürgschaft", '"motion text"', "1:24-cv-7"):
        [found] = desk.get("/api/search", q=words).json["results"]
        assert (found["document_id"], found["original_filename"]) == (document_id, "Bürgschaft.pdf"), words
        assert found["document_type"] == "motion" and found["score"] > 0
    assert desk.get("/api/search", q="subpoena").json == {"results": [], "matches": 0, "capped": False}


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


def test_a_document_is_found_by_what_it_means(desk: Desk):
    document_id = complete_a_document(desk)
    vector = MiniLm().embed(["The mother kept the child from seeing his father at Easter."])[0].tolist()
    desk.sql("insert into document_embeddings (document_id, chunk, page, text, embedding) values (%s, 1, 2, %s, %s)",
             document_id, "The mother kept the child …", str(vector))  # fmt: skip
    [found] = desk.get("/api/search", q="parental visits denied").json["results"]
    assert (found["document_id"], found["page"], found["matched"]) == (document_id, 2, "meaning")


@pytest.mark.parametrize(
    "words", ["custody", "Wer hat das Kind? Größe", "§ 1671 BGB -- $4,500.00", "naïve café ☕ 漢字", "x" * 200, ""]
)
def test_questions_are_embedded_as_the_worker_embeds_passages(words: str):
    ours, theirs = numpy.array(embed_query(words)), MiniLm().embed([words])[0]
    assert ours.shape == (384,) and float(ours @ theirs) == pytest.approx(1.0, abs=1e-3)
