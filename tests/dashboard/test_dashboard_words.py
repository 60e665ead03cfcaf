"""The pure parts: words, tables, safe HTML, charts, in whose name is asked, and the PDF."""

import os
import subprocess
import sys
from datetime import UTC, date, datetime, timedelta

import pypdfium2
import pytest

from dashboard import charts, judging_words, markup, report_pdf, tables, visitors, words
from dashboard.answers import DatedDocument, DaySpent, Job, ListedDocument, ListedFinding, Me, ReadPage
from dashboard.errors import NotAllowed, SettingsError
from dashboard.report_pdf import Report
from dashboard.settings import Settings
from tests.dashboard.made import make

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("amount", "text"),
    [(None, "–"), (0, "$0.00"), (1234.5, "$1,234.50"), (0.00086, "$0.00086"), (0.0372, "$0.037"), (0.1, "$0.10")],
)
def test_dollars(amount, text):
    assert words.dollars(amount) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(None, "–"), (1, "1 second"), (600, "10 minutes"), (12_000, "3 h 20 min"), (400_000, "5 days")],
)
def test_duration(seconds, text):
    assert words.duration(seconds) == text


@pytest.mark.parametrize(
    ("since", "shown"),
    [
        (timedelta(seconds=5), "just now"),
        (timedelta(hours=1), "60 minutes ago"),
        (timedelta(hours=4), "4 hours ago"),
        (timedelta(hours=28), "yesterday"),
        (timedelta(days=205), "1 May 2026"),
    ],
)
def test_ago(since, shown):
    assert words.ago(NOW - since, NOW) == shown
    assert words.ago(None, NOW) == "–"


@pytest.mark.parametrize(
    ("reason", "part"),
    [
        ("claude_off", "it is switched off here"),
        ("refused on pages 61 to 120; only_first_pages: 1 to 360 of 900", "did not judge pages 61 to 120"),
        ("only_first_pages: 1 to 360 of 900", "judged pages 1 to 360 of 900"),
        ("blocked_by_filter_with_pictures", "would not take the pictures"),
        ("something_new", "something new"),
    ],
)
def test_why_claude_did_not_judge(reason, part):
    assert part in judging_words.not_by_claude(reason)


def test_nothing_from_a_document_becomes_markup():
    evil = '<script>alert(1)</script>"onload=x'
    row = make(ListedFinding, quote=evil, explanation=evil, page=1, score=3, verified=True)
    made = markup.quote(row) + markup.summary(evil) + markup.facts([(evil, evil)]) + markup.chip(evil)
    made += markup.thumbnail("javascript:alert(1)") + markup.text_block(evil) + markup.headline(evil)
    assert "<script" not in made
    assert "javascript" not in made
    assert markup.md("[x](javascript:1) $5 and $6 :red[a] *b*") == (
        "\\[x\\]\\(javascript\\:1\\) \\$5 and \\$6 \\:red\\[a\\] \\*b\\*"
    )
    assert markup.highlighted("a <b>b</b> <i>c</i>") == "a <mark>b</mark> &lt;i&gt;c&lt;/i&gt;"


def test_scores_that_were_not_judged_are_left_out():
    assert tables.score_items(make(ListedDocument, legal_credit_score=575.0))[0][:3] == ("Credibility", 575, 0.5)


def test_a_score_without_words_that_stand_is_marked_and_has_no_meter():
    made = markup.scores(tables.score_items(make(ListedDocument, fraud_score=97, unproven_scores=["fraud_score"])))
    assert "No words on a page were found for it" in made and "a-bar" not in made


@pytest.mark.parametrize("day", [date.min, date.max])
def test_a_date_at_the_end_of_the_calendar_breaks_no_chart(day):
    assert charts.timeline([make(DatedDocument, date=day), make(DatedDocument, date=date(2024, 5, 1))]).data


@pytest.mark.parametrize(
    ("job", "sentence"),
    [
        ({"status": "processing", "pages_done": 3, "pages_total": 3}, "Reading page 3 of 3"),
        ({"status": "queued", "attempt": 1}, "Waiting for another try"),
        ({"status": "failed", "error_message": "It is locked."}, "It is locked."),
        ({"status": "completed", "pages_total": 0}, "Done: the files inside are read one by one"),
        ({"status": "completed", "page_outcomes": {"ocr": 2, "blank": 1}},
         "Done: 2 pages read from the image, 1 page blank"),
    ],
)  # fmt: skip
def test_what_happens_to_a_file_in_a_sentence(job, sentence):
    assert tables.job_sentence(make(Job, **job)) == sentence


def test_charts_stand_missing_values():
    dated = make(DatedDocument, date=date(2024, 5, 1))
    assert len(charts.timeline([make(DatedDocument, date=None, document_type="letter"), dated]).data) == 1
    assert charts.spend_by_day([make(DaySpent, date=date(2024, 5, 1))], cap_usd=5.0).data
    assert charts.counts_bar({str(n): n for n in range(20)}).data[0].y[0] == "Other"
    assert charts.score_histogram("fraud_score", []).data


