"""The verbs of estimates, as in `functions` (wire)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from control_plane.database.batch_rows import NewBatch
from control_plane.database.connection import Connection, as_given
from control_plane.database.estimate_rows import EstimatesHeld, StoredEstimate
from control_plane.database.rows import Json


class EstimateFunctions(Connection):
    """Every method raises QueueUnavailable when there is no answer: the call may or may not have been done."""

    def begin_estimate(self, estimate: Mapping[str, Any], sample: NewBatch) -> str:
        """Write an estimate {request, listing, draws} and begin the batch that reads its sample; its id."""
        return str(self._one(Json, "begin_estimate", estimate=estimate, sample=as_given(sample))["id"])

    def price_estimate(self, estimate_id: str, price: Mapping[str, Any]) -> None:
        """Write the price of an estimate whose sample was read; one that has a price keeps it."""
        self._do("price_estimate", estimate_id=estimate_id, price=price)

    def confirm_estimate(self, estimate_id: str, batch: NewBatch, confirmed_by: str) -> str:
        """Begin an estimate's batch, once; the batch's id. Raises NotFound, Conflict."""
        row = self._one(
            Json, "confirm_estimate", estimate_id=estimate_id, batch=as_given(batch), confirmed_by=confirmed_by
        )
        return str(row["batch_id"])

    def get_estimates(
        self, estimate_id: str | None = None, most: int = 50, before: int | None = None, only_open: bool = False
    ) -> list[StoredEstimate]:
        """Estimates, newest first, those made before the cursor; of all, or of those that may still be confirmed."""
        return self._call(
            StoredEstimate, "get_estimates",
            estimate_id=estimate_id, most=most, before=before, only_open=only_open,
        )  # fmt: skip

    def settle_estimates(self) -> int:
        """Write down what the batches of estimates cost that are over; how many."""
        return self._do("settle_estimates")

    def get_estimates_held(self) -> EstimatesHeld:
        """How often the interval held."""
        return self._one(EstimatesHeld, "get_estimates_held")
