"""A project whose max-rows is smaller than ours: lists lead to their end, and what cannot be whole is refused."""

import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime
from inspect import signature
from typing import Any

import pytest

from control_plane.batches.importer import Importer
from control_plane.clients import build_supabase
from control_plane.database import Database
from control_plane.database.batch_rows import NewBatch
from control_plane.database.door_functions import DoorViews
from control_plane.database.health_functions import HealthViews
from control_plane.database.pair_functions import PairViews
from control_plane.database.views import Views
from control_plane.doctor import database as doctor
from control_plane.errors import AnswersCut
from local_cloud import Cloud
from tests.control_plane.desk import PDF, Desk, complete_a_document, make_desk
from tests.control_plane.test_batches import batch_of, finish, put, walk


@contextmanager
def answers_of(cloud: Cloud, rows: int | str) -> Iterator[None]:
    """The cloud's PostgREST started anew with another max-rows."""
    service = cloud.services["postgrest"]
    usual = service.environ
    service.environ = {**usual, "PGRST_DB_MAX_ROWS": str(rows)}
    service.restart()
    yield
    service.environ = usual
    service.restart()


@pytest.fixture(scope="module")
def narrow_cloud(cloud: Cloud) -> Iterator[None]:
    """The cloud with a max-rows of 100."""
    with answers_of(cloud, 100):
        yield


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


# What no two rows of a list have in common, of what is asked for, where that is not an id or the arrival's number.
ORDERS = {
    "case_list": "case_number", "companions": "document_id", "custom_fields": "name", "document_pages": "page",
    "document_transcriptions": "page,place", "doors": "name", "exhibit_list": "length,letter", "judgements": "name",
    "part_list": "parent_id,position", "saved_views": "name", "tag_list": "tag", "timeline_list": "place",
    "finding_list": "rank", "pair_list": "rank",
}  # fmt: skip
OF_ONE_PARENT = "position"
VALUES: dict[str, Any] = {
    "int": 5, "str": str(uuid.uuid4()), "datetime": datetime.now(UTC), "Sequence[str]": [str(uuid.uuid4())],
}  # fmt: skip


class Watched(Database):
    """A database that remembers what it was asked."""

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self.asked: list[Any] = []

    def _answer(self, query: Any) -> Any:
        self.asked.append(query.request)
        return super()._answer(query)


def test_every_list_has_a_total_order_by_columns_that_it_selects(clean_cloud: Cloud):
    """Without one, rows shift between two answers; without the columns nobody knows where the next one begins."""
    database = Watched(build_supabase(make_desk(clean_cloud).settings))
    kinds = (Views, DoorViews, PairViews, HealthViews)
    names = [name for kind in kinds for name in vars(kind) if name.startswith(("list_", "find_"))]
    for name in names:
        method = getattr(database, name)
        needed = [each for each in signature(method).parameters.values() if each.default is each.empty]
        method(*(VALUES[str(each.annotation)] for each in needed))
    lists = [each for each in database.asked if each.http_method == "GET" and each.params.get("limit") != "1"]
    assert len(lists) > 30
    for each in lists:
        view, columns = each.path.name, each.params["select"].split(",")
        order = [column.partition(".")[0] for column in each.params["order"].split(",")]
        wanted = OF_ONE_PARENT if "parent_id" in each.params else ORDERS.get(view)
        assert ",".join(order) in ((wanted,) if wanted else ("id", "seq")), view
        assert columns == ["*"] or set(order) <= set(columns), view


def test_lists_are_whole_at_any_max_rows_and_one_answer_is_enough_where_it_holds_all(clean_cloud: Cloud):
    desk = make_desk(clean_cloud)
    database = Watched(build_supabase(desk.settings))
    desk.sql("insert into matters (name, created_by) select 'matter ' || n, 'dana' from generate_series(1, 59) n")
    batch_id = database.start_batch(NewBatch("few", limits={"prefix": "x/"}))
    odd = """('a \\ "b", (c)', 'text', 'd'), ('e', 'text', 'd'), ('f', 'date', 'd'), ('g.eq.1', 'date', 'd')"""
    desk.sql(f"insert into custom_fields (name, kind, decided_by) values {odd}")
    desk.sql(
        "insert into skipped_files (batch_id, source_id, name, code) select %s, n::text, 'a file', 'empty_file'"
        " from generate_series(1, 20) as n", batch_id,
    )  # fmt: skip
    child, *_ = (desk.upload(PDF + name, "a.pdf").json["document_id"] for name in (b"1", b"2", b"3"))
    desk.sql(
        "insert into document_parts (parent_id, root_id, position, depth, role, name, child_id)"
        " select id, id, n, 1, 'attachment', 'a', %s from master_document_registry, generate_series(1, 3) n"
        " where id <> %s", child, child,
    )  # fmt: skip
    database.asked.clear()
    matters, fields, parents = database.list_matters(), database.list_fields(), database.list_parents(child, 100)
    page = database.list_skipped_files(batch_id, 11)
    assert [len(each) for each in (matters, fields, parents, page.rows, database.asked)] == [60, 4, 6, 11, 4]
    with answers_of(clean_cloud, 2):
        assert (database.list_matters(), database.list_fields()) == (matters, fields)
        assert (database.list_parents(child, 100), database.list_skipped_files(batch_id, 11)) == (parents, page)
        assert walk(desk, "/batch/skipped", "skipped", batch_id=batch_id, limit=9)[-1]["source_id"] == "1"
    with answers_of(clean_cloud, ""):  # none: each count is a guess
        assert (database.list_matters(), database.list_fields()) == (matters, fields)
        assert (database.list_parents(child, 100), database.list_skipped_files(batch_id, 11)) == (parents, page)
        assert database.list_tags() == []
    with answers_of(clean_cloud, 0), pytest.raises(AnswersCut):
        database.list_matters()
