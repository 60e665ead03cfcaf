"""What the ledger teaches: how much of a line downloads get, and how likely boots fail, per machine, host and model."""

from dataclasses import replace
from typing import Any

import pytest

from control_plane.database.fleet_rows import Boot, Ledger, Pace, Record, Renting
from control_plane.fleet.boots import MOST_TIMES, Boots
from control_plane.fleet.failures import PRIOR_BOOTS, chance_of_failure
from control_plane.fleet.speeds import believed
from control_plane.settings.fleet_policy import Policy

POLICY = Policy()


def boot(number: int, mbps: float, factor: float = 2.0, unpack: float = 100.0, image_gb: float = 8.0) -> Boot:
    seconds = factor * image_gb * 8000 / mbps + unpack * image_gb / 8.0
    return Boot(number, number, "RTX 3090", mbps, image_gb, seconds, 60.0)


LINES = [100.0, 110.0, 120.0, 300.0, 400.0, 500.0, 900.0, 950.0, 1000.0]
MEASURED = tuple(boot(number, mbps) for number, mbps in enumerate(LINES, 1))


def expected(known: tuple[Boot, ...], mbps: float) -> float:
    return Boots(known, 0, POLICY).expected_seconds(99, 99, "RTX 4090", mbps)


def test_downloads_that_get_half_of_their_lines_are_expected_to():
    assert expected(MEASURED, 100.0) == pytest.approx(2 * 640 + 100, rel=0.02)
    assert expected(MEASURED, 1000.0) == pytest.approx(2 * 64 + 100, rel=0.05), "a slow line's time is no fast one's"
    smaller = Boots(MEASURED, 0, replace(POLICY, image_gb=4.0))
    assert smaller.expected_seconds(99, 99, "RTX 4090", 100.0) == pytest.approx(2 * 320 + 50, rel=0.02)


def test_a_line_is_as_promised_until_boots_over_different_lines_say_otherwise():
    for known in ((), MEASURED[:8], tuple(boot(number, 1000.0) for number in range(30))):
        assert Boots(known, 0, POLICY).line_factor == 1.0
    faster = tuple(boot(number, mbps, factor=0.5) for number, mbps in enumerate(LINES))
    assert Boots(faster, 0, POLICY).line_factor == 1.0, "never better than promised"
    assert Boots(tuple(boot(n, mbps, 50.0) for n, mbps in enumerate(LINES)), 0, POLICY).line_factor == MOST_TIMES


def test_no_single_odd_boot_changes_what_lines_are():
    odd = (replace(MEASURED[0], boot_seconds=40_000.0), *MEASURED[1:])
    assert Boots(odd, 0, POLICY).line_factor == pytest.approx(2.0, rel=0.1)


def chance(*records: Record, **about: Any) -> float:
    asked = {"machine_id": 21, "host_id": 31, "gpu_name": "RTX 3090", "image_gb": 8.0, "reliability": 1.0} | about
    return chance_of_failure(**asked, ledger=Ledger(0.0, Renting(), records=records))


def test_failures_teach_the_more_the_nearer_they_were():
    assert chance() == pytest.approx(1 / (1 + PRIOR_BOOTS))
    bad = {"boots": 0, "failures": 4, "image_gb": 8.0}
    own = chance(Record(21, 31, gpu_name="RTX 3090", **bad))
    host = chance(Record(22, 31, gpu_name="RTX 4090", **bad))
    model = chance(Record(22, 32, gpu_name="RTX 3090", **bad))
    stranger = chance(Record(22, 32, gpu_name="RTX 4090", **bad))
    assert own > host > model > stranger > chance()
    assert chance(Record(22, 0, gpu_name="x", **bad), host_id=0) == stranger, "hosts without a number are not one host"


def test_a_record_of_another_image_size_says_less_and_many_strangers_say_much():
    small = chance(Record(21, 31, 0, 4, "RTX 3090", image_gb=1.0))
    assert chance() < small < chance(Record(21, 31, 0, 4, "RTX 3090", image_gb=8.0))
    market = [Record(100 + n, 200 + n, 7, 3, "RTX 4090", 8.0) for n in range(100)]
    assert chance(*market) == pytest.approx(0.3, abs=0.05), "three boots in ten fail on this market"
    assert chance(reliability=0.9) == pytest.approx(chance() + 0.1)


def pages_per_second(*paces: Pace, gpu: str = "RTX 3090", machine_id: int = 21, host_id: int = 31) -> float:
    return believed(gpu, machine_id, host_id, Ledger(0.0, Renting(), paces=paces)).pages_per_second


USUAL = tuple(Pace(100 + n, 200 + n, gpu, 8.0, speed)
              for n, (gpu, speed) in enumerate([("RTX 3090", 12.0)] * 5 + [("RTX 4090", 20.0)] * 5))  # fmt: skip


def test_a_host_whose_machines_read_slower_than_their_models_is_expected_to_whatever_the_card():
    slow = [Pace(51, 31, "RTX 4090", 8.0, 10.0), Pace(52, 31, "RTX 3090", 8.0, 6.0)]
    assert pages_per_second(*USUAL) == 12.0
    one, two = pages_per_second(*USUAL, slow[0]), pages_per_second(*USUAL, *slow)
    itself = pages_per_second(*USUAL, *slow, Pace(21, 31, "RTX 3090", 8.0, 6.0))
    assert 12.0 > one > two > itself > 6.0, "the more was seen, and the nearer, the more it says"
    assert one == pytest.approx(12 * 0.5 ** (1 / 3)) and itself == pytest.approx(12 * 0.5 ** (6 / 8))
    assert pages_per_second(*USUAL, *slow, host_id=32) == 12.0, "another host is none the slower"
    nameless = [replace(each, host_id=0) for each in slow]
    assert pages_per_second(*USUAL, *nameless, host_id=0) == 12.0, "hosts without a number are not one host"
    unmeasured = [pages_per_second(*USUAL, *each, gpu="RTX 3070") for each in ((), slow)]
    assert unmeasured[1] < 0.8 * unmeasured[0], "nor is its host forgotten where the model was never tried"


def test_a_pace_with_an_image_of_another_size_says_less():
    other = [replace(Pace(50 + n, 31, "RTX 4090", 8.0, 10.0), image_gb=1.0) for n in range(2)]
    assert 11.0 < pages_per_second(*USUAL, *other) < 12.0
    older = [Pace(60 + n, 300 + n, "RTX 3090", 1.0, 6.0) for n in range(9)]
    assert pages_per_second(*USUAL, *older) == 12.0 < 20.0 and pages_per_second(*older, *USUAL) == 6.0
