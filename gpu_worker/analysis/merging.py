"""The claims of a document's parts, and of the rules and Claude, as one list in which nothing stands twice (pure)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from statistics import mean

from gpu_worker.analysis.analyst import Disagreement
from gpu_worker.analysis.claims import ACCUSING, Claim, accepted
from gpu_worker.analysis.quotes.tokens import strip_accents
from gpu_worker.analysis.rules.kinds import KINDS
from gpu_worker.enums import ClaimKind

MOST_OF_A_KIND = 80
# The strongest sign anywhere counts; what describes the whole is the step nearest to the mean of the parts.
STRONGEST = frozenset({"fraud_score", "perjury_score", "relevancy_score"})
WIDELY = 400
"""Of 999, in relevancy: two steps of the scale."""
RELEVANCY = "relevancy_score"
KNOWN_TYPES = frozenset(kind.name for kind in KINDS)


def merge_parts(parts: Sequence[Sequence[Claim]]) -> tuple[Claim, ...]:
    """The claims of all parts, in order; of each scale one score, and each value once."""
    claims = [claim for part in parts for claim in part]
    scores = [claim for claim in claims if claim.kind == ClaimKind.SCORE]
    others = [claim for claim in claims if claim.kind != ClaimKind.SCORE]
    kept = [claim for kind in ClaimKind for claim in others if claim.kind == kind]
    return (*_first_own(_once(_most(kept))), *_merge_scores(scores))


def judge_again(claims: Iterable[Claim], careful: Iterable[Claim]) -> tuple[Claim, ...]:
    """The claims with the careful model's findings and scores; a relevancy that it gave no words for is the first's."""
    judged = tuple(careful)
    has_relevancy = any(claim.role == RELEVANCY for claim in accepted(judged, ClaimKind.SCORE))
    kept = [
        claim
        for claim in claims
        if claim.kind not in ACCUSING or (claim.role == RELEVANCY and claim.is_accepted and not has_relevancy)
    ]
    return (*kept, *judged)


def add_rules(claude: Sequence[Claim], rules: Sequence[Claim]) -> tuple[Claim, ...]:
    """What Claude and the rules state: Claude's first, the rules' where Claude says nothing of it that stands.

    Days and parties of both are kept. Of case numbers and courts the one that both name comes first.
    """
    facts = () if accepted(claude, ClaimKind.FACT) else accepted(rules, ClaimKind.FACT)
    scored = {claim.role for claim in accepted(claude, ClaimKind.SCORE)}
    scores = [claim for claim in accepted(rules, ClaimKind.SCORE) if claim.role not in scored]
    kept = [claim for claim in claude if not (claim.kind == ClaimKind.SCORE and claim.role in {s.role for s in scores})]
    plain = [claim for claim in rules if claim.kind not in (ClaimKind.FACT, ClaimKind.SCORE)]
    both = {key for claim in plain if claim.is_accepted and (key := _key(claim)) is not None}
    agreed = sorted(kept, key=lambda claim: claim.kind in FIRST_COUNTS and _key(claim) not in both)
    return tuple(_first_own(_once([*_with_roles(agreed, plain), *plain, *facts, *scores])))


FIRST_COUNTS = (ClaimKind.CASE_NUMBER, ClaimKind.COURT)
"""Kinds of which the document has one: the first that stands."""


def find_disagreements(
    rules_type: str, rules: Sequence[Claim], claude_type: str, claude: Sequence[Claim]
) -> tuple[Disagreement, ...]:
    """Where both say something that stands, and not the same: type, own date, case number, and relevancy widely."""
    found = []
    if rules_type != claude_type and {rules_type, claude_type} <= KNOWN_TYPES:
        found.append(Disagreement("document_type", rules_type, claude_type))
    compared: Mapping[str, Callable[[Sequence[Claim]], str | None]] = {
        "document_date": own_date,
        "case_number": lambda claims: next((one.value for one in accepted(claims, ClaimKind.CASE_NUMBER)), None),
    }
    for about, read in compared.items():
        ours, theirs = read(rules), read(claude)
        if ours and theirs and _fold(ours) != _fold(theirs):
            found.append(Disagreement(about, ours, theirs))
    ours_of, theirs_of = _number(rules), _number(claude)
    if ours_of is not None and theirs_of is not None and abs(ours_of - theirs_of) >= WIDELY:
        found.append(Disagreement(RELEVANCY, str(ours_of), str(theirs_of)))
    return tuple(found)


def own_date(claims: Iterable[Claim]) -> str | None:
    """The document's own date, ISO; None where it has none, or day and month cannot be told apart."""
    return next((claim.value for claim in accepted(claims, ClaimKind.DATE) if claim.is_own), None)


def _number(claims: Iterable[Claim]) -> int | None:
    return next((claim.number for claim in accepted(claims, ClaimKind.SCORE) if claim.role == RELEVANCY), None)


def _merge_scores(scores: Sequence[Claim]) -> list[Claim]:
    """Per scale one claim of those that stand, else the first; always a claim that some part made."""
    merged = []
    for role in dict.fromkeys(claim.role for claim in scores):
        of_scale = [claim for claim in scores if claim.role == role]
        standing = [claim for claim in of_scale if claim.is_accepted] or of_scale[:1]
        numbers = [claim.number or 0 for claim in standing]
        wanted = max(numbers) if role in STRONGEST else mean(numbers)
        merged.append(min(standing, key=lambda claim: abs((claim.number or 0) - wanted)))
    return merged


def _most(claims: Sequence[Claim]) -> list[Claim]:
    counts: dict[ClaimKind, int] = {}
    kept = []
    for claim in claims:
        counts[claim.kind] = counts.get(claim.kind, 0) + 1
        if counts[claim.kind] <= MOST_OF_A_KIND or claim.kind == ClaimKind.DATE:
            kept.append(claim)
    return kept


def _once(claims: Iterable[Claim]) -> list[Claim]:
    """Each value once, a standing claim rather than one that does not stand."""
    kept: dict[object, Claim] = {}
    for claim in claims:
        key = (claim.kind, _key(claim)) if claim.is_accepted and _key(claim) else claim
        kept.setdefault(key, claim)
    return list(kept.values())


def _first_own(claims: Iterable[Claim]) -> list[Claim]:
    """At most one day is the document's own: the first that stands."""
    owned = False
    kept = []
    for claim in claims:
        is_own = claim.is_own and claim.is_accepted and not owned
        owned = owned or is_own
        kept.append(claim if claim.is_own == is_own else replace(claim, is_own=is_own))
    return kept


def _with_roles(claude: Iterable[Claim], rules: Iterable[Claim]) -> list[Claim]:
    """Parties without a role of their own have the one that the rules read beside the same name."""
    roles = {_key(claim): claim.role for claim in accepted(rules, ClaimKind.PARTY) if claim.role}
    return [
        replace(claim, role=roles.get(_key(claim))) if claim.kind == ClaimKind.PARTY and not claim.role else claim
        for claim in claude
    ]


def _key(claim: Claim) -> object | None:
    """By what two claims of a kind say the same; None where each is its own."""
    if claim.kind == ClaimKind.DATE:
        return (claim.page, claim.readings)
    if claim.kind in (ClaimKind.PARTY, ClaimKind.CASE_NUMBER, ClaimKind.COURT) and claim.value:
        return _fold(claim.value)
    if claim.kind == ClaimKind.AMOUNT:
        return (claim.page, claim.start, claim.value)
    return claim.quote if claim.kind == ClaimKind.FACT else None


def _fold(value: str) -> str:
    return re.sub(r"[\W_]+", "", strip_accents(value.casefold()))
