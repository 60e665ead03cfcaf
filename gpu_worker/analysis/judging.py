"""One document's way to an accepted analysis, by whatever way the questions travel (pure).

`asks` says what is still to be asked, given what was answered; when it says nothing, `conclude` makes the analysis.
First the quick model is asked part by part for everything the document states; then, where that is worth it, the
careful one once for findings and scores.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from functools import cached_property

from gpu_worker.analysis.accepting import CLAUDE, Acceptance
from gpu_worker.analysis.analyst import Analysis, Disagreement
from gpu_worker.analysis.answer_shape import Answer, Judgement
from gpu_worker.analysis.asks import Ask, Part, split_parts
from gpu_worker.analysis.claims import Claim, accepted
from gpu_worker.analysis.gate import Gate
from gpu_worker.analysis.material import Material
from gpu_worker.analysis.merging import RELEVANCY, add_rules, find_disagreements, judge_again, merge_parts
from gpu_worker.analysis.pages import ChosenPage, choose_pictures
from gpu_worker.analysis.plain_claims import RULES, claims_of
from gpu_worker.analysis.prompts import PROMPT_VERSION
from gpu_worker.analysis.questions import (
    NOTHING_TO_JUDGE,
    careful_ways,
    first_answer,
    list_shown,
    next_ask,
    quick_ways,
    why_careful,
)
from gpu_worker.analysis.reader_talk import find_talk, leave_out_talk
from gpu_worker.analysis.replies import NotJudged, Reply
from gpu_worker.analysis.rules.analyst import MOST_CHARACTERS, analyse_texts
from gpu_worker.analysis.rules.date_patterns import find_written_days
from gpu_worker.analysis.rules.day_order import DayOrder, decide_order
from gpu_worker.analysis.summary import write_summary
from gpu_worker.analysis.transcriptions import Transcription, read_transcriptions
from gpu_worker.enums import ClaimKind

MOST_PARTS = 6
"""Of a long document: some 360 pages. What is beyond is read and searchable, but judged by nobody, and says so."""
MOST_PICTURES = 4
"""A part."""
TYPE_CHARACTERS = re.compile(r"[^a-z0-9]+")


@dataclass(frozen=True)
class Quick:
    """What the quick model's answers came to."""

    document_type: str
    claims: tuple[Claim, ...]
    model: str
    reasons: tuple[str, ...]
    disagreements: tuple[Disagreement, ...]
    transcriptions: tuple[Transcription, ...]
    calls: tuple[str, ...]

    @property
    def careful_reasons(self) -> tuple[str, ...]:
        """Why the careful model is asked, too."""
        return why_careful(self.claims, self.disagreements)


