"""Deciding: how many machines, which, and when one is no longer needed."""

from dataclasses import replace
from typing import Any

import pytest

from control_plane.database.enums import Blame, HardwareKind, Hosting, MachineStatus, Placement, RentingStatus
from control_plane.database.fleet_rows import Backlog, Block, Boot, Caps, Ledger, Machine, Pace, Record, Renting
from control_plane.fleet import ending, plan, swapping
from control_plane.fleet.offers import chance_to_fail, cost_offer, rank, suitable
from control_plane.fleet.speeds import believed, expected_of
from control_plane.settings.fleet_policy import Policy
from control_plane.vast.rows import Offer

NOW = 1_800_000_000.0
POLICY = Policy()
CAPS = Caps(machines=8, usd_per_hour=4.0, usd_per_day=40.0, credit_floor=1.0)
OFFER = Offer(
    ask_id=1, machine_id=1, host_id=1, gpu_name="RTX 3090", num_gpus=1,
    disk_space_gb=100, total_usd_per_hour=0.2, gpu_usd_per_hour=0.19,
    min_bid_usd_per_hour=0.1, storage_usd_per_gb_month=0.15, inet_down_usd_per_gb=0.0,
    inet_up_usd_per_gb=0.0, inet_down_mbps=1000, duration_seconds=7 * 86400, reliability=0.99,
    verified=True, datacenter=False, geolocation="Texas, US",
    is_bid=False,
)  # fmt: skip


def offer(number: int, **changes: Any) -> Offer:
    return replace(OFFER, ask_id=number, machine_id=number, host_id=number, **changes)


def machine(number: int = 1, status: MachineStatus = MachineStatus.READY, **changes: Any) -> Machine:
    values: dict[str, Any] = {
        "machine_id": 100 + number, "host_id": 200 + number, "gpu_name": "RTX 3090", "usd_per_hour": 0.2,
        "intent_at": NOW - 600, "contract_id": 7000 + number, "reserved_until": NOW + 3600, "boot_deadline_at": NOW,
    }  # fmt: skip
    if status is MachineStatus.READY:
        values |= {"running_at": NOW - 500, "ready_at": NOW - 450, "last_heartbeat_at": NOW - 5}
    return Machine(f"aseagi-test-{number:08d}", status, **(values | changes))


def ledger(*machines: Machine, **changes: Any) -> Ledger:
    return Ledger(now=NOW, renting=Renting(), machines=machines, **changes)


def paces(speeds: dict[str, float]) -> tuple[Pace, ...]:
    """Pages/s of one far machine of each model."""
    return tuple(Pace(900 + n, 900 + n, name, 8.0, speed) for n, (name, speed) in enumerate(speeds.items()))


def work(pages: float, priority: str = "normal", **changes: Any) -> Backlog:
    return Backlog(priority, queued=int(pages), pages_waiting=pages, oldest_at=NOW - 10, **changes)


# How many


def test_no_work_needs_no_machine():
    assert plan.find_need([], ledger(), POLICY) is None
    assert plan.find_need([work(0)], ledger(), POLICY) is None


def test_one_photo_at_midnight_rents_one_machine_and_never_a_second():
    photo = [work(1, "high")]
    assert plan.find_need(photo, ledger(), POLICY).pages == 1
    for status in (MachineStatus.INTENT, MachineStatus.BOOTING, MachineStatus.READY):
        assert plan.find_need(photo, ledger(machine(1, status)), POLICY) is None


def test_a_large_batch_that_one_machine_does_in_time_stays_on_one():
    assert plan.find_need([work(140_000, "low")], ledger(machine()), POLICY) is None


def test_work_that_would_be_late_needs_a_further_machine():
    need = plan.find_need([work(60_000)], ledger(machine()), POLICY)  # 12 pages/s make 43,000 in the hour promised
    assert 10_000 < need.pages < 20_000
    assert need.due_seconds == pytest.approx(3590)
    assert "would be late" in need.reason


def test_a_machine_on_its_way_counts():
    on_its_way = machine(2, MachineStatus.BOOTING, intent_at=NOW - 60, boot_deadline_at=NOW + 240)
    assert plan.find_need([work(60_000)], ledger(machine(), on_its_way), POLICY) is None


def test_no_machine_is_rented_for_work_that_is_nearly_done():
    late = [replace(work(3000), oldest_at=NOW - 7200)]  # late, but done in four minutes
    assert plan.find_need(late, ledger(machine()), POLICY) is None


