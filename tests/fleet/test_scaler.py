"""The scaler with real parts: it rents for work, returns what is idle, and leaves no contract open."""

import psycopg

from control_plane.fleet.scaler import tick

TO_JUDGE = """
update doors set status = 'open';
insert into leaders (name, holder, expires_at, since)
  values ('scaler', %(holder)s, now() + interval '1 minute', now() - interval '1 hour');
with document as (insert into master_document_registry (id, object_key, original_filename, source)
  values (gen_random_uuid(), 'raw/x', 'x', 'upload') returning id),
lane as (insert into lanes (name, priority, placement) values ('x', 'normal', 'any_host') returning id)
insert into processing_jobs (kind, document_id, lane_id, priority, placement, created_at)
  select 'analyse', document.id, lane.id, 'normal', 'any_host', now() - interval '1 hour' from document, lane;
"""


def test_work_is_done_on_a_rented_machine_which_is_then_returned(fleet):
    fleet.enqueue(3)
    fleet.tick_until(lambda: fleet.statuses() == ["completed"] * 3)
    contracts = fleet.emulator.contracts()
    assert len(contracts) == 1
    assert set(contracts[0]["env_names"]) >= {"CONTROL_PLANE_URL", "SUPABASE_URL", "SUPABASE_KEY", "WORKER_TOKEN"}
    fleet.with_policy(idle_seconds=0.5).tick_until(lambda: not fleet.emulator.open_contracts())
    fleet.tick_until(lambda: [m.status for m in fleet.machines()] == ["destroyed"])
    assert "idle" in fleet.machines()[0].destroy_reason


def test_each_round_sees_whether_the_analysis_worker_is_silent(fleet, clean_cloud):
    with psycopg.connect(clean_cloud.postgres_url, autocommit=True, cursor_factory=psycopg.ClientCursor) as database:
        database.execute(TO_JUDGE, {"holder": fleet.post.holder})
    tick(fleet.post)
    tick(fleet.post)
    assert fleet.alarms() == ["analyst_silent"]
