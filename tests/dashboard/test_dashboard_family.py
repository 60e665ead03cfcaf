"""An e-mail is shown as an e-mail, a file with what it lies in, a container with what lies in it."""

import pytest

from tests.fakes.control_plane import FakeControlPlane

PART = {
    "position": 1, "role": "attachment", "name": "order.pdf", "document_id": None, "code": None, "bytes": 6898,
    "dated": None, "mime_type": "application/pdf", "document_type": "custody_order", "status": "queued",
    "error_message": None, "pages_total": None, "reason": None,
}  # fmt: skip
LEFT_OUT = {"code": "link", "status": None, "reason": "It is no file but a link.", "name": "<b>way out</b>"}
MAIL = {
    "message_id": "<2@example.org>", "sent": "2024-03-05T18:03:00-08:00", "sender": "Marcus <m@example.org>",
    "recipients": ["Dana <d@example.org>"], "subject": "No <i>visit</i>",
}  # fmt: skip


@pytest.fixture
def mail(control_plane: FakeControlPlane) -> dict:
    """A document that is an e-mail with two files in it, in a thread of two, inside an archive."""
    own, other = control_plane.documents[:2]
    own["text_excerpt"] = "From: Marcus\nSubject: No visit\n\nI refuse to sign."
    control_plane.families[own["id"]] = {
        "parts": [PART | {"document_id": other["id"]}, PART | LEFT_OUT | {"position": 2}],
        "part_of": [
            {"parent_id": other["id"], "parent_filename": "all.zip", "parent_mime_type": "application/zip",
             "position": 7, "role": "member", "name": "mail/7.eml"}
        ],
        "mail": MAIL,
        "thread": [
            {"document_id": other["id"], "sent": None, "sender": "Dana", "subject": "Visit?"},
            {"document_id": own["id"], "sent": MAIL["sent"], "sender": "Marcus", "subject": MAIL["subject"]},
        ],
    }  # fmt: skip
    return own


def test_an_email_shows_who_wrote_when_and_what(mail, control_plane, open_page, shown):
    text = shown(open_page(control_plane, "views/document.py", id=mail["id"]))
    for words in ("Marcus <m@example.org>", "Dana <d@example.org>", "5 Mar 2024, 18:03 (UTC-08:00)", "No <i>visit</i>",
                  "I refuse to sign.", "can be edited"):  # fmt: skip
        assert words in text
    assert "From: Marcus" not in text.partition("I refuse to sign.")[0], "the header stands there once"


def test_the_list_says_of_a_child_what_it_lies_in(mail, control_plane, open_page, shown):
    mail["lies_in"] = "all.zip"
    text = shown(open_page(control_plane, "views/documents.py"))
    assert text.count(">in: all.zip<") == 1, "the others lie in nothing"


def test_its_files_its_thread_and_what_it_lies_in_are_linked(mail, control_plane, open_page, shown):
    app = open_page(control_plane, "views/document.py", id=mail["id"])
    labels = [link.label.replace("\\", "") for link in app.page_link]
    assert {"order.pdf", "Member of all.zip", "Visit?"} <= set(labels)
    assert [tab.label for tab in app.tabs][:2] == ["Summary", "Inside (2)"]
    text = shown(app)
    for words in ("Attachment", "Waiting", "Not taken", "It is no file but a link.", "<b>way out</b>"):
        assert words in text


def test_a_container_shows_what_is_inside_first(mail, control_plane, open_page, shown):
    control_plane.families[mail["id"]] |= {"mail": None, "thread": []}
    mail |= {"pages": [], "pages_total": 0, "mime_type": "application/zip"}
    app = open_page(control_plane, "views/document.py", id=mail["id"])
    assert [tab.label.partition(" ")[0] for tab in app.tabs] == ["Inside", "Summary", "Downloads"]


def test_a_live_photo_s_picture_links_its_clip(mail, control_plane, open_page):
    other = control_plane.documents[1]
    control_plane.families[mail["id"]]["belongs_with"] = [
        {"document_id": other["id"], "original_filename": "IMG_7.MOV", "mime_type": "video/quicktime"}
    ]
    app = open_page(control_plane, "views/document.py", id=mail["id"])
    assert "Clip of this live photo: IMG_7.MOV" in [link.label.replace("\\", "") for link in app.page_link]
