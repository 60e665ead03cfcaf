"""Each role can do exactly its verbs: the catalog says what there is, and everything is tried."""

import datetime
import uuid

import jwt
import psycopg
import pytest
from postgrest import APIError
from psycopg import sql
from supabase import create_client

from tests.queue.queue_calls import new_file

WORKER_VERBS = {
    "claim_jobs", "heartbeat_jobs", "fail_job", "release_jobs",
}
ANALYST_VERBS = {
    "claim_analyses", "heartbeat_analyses", "complete_analysis", "postpone_analysis", "fail_analysis",
    "release_analyses", "claim_case_documents", "find_near_documents", "store_case_facts", "get_names_to_settle",
    "get_people_decisions", "settle_names", "get_times_to_settle", "settle_times", "propose_pairs", "get_comparison",
    "complete_comparison",
}  # fmt: skip
ROLES = ("anon", "authenticated", "gpu_worker", "analysis_worker", "service_role")
REFUSED = "42501"

FUNCTIONS = """
    select p.oid, p.proname as name, format('%I.%I', n.nspname, p.proname) as qualified,
        array(select format('%I.%I', s.nspname, t.typname) from unnest(p.proargtypes) with ordinality as a(oid, place)
            join pg_type t on t.oid = a.oid join pg_namespace s on s.oid = t.typnamespace order by a.place) as types
    from pg_proc p join pg_namespace n on n.oid = p.pronamespace
    where n.nspname in ('public', 'private') and p.prokind in ('f', 'p') and p.prorettype <> 'trigger'::regtype
      and not exists (select from pg_depend d where d.objid = p.oid and d.deptype = 'e')
    order by 3
"""
RELATIONS = """
    select format('%I.%I', n.nspname, c.relname) as name, c.relname, c.relkind::text as kind,
        c.relrowsecurity as guarded
    from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where n.nspname in ('public', 'private') and c.relkind in ('r', 'v', 'm', 'p', 'S') order by 1
"""


@pytest.fixture
def attempt(queue):
    """Runs one statement as a role and takes it back; returns the SQLSTATE, or None if it was allowed."""

    def run(role: str, statement: str) -> str | None:
        try:
            with queue.caller.transaction(force_rollback=True):
                queue.caller.execute(sql.SQL("set local role {}").format(sql.Identifier(role)))
                queue.caller.execute(statement)
        except psycopg.Error as error:
            return error.sqlstate
        return None

    return run


def call_of(function: dict) -> str:
    return f"select {function['qualified']}({', '.join(f'null::{name}' for name in function['types'])})"


@pytest.mark.parametrize("role", ROLES)
def test_each_role_can_call_exactly_its_functions(queue, attempt, role):
    functions = queue.rows(FUNCTIONS)
    assert {function["name"] for function in functions} > WORKER_VERBS
    allowed = {function["qualified"] for function in functions if attempt(role, call_of(function)) != REFUSED}
    if role == "service_role":
        assert not any(name.startswith("private.") for name in allowed)
        assert not any(f"public.{verb}" in allowed for verb in WORKER_VERBS | ANALYST_VERBS)
        assert {"public.enqueue_jobs", "public.get_totals", "public.take_events"} < allowed
    else:
        own = {"gpu_worker": WORKER_VERBS, "analysis_worker": ANALYST_VERBS}.get(role, set())
        assert allowed == {f"public.{verb}" for verb in own}


@pytest.mark.parametrize("role", ROLES)
def test_each_role_can_read_exactly_its_tables_and_change_none(queue, attempt, role):
    relations = [relation for relation in queue.rows(RELATIONS) if relation["kind"] != "S"]
    assert {"processing_jobs", "job_list", "events"} < {relation["relname"] for relation in relations}
    for relation in relations:
        readable = attempt(role, f"select * from {relation['name']} limit 1") != REFUSED
        assert readable == (role == "service_role" and relation["name"].startswith("public.")), relation
        if relation["kind"] == "v":
            granted = "select has_table_privilege(%s, %s, 'insert, update, delete') as may"
            assert not queue.row(granted, role, relation["name"])["may"], relation
            continue
        for change in ("insert into {} default values", "delete from {} where true", "truncate {}"):
            assert attempt(role, change.format(relation["name"])) == REFUSED, (relation, change)


@pytest.mark.parametrize("role", ROLES)
def test_no_role_can_move_a_sequence(queue, attempt, role):
    sequences = [relation["name"] for relation in queue.rows(RELATIONS) if relation["kind"] == "S"]
    assert sequences
    assert {attempt(role, f"select nextval('{name}')") for name in sequences} == {REFUSED}


def test_every_table_has_row_level_security_and_a_comment(queue):
    for relation in queue.rows(RELATIONS):
        if relation["kind"] == "r":
            assert relation["guarded"], relation
        if relation["kind"] in ("r", "v"):
            assert queue.row("select obj_description(%s::regclass) as text", relation["name"])["text"], relation


