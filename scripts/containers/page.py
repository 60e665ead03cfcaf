"""The shell blocks of a page of docs, and the script that a reader who follows them types. Pure."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
HEADING = re.compile(r"^#{2,4} (.+)$", re.MULTILINE)
CRON = re.compile(r"^(?:\S+ ){4}\S+ {2,}(.+)$", re.MULTILINE)


@dataclass(frozen=True)
class Block:
    """What stands between two fences: below which heading, of which kind (`sh`, `cron`), and its lines."""

    heading: str
    kind: str
    text: str

    @property
    def script(self) -> str:
        """The lines as a shell runs them; of a crontab's the commands."""
        return self.text if self.kind == "sh" else "\n".join(CRON.findall(self.text))


def read_blocks(page: str) -> Iterator[Block]:
    """All blocks that somebody is to type, in the page's order."""
    for found in FENCE.finditer(page):
        if found[1] in ("sh", "cron"):
            yield Block(HEADING.findall(page[: found.start()])[-1], found[1], found[2])


def fill_in(script: str, words: Mapping[str, str]) -> str:
    """The script with the page's words in capitals replaced by what the reader has for them."""
    names = "|".join(map(re.escape, sorted(words, key=len, reverse=True)))
    return re.sub(rf"(?<![A-Z_$]){'(?:' + names + ')'}(?![A-Z_=])", lambda found: words[found[0]], script)
