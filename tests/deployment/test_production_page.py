"""docs/production.md as `make compose-test`, which takes minutes, types it: each block, with each word in capitals."""

import re

from gpu_worker.analysis.quotes.lexicon import FREQUENT_WORDS
from scripts.containers.evening import LEFT_OUT, TYPED
from scripts.containers.page import fill_in, read_blocks
from scripts.containers.reader import PAGE
from tests.deployment.front import REPOSITORY

BLOCKS = list(read_blocks(PAGE.read_text()))
WORDS = {"DROPLET", "DOMAIN", "REPOSITORY", "YOU", "NIGHT", "CONTROL_PLANE_IMAGE"}


def test_each_block_is_typed_or_left_out_for_a_reason() -> None:
    headings = {block.heading for block in BLOCKS}
    assert headings == {*TYPED, *LEFT_OUT}
    assert all(f"## {heading}\n" in PAGE.read_text() for heading in (*TYPED, *LEFT_OUT))


def test_each_word_in_capitals_is_one_that_the_reader_has() -> None:
    typed = "\n".join(block.script for block in BLOCKS if block.heading in TYPED)
    bare = re.sub(r"#.*|\$\{?[A-Z_]+\}?|\b[A-Z_]+=|'[^']*'", "", typed)
    assert set(re.findall(r"\b[A-Z][A-Z_]{2,}\b", bare)) <= WORDS


def test_a_crontab_s_commands_are_what_is_run_and_words_are_filled_in_whole() -> None:
    page = "## A\n```sh\nssh me@DOMAIN\n```\n```\nnot typed\n```\n### B\n```cron\n0 3 * * *  cd /x && go DOMAIN\n```\n"
    first, second = read_blocks(page)
    assert (first.heading, first.script) == ("A", "ssh me@DOMAIN\n")
    assert (second.heading, second.script) == ("B", "cd /x && go DOMAIN")
    words = {"DOMAIN": "a.test", "YOU": "me", "IMAGE": "i"}
    assert fill_in("ssh root@DOMAIN; DOMAIN=1 $DOMAIN MY_DOMAIN YOUR db.DOMAIN", words) == (
        "ssh root@a.test; DOMAIN=1 $DOMAIN MY_DOMAIN YOUR db.a.test"
    )


def test_where_there_is_no_systemd_a_crontab_says_the_same() -> None:
    (block,) = [block for block in BLOCKS if block.heading == "Back up"]
    lines = [line.split("  ")[-1].strip() for line in block.text.splitlines()]
    said = []
    for name in ("backup", "trial", "drill"):
        unit = (REPOSITORY / "scripts" / "timers" / f"aseagi-{name}.service").read_text()
        set_, run, where = (
            re.findall(rf"^{words}(.+)$", unit, re.MULTILINE)
            for words in ("Environment=", "ExecStart=/usr/bin/env ", "WorkingDirectory=")
        )
        said.append(f"cd {where[0]} && {' '.join([*set_, *run])}")
    assert lines == said


def test_what_is_pruned_from_the_images_leaves_every_language_that_quotes_are_read_in() -> None:
    script = (REPOSITORY / "scripts" / "prune_packages.sh").read_text()
    assert set(re.findall(r"! -name '\*_(\w+)\.\*'", script)) == set(FREQUENT_WORDS)
    for dockerfile in ("control_plane/Dockerfile", "Dockerfile.worker"):
        text = (REPOSITORY / dockerfile).read_text()
        assert text.count("RUN pip install") == text.count("sh /tmp/prune_packages.sh"), "in the same layer"
