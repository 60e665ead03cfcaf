"""What could be put together is proposed with one button, and a binder's page has the button that undoes it."""

PROPOSAL = {"dismissed": None, "reason": "album", "binders": [{"name": "IMG_1 … IMG_2", "members": [
    {"document_id": "a", "original_filename": "IMG_<1>.jpg", "pages": None},
    {"document_id": "b", "original_filename": "IMG_2.jpg", "pages": None},
]}]}  # fmt: skip
BINDER = {"document_id": "a", "set_id": "s", "position": 1, "created_at": "2026-05-01T12:00:00+00:00",
          "dissolved_at": None}  # fmt: skip


def test_a_proposal_is_done_by_one_button_and_then_gone(control_plane, open_page, shown):
    control_plane.proposals.append(PROPOSAL)
    app = open_page(control_plane, "views/documents.py")
    text = shown(app)
    for words in ("One document of 2 pictures", "IMG_<1>.jpg", "They came as one album."):
        assert words in text
    next(button for button in app.button if button.label == "Put together").click().run()
    assert not app.exception and "One document of 2 pictures" not in shown(app)


def test_a_proposal_that_is_not_wanted_goes_by_one_button_and_comes_back_by_another(control_plane, open_page, shown):
    control_plane.proposals.append(dict(PROPOSAL))
    app = open_page(control_plane, "views/documents.py")
    next(button for button in app.button if button.label == "Not wanted").click().run()
    assert control_plane.calls[-1][1] != "/api/binders" and "Put together or apart" not in shown(app)
    assert "Not wanted: 1 proposal" in shown(app) and "by owner" in shown(app)
    sent = next(body for method, path, body in control_plane.calls if path == "/api/proposals/dismiss")
    assert sent == {"documents": ["a", "b"]}
    next(button for button in app.button if button.label == "Propose again").click().run()
    assert "Put together or apart: 1 proposal" in shown(app) and "Not wanted: 1" not in shown(app)


def test_a_binder_is_undone_by_one_button(control_plane, open_page, shown):
    own = control_plane.documents[0]
    control_plane.families[own["id"]] = {"binder": dict(BINDER)}
    app = open_page(control_plane, "views/document.py", id=own["id"])
    next(button for button in app.button if button.label.startswith("Undo")).click().run()
    assert "taken apart again" in shown(app)
    assert not [button for button in app.button if button.label.startswith("Undo")]
