"""How often the interval of a price quote holds: folders of mixed, heavy-tailed documents in simulated markets.

python scripts/bench/estimates.py --seed 1001 --batches 200 --json estimates.json

Each folder is listed by size, sampled, and its sample read; it is priced by what production prices it with
(control_plane/batches/pricing.py); hours later the real scaler (scripts/bench/fleet_sim) has the rest read, and the
bill says what that cost. The market's own numbers and the documents' are hidden from the price.
"""

from __future__ import annotations

import argparse
import json
import logging
import math
import random
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from statistics import mean, median

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from control_plane.batches.estimates import PageSizes, estimate_run  # noqa: E402
from control_plane.batches.pricing import Guess, Past, Price, Read, price_rest  # noqa: E402
from control_plane.batches.sampling import Draw, Sampler  # noqa: E402
from control_plane.database.fleet_rows import Caps  # noqa: E402
from control_plane.fleet.errors import FleetError  # noqa: E402
from control_plane.fleet.scaler import tick  # noqa: E402
from control_plane.settings.fleet_policy import Policy  # noqa: E402
from control_plane.vast.errors import VastError  # noqa: E402
from scripts.bench.fleet_sim.market import Market  # noqa: E402
from scripts.bench.fleet_sim.work import Job  # noqa: E402
from scripts.bench.fleet_sim.world import World  # noqa: E402

CAPS = Caps(machines=8, usd_per_hour=3.0, usd_per_day=30.0, credit_floor=5.0)
HOUR = 3600.0
LONGEST_WAIT = 6 * HOUR  # from the price to its confirmation
ASSUMED = Guess(usd_per_document=0.008, usd_per_page=0.0009)
MOST_PAGES = 3000


@dataclass(frozen=True)
class Document:
    """A file: what the listing shows, and the pages that only reading finds."""

    mime_type: str
    bytes: int
    pages: int


@dataclass(frozen=True)
class Result:
    """One folder: its quote and what it cost."""

    seed: int
    documents: int
    pages: int
    guessed_pages: int
    with_claude: bool
    price: Price
    actual_usd: float

    @property
    def held(self) -> bool:
        """Whether the actual lies within the interval."""
        return self.price.low_usd <= self.actual_usd <= self.price.high_usd

    @property
    def width(self) -> float:
        """The upper end by the price."""
        return self.price.high_usd / self.price.usd


def folder(rng: random.Random) -> list[Document]:
    """A family's folder: photos, letters, scans, mails as text; a few files have hundreds of pages."""
    shares = [rng.gammavariate(0.8, 1.0) for _ in range(4)]
    sigma, median_pages = rng.uniform(0.9, 1.6), rng.uniform(1.5, 6.0)
    scan_bytes, born_digital = rng.uniform(60_000, 400_000), rng.uniform(8_000, 60_000)
    kinds = rng.choices(("photo", "letter", "scan", "text"), shares, k=int(300 * 15 ** rng.random()))
    return [_document(kind, rng, sigma, median_pages, scan_bytes, born_digital) for kind in kinds]


def _document(
    kind: str, rng: random.Random, sigma: float, median_pages: float, scan_bytes: float, born_digital: float
) -> Document:
    if kind == "photo":
        return Document("image/jpeg", int(rng.lognormvariate(14.5, 0.5)), 1)
    pages = min(MOST_PAGES, max(1, round(rng.lognormvariate(math.log(median_pages), sigma))))
    if kind == "text":
        return Document("text/plain", int(pages * 2500 * rng.lognormvariate(0, 0.4)), pages)
    per_page = (scan_bytes if kind == "scan" else born_digital) * rng.lognormvariate(0, 0.6)
    return Document("application/pdf", int(pages * per_page), pages)


def run_batch(seed: int) -> Result:
    """Sample, price, wait, read the rest; all in one market."""
    rng = random.Random(f"estimates-{seed}")
    documents, with_claude = folder(rng), rng.random() < 0.5
    sizes, sampler = PageSizes.measured(()), Sampler(rng)
    guesses = [sizes.pages(each.mime_type, each.bytes) for each in documents]
    for number, guess in enumerate(guesses):
        sampler.add(str(number), guess)
    draws = sampler.draws()
    claude = _claude_dollars(documents, rng) if with_claude else [0.0] * len(documents)
    drawn = {int(each.key) for each in draws}
    world = World(seed, Policy(), (), Market(seed))
    hardness = rng.lognormvariate(0, 0.2)  # of this folder's pages, against usual ones
    jobs = [
        Job(0.0, each.pages, "normal", 0.0, guess, hardness) for each, guess in zip(documents, guesses, strict=True)
    ]
    _read(world, [jobs[number] for number in drawn], "normal")
    read = [Read(documents[int(each.key)].pages, claude[int(each.key)]) for each in draws]
    price = _price(world, draws, read, len(documents), sum(guesses), ASSUMED if with_claude else Guess(0.0, 0.0))
    world.now += rng.uniform(0, LONGEST_WAIT)
    before, rest = world.vast.dollars(), [n for n in range(len(documents)) if n not in drawn]
    _read(world, [jobs[number] for number in rest], "low")
    actual = world.vast.dollars() - before + sum(claude[number] for number in rest)
    pages = sum(documents[number].pages for number in rest)
    return Result(seed, len(rest), pages, sum(guesses[number] for number in rest), with_claude, price, actual)


