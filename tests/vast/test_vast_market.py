"""The market and the search language, as pure functions."""

import pytest

from local_cloud.vast import market, query

NOW = 1_795_000_000.0
ROWS = [
    {"gpu_name": "RTX 3090", "num_gpus": 1, "gpu_ram": 24576, "verified": True, "geolocation": "Texas, US", "x": None},
    {"gpu_name": "RTX 4090", "num_gpus": 2, "gpu_ram": 24564, "verified": False, "geolocation": ", NL", "x": 1.5},
]


def offers(seed: int = 1, now: float = NOW, is_bid: bool = False) -> list[dict]:
    return [market.offer_row(seed, m, a, now, 20.0, is_bid) for m, a in market.free_asks(seed, [], now)]


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("hours", [0, 7, 100])
def test_the_market_is_large_at_any_time(seed: int, hours: int) -> None:
    found = offers(seed, NOW + hours * 3600)
    assert len(found) >= 200
    assert len({row["machine_id"] for row in found}) >= 60


def test_prices_move_and_a_seed_repeats_them() -> None:
    before, later = offers(), offers(now=NOW + 6 * 3600)
    assert before == offers()
    prices = {row["id"]: row["dph_base"] for row in before}
    moved = [row["dph_base"] / prices[row["id"]] for row in later if row["id"] in prices]
    assert len([ratio for ratio in moved if ratio != 1.0]) > 0.9 * len(moved)
    assert all(0.6 < ratio < 1.6 for ratio in moved)
    assert offers(seed=2) != before


def test_the_hourly_price_is_gpu_plus_storage_and_a_bid_is_cheaper() -> None:
    for row, bid in zip(offers(), offers(is_bid=True), strict=True):
        assert row["dph_total"] == pytest.approx(row["dph_base"] + 20.0 * row["storage_cost"] / 720)
        assert (row["is_bid"], bid["is_bid"]) == (False, True)
        assert bid["dph_base"] == row["min_bid"] < row["dph_base"]


def test_a_held_card_takes_the_groups_it_belongs_to_with_it() -> None:
    machine = next(m for m in market.build_machines(1) if m.num_gpus == 4)
    held = [(machine, machine.asks[0])]
    left = {ask.ask_id for m, ask in market.free_asks(1, held, NOW) if m.machine_id == machine.machine_id}
    assert not any(0 in ask.gpu_indexes for ask in machine.asks if ask.ask_id in left)


@pytest.mark.parametrize(
    ("condition", "found"),
    [
        ({"gpu_name": {"eq": "RTX 3090"}}, [0]),
        ({"gpu_name": {"neq": "RTX 3090"}}, [1]),
        ({"gpu_name": {"in": ["RTX 3090", "RTX 4090"]}}, [0, 1]),
        ({"gpu_name": {"notin": ["RTX 3090"]}}, [1]),
        ({"num_gpus": {"eq": "1"}}, [0]),  # numbers arrive as strings
        ({"num_gpus": {"in": ["2", "4"]}}, [1]),
        ({"gpu_ram": {"gt": 24564.0}}, [0]),
        ({"gpu_ram": {"gte": "24564"}}, [0, 1]),
        ({"gpu_ram": {"lt": 24576}}, [1]),
        ({"gpu_ram": {"lte": 24576, "gt": 24570}}, [0]),
        ({"verified": {"eq": True}}, [0]),
        ({"verified": {"eq": "false"}}, [1]),
        ({"geolocation": {"in": ["US", "CA"]}}, [0]),
        ({"x": {"eq": None}}, [0]),
        ({"x": {"gte": "1"}}, [1]),
        ({"nonsense": {"gte": "1"}}, []),
        ({"order": [["gpu_ram", "asc"]], "type": "bid", "limit": 3, "allocated_storage": 5.0}, [0, 1]),
    ],
)
def test_all_operators_filter(condition: dict, found: list[int]) -> None:
    assert [i for i, row in enumerate(ROWS) if query.matches(row, condition)] == found


def test_an_unknown_operator_is_refused() -> None:
    with pytest.raises(ValueError, match="like"):
        query.matches(ROWS[0], {"gpu_name": {"like": "RTX"}})


def test_rows_are_ordered_by_the_first_field_first_and_nulls_come_last() -> None:
    rows = [{"a": 1, "b": 2}, {"a": None, "b": 0}, {"a": 1, "b": 1}, {"a": 0, "b": 9}]
    assert [row["b"] for row in query.ordered(rows, [["a", "desc"], ["b", "asc"]])] == [1, 2, 9, 0]
