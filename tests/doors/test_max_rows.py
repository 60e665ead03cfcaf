"""A project whose max-rows is smaller than ours: lists lead to their end, and what cannot be whole is refused."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from control_plane.batches.importer import Importer
from control_plane.database.batch_rows import NewBatch
from control_plane.doctor import database as doctor
from control_plane.errors import AnswersCut
from local_cloud import Cloud
from tests.control_plane.desk import Desk, complete_a_document, make_desk
from tests.control_plane.test_batches import batch_of, finish, put, walk


@pytest.fixture(scope="module")
def narrow_cloud(cloud: Cloud) -> Iterator[None]:
    """The cloud's PostgREST started anew with a max-rows of 100."""
    service = cloud.services["postgrest"]
    usual = service.environ
    service.environ = {**usual, "PGRST_DB_MAX_ROWS": "100"}
    service.restart()
    yield
    service.environ = usual
    service.restart()


@pytest.fixture
def narrow(narrow_cloud: None, clean_cloud: Cloud) -> Desk:
    """A desk over it."""
    return make_desk(clean_cloud)


@pytest.fixture
def importer(narrow: Desk) -> Iterator[Importer]:
    """The program that imports, over it."""
    with ThreadPoolExecutor(4) as pool:
        database, storage = narrow.clients.database, narrow.clients.storage
        yield Importer(narrow.settings, database, storage, pool, pool, strays_due=float("inf"))


def test_the_main_job_and_whole_lists_with_answers_that_are_cut(narrow: Desk):
    document_id = complete_a_document(narrow)
    assert narrow.get(f"/api/documents/{document_id}").json["status"] == "completed"

    database = narrow.clients.database
    batch_id = database.start_batch(NewBatch("many", limits={"prefix": "x/"}))
    narrow.sql(
        "insert into skipped_files (batch_id, source_id, name, code) select %s, n::text, 'a file', 'empty_file'"
        " from generate_series(1, 450) as n", batch_id,
    )  # fmt: skip
    narrow.sql("insert into matters (name, created_by) select 'matter ' || n, 'dana' from generate_series(1, 250) n")
    for limit in (50, 99, 200):
        skipped = walk(narrow, "/batch/skipped", "skipped", batch_id=batch_id, limit=limit)
        assert sorted(int(file["source_id"]) for file in skipped) == list(range(1, 451)), limit
    assert len(database.list_matters()) == 251
    assert len(database.list_events(150)) == min(150, narrow.sql("select count(*) from events")[0][0])


def test_what_a_function_returns_is_counted(narrow: Desk):
    with pytest.raises(AnswersCut) as refused:
        narrow.clients.database.fill_answer()
    assert (refused.value.code, refused.value.status) == ("queue_answers_cut", 503)
    found = {each.tried: each for each in doctor.examine(narrow.settings, narrow.clients.database)}["whole answers"]
    assert (found.state, found.code) == ("fault", "queue_answers_cut") and "Max rows" in (found.mend or "")


def test_a_scan_of_more_than_one_answer_holds_finds_all_and_knows_them_again(narrow: Desk, importer: Importer):
    put(narrow, **{f"inbox/{number:03}.txt": b"%d" % number for number in range(101)})
    for documents in (101, 0):
        batch_id = narrow.post("/batch/start", prefix="inbox/").json["id"]
        finish(importer)
        assert batch_of(narrow, batch_id)["documents"] == documents