def test_late_work_is_caught_up_without_panic():
    late = [replace(work(70_000, "low"), oldest_at=NOW - 100_000)]
    assert plan.find_need(late, ledger(machine()), POLICY) is None  # 1.6 hours; a quarter of the promise is 3


def test_a_machine_more_is_rented_when_a_promise_would_be_missed_or_only_just_kept():
    in_time, only_just = work(12 * 3600 * 0.9), work(12 * 3600 * 0.97)
    assert plan.find_need([in_time], ledger(machine()), POLICY) is None
    assert 0 < plan.find_need([only_just], ledger(machine()), POLICY).pages < 2000


def test_a_machine_that_was_rented_to_be_in_time_is_not_ended_at_once_and_rented_again():
    both = ledger(proven(1, 4.0), proven(2, 12.0))
    pages = 12 * 3600 * 0.9  # the fast one alone would be in time, but not by far
    assert plan.find_need([work(pages)], ledger(proven(2, 12.0)), POLICY) is None
    assert ending.find_dear([work(pages)], both, POLICY) == []
    assert [end.label for end in ending.find_dear([work(pages * 0.9)], both, POLICY)] == [machine(1).label]


def test_a_boot_from_before_the_databases_clock_was_set_back_is_waited_for_by_nobody():
    ahead = machine(1, MachineStatus.BOOTING, intent_at=NOW + 3000, inet_down_mbps=1000.0)
    assert "boots take longer" in plan.find_need([work(3000)], ledger(ahead), POLICY).reason
    assert plan.find_need([work(3000)], ledger(replace(ahead, intent_at=NOW + 20)), POLICY) is None


def test_a_spare_is_rented_where_a_failed_boot_would_be_found_out_too_late():
    slow = Boot(1, 1, "RTX 3090", 1000.0, 8.0, 1300.0, 60.0)
    booting = machine(1, MachineStatus.BOOTING, intent_at=NOW - 10, inet_down_mbps=1000.0)
    known = replace(ledger(booting), boots=(slow,) * 5)
    spare = plan.find_need([work(20_000)], known, POLICY)
    assert "found out too late" in spare.reason and 0 < spare.worth_usd < 0.1
    free, dear = offer(8), offer(9, inet_down_usd_per_gb=0.02, total_usd_per_hour=0.01)
    assert plan.choose(spare, [free, dear], known, POLICY, CAPS).offer == free
    assert plan.choose(spare, [dear], known, POLICY, CAPS) is None, "a spare must be worth its pull"
    assert plan.rest_of(spare, plan.choose(spare, [free], known, POLICY, CAPS), POLICY) is None
    assert plan.find_need([work(20_000)], ledger(booting), POLICY) is None, "where boots are quick there is time"
    two = replace(known, machines=(booting, replace(booting, label="aseagi-test-b", machine_id=9)))
    assert plan.find_need([work(20_000)], two, POLICY) is None, "one spare is enough"


def test_urgent_work_is_not_hidden_behind_a_batch():
    backlog = [work(140_000, "low"), work(20_000, "high")]
    need = plan.find_need(backlog, ledger(machine()), POLICY)
    assert "high first" in need.reason and need.pages < 20_000


def test_measured_speed_counts_more_than_the_prior():
    slow = ledger(machine(pages_done=500, pages_per_second=2.0))
    assert plan.find_need([work(20_000)], ledger(machine()), POLICY) is None
    assert plan.find_need([work(20_000)], slow, POLICY) is not None


def test_work_for_datacenters_needs_a_datacenter_even_beside_an_idle_stranger():
    backlog = [work(5, placement="datacenter_only")]
    assert plan.find_need(backlog, ledger(machine(hosting="community")), POLICY).placement == "datacenter_only"
    assert plan.find_need(backlog, ledger(machine(hosting="datacenter")), POLICY) is None


def test_work_that_must_stay_local_rents_nothing():
    assert plan.find_need([work(5, placement="local_only")], ledger(), POLICY) is None


def test_a_person_can_ask_for_one_machine_more():
    asked = replace(ledger(machine()), renting=Renting(hand_launches=1))
    assert plan.find_need([], asked, POLICY).by_hand


# Which


def choose(offers: list[Offer], pages: float, due: float | None, known: Ledger | None = None) -> Offer | None:
    need = plan.Need(pages, due, "any_host", None, "work waits")
    found = plan.choose(need, offers, known or ledger(), POLICY, CAPS)
    return found.offer if found else None


