"""A conversation seen as one: bubbles by day, what is unsure said, nothing of it live HTML; and its transcript."""

import csv
import dataclasses
import io
from datetime import UTC, datetime

import pypdfium2

from dashboard import chat_markup, transcript
from dashboard.talks import Said, SaidTime, Talk, Talker, Talks
from tests.fakes.control_plane import FakeControlPlane


def said(number: int, text: str, sender: str | None = "Marcus", direction="received", **more) -> Said:
    local = f"2024-03-0{1 + number // 3}T21:4{number % 10}"
    time = SaidTime(
        written="5/3/24 21:42",
        local=local,
        offset="-07:00",
        precision="minute",
        doubt=None,
        shown=f"{local.replace('T', ' ')} UTC-07:00",
    )
    known = {
        "number": number,
        "page": 1,
        "box": None,
        "time": time,
        "media": [],
        "service": "SMS",
        "notes": [],
        "doubts": [],
    }
    return Said(**known | {"sender": sender, "direction": direction, "text": text} | more)


def talks(*messages: Said) -> Talks:
    people = [
        Talker(name="Marcus", address="+15550107788", is_owner=False),
        Talker(name="Me", address=None, is_owner=True),
    ]
    talk = Talk(
        title="Text messages: Marcus",
        service="SMS",
        people=people,
        doubts=["The clock is the phone's."],
        unread=["2 entries could not be read."],
        messages=list(messages),
    )
    return Talks(version=1, conversations=[talk])


def test_messages_stand_on_their_sides_under_their_days_and_their_files_are_links():
    page = chat_markup.chat(
        [
            said(1, "I'm not <b>coming</b>", media=["a.jpg", "b.jpg"]),
            said(2, "why", "Me", "sent"),
            said(3, "You left", None, "system", doubts=["the picture cuts this message off"]),
        ],
        {"a.jpg": "11111111-1111-1111-1111-111111111111"},
    )
    assert "&lt;b&gt;coming" in page and "<b>coming" not in page
    assert page.count("a-chat-day") == 2 and "Friday, 1 March 2024" in page
    assert page.index("a-chat-row left") < page.index("a-chat-row right") < page.index("a-chat-row middle")
    assert 'href="document?id=11111111-1111-1111-1111-111111111111"' in page and page.count("<a ") == 1
    assert "1 · 21:41 UTC-07:00" in page and '<i class="doubt">the picture cuts' in page


def test_a_time_that_is_not_known_is_shown_as_it_was_written():
    unsure = SaidTime(written="Today 9:41 PM", local=None, offset=None, precision="minute", doubt="no day", shown="x")
    page = chat_markup.chat([said(1, "hi", None, time=unsure), said(2, "ho", time=None)], {})
    assert (
        "Today 9:41 PM" in page and "time not known" in page and "Day not known" in page and "Sender not known" in page
    )


def test_the_transcript_numbers_every_message_as_a_table_and_to_print():
    whole = talks(*(said(n, f"message {n}\nsecond line" if n < 9 else "=HYPERLINK(1)") for n in range(1, 10)))
    rows = list(csv.reader(io.StringIO(transcript.to_csv(whole).decode("utf-8-sig"))))
    assert rows[0][:3] == ["Number", "Page", "Day"] and len(rows) == 10
    assert rows[1][2:7] == ["2024-03-01", "21:41", "'-07:00", "5/3/24 21:42", "Marcus"]
    assert rows[9][9] == "'=HYPERLINK(1)", "no spreadsheet runs it"
    pdf = pypdfium2.PdfDocument(transcript.to_pdf(whole, "sms.xml", "ab" * 32, datetime(2026, 1, 2, tzinfo=UTC)))
    text = " ".join("".join(page.get_textpage().get_text_range() for page in pdf).split())
    for expected in (
        "Transcript",
        "ab" * 32,
        "Marcus (+15550107788)",
        "2 entries could not be read.",
        "message 8",
        "2024-03-01 21:41 UTC-07:00",
    ):
        assert expected in text, expected
    pdf.close()


def test_a_message_longer_than_a_page_is_printed_whole():
    long = " ".join(f"word{n}" for n in range(4000))
    pdf = pypdfium2.PdfDocument(transcript.to_pdf(talks(said(1, long)), "x", None, datetime(2026, 1, 2, tzinfo=UTC)))
    assert len(pdf) > 3
    text = "".join(page.get_textpage().get_text_range() for page in pdf)
    assert "word0 " in text and "word3999" in text
    pdf.close()


def test_a_document_that_is_a_conversation_shows_it_first(control_plane: FakeControlPlane, open_page, shown):
    own, other = control_plane.documents[:2]
    one = talks(said(1, "I'm not coming"), said(2, "She waits", "Me", "sent", media=["0001-a.jpg"]))
    many = dataclasses.replace(one, conversations=[*one.conversations, *talks(said(3, "other thread")).conversations])
    control_plane.talks[own["id"]] = dataclasses.asdict(many)
    app = open_page(control_plane, "views/document.py", id=own["id"])
    assert app.tabs[0].label == "Conversation (3)"
    page = shown(app)
    for words in (
        "I'm not coming",
        "She waits",
        "2 entries could not be read.",
        "The clock is the phone's.",
        "1 Mar 2024",
    ):
        assert words.replace("'", "&#x27;") in page or words in page, words
    assert "other thread" not in page
    app.selectbox[0].select_index(1).run()
    assert "other thread" in shown(app)
    assert [tab.label for tab in open_page(control_plane, "views/document.py", id=other["id"]).tabs][0] == "Summary"
