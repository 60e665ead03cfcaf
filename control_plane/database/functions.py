"""The database's verbs: one method for each SQL function of `service_role`, by its name and parameters (wire).

A test holds this class against the grants, so that neither can have what the other lacks. What a verb does is told by
the function's own comment in the migrations; here stand the types, and what is raised.
"""

from __future__ import annotations

from control_plane.database.account_functions import AccountFunctions
from control_plane.database.batch_functions import BatchFunctions
from control_plane.database.case_functions import CaseFunctions
from control_plane.database.claude_functions import ClaudeFunctions
from control_plane.database.document_functions import DocumentFunctions
from control_plane.database.estimate_functions import EstimateFunctions
from control_plane.database.event_functions import EventFunctions
from control_plane.database.fleet_functions import FleetFunctions
from control_plane.database.judgement_functions import JudgementFunctions
from control_plane.database.record_functions import RecordFunctions


class Functions(
    DocumentFunctions, RecordFunctions, JudgementFunctions, AccountFunctions, BatchFunctions, EstimateFunctions,
    ClaudeFunctions, CaseFunctions, FleetFunctions, EventFunctions,
):  # fmt: skip
    """Every method raises QueueUnavailable when there is no answer: the call may or may not have been done."""