def test_traffic_can_make_the_cheaper_machine_the_dearer_run():
    cheap_hour = offer(1, total_usd_per_hour=0.15, inet_down_usd_per_gb=0.02)
    cheap_run = offer(2, total_usd_per_hour=0.20)
    assert choose([cheap_hour, cheap_run], 5000, 3600) == cheap_run
    # In a long run the image weighs little, but every page pays its own way in.
    pages = 200_000
    assert choose([cheap_hour, replace(cheap_run, total_usd_per_hour=0.9)], pages, None) == cheap_hour


def test_a_faster_card_is_worth_its_price_only_by_the_page():
    slow, fast = offer(1, gpu_name="RTX 3060"), offer(2, gpu_name="RTX 4090")
    assert choose([slow, replace(fast, total_usd_per_hour=0.5)], 100_000, None) == replace(
        fast, total_usd_per_hour=0.5
    )
    assert choose([slow, replace(fast, total_usd_per_hour=0.7)], 100_000, None) == slow


def test_a_single_page_takes_the_small_card():
    small = offer(1, gpu_name="RTX 3060", total_usd_per_hour=0.06)
    assert choose([offer(2, gpu_name="RTX 4090", total_usd_per_hour=0.3), small], 1, 600) == small


def test_a_machine_that_boots_too_slowly_is_passed_over_when_time_matters():
    slow_net, fast_net = offer(1, inet_down_mbps=100, total_usd_per_hour=0.19), offer(2)
    assert choose([slow_net, fast_net], 100, 300) == fast_net
    assert choose([slow_net, fast_net], 100_000, None) == slow_net


def test_lateness_is_worth_something_and_not_everything():
    cheap = offer(1, gpu_name="RTX 3060", total_usd_per_hour=0.05)
    dear = offer(2, gpu_name="RTX 5090", total_usd_per_hour=0.9)
    assert choose([dear, cheap], 200, 0.0) == cheap


def test_our_own_record_of_a_machine_weighs_more_than_its_hosts():
    clean = chance_to_fail(OFFER, ledger(), POLICY)
    host_failed = chance_to_fail(OFFER, ledger(records=(Record(99, 1, 0, 2),)), POLICY)
    machine_failed = chance_to_fail(OFFER, ledger(records=(Record(1, 1, 0, 2),)), POLICY)
    proven = chance_to_fail(OFFER, ledger(records=(Record(1, 1, 5, 0),)), POLICY)
    assert proven < clean < host_failed < machine_failed


@pytest.mark.parametrize(
    "changes",
    [
        {"gpu_name": "H100 SXM"},
        {"num_gpus": 2},
        {"disk_space_gb": 10},
        {"duration_seconds": 600},
        {"total_usd_per_hour": 1.5},
    ],
)
def test_policy_filters_the_market(changes):
    assert suitable([replace(OFFER, **changes)], "any_host", ledger(), POLICY) == []
    assert suitable([OFFER], "any_host", ledger(), POLICY) == [OFFER]


def test_blocked_taken_and_wrongly_placed_offers_are_left_out():
    one, all_of = HardwareKind.MACHINE, HardwareKind.HOST
    blocked = [(one, 1, NOW + 60), (all_of, 2, NOW + 60), (one, 3, NOW - 1)]
    blocks = tuple(Block(kind, id, "bad", until) for kind, id, until in blocked)
    known = replace(ledger(machine(1, machine_id=4)), blocks=blocks)
    offers = [offer(n) for n in (1, 2, 3, 4)] + [offer(5, datacenter=True)]
    assert [each.machine_id for each in suitable(offers, "any_host", known, POLICY)] == [3, 5]
    assert [each.machine_id for each in suitable(offers, "datacenter_only", known, POLICY)] == [5]


def test_an_offer_beyond_a_cap_gives_way_to_one_that_fits():
    # Thirty cents an hour for nearly twice the pages: cheaper by the page, but over what the hour's cap leaves.
    best, fits = offer(1, gpu_name="RTX 5090", total_usd_per_hour=0.3), offer(2)
    tight = replace(CAPS, usd_per_hour=0.25)
    need = plan.Need(100_000, None, "any_host", None, "")
    assert plan.choose(need, [best, fits], ledger(), POLICY, CAPS).offer == best
    assert plan.choose(need, [best, fits], ledger(), POLICY, tight).offer == fits
    spent = ledger(usd_today=CAPS.usd_per_day)
    assert plan.choose(need, [best, fits], spent, POLICY, CAPS) is None


