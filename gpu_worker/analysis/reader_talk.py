"""Lines of a document that talk to whoever reads it for the case, a model above all (pure).

They stay in the text, searchable as ever. Claude is not shown them, no finding or score may rest on them, and the
document says that it has them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

# Each is a way to talk to a model; ordinary orders ("you must read all pages", "do not write below") are none of these.
_MODEL = (
    r"(?:automated|automatic|machine|artificial|digital)\s+(?:reader|reviewer|system|assistant|analyst|intelligence)s?"
)
_AI = r"(?:AI|A\.I\.|LLMs?|GPT|ChatGPT|Claude|language models?|chat ?bots?|IA)"
_JUDGED = r"(?:credibility|truth(?: value)?|relevanc[ey]|fraud|perjury|legal credit|score|importance|findings?)"
_SET = r"(?:set|raise|lower|increase|decrease|put|mark|rate|give|assign|answer with)"
_LAWYER = r"(?:my|an?|the)\s+(?:lawyer|attorney|judge|assistant|expert)"
_PLAY = r"(?:pretend|act|imagine|role-?play)"
_GIVEN = r"(?:told|given|instructed|rules?|instructions?|prompts?|guidelines?|instrucciones|reglas)"
TALK = re.compile(
    "|".join(
        (
            rf"\b(?:ignore|disregard|forget|override|ignora|olvida)\b[^.\n]{{0,40}}\b(?:{_GIVEN}|previous|above|earlier|anteriores)\b",
            rf"\b(?:note|notice|message|attention|instructions?|aviso|nota)\s+(?:to|for|para)\s+(?:the\s+|any\s+|all\s+|la\s+)?(?:{_MODEL}|{_AI})\b",
            rf"\b(?:dear|hey|attention|if you are|as)\s*,?\s+(?:an?\s+)?(?:{_MODEL}|{_AI})\b\s*[,:]",
            r"^\W*(?:\([^)\n]{0,40}\)\s*)?(?:system|assistant|human|user|developer)\s*(?:prompt|message)?\s*:",
            r"<\|?/?(?:system|assistant|im_start|im_end|user|page|document|instructions?|endoftext)\b[^>\n]{0,80}\|?>",
            r"\[/?(?:INST|SYS|SYSTEM)\]",
            rf"\b{_SET}\b[^.\n]{{0,40}}\b{_JUDGED}\b[^.\n]{{0,30}}\b(?:to|as|at|of|\d|maximum|highest|zero)",
            r"\b(?:list|report|add|record|include|mark|flag|verify)\b[^.\n]{0,30}\b(?:a\s+)?findings?\s+of\b",
            r"\bmark(?:ed)?\s+(?:\w+\s+){0,2}as\s+verified\b",
            r"\bwhen you (?:analy[sz]e|summari[sz]e|process|read and summari[sz]e)\b",
            r"\b(?:your|the)\s+(?:summary|analysis|output|answer|response)\b[^.\n]{0,30}\b(?:with|must|should)\b[^\n]{0,60}(?:https?:|www\.|details)",
            r"\b(?:end|begin|start|finish|replace)\s+your\s+(?:summary|analysis|output|answer)\b",
            r"\b(?:summari[sz]e|describe|classify|treat|report)\s+this\s+(?:\w+\s+)?as\b",
            r"\b(?:reveal|print|repeat|output|show)\b[^.\n]{0,30}\b(?:instructions?|system prompt|prompt)\b",
            rf"\b{_PLAY}\b[^.\n]{{0,20}}\b(?:you are|to be|as if|as)\b[^.\n]{{0,20}}\b{_LAWYER}\b",
            r"\b(?:reading|analysis|system)\s+rules\s+have\s+changed\b",
            r"\bdo not read\b[^.\n]{0,30}\b(?:following|next|remaining|other)\s+pages?\b",
            r'"(?:document_type|relevancy|relevancy_score|truth_score|findings|legal_credit|key_facts)"\s*:',
        )
    ),
    re.I | re.M,
)  # fmt: skip
LEFT_OUT = "[words that talk to the reader were left out here]"
MOST_LINES = 6
LONG_LINE = 400
"""Characters. A longer line is a paragraph: then only the sentences that talk are left out."""
LONGEST_STATEMENT = 4_000
"""A page without any line or sentence is cut there, so that no text is slow to look through."""
_ENDS = re.compile(r"[.!?:;\"'”’>}\])]\s*$|^\s*$")
_SENTENCE = re.compile(r"(?<=[.!?])\s+")


def find_talk(texts: Sequence[str]) -> tuple[int, ...]:
    """The pages, from 1, that have such words."""
    return tuple(page for page, text in enumerate(texts, 1) if any(_talks(part) for part in _statements(text)))


def leave_out_talk(text: str) -> str:
    """The text with `LEFT_OUT` in the place of such words, with the lines that they run over."""
    return "\n".join(LEFT_OUT if _talks(part) else part for part in _statements(text))


def _statements(text: str) -> Iterator[str]:
    """Lines, with those that they run on into; of a long line its sentences."""
    run: list[str] = []
    for line in text.split("\n"):
        if len(line) > LONG_LINE:
            yield from ["\n".join(run)] if run else []
            run = []
            yield from (
                sentence[at : at + LONGEST_STATEMENT]
                for sentence in _SENTENCE.split(line)
                for at in range(0, max(1, len(sentence)), LONGEST_STATEMENT)
            )
            continue
        run.append(line)
        if len(run) == MOST_LINES or _ENDS.search(line):
            yield "\n".join(run)
            run = []
    if run:
        yield "\n".join(run)


def _talks(statement: str) -> bool:
    return bool(TALK.search(statement) or TALK.search(statement.replace("\n", " ")))
