"""How long boots take, learned from the ledger: per machine, host, GPU model, line and image size (pure).

A boot is the image over the machine's line and then whatever the host takes to unpack and start it. How much of an
offered line a download really gets is learned from boots over lines of different speed; what else a boot takes, its
host's own slow line included, per machine, host and model. Until something was measured priors stand for both, and
patience is long, because a machine that loads is billed for its disk alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from statistics import median

from control_plane.database.fleet_rows import Boot, Ledger, Machine
from control_plane.fleet.quantiles import weighted_quantile
from control_plane.settings.fleet_policy import Policy
from control_plane.vast.rows import VastInstance

LOADING = (None, "created", "loading")
# What one measured boot counts: this very machine's most, then its host's, its model's, anybody's.
SAME_MACHINE, SAME_HOST, SAME_GPU, ANY = 16.0, 8.0, 2.0, 1.0
PRIOR_WEIGHT = 2.0  # the prior counts like two boots of strangers
SLOWEST_SHARE = 0.9  # of what was measured, the part that a deadline is built on
UNSEEN = 2.0  # and a machine may take twice as long as those
FEWEST_LINES = 3  # boots in each third: fewer are luck
TELLING_SECONDS = 60.0  # by which slow lines must differ from fast ones to say something of lines
MOST_TIMES = 5.0  # a line that gives less than a fifth of its offer is a host's trouble, not what lines are
OVERDUE = "not running by its boot deadline"


def is_loading(row: VastInstance | None) -> bool:
    """Whether the list shows it healthily on its way: loading, and nothing said of an error."""
    return row is not None and row.actual_status in LOADING


@dataclass(frozen=True)
class Boots:
    """What the ledger knows of boots, for the image we rent now."""

    known: tuple[Boot, ...]
    gave_up: int  # machines given up as too slow since one last booted
    policy: Policy

    @cached_property
    def line_factor(self) -> float:
        """How many times longer a download takes than the offers' lines promise; 1 until lines that differ say more.

        By Tukey's line through thirds: of boots over fast lines and over slow ones the medians are compared, so that no
        single odd boot counts.
        """
        points = sorted((_promised_seconds(boot), boot.boot_seconds) for boot in self.known)
        third = len(points) // 3
        if third < FEWEST_LINES:
            return 1.0
        (fast, soon), (slow, late) = (
            (median(x for x, _ in part), median(y for _, y in part)) for part in (points[:third], points[-third:])
        )
        if slow - fast < TELLING_SECONDS:
            return 1.0
        return min(max((late - soon) / (slow - fast), 1.0), MOST_TIMES)

    def pull_seconds(self, inet_down_mbps: float) -> float:
        """The image over a line of that speed, as lines are."""
        return self.line_factor * self.policy.image_gb * 8000 / max(inet_down_mbps, 1.0)

    def expected_seconds(self, machine_id: int, host_id: int, gpu_name: str, inet_down_mbps: float) -> float:
        """From create to `running`."""
        seen = [(self._unpacking(b), _weight(b, machine_id, host_id, gpu_name)) for b in self.known]
        unpacking = weighted_quantile([*seen, (self.policy.unpack_seconds, PRIOR_WEIGHT)], 0.5)
        return self.pull_seconds(inet_down_mbps) + unpacking

    def expected_of(self, machine: Machine) -> float:
        """The same for a machine that is on its way."""
        line = machine.inet_down_mbps or _UNKNOWN_MBPS
        return self.expected_seconds(machine.machine_id or 0, machine.host_id or 0, machine.gpu_name, line)

    def typical_seconds(self) -> float:
        """From create to the first report, of a machine on a good line that is not chosen yet."""
        return self.expected_seconds(0, 0, "", _GOOD_MBPS) + self.start_seconds()

    def start_seconds(self) -> float:
        """From `running`, when the card begins to be billed, to the worker's first report."""
        seen = [(b.start_seconds, ANY) for b in self.known]
        return weighted_quantile([*seen, (self.policy.start_seconds, PRIOR_WEIGHT)], 0.5)

    def usual_seconds(self, machine: Machine) -> float:
        """By when most machines like this one run: beyond it, it is overdue, though not yet given up."""
        pull = self.pull_seconds(machine.inet_down_mbps or _UNKNOWN_MBPS)
        prior = min(max(2 * pull + 180, self.policy.shortest_boot_seconds), self.policy.longest_prior_seconds)
        if not self.known:
            return prior
        seen = [(self._unpacking(b), _weight_of(b, machine)) for b in self.known]
        slowest = pull + weighted_quantile([*seen, (self.policy.unpack_seconds, PRIOR_WEIGHT)], SLOWEST_SHARE)
        return max(prior, 1.2 * slowest)

    def patience(self, machine: Machine, is_loading: bool) -> float:
        """Seconds from the intent after which a machine that does not run is given up.

        Twice as long again for each that was given up since one last booted: then it may be us who expect too much.
        While nothing was ever seen to boot, a host that is healthily loading gets all the time there is.
        """
        most = self.policy.longest_boot_seconds
        if is_loading and not self.known:
            return most
        return min(most, max(self.usual_seconds(machine), UNSEEN * self._slowest(machine)) * 2.0**self.gave_up)

    def start_patience(self, machine: Machine) -> float:
        """Seconds from `running` after which a worker that never reported is given up."""
        return max(self.policy.first_heartbeat_seconds, 3 * self.start_seconds())

    def is_overdue(self, machine: Machine, now: float, others_overdue: int = 0) -> bool:
        """Whether a boot takes longer than boots do; when others are overdue too, boots take twice what was thought."""
        if machine.running_at is not None:
            return now - machine.running_at > self.policy.first_heartbeat_seconds
        return now - machine.intent_at > self.usual_seconds(machine) * 2.0**others_overdue

    def _slowest(self, machine: Machine) -> float:
        if not self.known:
            return 0.0
        pull = self.pull_seconds(machine.inet_down_mbps or _UNKNOWN_MBPS)
        seen = [(self._unpacking(b), _weight_of(b, machine)) for b in self.known]
        return pull + weighted_quantile(seen, SLOWEST_SHARE)

    def _unpacking(self, boot: Boot) -> float:
        """What a boot took beyond its line, for an image of today's size: twice the bytes take twice as long."""
        pulled = self.line_factor * _promised_seconds(boot)
        return max(0.0, boot.boot_seconds - pulled) * self.policy.image_gb / max(boot.image_gb, 0.001)


