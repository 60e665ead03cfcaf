"""What `make run` shows: the banner, a progress bar, one row per document. Words from outside are never markup."""

import sys
from collections.abc import Iterable

from rich import box
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

from .choices import Choices, banner
from .outcomes import Outcome, pages_in_words

WIDTH_WITHOUT_TERMINAL = 180
STATUS_STYLES = {"completed": "green", "failed": "red", "refused": "yellow", "cancelled": "yellow"}


def make_console() -> Console:
    """A console that can write any file name, and does not squeeze tables into 80 columns of a log file."""
    sys.stdout.reconfigure(encoding="utf-8", errors="replace")
    return Console(width=None if sys.stdout.isatty() else WIDTH_WITHOUT_TERMINAL, highlight=False)


def show_banner(console: Console, choices: Choices) -> None:
    table = Table(title="ASEAGI on this machine", box=box.SIMPLE, title_justify="left")
    for column in ("part", "now", "for the real one"):
        table.add_column(column, overflow="fold")
    for row in banner(choices):
        table.add_row(*(Text(cell) for cell in row))
    console.print(table)


def show_places(console: Console, dashboard: str, case_room: str, control_plane: str, secrets: str) -> None:
    table = Table(box=None, show_header=False)
    table.add_row("dashboard", dashboard, "you are the owner; nobody else reaches it")
    table.add_row("case room", case_room, "for work on evidence; likewise")
    table.add_row("API and its docs", f"{control_plane}/docs", f'its token is "control_plane_token" in {secrets}')
    console.print(table)


def show_outcomes(console: Console, outcomes: Iterable[Outcome]) -> None:
    """One row per document."""
    table = Table(box=box.SIMPLE, title="Documents", title_justify="left")
    table.add_column("name", overflow="fold", max_width=44)
    table.add_column("pages", justify="right")
    for name in ("how each page was read", "type", "date", "case number"):
        table.add_column(name, overflow="fold")
    table.add_column("seconds", justify="right")
    table.add_column("cost", justify="right")
    table.add_column("outcome", overflow="fold", max_width=60)
    for outcome in outcomes:
        table.add_row(*_cells(outcome))
    console.print(table)


def progress_bar(console: Console) -> Progress:
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("documents, {task.fields[pages]} pages"),
        TimeElapsedColumn(),
        console=console,
    )


def _cells(outcome: Outcome) -> list[Text]:
    words = [
        outcome.filename,
        str(outcome.pages or ""),
        pages_in_words(outcome.page_outcomes),
        outcome.document_type or "",
        outcome.document_date or "",
        outcome.case_number or "",
        "" if outcome.seconds is None else f"{outcome.seconds:.1f}",
        "" if outcome.total_usd is None else f"${outcome.total_usd:.5f}",
    ]
    status = Text(outcome.status, style=STATUS_STYLES.get(outcome.status, ""))
    status.append(" (already done)" if outcome.is_duplicate else "", style="dim")
    status.append(f" {_plain(outcome.reason)}" if outcome.reason else "", style="")
    return [*(Text(_plain(word)) for word in words), status]


def _plain(word: str) -> str:
    """Without what a terminal would obey; U+200D joins emoji and stays."""
    return "".join(letter if letter.isprintable() or letter == "\u200d" else "\ufffd" for letter in word)
