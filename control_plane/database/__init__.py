"""The database on the wire: typed verbs and lists, through PostgREST, as `service_role`."""

from __future__ import annotations

from control_plane.database.asking_functions import AskingFunctions
from control_plane.database.door_functions import DoorFunctions, DoorViews
from control_plane.database.functions import Functions
from control_plane.database.health_functions import HealthFunctions, HealthViews
from control_plane.database.pair_functions import PairFunctions, PairViews
from control_plane.database.views import Views

__all__ = ["Database"]


class Database(
    Functions, AskingFunctions, DoorFunctions, DoorViews, PairFunctions, PairViews, HealthFunctions, HealthViews, Views
):
    """All that the control plane may ask of the database."""
