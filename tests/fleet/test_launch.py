"""A person launches one machine more: of the scaler's choice, or a chosen offer, and under the same caps."""

from dataclasses import replace

from control_plane.fleet.scaler import tick
from tests.control_plane.desk import PDF, make_desk


def test_the_offers_come_in_the_scalers_order_with_what_the_run_would_cost(clean_cloud):
    desk = make_desk(clean_cloud)
    desk.upload(PDF)
    offers = desk.get("/vastai/offers").json["offers"]
    assert len(offers) > 5
    hourly = [each["usd_per_hour"] for each in offers]
    assert hourly != sorted(hourly), "traffic and start count, and not the hour alone"
    first = offers[0]
    assert first["pages"] == 1 and first["within_caps"] is True
    assert 0 < first["run_usd"] == round(first["usd_per_page"], 6) and 0 < first["run_hours"] < 1
    assert desk.get("/api/instances/status").json["instances"] == []


def test_an_offer_is_a_number_and_asking_twice_rents_it_once(clean_cloud):
    desk = make_desk(clean_cloud)
    for wrong in ("7", 0, -1, 1.5, True, [7]):
        reply = desk.post("/api/instances/launch", offer_id=wrong)
        assert (reply.status_code, reply.json["code"]) == (400, "bad_argument"), wrong
    for offer_id in (7, 7, 8, None):
        assert desk.post("/api/instances/launch", offer_id=offer_id).status_code == 202
    assert desk.sql("select hand_launches, hand_asks from renting") == [(3, [7, 8])]
    desk.post("/api/renting/pause")
    assert desk.sql("select hand_launches, hand_asks from renting") == [(0, [])]


def offers_of(fleet) -> list:
    return fleet.post.vast.search_offers(fleet.post.policy.query, fleet.post.policy.disk_gb)


def test_the_chosen_offer_is_rented_though_another_would_be_cheaper(fleet):
    dear = max((each for each in offers_of(fleet) if "RTX" in each.gpu_name), key=lambda o: o.total_usd_per_hour)
    fleet = fleet.with_policy(max_dollars_per_hour_each=99.0)
    assert fleet.post.ledger.request_launch(dear.ask_id)
    fleet.tick_until(lambda: [m.status for m in fleet.machines()] == ["ready"])
    assert fleet.machines()[0].machine_id == dear.machine_id
    assert fleet.post.ledger.get_fleet().renting.hand_launches == 0
    fleet.wind_down()


def test_a_chosen_offer_beyond_a_cap_or_off_the_market_is_dropped_and_said(fleet):
    for number, chosen in enumerate((offers_of(fleet)[0].ask_id, 999_999_999), 1):
        poor = replace(fleet.post, caps=replace(fleet.post.caps, usd_per_day=0.0001))
        assert fleet.post.ledger.request_launch(chosen)
        tick(poor if number == 1 else fleet.post)
        assert (fleet.machines(), fleet.post.ledger.get_fleet().renting.hand_asks) == ((), ())
        assert fleet.post.ledger.get_fleet().renting.hand_launches == 0
    assert fleet.alarms() == ["choice_dropped"] * 2  # one for each offer
