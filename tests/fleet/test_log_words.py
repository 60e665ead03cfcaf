"""What the end of a machine's log says: our worker's own lines, made by its own formatter, and what ends programs."""

import io
import logging
from datetime import UTC, datetime

import pytest

from control_plane.fleet.log_words import FRESH_SECONDS, read_word
from gpu_worker.log_lines import LineFormatter

NOW = datetime(2026, 11, 27, 12, 0, 0, tzinfo=UTC).timestamp()


def line(sentence: str, seconds_ago: float = 5.0) -> str:
    """As the worker writes it; a container's clock keeps UTC."""
    record = logging.LogRecord("gpu_worker", logging.INFO, "", 0, sentence, (), None)
    record.created = NOW - seconds_ago
    formatter = LineFormatter(datefmt="%Y-%m-%dT%H:%M:%S")
    formatter.converter = lambda seconds: datetime.fromtimestamp(seconds, UTC).timetuple()
    output = io.StringIO()
    logging.StreamHandler(output).stream.write(formatter.format(record))
    return output.getvalue()


@pytest.mark.parametrize(
    ("lines", "word"),
    [
        ([], None),
        (["Pulling layers", "hello"], None),
        ([line("job claimed")], "works"),
        ([line("job done, 3 pages"), line("a heartbeat failed: the queue is away")], "unreached"),
        ([line("a heartbeat failed: away"), line("job done, 3 pages")], "works"),
        ([line("job done, 3 pages", FRESH_SECONDS + 1)], None),
        ([line("job done, 3 pages"), "Traceback (most recent call last):", "  File x"], "died"),
        ([line("the worker cannot work on this machine: no card")], "unfit"),
        ([line("the worker ends: broken")], "unfit"),
        ([line("the worker ends: idle", 9999)], "left"),
        (["RuntimeError: CUDA error: unspecified launch failure"], "unfit"),
        (["exec /usr/bin/python3: exec format error"], "ours"),
        ([line("job claimed"), *["noise"] * 100], None),
    ],
)
def test_the_last_line_that_says_anything_is_the_word(lines, word):
    assert read_word("\n".join(lines), NOW) == word


def test_the_worker_still_writes_the_sentences_that_are_looked_for():
    from pathlib import Path

    source = "".join(path.read_text() for path in Path("gpu_worker").rglob("*.py"))
    for sentence in (
        "the worker ends: %s", "this machine is destroyed", "the worker cannot work on this machine",
        "no document can be opened here", "is away; trying again", "a heartbeat failed", "claiming failed",
        "could not be told", "job claimed", "job done", "the disk is full",
    ):  # fmt: skip
        assert sentence in source, sentence