def _promised_seconds(boot: Boot) -> float:
    """Its image over its offer's line."""
    return boot.image_gb * 8000 / max(boot.inet_down_mbps, 1.0)


_GOOD_MBPS = 1000.0
_UNKNOWN_MBPS = 200.0  # a row from before offers' lines were written down


def learn(ledger: Ledger, policy: Policy) -> Boots:
    """The boots that the ledger knows, and how often patience has ended since the last of them."""
    last = max((m.running_at or 0.0 for m in ledger.rented if m.ready_at), default=0.0)
    gave_up = sum(_was_overdue(m) and m.intent_at > last for m in ledger.rented)
    return Boots(ledger.boots, min(gave_up, 4), policy)


def _was_overdue(machine: Machine) -> bool:
    return not machine.is_live and (machine.destroy_reason or "").startswith(OVERDUE)


def _weight_of(boot: Boot, machine: Machine) -> float:
    return _weight(boot, machine.machine_id or 0, machine.host_id or 0, machine.gpu_name)


def _weight(boot: Boot, machine_id: int, host_id: int, gpu_name: str) -> float:
    if boot.machine_id == machine_id:
        return SAME_MACHINE
    if host_id and boot.host_id == host_id:
        return SAME_HOST
    return SAME_GPU if boot.gpu_name == gpu_name else ANY
