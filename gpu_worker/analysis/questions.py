"""The ways to ask about a document, the best first, and which of them was answered (pure)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TypeVar

from gpu_worker.analysis.analyst import Disagreement, Shown
from gpu_worker.analysis.answer_shape import Answer, Judgement
from gpu_worker.analysis.asks import Ask, Part, Question
from gpu_worker.analysis.claims import Claim, accepted
from gpu_worker.analysis.material import Material
from gpu_worker.analysis.merging import RELEVANCY
from gpu_worker.analysis.pages import (
    MOST_CAREFUL_CHARACTERS,
    ChosenPage,
    choose_careful_pictures,
    choose_careful_texts,
    choose_texts,
)
from gpu_worker.analysis.replies import WAITED_FOR, NotJudged, Reply
from gpu_worker.enums import ClaimKind

NOTHING_TO_JUDGE = "nothing_to_judge"
RELEVANT = 900
"""From this relevancy on the careful model is always asked: it decides custody, or shows danger to a child."""
LEAST_DOUBTED = 3
Shape = TypeVar("Shape", Answer, Judgement)


def quick_ways(material: Material, part: Part, pictures: tuple[ChosenPage, ...]) -> list[Ask]:
    """The ways to ask the quick model about a part; none about one that says and shows nothing."""
    texts = choose_texts(material, range(part.first_page, part.last_page + 1))
    pages = tuple((chosen, part.texts[chosen.page - part.first_page]) for chosen in texts)
    return _ways(Question.QUICK, material, (part.first_page, part.last_page), pages, pictures)


def careful_ways(material: Material, claims: Sequence[Claim], offered: Iterable[ChosenPage]) -> list[Ask]:
    """The ways to ask the careful model about the pages that matter."""
    texts = choose_careful_texts(material, claims)
    pages = tuple((chosen, material.pages[chosen.page - 1].text[:MOST_CAREFUL_CHARACTERS]) for chosen in texts)
    pictures = choose_careful_pictures(offered, texts, claims)
    return _ways(Question.CAREFUL, material, (1, len(material.pages)), pages, pictures)


def _ways(
    question: Question,
    material: Material,
    span: tuple[int, int],
    pages: tuple[tuple[ChosenPage, str], ...],
    pictures: tuple[ChosenPage, ...],
) -> list[Ask]:
    """With pictures, and without: some are refused only for what a picture shows."""
    ask = Ask(question, *span, pages, pictures, len(material.pages), material.filename)
    return [*([ask] if pictures else []), *([replace(ask, pictures=())] if pages else [])]


def why_careful(claims: Iterable[Claim], disagreements: Iterable[Disagreement]) -> tuple[str, ...]:
    """Why the careful model is asked after the quick one's claims; no reason: it is not."""
    stated = tuple(claims)
    fallen = sum(not claim.is_accepted for claim in stated)
    relevancy = [claim for claim in accepted(stated, ClaimKind.SCORE) if claim.role == RELEVANCY]
    reasons = {
        "findings": bool(accepted(stated, ClaimKind.FINDING)),
        "relevancy": any((claim.number or 0) >= RELEVANT for claim in relevancy),
        "disagreement": any(found.about == RELEVANCY for found in disagreements),
        "doubt": fallen >= max(LEAST_DOUBTED, len(stated) / 3),
    }
    return tuple(name for name, holds in reasons.items() if holds)


def next_ask(ways: Iterable[Ask], answered: Mapping[str, Reply], shape: type[Shape]) -> Ask | None:
    """The way still to be tried; None when one was answered, or none helps."""
    for ask in ways:
        if ask.key not in answered:
            return ask
        try:
            answered[ask.key].read(shape)
            return None
        except NotJudged as error:
            if error.reason in WAITED_FOR:
                return None
    return None


def first_answer(
    ways: Iterable[Ask], answered: Mapping[str, Reply], shape: type[Shape]
) -> tuple[Reply, Shape, str | None]:
    """The first way's answer, and why the ways before it gave none. Raises NotJudged."""
    failure, reason = NOTHING_TO_JUDGE, None
    for ask in ways:
        if ask.key not in answered:
            break
        try:
            return answered[ask.key], answered[ask.key].read(shape), reason
        except NotJudged as error:
            failure, reason = error.reason, f"{error.reason}_with_pictures"
            if failure in WAITED_FOR:
                break
    raise NotJudged(failure)


def list_shown(ways: Iterable[Ask], answered: Mapping[str, Reply]) -> tuple[Shown, ...]:
    """The pages that Claude was shown and answered about, and why."""
    shown = []
    for ask in ways:
        reply = answered.get(ask.key)
        if reply is None or reply.message is None:
            continue
        shown += [Shown(ask.question, chosen.page, "text", chosen.reason) for chosen, _ in ask.pages]
        drawn = [chosen for chosen in ask.pictures if chosen.page in reply.pictures]
        shown += [Shown(ask.question, chosen.page, "picture", chosen.reason) for chosen in drawn]
    return tuple(shown)
