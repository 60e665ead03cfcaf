"""The sample documents through everything: upload, rent, read, publish, return."""

import json
from collections import Counter
from pathlib import Path

import httpx

from local_cloud.folder import File, find_entries
from local_cloud.house import House
from local_cloud.outcomes import sum_up
from tests.end_to_end.harness import market, open_test_house, rows, run_files

SAMPLES = Path(__file__).parents[1] / "documents"


def test_sample_documents_reach_an_outcome_each(clean_cloud):
    """One of each kind, good and bad; every page accounted for, every artifact there; at the end no machine left."""
    with open_test_house(clean_cloud) as house:
        check_outcomes(house)
    books = market(clean_cloud)
    assert books["open_contracts"] == [] and books["processes"] == {}
    assert sum(contract["dollars"]["total"] for contract in books["contracts"]) > 0
    assert rows(clean_cloud, "select distinct status from machines") == [("destroyed",)]


def check_outcomes(house: House) -> None:
    cloud = house.cloud
    wanted = ("declaration_scan.pdf", "request_for_order.pdf", "request_for_order (copy).pdf", "text_messages.txt",
              "damaged.pdf", "password_protected.pdf", "blank_pages.pdf")  # fmt: skip
    files = [each for each in find_entries(SAMPLES) if isinstance(each, File) and each.name in wanted]
    outcomes = {outcome.filename: outcome for outcome in run_files(house, files)}
    assert set(outcomes) == set(wanted)
    sums = sum_up(outcomes.values(), house.desk.get("/api/totals"))
    assert sums.is_reconciled and (sums.documents, sums.failed) == (7, 2)
    assert outcomes["damaged.pdf"].reason.startswith("corrupt_pdf: ")
    assert outcomes["password_protected.pdf"].reason.startswith("password_protected: ")
    assert outcomes["declaration_scan.pdf"].page_outcomes == {"ocr": 2}
    assert set(outcomes["request_for_order.pdf"].page_outcomes) == {"text_layer"}
    assert outcomes["blank_pages.pdf"].page_outcomes["blank"] >= 1
    assert Counter(outcome.is_duplicate for outcome in outcomes.values()) == {False: 6, True: 1}

    document = house.desk.get(f"/api/documents/{outcomes['declaration_scan.pdf'].document_id}")
    assert {"ocr.txt", "metadata.json", "thumbnail.jpg", "analysis.json"} <= set(document["artifacts"])
    for link in document["artifacts"].values():
        assert httpx.get(link).status_code == 200
    metadata = json.loads(httpx.get(document["artifacts"]["metadata.json"]).text)
    assert [page["outcome"] for page in metadata["pages"]] == ["ocr", "ocr"]
    assert document["analyst"] == "rules"

    machine = rows(cloud, "select label, contract_id from machines where contract_id is not null")
    assert len(machine) >= 1 and market(cloud)["open_contracts"], "it was a rented machine that did the work"
