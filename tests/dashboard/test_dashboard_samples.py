"""In the house of the sample documents every page says so, and a person's own file does not slip in among them."""

import pytest

from tests.dashboard.test_dashboard_actions import calls, press
from tests.dashboard.test_dashboard_pages import VIEWS

BANNER = "These are sample documents. Your own files belong in a house of their own: `make run DOCS=folder`"


@pytest.fixture
def samples(monkeypatch) -> None:
    """`make run` without DOCS."""
    monkeypatch.setenv("SAMPLES", "yes")


def send_button(app, label: str):
    return next(button for button in app.button if button.label == label)


@pytest.mark.parametrize("view", [*VIEWS, "views/document.py"])
def test_every_page_says_that_these_are_samples(view, samples, control_plane, open_page, shown):
    assert BANNER in shown(open_page(control_plane, view))


def test_a_file_goes_in_among_samples_only_when_a_person_says_so(samples, control_plane, open_page, shown):
    app = open_page(control_plane, "views/upload.py")
    app.file_uploader[0].set_value([("order.pdf", b"%PDF-1.4", "application/pdf")]).run()
    assert send_button(app, "Send 1 file").disabled
    app.checkbox(key="among_samples").check().run()
    press(app, "Send 1 file")
    assert "Files you just sent" in shown(app)


def test_a_batch_starts_among_samples_only_when_a_person_says_so(samples, control_plane, open_page):
    app = open_page(control_plane, "views/batches.py")
    app.text_input[0].set_value("inbox/")
    press(app, "Count and estimate")
    assert send_button(app, "Start reading 1,198 documents").disabled
    app.checkbox(key="among_samples").check().run()
    press(app, "Start reading 1,198 documents")
    assert calls(control_plane, "/batch/start")


def test_a_house_of_ones_own_says_nothing_of_samples(control_plane, open_page, shown):
    app = open_page(control_plane, "views/upload.py")
    app.file_uploader[0].set_value([("order.pdf", b"%PDF-1.4", "application/pdf")]).run()
    assert "sample documents" not in shown(app) and not app.checkbox
    assert not send_button(app, "Send 1 file").disabled