def _claude_dollars(documents: Sequence[Document], rng: random.Random) -> list[float]:
    """What Claude takes of each: the assumptions are wrong by a third, and documents differ."""
    per_document, per_page = (each * rng.lognormvariate(0, 0.35) for each in vars(ASSUMED).values())
    return [(per_document + per_page * each.pages) * rng.lognormvariate(0, 0.5) for each in documents]


def _price(
    world: World, draws: Sequence[Draw], read: Sequence[Read], documents: int, guessed: int, claude: Guess
) -> Price:
    ledger, policy = world.ledger.get_fleet(), world.policy
    offers = world.vast.search_offers(policy.query, policy.disk_gb)
    price = price_rest(
        draws, read, documents, guessed, claude, math.inf,
        lambda pages: estimate_run(
            pages, offers, ledger, policy, policy.low_promise_seconds, CAPS.machines, CAPS.usd_per_hour
        ),
        Past(),
    )  # fmt: skip
    if price is None:
        raise RuntimeError("nothing is for hire")
    return price


def _read(world: World, jobs: Sequence[Job], priority: str) -> None:
    """The real scaler until all is read and every machine returned."""
    due = world.now + (world.policy.low_promise_seconds if priority == "low" else world.policy.normal_promise_seconds)
    world.queue.add([replace(each, arrives_at=world.now, priority=priority, due_at=due) for each in jobs])
    post = world.post("bench", CAPS)
    end = world.now + 240 * HOUR
    while not (world.work_is_done() and not world.vast.open_contracts()):
        with suppress(FleetError, VastError):
            tick(post)
        world.advance(world.policy.tick_seconds)
        if world.now > end:
            raise RuntimeError("the folder is not read to its end")


def main() -> None:
    """Run, print a table, write JSON."""
    options = _options()
    began = time.monotonic()
    results = [run_batch(seed) for seed in range(options.seed, options.seed + options.batches)]
    rows = [summarise("all", results)]
    rows += [
        summarise("without Claude", [each for each in results if not each.with_claude]),
        summarise("with Claude", [each for each in results if each.with_claude]),
        summarise("under 800 documents", [each for each in results if each.documents < 800]),
        summarise("800 and more", [each for each in results if each.documents >= 800]),
    ]
    print_table(rows)
    print(f"{len(results)} folders in {time.monotonic() - began:.0f} s")
    if options.json:
        told = [asdict(each) | {"held": each.held} for each in results]
        Path(options.json).write_text(json.dumps({"seed": options.seed, "summary": rows, "folders": told}, indent=1))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--batches", type=int, default=20, help="so many seeds, from this one on")
    parser.add_argument("--json")
    return parser.parse_args()


def summarise(name: str, results: Sequence[Result]) -> dict[str, str | float]:
    """Coverage, on which side it failed, how wide the interval is, and how far the price and the guess were off."""
    if not results:
        return {"folders": name, "number": 0}
    errors = [math.log(each.actual_usd / each.price.usd) for each in results]
    guesses = [abs(math.log(each.pages / each.guessed_pages)) for each in results]
    return {
        "folders": name,
        "number": len(results),
        "held": sum(each.held for each in results) / len(results),
        "cost_more": sum(each.actual_usd > each.price.high_usd for each in results) / len(results),
        "cost_less": sum(each.actual_usd < each.price.low_usd for each in results) / len(results),
        "median_width": median(each.width for each in results),
        "mean_error": mean(errors),
        "sigma": math.sqrt(mean(each**2 for each in errors)),
        "sigma_of_guess": math.sqrt(mean(each**2 for each in guesses)),
        "median_usd": median(each.actual_usd for each in results),
    }


def print_table(rows: Sequence[dict[str, str | float]]) -> None:
    """One line per kind of folder."""
    columns = list(rows[0])
    print("| " + " | ".join(columns) + " |\n|" + "---|" * len(columns))
    for row in rows:
        cells = (row.get(name, "") for name in columns)
        print("| " + " | ".join(f"{cell:.3f}" if isinstance(cell, float) else str(cell) for cell in cells) + " |")


if __name__ == "__main__":
    logging.getLogger("control_plane").setLevel(logging.CRITICAL)
    main()
