"""Bills and the life cycle, second by second, as pure functions."""

from dataclasses import replace

import pytest

from local_cloud.vast import life_cycle
from local_cloud.vast.contracts import Contract, Terms, accrue, add_traffic
from local_cloud.vast.life_cycle import Pace, advance

MIDNIGHT = 1_795_305_600.0
NOON = MIDNIGHT + 43_200
PACE = Pace(schedule_seconds=10, boot_seconds=50, restart_seconds=5, image_gb=4)
TERMS = Terms(
    gpu_dollars_per_hour=0.36, storage_dollars_per_gb_month=0.72, inet_down_dollars_per_gb=0.02,
    inet_up_dollars_per_gb=0.01, disk_gb=20.0, down_gb_per_hour=3.6, up_gb_per_hour=1.8,
)  # fmt: skip
DISK_PER_SECOND = 20.0 * 0.72 / 720 / 3600
GPU_PER_SECOND = 0.36 / 3600


def rented(at: float = NOON, **fate: dict) -> Contract:
    contract = Contract(
        contract_id=7001, ask_id=1, machine_id=2, num_gpus=1, terms=TERMS, created_at=at, accrued_at=at,
        ends_at=at + 7 * 86_400, instance_key="k", image="me/worker", fate=fate,
    )  # fmt: skip
    return life_cycle.begin(contract, PACE)


def billed(contract: Contract, now: float) -> dict[str, float]:
    contract = accrue(advance(contract, now, PACE), now)
    return {kind: contract.dollars(kind) for kind in ("gpu", "disk", "bwd", "bwu")}


def test_loading_costs_the_disk_only_and_running_costs_everything() -> None:
    assert billed(rented(), NOON + 59) == pytest.approx({"gpu": 0, "disk": 59 * DISK_PER_SECOND, "bwd": 0, "bwu": 0})
    assert billed(rented(), NOON + 60 + 1000) == pytest.approx({
        "gpu": 1000 * GPU_PER_SECOND,
        "disk": 1060 * DISK_PER_SECOND,
        "bwd": 4 * 0.02 + 1000 * 0.001 * 0.02,  # the image, then 3.6 GB an hour
        "bwu": 1000 * 0.0005 * 0.01,
    })  # fmt: skip


def test_the_bill_is_the_same_however_often_it_is_drawn_up() -> None:
    once = billed(rented(), NOON + 5000)
    contract = rented()
    for second in range(0, 5000, 7):
        contract = accrue(advance(contract, NOON + second + 0.3, PACE), NOON + second + 0.3)
    assert billed(contract, NOON + 5000) == pytest.approx(once, rel=1e-12)


def test_a_bill_is_split_at_midnight_utc() -> None:
    contract = rented(MIDNIGHT - 100)
    contract = accrue(advance(contract, MIDNIGHT + 300, PACE), MIDNIGHT + 300)
    first, second = (contract.usage[str(int(MIDNIGHT // 86_400) + day)] for day in (-1, 0))
    assert (first["gpu"], second["gpu"]) == pytest.approx((40 * GPU_PER_SECOND, 300 * GPU_PER_SECOND))
    assert (first["disk"], second["disk"]) == pytest.approx((100 * DISK_PER_SECOND, 300 * DISK_PER_SECOND))


def test_only_destroy_ends_the_bill() -> None:
    contract = advance(rented(), NOON + 60, PACE)
    stopped = life_cycle.stop(contract, NOON + 160)
    assert billed(stopped, NOON + 1160)["gpu"] == pytest.approx(100 * GPU_PER_SECOND)
    assert billed(stopped, NOON + 1160)["disk"] == pytest.approx(1160 * DISK_PER_SECOND)
    destroyed = life_cycle.destroy(stopped, NOON + 1160)
    assert billed(destroyed, NOON + 99_999) == billed(destroyed, NOON + 1160)


def test_an_exited_container_is_still_billed_and_an_offline_host_is_not() -> None:
    exited = life_cycle.process_ended(advance(rented(stays_exited={}), NOON + 60, PACE), NOON + 70, PACE)
    assert exited.actual_status == "exited"
    assert billed(exited, NOON + 160)["gpu"] == pytest.approx(100 * GPU_PER_SECOND)
    offline = life_cycle.go_offline(advance(rented(), NOON + 60, PACE), NOON + 70)
    assert billed(offline, NOON + 999)["gpu"] == pytest.approx(10 * GPU_PER_SECOND)
    assert billed(offline, NOON + 999)["disk"] == pytest.approx(70 * DISK_PER_SECOND)


def test_traffic_is_billed_in_any_state() -> None:
    contract = life_cycle.stop(rented(), NOON + 5)
    contract = add_traffic(contract, NOON + 6, down_gb=2.0, up_gb=3.0)
    assert (contract.dollars("bwd"), contract.dollars("bwu")) == pytest.approx((0.04, 0.03))


def test_a_new_bid_costs_from_its_own_second_on() -> None:
    contract = life_cycle.rebid(advance(rented(), NOON + 60, PACE), NOON + 160, 0.72)
    assert billed(contract, NOON + 260)["gpu"] == pytest.approx(100 * GPU_PER_SECOND + 200 * GPU_PER_SECOND)


def test_the_life_of_an_instance() -> None:
    contract = rented()
    seen = [advance(contract, NOON + s, PACE).actual_status for s in (0, 9, 10, 59, 60, 10_000)]
    assert seen == [None, None, "loading", "loading", "running", "running"]


def test_the_end_of_pid_1_is_a_restart_and_goes_on_running() -> None:
    ended = life_cycle.process_ended(advance(rented(), NOON + 60, PACE), NOON + 70, PACE)
    assert (ended.actual_status, ended.runs_process, ended.restarts) == ("running", False, 1)
    assert advance(ended, NOON + 75, PACE).runs_process


@pytest.mark.parametrize(
    ("fate", "status", "message"),
    [
        ({"stuck_loading": {}}, "loading", "Downloading"),
        ({"daemon_error": {"text": "no space left on device"}}, "loading", "no space left on device"),
        ({"silent": {}}, "running", "success"),
        ({"offline": {"after_seconds": 30}}, "offline", ""),
        ({"outbid": {"after_seconds": 30}}, "stopped", ""),
        ({"offline": {"after_seconds": 30, "seconds": 40}}, "running", ""),
        ({"outbid": {"after_seconds": 30, "seconds": 40}}, "running", ""),
    ],
)
def test_fates(fate: dict, status: str, message: str) -> None:
    contract = advance(rented(**fate), NOON + 3600, PACE)
    assert contract.actual_status == status
    assert message in contract.status_msg
    assert contract.runs_process == (status == "running" and "silent" not in fate)


def test_an_outbid_machine_is_stopped_in_every_field() -> None:
    contract = advance(rented(outbid={"after_seconds": 0}), NOON + 60, PACE)
    assert {contract.cur_state, contract.next_state, contract.intended_status} == {"stopped"}


def test_an_instance_stops_when_the_hosts_offer_ends() -> None:
    contract = advance(replace(rented(), due={"load": NOON, "expire": NOON + 500}), NOON + 600, PACE)
    assert (contract.actual_status, contract.is_open) == ("stopped", True)


def test_a_contract_survives_the_state_file() -> None:
    contract = accrue(advance(rented(offline={"after_seconds": 5}), NOON + 62, PACE), NOON + 62)
    assert Contract.from_json(contract.to_json()) == contract
