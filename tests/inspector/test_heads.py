"""What a file is by its first bytes: the table of cases, and that no bytes break the inspector."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inspector.heads import HEAD_BYTES, inspect
from inspector.kinds import KINDS, TAKEN, Verdict, kind_named, kind_of
from tests.inspector_cases import CASES

SAMPLES = Path(__file__).parents[1] / "documents"
STARTS = st.sampled_from([b"", *(head[:cut] for _, head, _ in CASES for cut in (2, 4, 8, len(head)))])


@pytest.mark.parametrize(("name", "head", "kind"), CASES, ids=[name for name, _, _ in CASES])
def test_every_case_is_what_the_table_says(name: str, head: bytes, kind: str | None):
    found = inspect(head)
    assert (found and found.name) == kind


@given(STARTS, st.binary(max_size=40))
def test_any_bytes_have_a_verdict(start: bytes, rest: bytes):
    found = inspect(start + rest)
    assert found is None or found is kind_of(found.mime_type) is kind_named(found.name)


def test_every_sample_is_taken():
    files = [path for path in sorted(SAMPLES.rglob("*.*")) if path.suffix != ".md"]
    assert len(files) > 10
    assert all(inspect(path.read_bytes()[:HEAD_BYTES]) in TAKEN for path in files)


def test_names_mime_types_and_labels_are_one_kinds_alone():
    for words in ("name", "mime_type", "label"):
        assert len({getattr(kind, words) for kind in KINDS}) == len(KINDS)


def test_who_is_refused_is_told_what_to_do():
    for kind in KINDS:
        assert kind.advice or kind.verdict is not Verdict.REFUSED, kind.name


def test_every_kind_that_is_taken_by_its_head_has_a_case():
    families = {"zip", "ole"}
    by_package = {"docx", "xlsx", "pptx", "odt", "ods", "odp", "epub", "msg", "binder"}
    assert {kind.name for kind in TAKEN} - families - by_package <= {kind for _, _, kind in CASES}
