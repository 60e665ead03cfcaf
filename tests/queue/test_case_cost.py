"""What a document and a page cost when the library is seven times as large and about the same people: as before."""

import re

from scripts.bench.case_papers import Paper, draw
from scripts.bench.case_scale import ScaleCase
from scripts.bench.metered import counting

FEW, BATCH = 24, 8
SLACK, MOST_BLOCKS_OF_A_PAGE = 3500, 4000
"""A connection of PostgREST's that is new reads the catalogue first: 2,000 to 3,300 blocks, seen in whole runs."""
# The papers again, and again, each time a week later: what they say, of whom, when, and the pairs between them.
COPIED = {
    "master_document_registry": "md5(t.id::text || n)::uuid as id, t.document_date + 7 * n as document_date, "
                                "t.object_key || n as object_key, null::text as sha256",
    "case_documents": "{document_id}, md5(t.document_id::text || n)::uuid as witness_id, "
                      "t.said_at + {week} as said_at",
    "case_claims": "{document_id}, t.starts + {week} as starts, t.ends + {week} as ends, t.said_at + {week} as said_at",
    "case_times": "{document_id}, {claim_id}, t.starts + {week} as starts, t.ends + {week} as ends, "
                  "null::uuid as event_id",
    "case_measures": "{document_id}, {claim_id}",
    "case_mentions": "{document_id}, {claim_id}",
    "claim_topics": "{document_id}, {claim_id}, t.starts + {week} as starts, t.ends + {week} as ends",
    "people_documents": "{document_id}",
    "case_name_signs": "{document_id}",
    "order_terms": "md5(t.id::text || n)::uuid as id, {document_id}, t.starts + 7 * n as starts",
    "case_events": "md5(t.id::text || n)::uuid as id, t.starts + {week} as starts, t.ends + {week} as ends",
    "pairs": "md5(t.id::text || n)::uuid as id, md5(t.a_document::text || n)::uuid as a_document, "
             "md5(t.b_document::text || n)::uuid as b_document, md5(t.proposer::text || n)::uuid as proposer",
}  # fmt: skip
SAID = {
    "document_id": "md5(t.document_id::text || n)::uuid as document_id",
    "claim_id": "(select c.id from case_claims c join case_claims o on o.key = c.key where o.id = t.claim_id "
                "and c.document_id = md5(o.document_id::text || n)::uuid) as claim_id",
    "week": "interval '7 days' * n",
}  # fmt: skip
COLUMNS = """
select string_agg(column_name, ', ') from information_schema.columns where table_schema = 'public' and table_name = %s
  and column_name <> 'seq' and is_identity = 'NO' and is_generated = 'NEVER'
"""


def copy_all(owner, weeks: range) -> None:
    """The library seven times; of every column that is not said the same."""
    for table, said in COPIED.items():
        (columns,) = owner.execute(COLUMNS, [table]).fetchone()
        said = said.format(**SAID)
        mine = {part.rpartition(" as ")[2] for part in said.split(", ") if " as " in part}
        rest = [f"t.{name}" for name in columns.split(", ") if name not in mine]
        owner.execute(f"insert into {table} ({columns}) select {columns} from (select {', '.join([said, *rest])} "
                      f"from {table} t, generate_series({weeks[0]}, {weeks[-1]}) n) t")  # fmt: skip
    owner.execute("delete from pair_tasks")
    owner.execute("vacuum analyze")


def in_another_year(papers: list[Paper], year: str) -> list[Paper]:
    """The same people and things; no copies, since their days are others."""
    return [Paper(re.sub(r"\b20\d\d\b", year, each.text), each.kind, each.day) for each in papers]


def test_a_document_and_a_page_cost_no_more_in_a_large_library(clean_cloud):
    papers = list(draw(FEW))
    with counting(clean_cloud) as owner:
        case = ScaleCase(clean_cloud, owner)

        def cost(batch: list[Paper]) -> dict[str, int]:
            case.enter(batch)
            return case.sweep()

        cost(papers)
        copy_all(owner, range(1, 7))
        before = cost(in_another_year(papers[:BATCH], "2023"))
        copy_all(owner, range(7, 13))
        after, pages = cost(in_another_year(papers[:BATCH], "2022")), case.pages()
    assert sum(after.values()) <= 1.3 * sum(before.values()) + SLACK, (before, after)
    dear = {name: (before[name], blocks) for name, blocks in after.items() if blocks > 2 * before[name] + SLACK}
    assert not dear, "blocks before and after"
    assert max(pages.values()) <= MOST_BLOCKS_OF_A_PAGE, pages
