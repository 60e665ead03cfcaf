"""One document's way to an accepted analysis, by whatever way the questions travel (pure).

`asks` says what is still to be asked, given what was answered; when it says nothing, `conclude` makes the analysis.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace

from gpu_worker.analysis.accepting import as_analysis
from gpu_worker.analysis.analyst import Analysis
from gpu_worker.analysis.asks import PROMPT_VERSION, Ask, Part, split_parts
from gpu_worker.analysis.material import Material
from gpu_worker.analysis.merging import merge_parts
from gpu_worker.analysis.pictures import choose_pictures
from gpu_worker.analysis.reader_talk import find_talk, leave_out_talk
from gpu_worker.analysis.replies import WAITED_FOR, NotJudged, Reply
from gpu_worker.analysis.rules.analyst import analyse_texts

MOST_PARTS = 6
"""Of a long document: some 360 pages. What is beyond is read and searchable, but judged by nobody, and says so."""
MOST_PICTURES = 4
"""A part."""
NOTHING_TO_JUDGE = "nothing_to_judge"


class Judging:
    """What to ask Claude about one document, and what comes of the answers. The same material asks the same."""

    def __init__(self, material: Material) -> None:
        plain = analyse_texts(material.texts)
        self.plain = replace(plain, prompt_version=PROMPT_VERSION, inputs_sha256=_hash(material))
        self._talking = find_talk(material.texts)
        self._is_named = bool(find_talk([material.filename]))
        self._shown = _without_talk(material) if self._talks else material
        self._parts = split_parts(self._shown.texts)

    @property
    def pictures(self) -> tuple[int, ...]:
        """The pages that `asks` may want as pictures."""
        return tuple(page for part in self._parts[:MOST_PARTS] for page in self._choose(part))

    def asks(self, replies: Sequence[Reply]) -> tuple[Ask, ...]:
        """The questions still open. One whose pictures stood in the way is asked again without them."""
        answered = {reply.key: reply for reply in replies}
        return tuple(ask for part in self._parts[:MOST_PARTS] if (ask := self._next(part, answered)))

    def conclude(self, replies: Sequence[Reply], stopped: str | None = None) -> Analysis:
        """The analysis. `stopped`: why no more was asked, though `asks` wanted; then the rules judge."""
        try:
            if stopped:
                raise NotJudged(stopped)
            judged = self._mark(self._merge({reply.key: reply for reply in replies}))
            return replace(judged, prompt_version=PROMPT_VERSION, inputs_sha256=self.plain.inputs_sha256)
        except NotJudged as error:
            return replace(self.plain, fallback_reason=error.reason)

    @property
    def _talks(self) -> bool:
        return bool(self._talking) or self._is_named

    def _choose(self, part: Part) -> tuple[int, ...]:
        if self._talks:  # the pictures would show what the text leaves out
            return ()
        pages = range(part.first_page, part.last_page + 1)
        return tuple(chosen.page for chosen in choose_pictures(self._shown, pages, MOST_PICTURES))

    def _ways(self, part: Part) -> list[Ask]:
        """The ways to ask about a part, the best first; none about one that says and shows nothing."""
        pages, name = len(self._shown.pages), self._shown.filename
        pictures = self._choose(part)
        ways = [Ask(part, pages, name, pictures)] if pictures else []
        return [*ways, Ask(part, pages, name, ())] if any(text.strip() for text in part.texts) else ways

    def _next(self, part: Part, answered: Mapping[str, Reply]) -> Ask | None:
        for ask in self._ways(part):
            if ask.key not in answered:
                return ask
            try:
                answered[ask.key].read()
                return None
            except NotJudged as error:
                if error.reason in WAITED_FOR:
                    return None
        return None

    def _merge(self, answered: Mapping[str, Reply]) -> Analysis:
        judged: list[Analysis] = []
        reasons: list[str] = []
        for part in self._parts[:MOST_PARTS]:
            try:
                analysis, reason = self._judge(part, answered)
                judged.append(analysis)
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
        return replace(merge_parts(judged), fallback_reason="; ".join(reasons) or None)

    def _judge(self, part: Part, answered: Mapping[str, Reply]) -> tuple[Analysis, str | None]:
        """The analysis of one part, and why it was made without pictures, if it was. Raises NotJudged."""
        failure, reason = NOTHING_TO_JUDGE, None
        for ask in self._ways(part):
            try:
                reply = answered[ask.key]
                answer = reply.read()
            except NotJudged as error:
                failure = error.reason
                if failure in WAITED_FOR:
                    break
                reason = f"{failure}_with_pictures"
                continue
            return as_analysis(answer, self._shown.texts, reply.model, self.plain, reply.pictures), reason
        raise NotJudged(failure)

    def _mark(self, analysis: Analysis) -> Analysis:
        """A document that talks to its reader says so, and is never less relevant than by the rules."""
        if not self._talks:
            return analysis
        pages = ", ".join(map(str, self._talking[:20]))
        reason = f"talks_to_reader on page {pages}" if pages else "talks_to_reader in its name"
        reasons = "; ".join(filter(None, (reason, analysis.fallback_reason)))
        relevancy = max(analysis.relevancy_score, self.plain.relevancy_score)
        return replace(analysis, relevancy_score=relevancy, fallback_reason=reasons)


def _without_talk(material: Material) -> Material:
    """The document as Claude may see it: without the words that talk to it."""
    pages = tuple(replace(page, text=leave_out_talk(page.text)) for page in material.pages)
    return replace(material, filename=leave_out_talk(material.filename), pages=pages)


def _hash(material: Material) -> str:
    """SHA-256 of the prompt's version and the material: what was judged once so is never paid again."""
    said = json.dumps([PROMPT_VERSION, asdict(material)], ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(said.encode("utf-8", "surrogatepass")).hexdigest()
