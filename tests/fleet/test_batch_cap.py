"""MAX_DOLLARS_PER_BATCH: a batch stops at its share of what its machines cost, whoever else they worked for."""

import psycopg
import pytest

from control_plane.clients import build_supabase
from control_plane.fleet.ledger import FleetLedger
from control_plane.settings import Settings

# One machine, $2 an hour for one hour, and 100 pages: 75 of one batch, 25 of another; each has more work waiting.
TWO_BATCHES = """
insert into machines (label, status, usd_per_hour, contract_id, contract_at, pages_worked)
  values ('aseagi-test-00000001', 'ready', 2.0, 7001, now() - interval '1 hour', 100);
insert into batches (id, name, status) values
  ('00000000-0000-0000-0000-000000000075', 'large', 'running'),
  ('00000000-0000-0000-0000-000000000025', 'small', 'running');
insert into lanes (name, batch_id, priority, placement)
  select name, id, 'normal', 'any_host' from batches;
insert into master_document_registry (id, object_key, original_filename, source)
  select gen_random_uuid(), 'raw/x', 'x', 'bucket' from generate_series(1, 4);
insert into processing_jobs (document_id, batch_id, lane_id, status, priority, placement, pages_accounted, machine)
  select d.id, l.batch_id, l.id, j.status, 'normal', 'any_host', case j.status when 'completed' then j.pages else 0 end,
    case j.status when 'completed' then 'aseagi-test-00000001' end
  from (values ('large', 'completed', 75, 1), ('large', 'queued', 0, 2), ('small', 'completed', 25, 3),
      ('small', 'queued', 0, 4)) as j(lane, status, pages, n)
    join lanes l on l.name = j.lane
    join (select id, row_number() over () as n from master_document_registry) d on d.n = j.n;
"""


@pytest.fixture
def database(clean_cloud):
    with psycopg.connect(clean_cloud.postgres_url, autocommit=True) as connection:
        connection.execute(TWO_BATCHES)
        yield connection


def test_a_batch_at_its_cap_is_parked_and_its_neighbour_goes_on(clean_cloud, database):
    ledger = FleetLedger(build_supabase(Settings.from_env(clean_cloud.control_plane_environ())))
    assert ledger.pause_dear_batches(1.6) == 0  # the large batch has cost $1.50
    assert ledger.pause_dear_batches(1.4) == 1
    assert dict(database.execute("select name, status from batches")) == {"large": "paused", "small": "running"}
    (message,) = database.execute("select payload->>'message' from events where kind = 'alarm_raised'").fetchone()
    assert "$1.4 of MAX_DOLLARS_PER_BATCH" in message
    assert {each.batch_id[-2:] for each in ledger.get_queue_stats()} == {"25"}
    assert ledger.pause_dear_batches(1.4) == 0
