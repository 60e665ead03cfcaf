"""What a file says of itself stands on its page as claims, and a recording says what the law may say of it."""

from tests.fakes.control_plane import FakeControlPlane

EDITABLE = "Whoever has the file can change this."


def test_claims_are_shown_with_what_a_person_must_know_of_them_once(control_plane: FakeControlPlane, open_page, shown):
    document = control_plane.documents[0]
    control_plane.file_facts[document["id"]] = [
        {"name": "Taken", "value": "2024-03-05 <b>21:10</b>", "claim": True, "warning": EDITABLE},
        {"name": "Place", "value": "33.95333, -117.39617", "claim": True, "warning": EDITABLE},
        {"name": "Hidden sheet", "value": "Cash", "claim": False, "warning": None},
    ]
    app = open_page(control_plane, "views/document.py", id=document["id"])
    assert "Its own account" in [tab.label for tab in app.tabs]
    text = shown(app)
    for words in ("2024-03-05 <b>21:10</b>", "33.95333, -117.39617", "Cash"):
        assert words in text
    assert text.count("Whoever has the file can change this") == 1 and "Taken, Place:" in text.replace("\\", "")


def test_a_file_that_says_nothing_of_itself_has_no_such_part(control_plane: FakeControlPlane, open_page):
    app = open_page(control_plane, "views/document.py", id=control_plane.documents[0]["id"])
    assert "Its own account" not in [tab.label for tab in app.tabs]
    assert not [each for each in app.warning if "edited" in each.value or "recording" in each.value]


def test_a_recording_says_that_the_law_differs(control_plane: FakeControlPlane, open_page):
    document = control_plane.documents[0]
    document["mime_type"] = "audio/mp4"
    app = open_page(control_plane, "views/document.py", id=document["id"])
    assert "Ask a lawyer" in app.warning[0].value
