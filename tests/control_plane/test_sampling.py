"""What a sample says of a whole: drawn evenly by weight, right in the mean, and honest about what it cannot know."""

import random
from statistics import mean

import pytest

from control_plane.batches.estimates import Run
from control_plane.batches.pricing import Guess, Past, Read, price_rest
from control_plane.batches.sampling import Draw, Sampler, extrapolate

NO_CLAUDE = Guess(0.0, 0.0)


def hire(pages: int) -> Run:
    return Run(1, pages / 36_000, 0.02 + pages * 0.00002)


def sample(files: list[tuple[str, float]], seed: int) -> list[Draw]:
    sampler = Sampler(random.Random(seed))
    for key, pages in files:
        sampler.add(key, pages)
    return sampler.draws()


def test_a_listing_that_is_no_larger_than_the_sample_is_drawn_whole():
    draws = sample([(str(number), 1 + number) for number in range(40)], 1)
    assert {each.key for each in draws} == {str(number) for number in range(40)} and {d.chance for d in draws} == {1.0}


def test_thick_files_are_drawn_oftener_and_all_is_right_in_the_mean():
    files = [(f"thin-{number}", 1.0) for number in range(400)] + [(f"thick-{number}", 100.0) for number in range(40)]
    samples = [sample(files, seed) for seed in range(200)]
    assert all(len(draws) == 40 for draws in samples)
    assert mean(sum(draw.pages == 100 for draw in draws) for draws in samples) == pytest.approx(20, abs=1.5)
    assert mean(sum(draw.pages / draw.chance for draw in draws) for draws in samples) == pytest.approx(4400, rel=0.03)


def test_what_was_measured_scales_what_was_guessed_and_what_was_drawn_is_no_part_of_the_rest():
    draws = [Draw("a", 10, 0.1), Draw("b", 20, 0.2)]
    found = extrapolate(draws, [20, 40], lambda draw: draw.pages, 1000)
    assert found.rest == pytest.approx(2 * 970) and found.errors == pytest.approx((0, 0))
    spread = extrapolate(draws, [10, 50], lambda draw: draw.pages, 1000)
    assert sum(spread.errors) != 0 and all(spread.errors)


def test_a_folder_whose_files_differ_more_has_a_wider_interval():
    draws = [Draw(str(number), 4, 0.05) for number in range(40)]
    alike = [Read(8, 0.0)] * 40
    mixed = [Read(0 if number % 2 else 16, 0.0) for number in range(40)]
    one, other = (
        price_rest(draws, read, 800, 3200, NO_CLAUDE, 0.0, hire, Past()) for read in (alike, mixed)
    )
    assert one.pages == other.pages == 2 * (3200 - 160)
    assert one.low_usd > other.low_usd and other.high_usd > one.high_usd


def test_claude_is_told_by_what_the_sample_took_of_it_and_else_by_what_is_assumed():
    draws = [Draw(str(number), 4, 0.05) for number in range(40)]
    guess = Guess(0.01, 0.002)
    judged = price_rest(draws, [Read(4, 0.036)] * 40, 800, 3200, guess, 99.0, hire, Past())
    assumed = price_rest(draws, [Read(4, None)] * 40, 800, 3200, guess, 99.0, hire, Past())
    assert judged.claude_usd == pytest.approx(760 * 0.036) and assumed.claude_usd == pytest.approx(760 * 0.018)
    assert assumed.high_usd / assumed.usd > judged.high_usd / judged.usd, "nobody has measured it"
    capped = price_rest(draws, [Read(4, 0.036)] * 40, 800, 3200, guess, 5.0, hire, Past())
    assert capped.claude_usd == 5.0


def test_the_spread_of_earlier_batches_is_learned_from():
    draws, read = [Draw(str(number), 4, 0.05) for number in range(40)], [Read(4, 0.0)] * 40
    width = [
        price_rest(draws, read, 800, 3200, NO_CLAUDE, 0.0, hire, past).high_usd
        for past in (Past(100, 0.1), Past(), Past(100, 100.0))
    ]
    assert width == sorted(width) and width[0] < width[1] < width[2]


def test_without_an_offer_there_is_no_price():
    nothing = price_rest([Draw("a", 1, 0.5)], [Read(1, 0.0)], 9, 9, NO_CLAUDE, 0.0, lambda _: Run(1, 1, None), Past())
    assert nothing is None
