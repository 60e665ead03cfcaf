"""The verbs of events, webhooks and alarms, as in `functions` (wire)."""

from __future__ import annotations

from collections.abc import Sequence

from control_plane.database.alarm_rows import Alarm
from control_plane.database.connection import Connection
from control_plane.database.rows import Event
from control_plane.database.webhook_rows import Webhook


class EventFunctions(Connection):
    """Every method raises QueueUnavailable when there is no answer: the call may or may not have been done."""

    def take_events(self, consumer: str, max_events: int) -> list[Event]:
        """The next events for a consumer; offered again after 60 seconds unless acknowledged."""
        return self._call(Event, "take_events", consumer=consumer, max_events=max_events)

    def ack_events(self, consumer: str, event_ids: Sequence[int]) -> None:
        """These need not be offered again."""
        self._do("ack_events", consumer=consumer, event_ids=event_ids)

    def park_event(self, consumer: str, event_id: int, reason: str, least_offers: int = 1) -> None:
        """Put an event aside that cannot be told, once it was offered so often, and raise an alarm."""
        self._do("park_event", consumer=consumer, event_id=event_id, reason=reason, least_offers=least_offers)

    def raise_alarm(self, name: str, message: str, about: str = "") -> None:
        """Raise an alarm for people, or say that its cause is still there; `about` where there can be several."""
        self._do("raise_alarm", name=name, message=message, about=about)

    def clear_alarm(self, name: str, about: str | None = None) -> None:
        """Its cause is gone; without `about`: that of all of this name."""
        self._do("clear_alarm", name=name, about=about)

    def clear_unseen_alarms(self, names: Sequence[str], seconds: float) -> None:
        """Clear those of these that were not raised again for so long."""
        self._do("clear_unseen_alarms", names=list(names), seconds=seconds)

    def end_alarm(self, alarm_id: int, cleared_by: str) -> Alarm | None:
        """A person has seen to it; None when it is not open."""
        return self._first(Alarm, "end_alarm", alarm_id=alarm_id, cleared_by=cleared_by)

    def announce_alarms(self) -> int:
        """Give the channels what has stood for another day and what has ended; how many."""
        return self._do("announce_alarms")

    def note_alarm_told(self, alarm_id: int) -> None:
        """A channel has told somebody."""
        self._do("note_alarm_told", alarm_id=alarm_id)

    def add_webhook(self, url: str, secret: str, kinds: Sequence[str]) -> Webhook:
        """A new webhook, which hears of what happens from now on."""
        return self._one(Webhook, "add_webhook", url=url, secret=secret, kinds=list(kinds))

    def end_webhook(self, webhook_id: str) -> bool:
        """Send nothing more there; whether it had not ended before."""
        return bool(self._do("end_webhook", webhook_id=webhook_id))

    def record_webhook_delivery(
        self, webhook_id: str, event_id: int, status_code: int | None, problem: str | None, seconds: float
    ) -> None:
        """Write down one try to send an event."""
        self._do(
            "record_webhook_delivery", webhook_id=webhook_id, event_id=event_id, status_code=status_code,
            problem=problem, seconds=seconds,
        )  # fmt: skip