def test_a_bid_is_priced_at_its_multiple_and_with_the_risk_of_losing_it():
    bid = replace(OFFER, is_bid=True, min_bid_usd_per_hour=0.1)
    priced = cost_offer(bid, 1000, None, ledger(), POLICY)
    assert priced.usd_per_hour == pytest.approx(0.12 + 20 * 0.15 / 720)
    assert rank([OFFER, bid], 50_000, None, ledger(), POLICY)[0].offer == bid
    risky = replace(POLICY, outbid_per_hour=500.0)
    dear_pull = {"inet_down_usd_per_gb": 0.02}
    offers = [replace(OFFER, **dear_pull), replace(bid, **dear_pull)]
    assert rank(offers, 50_000, None, ledger(), risky)[0].offer.is_bid is False


def test_the_intent_reserves_traffic_image_and_the_hour():
    need = plan.Need(1000, 3600, "any_host", "batch", "work waits")
    priced = cost_offer(replace(OFFER, inet_down_usd_per_gb=0.01), 1000, 3600, ledger(), POLICY)
    intent = plan.write_intent("aseagi-test-1", "test", priced, need, POLICY)
    assert intent.pull_usd == pytest.approx(0.08)
    assert intent.traffic_usd_per_hour == pytest.approx(2 * 0.0005 * 0.01 * 12 * 3600)
    assert (intent.batch_id, intent.hosting, intent.reserve_seconds) == ("batch", "community", 3600)
    assert "work waits; RTX 3090 at $0.200/h" in intent.reason


# When it is enough


def test_an_idle_machine_is_kept_as_long_as_renting_it_again_would_cost():
    cheap_to_have_again = machine(left_at=NOW - 70, pull_usd=0.0)
    dear_to_have_again = machine(left_at=NOW - 70, pull_usd=0.16)
    assert [each.label for each in ending.find_idle([], ledger(cheap_to_have_again), POLICY)] == [machine().label]
    assert ending.find_idle([], ledger(dear_to_have_again), POLICY) == []
    longest = replace(dear_to_have_again, left_at=NOW - POLICY.idle_seconds)
    assert len(ending.find_idle([], ledger(longest), POLICY)) == 1
    never_given_anything = replace(dear_to_have_again, left_at=None, ready_at=NOW - POLICY.idle_seconds)
    assert len(ending.find_idle([], ledger(never_given_anything), POLICY)) == 1


def test_a_machine_that_holds_a_lease_is_not_idle():
    assert ending.find_idle([], ledger(machine(left_at=NOW - 9000, jobs_held=1)), POLICY) == []


def test_an_idle_machine_is_kept_while_something_it_may_read_waits():
    idle = machine(left_at=NOW - 400)
    assert ending.find_idle([work(3)], ledger(idle), POLICY) == []
    assert len(ending.find_idle([work(3, placement="datacenter_only")], ledger(idle), POLICY)) == 1


def test_a_machine_that_leaves_waiting_work_alone_is_bad():
    deaf = machine(left_at=NOW - POLICY.idle_seconds - POLICY.unwilling_seconds)
    (end,) = ending.find_idle([work(3)], ledger(deaf), POLICY)
    assert end.blame is Blame.MACHINE
    assert "took no work" in end.reason


def test_beside_an_idle_machine_the_dearer_ends_first():
    idle = {"left_at": NOW - 30}
    both = ledger(machine(1, pull_usd=1, **idle), machine(2, usd_per_hour=0.3, **idle))
    assert [end.label for end in ending.find_idle([], both, POLICY)] == [machine(2).label]


def proven(number: int, speed: float, **changes: Any) -> Machine:
    return machine(number, pages_done=1000, pages_per_second=speed, **changes)


def test_a_long_run_asks_now_and_then_whether_it_is_cheaper_elsewhere():
    at_review = NOW - NOW % POLICY.review_seconds
    slow = replace(ledger(proven(1, 4.0)), now=at_review)
    swap = swapping.find_swap([work(140_000, "low")], slow, POLICY)
    assert swap.pages == 140_000
    assert swapping.choose_trial(swap, [offer(9)], slow, POLICY, CAPS).offer == offer(9)
    assert swapping.find_swap([work(140_000, "low")], replace(slow, now=at_review + 100), POLICY) is None
    assert swapping.find_swap([work(2000, "low")], slow, POLICY) is None  # nearly done


