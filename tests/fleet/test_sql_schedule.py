"""A whole schedule on the real SQL, on the simulation's clock; `make fleet-sql` runs a sample of every world."""

import logging

from local_cloud import Cloud
from local_cloud.postgres import OWNER, SUPERUSER
from scripts.bench.fleet_sim import sql
from scripts.bench.fleet_sim.market import START
from scripts.bench.fleet_sim.sample import tell


def test_the_real_ledger_and_the_simulated_one_tell_the_same_story(cloud: Cloud):
    """Offers that vanish, refusals, boots, deaths of leases: each rent and each end at the same second."""
    logging.disable(logging.CRITICAL)
    try:
        with sql.database(cloud.postgres_url.replace(f"//{OWNER}:", f"//{SUPERUSER}:"), START) as connection:
            real = tell("gone60", 5, connection, bursts=1, documents=8)
        assert real == tell("gone60", 5, None, bursts=1, documents=8)
        assert real.completed == 8 and real.rents and real.usd > 0
    finally:
        logging.disable(logging.NOTSET)
