"""A machine whose card its container cannot use goes back at once, and is not rented again."""

import httpx

from tests.end_to_end.harness import market, open_test_house, rows, run_files, write_texts


def test_a_rented_machine_without_a_usable_gpu_goes_back_and_another_does_the_work(clean_cloud, tmp_path):
    fault = {"kind": "no_gpu", "nth": 1}
    httpx.post(f"{clean_cloud.vast_url}/admin/faults", json={"faults": [fault]}, timeout=30).raise_for_status()
    with open_test_house(clean_cloud) as house:
        (outcome,) = run_files(house, write_texts(tmp_path / "documents", 1))
        assert outcome.status == "completed"
        first, second = rows(
            clean_cloud,
            "select machine_id, destroy_reason, blame, ready_at, pages_done from machines"
            " order by intent_at",
        )
        assert first[1:] == ("its worker cannot use the GPU", "machine", None, 0)
        assert second[0] != first[0] and second[4] == 1
        blocked = rows(clean_cloud, "select kind, id, reason from hardware_blocks")
        assert blocked == [("machine", first[0], "its worker cannot use the GPU")]
    assert market(clean_cloud)["open_contracts"] == []
