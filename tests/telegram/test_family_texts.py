"""An e-mail is told as an e-mail, and what lies in a document is named with what was not taken."""

from dataclasses import replace

from control_plane.database.connection import parse_rows
from control_plane.database.enums import JobStatus
from control_plane.database.part_rows import Companion, Mail
from control_plane.database.rows import Document
from control_plane.documents.family import Family, InnerFile
from control_plane.telegram import texts
from tests.telegram.test_malformed_results import SOUND

PART = InnerFile(1, "attachment", "order.pdf", "d", None, 9, None, None, None, JobStatus.QUEUED, None, None, None)
LINK = replace(PART, position=2, name="<way out>", document_id=None, code="link", reason="It is no file but a link.")
MAIL = Mail("<1@a>", "2024-03-05T18:03:00-08:00", "Marcus <m@example.org>", ["Dana"], "No visit")


def told(family: Family) -> str:
    (document,) = parse_rows(Document, [SOUND])
    return texts.result(document, [], family)


def test_an_email_says_who_wrote_to_whom_when_and_about_what():
    text = told(Family([], None, [], [], MAIL, []))
    for words in ("No visit", "From Marcus &lt;m@example.org&gt;", "To Dana", "Sent 2024-03-05 18:03:00-08:00"):
        assert words in text


def test_files_inside_are_named_with_what_was_not_taken():
    text = told(Family([PART, LINK], None, [], [], None, []))
    assert "Inside: order.pdf" in text and "&lt;way out&gt;</b>. It is no file but a link." in text
    many = told(Family([PART] * 20, 200, [], [], None, []))
    assert many.count("order.pdf") == texts.MOST_NAMED and " and more" in many


def test_a_document_that_stands_alone_says_nothing_of_a_family():
    assert "Inside" not in told(Family([], None, [], [], None, []))


def test_the_clip_of_a_live_photo_names_its_picture():
    text = told(Family([], None, [], [Companion("d", "IMG_<1>.HEIC", "image/heic")], None, []))
    assert "Belongs with IMG_&lt;1&gt;.HEIC: one live photo" in text