class Judging:
    """What to ask Claude about one document, and what comes of the answers. The same material asks the same."""

    def __init__(self, material: Material) -> None:
        self._texts, self._rereadings = material.texts, material.rereadings
        self._talking = find_talk(material.texts)
        self._talks = bool(self._talking) or bool(find_talk([material.filename]))
        self._shown = _without_talk(material) if self._talks else material
        self._parts = split_parts(self._shown.texts)
        self._inputs = _hash(material)

    @cached_property
    def plain(self) -> Analysis:
        """The analysis by the rules alone."""
        reading = analyse_texts(self._texts)
        claims = claims_of(reading, self._texts)
        summary = write_summary(reading.document_type, claims) if claims else ""
        return self._sign(Analysis(RULES, reading.document_type, claims, summary))

    @property
    def pictures(self) -> tuple[int, ...]:
        """The pages that `asks` may want as pictures."""
        return tuple(chosen.page for part in self._parts[:MOST_PARTS] for chosen in self._choose(part))

    def asks(self, replies: Sequence[Reply]) -> tuple[Ask, ...]:
        """The questions still open. One whose pictures stood in the way is asked again without them."""
        answered = {reply.key: reply for reply in replies}
        quick = [ask for part in self._parts[:MOST_PARTS] if (ask := next_ask(self._ways(part), answered, Answer))]
        if quick:
            return tuple(quick)
        try:
            ask = next_ask(self._careful_ways(self._read_quick(answered)), answered, Judgement)
        except NotJudged:
            return ()
        return (ask,) if ask else ()

    def conclude(self, replies: Sequence[Reply], stopped: str | None = None) -> Analysis:
        """The analysis. `stopped`: why no more was asked, though `asks` wanted; then the rules judge for now."""
        try:
            if stopped:
                raise NotJudged(stopped)
            answered = {reply.key: reply for reply in replies}
            return self._conclude(self._read_quick(answered), answered)
        except NotJudged as error:
            return replace(self.plain, fallback_reason=error.reason)

    def _conclude(self, quick: Quick, answered: Mapping[str, Reply]) -> Analysis:
        claims, model, reasons, calls = quick.claims, quick.model, list(quick.reasons), quick.calls
        ways = self._careful_ways(quick)
        quick_asks = [ask for part in self._parts[:MOST_PARTS] for ask in self._ways(part)]
        if ways:
            try:
                reply, judgement, reason = first_answer(ways, answered, Judgement)
                acceptance = self._acceptance(reply)
                claims, model = judge_again(claims, acceptance.judge(judgement)), reply.model
                calls += (reply.call,) if reply.call else ()
                reasons += [f"careful_{reason}"] if reason else []
            except NotJudged as error:
                reasons.append(f"careful_{error.reason}")
        claims = add_rules(self._at_least_as_relevant(claims), self.plain.claims)
        return self._sign(
            Analysis(
                analyst=CLAUDE,
                document_type=quick.document_type,
                claims=claims,
                summary=write_summary(quick.document_type, claims),
                model=model,
                fallback_reason="; ".join([*self._talk_reasons, *reasons]) or None,
                disagreements=quick.disagreements,
                careful_reasons=quick.careful_reasons,
                shown=list_shown([*quick_asks, *ways], answered),
                transcriptions=quick.transcriptions,
                calls=calls,
            )
        )

    def _read_quick(self, answered: Mapping[str, Reply]) -> Quick:
        """The quick model's claims over all parts. Raises NotJudged when no part was judged."""
        judged: list[tuple[Claim, ...]] = []
        transcribed: list[Transcription] = []
        types, models, reasons, calls = [], [], [], []
        for part in self._parts[:MOST_PARTS]:
            try:
                reply, answer, reason = first_answer(self._ways(part), answered, Answer)
                judged.append(self._acceptance(reply).read(answer))
                transcribed += read_transcriptions(answer.transcriptions, reply.pictures, CLAUDE, reply.model)
                types.append(TYPE_CHARACTERS.sub("_", answer.document_type.lower()).strip("_")[:60])
                models.append(reply.model)
                calls += [reply.call] if reply.call else []
            except NotJudged as error:
                if len(self._parts) == 1:
                    raise
                reason = f"{error.reason} on pages {part.first_page} to {part.last_page}"
            reasons += [reason] if reason else []
        if not judged:
            raise NotJudged(reasons[0] if reasons else NOTHING_TO_JUDGE)
        if len(self._parts) > MOST_PARTS:
            last = self._parts[MOST_PARTS - 1].last_page
            reasons.append(f"only_first_pages: 1 to {last} of {len(self._shown.pages)}")
        document_type = next(filter(None, types), self.plain.document_type)
        claims = merge_parts(judged)
        found = find_disagreements(self.plain.document_type, self.plain.claims, document_type, claims)
        return Quick(document_type, claims, models[0], tuple(reasons), found, tuple(transcribed), tuple(calls))

    def _ways(self, part: Part) -> list[Ask]:
        return quick_ways(self._shown, part, self._choose(part))

    def _careful_ways(self, quick: Quick) -> list[Ask]:
        """The ways to ask the careful model; none where that is not worth it."""
        if not quick.careful_reasons:
            return []
        offered = [chosen for part in self._parts[:MOST_PARTS] for chosen in self._choose(part)]
        return careful_ways(self._shown, quick.claims, offered)

    def _choose(self, part: Part) -> tuple[ChosenPage, ...]:
        if self._talks:  # the pictures would show what the text leaves out
            return ()
        return choose_pictures(self._shown, range(part.first_page, part.last_page + 1), MOST_PICTURES)

    @cached_property
    def _gate(self) -> Gate:
        return Gate(self._texts, self._shown.texts, self._rereadings)

    @cached_property
    def _day_order(self) -> DayOrder:
        """Decided once for all dates of the document."""
        text = "\n".join(self._texts)[:MOST_CHARACTERS]
        return decide_order(text, find_written_days(text))

    def _acceptance(self, reply: Reply) -> Acceptance:
        return Acceptance(self._gate, self._day_order, reply.pictures)

    @property
    def _talk_reasons(self) -> list[str]:
        if not self._talks:
            return []
        pages = ", ".join(map(str, self._talking[:20]))
        return [f"talks_to_reader on page {pages}" if pages else "talks_to_reader in its name"]

    def _at_least_as_relevant(self, claims: tuple[Claim, ...]) -> tuple[Claim, ...]:
        """A document that talks to its reader is never less relevant than by the rules."""
        if not self._talks:
            return claims
        plain = [claim for claim in accepted(self.plain.claims, ClaimKind.SCORE) if claim.role == RELEVANCY]
        least = max((claim.number or 0 for claim in plain), default=0)
        return tuple(claim for claim in claims if claim.role != RELEVANCY or (claim.number or 0) >= least)

    def _sign(self, analysis: Analysis) -> Analysis:
        return replace(analysis, prompt_version=PROMPT_VERSION, inputs_sha256=self._inputs)


def _without_talk(material: Material) -> Material:
    """The document as Claude may see it: without the words that talk to it."""
    pages = tuple(replace(page, text=leave_out_talk(page.text)) for page in material.pages)
    return replace(material, filename=leave_out_talk(material.filename), pages=pages)


def _hash(material: Material) -> str:
    """SHA-256 of the prompt's version and the material: what was judged once so is never paid again."""
    said = json.dumps([PROMPT_VERSION, asdict(material)], ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(said.encode("utf-8", "surrogatepass")).hexdigest()
