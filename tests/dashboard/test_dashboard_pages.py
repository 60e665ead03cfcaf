"""Every page with realistic data, with nothing, and with the service away."""

import pytest

from tests.fakes.control_plane import TOKEN, FakeControlPlane

VIEWS = {
    "views/accounts.py": ["Accounts", "Add a person", "Anna Berg", "Signs in", "Has a link", "scanner in the hall"],
    "views/access_log.py": ["Access log", "within five minutes"],
    "views/upload.py": [
        "Upload & monitor",
        "deposition transcript vol 2.pdf",
        "Reading page 32 of 118",
        "locked with a password",
    ],
    "views/documents.py": ["Documents", "Order after hearing", "FL-2023-004417"],
    "views/findings.py": ["Fraud & findings", "I have had no income since January 2024."],
    "views/global_analysis.py": ["Global analysis", "14 May 2024", "Contradiction"],
    "views/analytics.py": ["Analytics", "Signs of fraud", "By Claude"],
    "views/reports.py": ["Reports", "No reports yet"],
    "views/batches.py": ["Batches", "Discovery production 2", "914 of 2,400 documents", "303 judged by Claude"],
    "views/judging.py": [
        "Judging",
        "880 documents",
        "today's limit is reached",
        "1,204 documents, 3,612 pages: about $4.09, over 1 more day of your limit",
        "Pressing twice pays once",
    ],
    "views/machines.py": ["Machines", "aseagi-home-3fa9c1d2", "$18.42"],
    "views/health.py": [
        "Health", "The scaler", "silent for 12 minutes", "The publishable key opens nothing.", "Make a new token",
        "There is none yet", "Not set up", "Google Drive is paused", "1 thing is broken",
    ],
    "views/costs.py": ["Costs", "Per page", "hard limits", "Per document judged", "$1.11", "was last compared"],
}
EMPTY = {
    "views/upload.py": "Nothing here yet",
    "views/documents.py": "No documents yet",
    "views/findings.py": "Nothing found",
    "views/global_analysis.py": "Nothing to compare yet",
    "views/analytics.py": "Nothing to count yet",
    "views/reports.py": "No reports yet",
    "views/batches.py": "No batches yet",
    "views/judging.py": "0 documents",
    "views/machines.py": "No computer is rented",
    "views/costs.py": "Nothing spent yet",
    "views/health.py": "The doctor has not looked yet",
}


@pytest.mark.parametrize("view", VIEWS)
def test_shows_what_there_is(view, control_plane, open_page, shown):
    text = shown(open_page(control_plane, view))
    for words in VIEWS[view]:
        assert words in text


@pytest.mark.parametrize("view", EMPTY)
def test_an_empty_list_says_what_to_do(view, empty_control_plane, open_page, shown):
    assert EMPTY[view] in shown(open_page(empty_control_plane, view))


@pytest.mark.parametrize("view", VIEWS)
def test_a_service_that_is_away_is_said_plainly(view, open_page, shown):
    with FakeControlPlane() as stopped:
        pass
    app = open_page(stopped, view)
    assert "is not answering right now" in shown(app)
    assert any(button.label == "Try again" for button in app.button)


def test_a_refused_token_shows_the_way_to_the_sign_in_and_not_its_value(control_plane, open_page, shown):
    control_plane.token = "another"
    app = open_page(control_plane)
    assert "You are signed out" in shown(app)
    assert TOKEN not in shown(app)
