"""What the doctor says of Vast.ai, through the real command: rights, credit, and the clause that empties the market."""

from dataclasses import replace

import httpx

from control_plane.clients import build_clients
from control_plane.doctor import vast
from control_plane.settings import Settings
from local_cloud import Cloud
from tests.doctor.conftest import codes


def ask(settings: Settings, query: str = "gpu_ram>=8", **changes) -> list:
    changed = replace(settings, fleet=replace(settings.fleet, query=query, **changes))
    clients = build_clients(changed)
    return vast.examine(changed, clients.vast, clients.database)


def test_a_sound_account_and_nothing_rented(settings: Settings, clean_cloud: Cloud):
    found = ask(settings)
    assert codes(found) == {}
    assert "gpu_ram>=8: " in next(each.message for each in found if each.tried == "offers by clause")
    assert build_clients(settings).vast.list_instances() == []


def test_the_clause_that_empties_the_market_is_named(settings: Settings):
    found = {each.tried: each for each in ask(settings, "gpu_ram>=8 gpu_ram>=8000 reliability>=0.5")}
    assert codes(list(found.values())) == {
        "offers by clause": "vast_market_empty", "offers that suit": "vast_none_suits",
    }  # fmt: skip
    assert found["offers by clause"].message.startswith("Gpu_ram>=8000 leaves no offer of ")


def test_what_we_ask_beside_the_query_is_named_too(settings: Settings):
    found = next(each for each in ask(settings, max_dollars_per_hour_each=0.0001) if each.tried == "offers that suit")
    assert found.code == "vast_none_suits" and "without FLEET_MAX_DOLLARS_PER_HOUR_EACH" in found.message


def test_little_credit_and_a_wrong_key(settings: Settings, clean_cloud: Cloud):
    httpx.post(f"{clean_cloud.vast_url}/admin/credit", json={"dollars": 0.5}, timeout=20).raise_for_status()
    assert codes(ask(settings))["the key and the credit"] == "vast_credit_low"
    assert codes(ask(replace(settings, vast_api_key="0" * 64))) == {"the key and the credit": "vast_key_refused"}


def test_a_query_is_split_as_vast_reads_it():
    assert vast.split_query('num_gpus=1 gpu_name in [RTX_3090,RTX_4090] geolocation notin ["CN"] inet_down >= 100') == [
        "num_gpus=1", "gpu_name in [RTX_3090,RTX_4090]", 'geolocation notin ["CN"]', "inet_down >= 100",
    ]  # fmt: skip


def test_a_key_that_may_look_and_neither_rent_nor_destroy(settings: Settings, clean_cloud: Cloud):
    faults = [{"kind": "status", "route": route, "status": 403} for route in ("create", "destroy")]
    httpx.post(f"{clean_cloud.vast_url}/admin/faults", json={"faults": faults}, timeout=20).raise_for_status()
    found = codes(ask(settings))
    assert found == {"it may rent": "vast_key_refused", "it may destroy": "vast_key_refused"}
