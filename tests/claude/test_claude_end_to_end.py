"""Documents through all programs with Claude on: a real worker, without a key, and what the ledger says afterwards."""

from local_cloud.work import drain
from tests.end_to_end.harness import open_test_house, rows, run_files, worker_processes, write_texts


def test_a_worker_without_a_key_has_its_documents_judged_within_the_caps(clean_cloud, anthropic_api, tmp_path):
    environ = {"ANTHROPIC_API_KEY": anthropic_api.key, "ANTHROPIC_URL": anthropic_api.url}
    anthropic_api.script = ["answer", "refusal"]
    with open_test_house(clean_cloud, environ, also=["analyst"]) as house:
        outcomes = run_files(house, write_texts(tmp_path / "in", 3))
        assert [outcome.status for outcome in outcomes] == ["completed"] * 3
        drain(house)
        for process in worker_processes(clean_cloud):
            assert anthropic_api.key not in process.environ().values()
        judged = rows(
            clean_cloud, "select analyst, model, fallback_reason from master_document_registry order by analyst"
        )
        assert judged == [("claude", "claude-haiku-5-5", None)] * 2 + [("rules", None, "refused")]
        stated = rows(
            clean_cloud, "select distinct kind, state from document_claims where stated_by = 'claude' order by kind"
        )
        assert stated == [(kind, "exact") for kind in ("case_number", "fact", "party", "score")]
        assert rows(clean_cloud, "select status, outcome, count(*) from claude_calls group by 1, 2 order by 2") == [
            ("settled", "answered", 2),
            ("settled", "refused", 1),
        ]
        claude = next(row["id"] for row in house.desk.get("/api/documents")["documents"] if row["analyst"] == "claude")
        evidence = house.desk.get(f"/api/documents/{claude}")["score_evidence"]
        assert {row["score"]: row["verified"] for row in evidence}["relevancy_score"] is True
        costs = house.desk.get("/api/costs")
        assert 0 < costs["today"]["claude_usd"] < 0.1
