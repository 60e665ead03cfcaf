"""The front desk's verdict on a file's type: the table's, the worker's, and one code for every refusal."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from control_plane.intake.file_types import FILE_TYPES, HEAD_BYTES, detect_type
from gpu_worker import file_types as workers
from tests.control_plane.desk import REPOSITORY, Desk
from tests.file_type_cases import CASES

STARTS = st.sampled_from([b"", *(head[:cut] for _, head, _ in CASES for cut in (2, 4, 8, len(head)))])


def ours(head: bytes) -> str | None:
    found = detect_type(head)
    return found and found.mime_type


@pytest.mark.parametrize(("name", "head", "mime_type"), CASES, ids=[name for name, _, _ in CASES])
def test_every_case_is_what_the_table_says(name: str, head: bytes, mime_type: str | None):
    assert ours(head) == mime_type


@given(STARTS, st.binary(max_size=40))
@example(b"", b"\x7f")
def test_the_desk_and_the_worker_agree_about_any_bytes(start: bytes, rest: bytes):
    assert ours(start + rest) == workers.detect_mime_type(start + rest)


def test_the_desk_and_the_worker_agree_about_every_sample():
    heads = [path.read_bytes()[:HEAD_BYTES] for path in sorted((REPOSITORY / "tests" / "documents").rglob("*.*"))]
    assert len(heads) > 10 and workers.HEAD_BYTES == HEAD_BYTES
    for head in heads:
        assert ours(head) == workers.detect_mime_type(head)


def test_every_type_has_a_case_and_a_reader():
    assert {mime_type for _, _, mime_type in CASES} - {None} == {each.mime_type for each in FILE_TYPES}


def test_every_refusal_at_the_door_has_its_code(desk: Desk):
    for name, head, mime_type in CASES:
        if mime_type is None:
            reply = desk.upload(head, "file.pdf")
            expected = (415, "unsupported_type") if head else (400, "empty_file")
            assert (reply.status_code, reply.json["code"]) == expected, name
    assert desk.keys() == []
