"""What Claude's verdicts on a whole case cost, and that they change nothing beside the verdict (story)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import psycopg

import local_cloud
from scripts.bench.case_claude import judge_pairs

STATES = ("accepted", "explained", "dismissed", "later")
EVERY, MOST_DECIDED = 20, 50
"""Before Claude is asked somebody has decided one of 20 pairs to each state, 50 at most."""
CHOOSE = """
select array(select id from (select id, row_number() over (order by rank desc) as n from pairs where stands) p
  where mod(n, %s) = %s order by n limit %s)
"""
DECIDE = "select decide_pairs(%s, %s, 'Said before Claude was asked.', 'a person')"
CANDIDATES = """
select md5(string_agg(p::text, '' order by id)) from (select id, rule_kind, proposed_by, score, a_document, a_key,
  a_side, b_document, b_key, b_side, people, proposer, stands, rule_verdict, rule_reason, rule_explained from pairs) p
"""
DECISIONS = """
select (select md5(string_agg(d::text, '' order by id)) from pair_decisions d),
  (select md5(string_agg(p::text, '' order by id)) from (select id, state, decided_by, decided_at, why from pairs) p)
"""
VERDICTS = "select verdict, count(distinct pair_id) from pair_verdicts group by verdict order by verdict"
CALLS = """
select c.model, count(*), sum(c.cost_usd)::float from claude_calls c join processing_jobs j on j.id = c.job_id
where j.kind = 'compare' group by c.model order by c.model
"""


class Touched(Exception):
    """A verdict changed a candidate or what a person decided."""


@dataclass(frozen=True)
class Judged:
    """What was asked and what it cost; `told_usd`: what the estimate said beforehand."""

    documents: int
    pairs: int
    documents_asked: int
    pairs_asked: int
    decided_by_people: int
    verdicts: dict[str, int]
    calls: dict[str, int]
    told_usd: float
    usd: float

    @property
    def usd_per_document(self) -> float:
        """Of all documents, those that nothing was asked about among them."""
        return self.usd / self.documents


def judge_case(
    cloud: local_cloud.Cloud, owner: psycopg.Connection[Any], sweep: Callable[[], object], claude: tuple[str, str]
) -> Judged:
    """Some pairs are decided by a person, then all that may be is judged. `sweep` draws what is due. Raises NotJudged
    and Touched."""
    sweep()
    chosen = [_one(owner, CHOOSE, EVERY, turn, MOST_DECIDED)[0] for turn in range(len(STATES))]
    decided = sum(_one(owner, DECIDE, ids, state)[0] for ids, state in zip(chosen, STATES, strict=True) if ids)
    sweep()  # the statements of decided pairs are pinned, and their documents propose once more
    documents, pairs = _one(owner, "select (select count(*) from master_document_registry), count(*) from pairs")
    with untouched(owner):
        told = judge_pairs(cloud, *claude)
    calls = owner.execute(CALLS).fetchall()
    return Judged(
        documents, pairs, told.documents, told.pairs, decided, dict(owner.execute(VERDICTS).fetchall()),
        {model: n for model, n, _ in calls}, told.usd, round(sum(usd for _, _, usd in calls), 4),
    )  # fmt: skip


@contextmanager
def untouched(owner: psycopg.Connection[Any]) -> Iterator[None]:
    """Raises Touched where a candidate or a person's decision is another one afterwards."""
    before = _one(owner, CANDIDATES), _one(owner, DECISIONS)
    yield
    if before != (_one(owner, CANDIDATES), _one(owner, DECISIONS)):
        raise Touched("A candidate or a decision is another one than before Claude was asked.")


def _one(owner: psycopg.Connection[Any], query: str, *values: object) -> tuple[Any, ...]:
    return owner.execute(query, values or None).fetchone()  # type: ignore[return-value, arg-type]