def test_a_datacenters_machine_may_give_way_to_a_strangers_unless_work_asks_for_it():
    run = [work(140_000, "low")]
    at_review = NOW - NOW % POLICY.review_seconds
    slow = replace(ledger(proven(1, 4.0, hosting=Hosting.DATACENTER)), now=at_review)
    anywhere = swapping.find_swap(run, slow, POLICY)
    assert swapping.choose_trial(anywhere, [offer(9)], slow, POLICY, CAPS).offer == offer(9)
    asked = swapping.find_swap([*run, work(40, placement=Placement.DATACENTER_ONLY)], slow, POLICY)
    assert swapping.choose_trial(asked, [offer(9)], slow, POLICY, CAPS) is None


def test_a_machine_known_for_hours_does_not_end_for_anothers_first_lucky_documents():
    run, known = [work(20_000, "low")], replace(proven(1, 11.0), pages_done=20_000)
    lucky = replace(known, label="aseagi-test-lucky", pages_per_second=11.8, pages_done=310)
    assert ending.find_dear(run, ledger(known, lucky), POLICY) == []
    for clearly in (replace(lucky, pages_per_second=13.0), replace(lucky, pages_done=4000)):
        assert [end.label for end in ending.find_dear(run, ledger(known, clearly), POLICY)] == [known.label]


def test_a_trial_is_worth_more_the_less_is_known_and_the_more_is_left():
    at_review = {"now": NOW - NOW % POLICY.review_seconds}
    ours = proven(1, 12.0)
    unknown = replace(ledger(ours), **at_review)
    measured = replace(ledger(ours, paces=paces({"RTX 3090": 12.0})), **at_review)
    itself = machine(9, MachineStatus.DESTROYED, machine_id=9, pages_done=900, pages_per_second=11.5)
    tried = replace(ledger(ours, itself), **at_review)
    gains = [swapping.gain_usd(cost_offer(offer(9), 140_000, None, known, POLICY), 140_000, known, POLICY)
             for known in (unknown, measured, tried)]  # fmt: skip
    assert gains[0] > gains[1] > 0 > gains[2], "what was tried and found dearer is not tried again"
    little = swapping.gain_usd(cost_offer(offer(9), 2000, None, unknown, POLICY), 2000, unknown, POLICY)
    assert little < gains[0] / 10
    need = replace(plan.usual_need([work(140_000)]), pages=140_000)
    assert swapping.choose_trial(need, [offer(9)], tried, POLICY, CAPS) is None


def test_what_was_measured_on_other_models_says_how_far_priors_are_off():
    hard = believed("RTX 3090", 1, 31, ledger(paces=paces({"RTX 3070": 4.0, "RTX 3060": 3.0, "RTX 4070": 5.0})))
    mixed = believed("RTX 3090", 1, 31, ledger(paces=paces({"RTX 3070": 24.0, "RTX 3060": 2.0})))
    untried = believed("RTX 3090", 1, 31, ledger())
    assert untried.pages_per_second == 12.0 and hard.pages_per_second < 9.0
    assert hard.spread < mixed.spread > untried.spread
    own = machine(9, MachineStatus.DESTROYED, machine_id=1, pages_done=900, pages_per_second=30.0)
    assert believed("RTX 3090", 1, 31, ledger(own, paces=paces({"RTX 3090": 10.0}))).pages_per_second == 30.0
    assert believed("RTX 3090", 2, 32, ledger(own, paces=paces({"RTX 3090": 10.0}))).pages_per_second == 10.0


def test_a_card_is_worth_what_its_cores_and_lines_keep_up_with():
    speeds, policy = ledger(paces=paces({"RTX 3090": 40.0})), POLICY
    few, many = offer(1, cpu_cores=4), offer(2, cpu_cores=32)
    thin = offer(3, cpu_cores=32, our_down_mbps=60, our_up_mbps=1000)
    rates = [expected_of(each, speeds, policy).pages_per_second for each in (thin, few, many, offer(4))]
    assert rates == sorted(rates) and rates[0] < 60 / (policy.megabytes_in_per_page * 8) and rates[1] < 4 / 0.15
    assert 39 < rates[2] < rates[3] == 40.0
    assert plan.choose(plan.usual_need([work(50_000)]), [few, thin, many], speeds, policy, CAPS).offer is many
    untried = plan.choose(plan.usual_need([work(50_000)]), [few, many], ledger(), policy, CAPS)
    assert untried is not None and untried.offer is many, "priced alike, the one with more cores"
    own = machine(9, MachineStatus.DESTROYED, machine_id=1, pages_done=900, pages_per_second=38.0)
    assert expected_of(few, ledger(own), policy).pages_per_second == 38.0, "what it showed itself counts first"