def test_whose_name_the_control_plane_is_asked_in():
    home = Settings.from_env({"CONTROL_PLANE_URL": "http://127.0.0.1:8000", "CONTROL_PLANE_TOKEN": "root"})
    away = Settings.from_env({"CONTROL_PLANE_URL": "http://control-plane:8000"})
    known = {"ses_anna": make(Me, name="Anna"), "root": make(Me, name="owner")}

    def ask(token: str) -> Me:
        if token not in known:
            raise NotAllowed(401, "session_ended", "It has ended.")
        return known[token]

    cookies = ("ses_anna", "old", None)
    found = [visitors.find_visitor(cookie, settings, ask) for settings in (home, away) for cookie in cookies]
    assert [each and each[0] for each in found] == ["ses_anna", "root", "root", "ses_anna", None, None]
    assert visitors.sign_in_address(away, "/case/papers?q=a&b=c") == "/account/sign-in?to=/case/papers%3Fq%3Da%26b%3Dc"
    assert visitors.sign_in_address(home, "/").startswith("http://127.0.0.1:8000/account/")


@pytest.mark.parametrize("address", ["0.0.0.0", "::", "192.168.1.4", "example.org"])
def test_a_window_that_asks_nobody_who_they_are_is_for_this_computer_alone(address: str):
    assert not visitors.is_loopback(address) and visitors.is_loopback("127.0.0.1") and visitors.is_loopback("::1")
    for program in ("dashboard", "dashboard.case_room"):
        environ = {"CONTROL_PLANE_URL": "http://127.0.0.1:9", "CONTROL_PLANE_TOKEN": "x" * 20}
        environ["PATH"] = os.environ["PATH"]
        command = [sys.executable, "-m", program, "--address", address, "--port", "1"]
        ended = subprocess.run(command, env=environ, capture_output=True, text=True, timeout=60, check=False)
        assert ended.returncode == 1 and "listen on 127.0.0.1" in ended.stderr


def test_settings_name_every_problem_and_no_value():
    with pytest.raises(SettingsError) as raised:
        Settings.from_env({"CONTROL_PLANE_URL": "ftp://hunter2"})
    assert len(raised.value.problems) == 1
    assert "hunter2" not in str(raised.value)


def test_a_report_says_what_was_found_in_any_script():
    name = "a<b>.pdf"
    finding = make(ListedFinding, kind="perjury", page=3, quote="Я ніколи < & не…", explanation="x", score=82.0,
                   original_filename=name, verified=True)  # fmt: skip
    document = make(
        ListedDocument, original_filename=name, document_date=date(2024, 5, 14), document_type="court_order"
    )
    failed = make(Job, original_filename=name, error_message="It is locked.")
    report = Report(
        "Case FL-1", "Superior Court", NOW, [document] * 60, [finding], [("documents", "60")], [failed],
        [("Mother", "Dana")], {"all": 59, "part": 1, "none": 0}, with_timeline=True,
    )  # fmt: skip
    text, pages = text_of(report)
    assert pages > 1
    said = ("Case FL-1", "Possible false testimony", "strength 82 of 100", "14 May 2024", name, "Page 2")
    for part in (*said, "It is locked."):
        assert part in text
    unproven = make(ListedFinding, kind="perjury", quote="never said")
    report = Report("Case", "", NOW, [document], [unproven], [("documents", "1")], [], [],
                    {"all": 1, "part": 0, "none": 0}, with_timeline=False)  # fmt: skip
    assert "never said" not in text_of(report)[0]


@pytest.mark.parametrize(
    ("judged", "said", "never"),
    [
        ({"all": 2, "part": 0, "none": 0}, "All 2 documents were judged", "nobody"),
        ({"all": 0, "part": 0, "none": 2}, "Not judged: nobody has looked", "No contradictions or warning signs were"),
        ({"all": 1, "part": 1, "none": 1}, "1 of 3 documents were judged, 1 more in part", "All 3"),
    ],
)
def test_a_report_says_what_nobody_judged(judged, said, never):
    report = Report("Case FL-1", "", NOW, [], [], [("documents", "2")], [], [], judged, with_timeline=False)
    text, _ = text_of(report)
    assert said in text
    assert never not in text


def text_of(report: Report) -> tuple[str, int]:
    pdf = pypdfium2.PdfDocument(report_pdf.render(report))
    text = "".join(page.get_textpage().get_text_range() for page in pdf)
    return text.replace("\r\n", " ").replace("\n", " "), len(pdf)


def test_a_person_is_told_of_words_that_nobody_sees_and_of_pages_that_nobody_read():
    pages = [
        make(ReadPage, page=1, outcome="text_layer", hidden_words=0, reason=None),
        make(ReadPage, page=2, outcome="text_layer", hidden_words=14, reason="14 hidden words set apart"),
        make(ReadPage, page=3, outcome="skipped", hidden_words=0, reason="not tried: too many"),
    ]
    assert words.hidden_words(pages[:1]) is None and words.not_read(pages[:2]) is None
    assert "14 words that nobody sees" in words.hidden_words(pages) and "(page 2)" in words.hidden_words(pages)
    assert words.not_read(pages) == "Not read: 1 page of 3: not tried: too many."
