"""The pure parts: words, tables, safe HTML, charts, the sign-in pass and the PDF."""

from datetime import UTC, date, datetime, timedelta

import pypdfium2
import pytest

from dashboard import charts, login, markup, report_pdf, tables, words
from dashboard.answers import DatedDocument, DaySpent, Job, ListedDocument, ListedFinding
from dashboard.errors import SettingsError
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
    assert part in words.not_by_claude(reason)


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


def test_a_pass_is_good_for_twelve_hours_and_one_password():
    made = login.sign_pass("correct horse", now=1000)
    assert login.pass_is_valid(made, "correct horse", now=1000 + 12 * 3600 - 1)
    assert not login.pass_is_valid(made, "correct horse", now=1000 + 12 * 3600)
    assert not login.pass_is_valid(made, "another horse", now=1000)
    for forged in (None, "", "x.y", f"9{made}", "99999999999.deadbeef", "²³.é"):
        assert not login.pass_is_valid(forged, "correct horse", now=1000)


def test_guesses_are_heard_again_after_a_minute():
    guesses = login.Guesses()
    for second in range(5):
        assert guesses.wait_seconds("a", second) == 0
        guesses.record_wrong("a", second)
    assert guesses.wait_seconds("a", 5) == 55
    assert guesses.wait_seconds("a", 61) == 0


def test_a_guesser_shuts_out_himself_and_only_a_crowd_everybody():
    guesses = login.Guesses()
    for number in range(login.GUESSES_IN_ALL):
        assert guesses.wait_seconds("owner", 1) == 0
        guesses.record_wrong(f"203.0.113.{number // 5}", 1)
    assert guesses.wait_seconds("203.0.113.0", 1) > 0
    assert guesses.wait_seconds("owner", 1) > 0
    assert guesses.wait_seconds("owner", 62) == 0


@pytest.mark.parametrize(
    ("forwarded", "connected", "address"),
    [
        ("203.0.113.9", "10.0.0.2", "203.0.113.9"),
        ("198.51.100.1, 203.0.113.9", "10.0.0.2", "203.0.113.9"),
        (None, "10.0.0.2", "10.0.0.2"),
        (None, None, "unknown"),
        ("<script>", None, "unknown"),
        ("2001:db8:1:2:3:4:5:6", None, "2001:db8:1:2::/64"),
        ("2001:db8:1:2:ffff::1", None, "2001:db8:1:2::/64"),
        ("::ffff:203.0.113.9", None, "203.0.113.9"),
    ],
)
def test_whom_a_guess_counts_against(forwarded, connected, address):
    assert login.visitor_address(forwarded, connected) == address


def test_settings_name_every_problem_and_no_value():
    with pytest.raises(SettingsError) as raised:
        Settings.from_env({"CONTROL_PLANE_URL": "ftp://x", "DASHBOARD_PASSWORD": "hunter2"})
    assert len(raised.value.problems) == 3
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