def test_the_dear_machine_ends_once_the_cheap_one_is_proven_and_time_allows():
    both = ledger(proven(1, 4.0), proven(2, 12.0))
    assert [end.label for end in ending.find_dear([work(100_000, "low")], both, POLICY)] == [machine(1).label]
    assert ending.find_dear([work(50_000)], both, POLICY) == []  # its help is needed to be in time
    unproven = ledger(proven(1, 4.0), machine(2, pages_done=10, pages_per_second=12.0))
    assert ending.find_dear([work(100_000, "low")], unproven, POLICY) == []
    alike = ledger(proven(1, 11.8), proven(2, 12.0))
    assert ending.find_dear([work(100_000, "low")], alike, POLICY) == []


# When to stop trying


def failed(number: int, blame: Blame = Blame.MACHINE, at: float = NOW - 60) -> Machine:
    ended = {"destroying_at": at, "destroyed_at": at, "destroy_reason": "failed"}
    return machine(number, MachineStatus.DESTROYED, blame=blame, **ended)


def test_the_breaker_opens_after_boots_that_all_failed_and_lets_one_through_later():
    broken = [failed(n) for n in range(POLICY.breaker_failures)]
    assert plan.held_back(ledger(*broken[1:]), POLICY) is None
    assert "in a row failed" in plan.held_back(ledger(*broken), POLICY)
    long_ago = [replace(each, destroying_at=NOW - POLICY.breaker_seconds - 1) for each in broken]
    assert plan.held_back(ledger(*long_ago), POLICY) is None
    assert plan.room(ledger(*long_ago), POLICY, CAPS) == 1
    trial = machine(9, MachineStatus.BOOTING)
    assert plan.held_back(ledger(*long_ago, trial), POLICY) is not None
    assert plan.room(ledger(*broken[1:]), POLICY, CAPS) == CAPS.machines


def test_a_machine_that_works_closes_the_breaker():
    broken = [failed(n) for n in range(POLICY.breaker_failures)]
    works = machine(9, ready_at=NOW - 30)
    assert plan.held_back(ledger(*broken, works), POLICY) is None


def test_what_every_host_reports_is_our_fault():
    assert plan.pause_for_failures(ledger(failed(1, Blame.OURS)), POLICY) is None
    other_host = failed(2, Blame.OURS)
    assert "different hosts" in plan.pause_for_failures(ledger(failed(1, Blame.OURS), other_host), POLICY).reason
    same_host = replace(other_host, host_id=failed(1).host_id)
    assert plan.pause_for_failures(ledger(failed(1, Blame.OURS), same_host), POLICY) is None


def test_boots_that_go_on_failing_pause_renting_with_their_reasons():
    many = [replace(failed(n), destroy_reason="cannot start: OCI") for n in range(POLICY.pause_failures)]
    assert plan.pause_for_failures(ledger(*many[1:]), POLICY) is None
    assert "cannot start (8)" in plan.pause_for_failures(ledger(*many), POLICY).reason
    one_host = [replace(each, host_id=1) for each in many]
    assert plan.pause_for_failures(ledger(*one_host), POLICY) is None, "a bad host is blocked, not the market"
    assert plan.pause_for_failures(ledger(*many, machine(9, ready_at=NOW - 30)), POLICY) is None


def test_a_person_who_resumes_is_believed():
    resumed = replace(ledger(failed(1, Blame.OURS), failed(2, Blame.OURS)), renting=Renting(since=NOW - 1))
    assert plan.pause_for_failures(resumed, POLICY) is None


def test_nothing_is_rented_while_paused():
    paused = replace(ledger(), renting=Renting(RentingStatus.PAUSED, "by hand"))
    assert "by hand" in plan.held_back(paused, POLICY)


def test_room_counts_what_is_still_being_destroyed():
    machines = (machine(1), machine(2, MachineStatus.DESTROYING), failed(3))
    assert plan.room(ledger(*machines), POLICY, CAPS) == CAPS.machines - 2


def test_the_same_input_gives_the_same_answer():
    offers = [offer(n, total_usd_per_hour=0.2) for n in range(5)]
    need = plan.Need(1000, 3600, "any_host", None, "")
    answers = {plan.choose(need, order, ledger(), POLICY, CAPS).offer.ask_id for order in (offers, offers[::-1])}
    assert answers == {0}
