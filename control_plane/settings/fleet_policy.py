"""The numbers by which the fleet decides (pure): each can be set as `FLEET_<NAME>`, `idle_seconds` as IDLE_SECONDS."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

from control_plane.settings.reader import Reader

NAMES = {"idle_seconds": "IDLE_SECONDS"}  # the workers are told the same number

PLACEMENTS = ("any_host", "datacenter_only", "local_only")


@dataclass(frozen=True)
class Policy:
    """How the fleet is run. Seconds, dollars, gigabytes and pages; the caps are settings of their own."""

    # the loop
    tick_seconds: float = 10.0
    leader_seconds: int = 60  # a successor waits at most this long for a crashed leader
    doubt_seconds: float = 90.0  # how long a create without an answer may still appear in the list
    grace_seconds: float = 120.0  # how long a new contract may be missing from the list
    # a machine's life
    idle_seconds: float = 300.0
    shortest_boot_seconds: float = 300.0
    longest_prior_seconds: float = 900.0  # while nothing was measured, a boot beyond this is overdue on any line
    longest_boot_seconds: float = 2700.0  # and beyond this given up: loading costs half a cent of disk an hour
    first_heartbeat_seconds: float = 180.0  # from running to the worker's first report: it loads its models
    heartbeat_lost_seconds: float = 120.0
    outage_seconds: float = 600.0  # when all fall silent together it is we who hear nothing, and not for ever
    standstill_seconds: float = 1800.0  # work waits and nothing is done for so long: people are told why
    # what a machine must prove, by what the queue knows of it
    unwilling_seconds: float = 120.0  # beyond the idle time; a worker asks every 2 s, a failed job waits 75 s
    result_seconds: float = 1800.0  # it may hold work and hand nothing back for so long, and longer for long documents
    slowest_pages_per_second: float = 0.2  # a thirtieth of what the slowest card is thought to do
    longest_job_seconds: float = 14400.0  # nothing may be held longer: 2,000 pages at the slowest take 10,000 s
    own_silent_seconds: float = 86400.0  # one of our own computers is switched off for the night and comes back
    max_machine_hours: float = 12.0  # then a fresh one takes over; what it held at that moment may still end
    # money set aside, and given back
    reserve_seconds: float = 3600.0  # how far ahead a machine's worst case is reserved
    reserve_margin_seconds: float = 600.0  # time left to destroy when the next stretch cannot be reserved
    destroy_pause_seconds: float = 5.0  # between destroy calls; doubles up to a minute, and never ends
    bill_settles_seconds: float = 7200.0  # bills lag: growth later than this after an end is billing that goes on
    bill_overdue_seconds: float = 172800.0  # an end that no bill has proved by then is shown to people
    contract_end_seconds: float = 900.0  # before a host's contract runs out its machine takes nothing new to the end
    # what a run takes
    image_gb: float = 8.0
    disk_gb: int = 20
    unpack_seconds: float = 60.0  # expected from the image pulled to running, until measured; the disk's price
    start_seconds: float = 60.0  # expected from running to ready, until measured; at the GPU's price
    megabytes_in_per_page: float = 0.5
    megabytes_out_per_page: float = 0.3
    # what is promised
    high_promise_seconds: float = 600.0
    normal_promise_seconds: float = 3600.0
    low_promise_seconds: float = 43200.0
    catch_up: float = 0.25  # work that is late, or nearly, gets this share of its promise anew: no panic
    late_dollars_per_hour: float = 1.0  # what an hour beyond the promise is worth paying to avoid
    late_slack: float = 0.95  # rent another machine when work would end after this share of the time that is left
    spare_slack: float = 0.85  # and end a dear one only when the others would be done by this share of it
    useful_seconds: float = 600.0  # a further machine must have this much work, or it is not worth its boot
    review_seconds: float = 300.0  # how often a long run asks whether another machine would be cheaper
    review_pages: int = 300  # pages after which a machine's own speed is believed
    worthwhile: float = 0.02  # try another machine when that is expected to save this share of what is left to pay
    dearer: float = 1.03  # of several proven machines, end the one that costs this much more when the rest suffice
    # waiting for a better market
    patient_seconds: float = 7200.0  # what is promised sooner never waits for a price
    patient_times: float = 1.6  # nor does work that could be done only so many times in the time left
    waiting_dollars: float = 0.01  # a wait must save this, and more where less time than once more is spare
    watch_seconds: float = 600.0  # how often the market is looked at while nothing is rented
    # the market
    # CUDA 13 and 7.5: what gpu_worker/requirements.txt needs; a machine below would be paid for its CPU.
    query: str = "num_gpus=1 gpu_ram>=8 reliability>=0.95 cuda_max_good>=13.0 compute_cap>=750 inet_down>=100"
    gpu_words: str = "RTX"  # any GPU model with one of these words in its name
    smallest_duration_seconds: float = 14400.0
    max_dollars_per_hour_each: float = 1.0
    interruptible: bool = False  # a machine that is outbid keeps the client's files while it is paused
    bid_multiple: float = 1.2
    outbid_per_hour: float = 0.1  # chance, until measured
    # trust
    check_share: float = 0.02  # of documents that strangers read: read again on another machine and compared
    sensitive_placement: str = "datacenter_only"  # or any_host, local_only: where names speak of child, health, money
    block_machine_seconds: float = 86400.0
    block_host_seconds: float = 7200.0
    host_failures: int = 3  # so many bad machines of one host block the host
    breaker_failures: int = 4  # so many failed boots in a row stop launching for a while
    breaker_seconds: float = 600.0
    pause_failures: int = 8  # so many, the trials included, and a person must look; by chance once in 15,000 runs
    most_reaped: int = 5  # the reaper refuses to destroy more than this at once
    price_tolerance: float = 1.1  # a contract dearer than this times its offer is not what we agreed to

    @classmethod
    def read(cls, reader: Reader) -> Policy:
        """Read `FLEET_TICK_SECONDS` and its like; whatever is not set keeps its default."""
        values: dict[str, Any] = {}
        for each in fields(cls):
            name, default = NAMES.get(each.name, f"FLEET_{each.name.upper()}"), each.default
            if isinstance(default, bool):
                values[each.name] = reader.flag(name, default)
            elif isinstance(default, int):
                values[each.name] = reader.whole(name, default)
            elif isinstance(default, float):
                values[each.name] = reader.number(name, default)
            else:
                values[each.name] = reader.optional(name) or default
        if values["sensitive_placement"] not in PLACEMENTS:
            reader.problems.append(f"FLEET_SENSITIVE_PLACEMENT must be one of {', '.join(PLACEMENTS)}.")
        return cls(**values)

    def promise_seconds(self, priority: str) -> float:
        """How soon after it entered a document of this priority is to be done."""
        return {"high": self.high_promise_seconds, "normal": self.normal_promise_seconds}.get(
            priority, self.low_promise_seconds
        )
