"""A small case in the test cloud: papers of a mother, a father and an inn, drawn as the analysis worker draws them."""

from datetime import UTC, datetime

import httpx

from control_plane.http.tokens import sign_analyst_token
from gpu_worker.analysis_worker.case_queue import CaseQueue
from gpu_worker.analysis_worker.case_sweep import CaseSweep
from gpu_worker.clients.rpc import Rpc
from gpu_worker.clients.worker_token import WorkerToken
from local_cloud import Cloud
from tests.control_plane.desk import Desk
from tests.dashboard.case_room.papers import put_paper

SAID = "On April 7, 2024 I brought Birdie back to her mother at 6:00 p.m."
LOGGED = "04/07/2024 9:12 PM Father returns child Birdie to mother at the station."
PAPERS = {
    "declaration.pdf": (f"DECLARATION OF THOMAS HALE\nCase No. 24FL00117\n{SAID}\nI declare under penalty of perjury "
                        "that this is true. May 2, 2024 Thomas Hale"),
    "police_log.pdf": f"CHICO POLICE DEPARTMENT   Incident log\nReporting: Dana Hale, mother\n{LOGGED}",
    "letter.pdf": "Dana Hale\nMarch 1, 2024\nDear Ms. Reyes,\nOn February 3, 2024 Thomas Hale did not come at all.",
}  # fmt: skip


def draw_case(desk: Desk, cloud: Cloud) -> dict[str, str]:
    """Put the papers, and draw the case of them; their ids by name."""
    dates = {"declaration.pdf": "2024-05-02", "police_log.pdf": "2024-04-07", "letter.pdf": "2024-03-01"}
    ids = {name: put_paper(desk, name, [text], document_date=dates[name]) for name, text in PAPERS.items()}
    sweep_case(cloud)
    return ids


def sweep_case(cloud: Cloud) -> None:
    """Draw what is new or was changed, as the analysis worker does."""
    token = WorkerToken(sign_analyst_token(cloud.jwt_secret, datetime.now(UTC), 600).token)
    with httpx.Client(timeout=60) as http:
        CaseSweep(CaseQueue(Rpc(http, cloud.supabase_url, cloud.publishable_key, token, 60))).run()