def test_every_function_is_commented_and_every_definer_pins_its_search_path(queue):
    for function in queue.rows(FUNCTIONS):
        described = "select obj_description(oid, 'pg_proc') as text, prosecdef, proconfig from pg_proc where oid = %s"
        row = queue.row(described, function["oid"])
        assert row["text"], function
        if row["prosecdef"]:
            assert any(setting.startswith("search_path=") for setting in row["proconfig"] or []), function


@pytest.mark.parametrize("role", ROLES)
def test_what_a_later_migration_makes_is_closed_until_it_is_granted(queue, role):
    with queue.owner.transaction(force_rollback=True):
        queue.owner.execute("create table public.later (id bigint generated always as identity, words text)")
        queue.owner.execute("create function public.later_verb() returns int language sql return 1")
        queue.owner.execute("create function private.later_helper() returns int language sql return 1")
        for schema in ("public", "private"):
            may = "select has_schema_privilege(%s, %s, 'usage') as may"
            assert queue.owner.execute(may, (role, schema)).fetchone()["may"] == (schema == "public")
        refused = {}
        for attempted in ("select * from public.later", "select nextval('public.later_id_seq')",
                          "select public.later_verb()", "select private.later_helper()"):  # fmt: skip
            with pytest.raises(psycopg.Error) as refusal, queue.owner.transaction():
                queue.owner.execute(sql.SQL("set local role {}").format(sql.Identifier(role)))
                queue.owner.execute(attempted)
            refused[attempted] = refusal.value.sqlstate
        assert set(refused.values()) == {REFUSED}
        helper = "select has_function_privilege(%s, 'private.later_helper()', 'execute') as may"
        assert not queue.owner.execute(helper, (role,)).fetchone()["may"]


def test_the_roles_hold_no_attribute_that_opens_the_rest(queue):
    row = queue.row("select * from pg_roles where rolname = 'gpu_worker'")
    for name in ("rolsuper", "rolcreaterole", "rolcreatedb", "rolcanlogin", "rolbypassrls", "rolreplication"):
        assert not row[name], name
    for schema in ("private", "public", "extensions"):
        assert not queue.row("select has_schema_privilege('gpu_worker', %s, 'create') as may", schema)["may"]


# The same through real PostgREST ---------------------------------------------------------------------------


def client(cloud, role: str, lifetime_minutes: int = 5, secret: str | None = None, **claims):
    expiry = datetime.datetime.now(datetime.UTC) + datetime.timedelta(minutes=lifetime_minutes)
    token = jwt.encode({"role": role, "exp": expiry, **claims}, secret or cloud.jwt_secret, algorithm="HS256")
    made = create_client(cloud.supabase_url, cloud.publishable_key)
    made.postgrest.auth(token)
    return made


def refusal_of(request) -> str:
    with pytest.raises(APIError) as refusal:
        request.execute()
    return refusal.value.code


def test_a_worker_s_token_over_http_claims_and_reads_nothing_else(queue, clean_cloud, machine):
    queue.enqueue(new_file())
    worker = client(clean_cloud, "gpu_worker", machine=machine.label)
    (job,) = worker.rpc("claim_jobs", {"max_jobs": 2, "lease_seconds": 60}).execute().data
    assert job["attempt"] == 1
    for table in ("processing_jobs", "document_repository", "job_list"):
        assert refusal_of(worker.table(table).select("*")) == REFUSED
    assert refusal_of(worker.rpc("enqueue_jobs", {"files": []})) == REFUSED
    lost = {"job_id": job["job_id"], "lease_token": str(uuid.uuid4()), "code": "x", "message": "x", "retry": True}
    assert refusal_of(worker.rpc("fail_job", lost)) == "AS001"
    queue.rows("update machines set status = 'destroyed'")
    assert refusal_of(worker.rpc("claim_jobs", {"max_jobs": 1, "lease_seconds": 60})) == "AS004"


@pytest.mark.parametrize("role", ["anon", "authenticated"])
def test_the_publishable_key_alone_opens_nothing(queue, clean_cloud, role):
    stranger = client(clean_cloud, role, machine="aseagi-test-1")
    assert refusal_of(stranger.rpc("claim_jobs", {"max_jobs": 1, "lease_seconds": 60})) == REFUSED
    assert refusal_of(stranger.table("processing_jobs").select("*")) == REFUSED


def test_the_service_key_reads_and_enqueues_but_writes_no_table(queue, clean_cloud):
    service = create_client(clean_cloud.supabase_url, clean_cloud.service_key)
    (answer,) = service.rpc("enqueue_jobs", {"files": [new_file()]}).execute().data
    assert [row["id"] for row in service.table("job_list").select("*").execute().data] == [answer["job_id"]]
    assert refusal_of(service.table("processing_jobs").delete().eq("id", answer["job_id"])) == REFUSED


def test_an_expired_or_forged_token_is_refused(clean_cloud, machine):
    expired = client(clean_cloud, "gpu_worker", machine=machine.label, lifetime_minutes=-5)
    forged = client(clean_cloud, "gpu_worker", machine=machine.label, secret="somebody else's secret, long enough")
    for stranger in (expired, forged):
        assert refusal_of(stranger.rpc("claim_jobs", {"max_jobs": 1, "lease_seconds": 60})).startswith("PGRST")
