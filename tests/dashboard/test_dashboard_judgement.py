"""What a person says of a document on its page is sent as it differs, and what is marked wrong stands apart."""

from tests.dashboard.test_dashboard_actions import calls


def test_tags_a_type_a_date_and_a_note_are_saved_at_once(control_plane, open_page, shown):
    own = control_plane.documents[0]
    own["tags"] = ["old"]
    app = open_page(control_plane, "views/document.py", id=own["id"])
    app.multiselect[0].set_value([])
    next(each for each in app.text_input if each.label == "Date").set_value("2023-04-07")
    app.checkbox[0].check()
    app.text_area[0].set_value("See page 2")
    next(button for button in app.button if button.label == "Save").click().run()
    assert not app.exception
    [said] = calls(control_plane, "/api/decisions")
    assert said == {
        "documents": [own["id"]], "remove_tags": ["old"], "important": True, "correct": {"document_date": "2023-04-07"},
    }  # fmt: skip
    assert calls(control_plane, f"/api/documents/{own['id']}/notes") == [{"text": "See page 2"}]
    assert "Important" in shown(app)


def test_a_finding_marked_wrong_stands_apart_and_is_not_counted(control_plane, open_page, shown):
    own = next(each for each in control_plane.documents if any(f["verified"] for f in each["findings"]))
    for finding in own["findings"]:
        finding["is_wrong"] = True
    app = open_page(control_plane, "views/document.py", id=own["id"])
    assert "You marked these wrong" in shown(app) and own["findings"][0]["quote"] in shown(app)
    assert any(tab.label == "Findings within it (0)" for tab in app.tabs)
