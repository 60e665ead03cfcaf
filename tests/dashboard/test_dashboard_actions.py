"""Who is let in, and what the buttons do."""

from tests.fakes.control_plane import batches


def press(app, label: str):
    next(button for button in app.button if button.label == label).click().run()
    assert not app.exception, app.exception
    return app


def calls(fake, path: str) -> list:
    return [body for method, called, body in fake.calls if called == path and method == "POST"]


def test_a_stranger_is_sent_to_the_sign_in_and_back(control_plane, open_page, shown):
    app = open_page(control_plane, token="")
    assert "You are signed out" in shown(app) and "/account/sign-in?to=/" in shown(app)
    assert "deposition" not in shown(app)
    assert not control_plane.calls


def test_a_token_that_means_nobody_any_more_shows_nothing(control_plane, open_page, shown):
    app = open_page(control_plane)
    assert "deposition" in shown(app)
    control_plane.token = "another"
    assert "You are signed out" in shown(app.run()) and "deposition" not in shown(app)


def test_signing_out_ends_the_session(control_plane, open_page, shown):
    control_plane.me |= {"name": "Anna", "by": "session"}
    app = open_page(control_plane)
    assert "Anna · owner" in shown(app) and "without a sign-in" not in shown(app)
    assert "You are signed out" in shown(press(app, "Sign out"))


def test_the_first_page_at_home_shows_how_to_add_a_person(control_plane, open_page, shown):
    app = open_page(control_plane)
    assert "Add a person" in shown(app) and "a sign-in" in shown(app)
    assert "are read in certified data centres only" in shown(app), "the default for sensitive papers"
    assert not [button for button in app.button if button.label == "Sign out"]


def test_open_alarms_stand_on_the_first_page_until_a_person_has_seen_to_them(control_plane, open_page, shown):
    app = open_page(control_plane)
    assert "12 documents wait" in shown(app) and "<no offer> fits" in shown(app)
    assert "/account/operations#standstill" in shown(app) and shown(app).count("Nobody was told") == 1
    next(button for button in app.button if button.key == "alarm-1").click().run()
    assert calls(control_plane, "/api/alarms/1/clear") == [{}]
    assert "12 documents wait" not in shown(app) and "work waits, but" in shown(app)
    assert "work waits, but" not in shown(open_page(control_plane, "views/machines.py"))


def test_who_may_not_manage_sees_alarms_without_the_button(control_plane, open_page, shown):
    control_plane.me |= {"name": "Anna", "role": "helper", "scopes": ["read", "upload"], "by": "session"}
    app = open_page(control_plane)
    assert "12 documents wait" in shown(app)
    assert not [button for button in app.button if button.label == "Seen to"]


def test_a_person_is_added_by_a_link_that_is_shown_once(control_plane, open_page, shown):
    app = open_page(control_plane, "views/accounts.py")
    app.text_input[0].set_value("Clara")
    press(app, "Make a link for them")
    assert calls(control_plane, "/api/accounts") == [{"name": "Clara", "role": "helper"}]
    assert [code.value for code in app.code] == ["https://aseagi.test/account/invitation?t=made-up"]
    assert "Clara" in shown(app)
    assert not app.run().code


def test_who_only_reads_gets_the_pages_for_reading(control_plane, open_page, shown):
    control_plane.me |= {"name": "R. Olsen", "role": "lawyer", "scopes": ["read"], "by": "session"}
    app = open_page(control_plane)
    assert "Order after hearing" in shown(app), "the list of documents is the first page"
    assert "Upload & monitor" not in shown(app)


def test_settings_that_are_missing_are_named(control_plane, open_page, shown, monkeypatch):
    app = open_page(control_plane)
    monkeypatch.setenv("CONTROL_PLANE_URL", "")
    assert "CONTROL_PLANE_URL is not set" in shown(app.run())


def test_files_are_sent_and_followed_to_the_end(control_plane, open_page, shown):
    app = open_page(control_plane, "views/upload.py")
    app.file_uploader[0].set_value([("new order.pdf", b"%PDF-1.4", "application/pdf")]).run()
    press(app, "Send 1 file")
    assert "new order.pdf" in shown(app)
    assert "Reading page" in shown(app)
    app.run()
    assert "Done: 3 pages read from the image" in shown(app.run())


def test_a_password_of_a_locked_file_is_kept_and_not_shown_again(control_plane, open_page, shown):
    app = open_page(control_plane, "views/upload.py")
    app.text_input[0].set_value("Dana 1984")
    app.text_input[1].set_value("the bank")
    press(app, "Keep it")
    assert calls(control_plane, "/api/passwords") == [{"password": "Dana 1984", "note": "the bank"}]
    assert "Dana 1984" not in shown(app)


def test_a_file_sent_before_is_said_to_be_here(control_plane, open_page, shown):
    app = open_page(control_plane, "views/upload.py")
    name = control_plane.documents[0]["original_filename"]
    app.file_uploader[0].set_value([(name, b"%PDF-1.4", "application/pdf")]).run()
    assert "You already had this file" in shown(press(app, "Send 1 file"))


def test_a_file_that_is_refused_says_why(control_plane, open_page, shown):
    control_plane.refuse("/api/upload", 413, "file_too_large", "The file is larger than 2,000 bytes; split it.")
    app = open_page(control_plane, "views/upload.py")
    app.file_uploader[0].set_value([("big.pdf", b"%PDF-1.4", "application/pdf")]).run()
    text = shown(press(app, "Send 1 file"))
    assert "split it" in text
    assert "Not sent" in text


def test_a_refused_file_is_still_said_to_be_refused_after_a_reload(control_plane, open_page, shown):
    refused = {"id": 7, "original_filename": "film.mov", "source": "telegram", "code": "unsupported_type"}
    control_plane.refused = [refused | {"message": "Send a PDF.", "created_at": control_plane.now.isoformat()}]
    text = shown(open_page(control_plane, "views/upload.py"))
    assert "Not taken in: 1 file" in text and "film.mov" in text and "Send a PDF." in text


def test_a_key_that_is_wrong_is_named_and_no_second_try_is_offered(control_plane, open_page, shown):
    control_plane.refuse("/api/costs", 502, "storage_key_refused", "The object storage refuses our key.")
    app = open_page(control_plane, "views/costs.py")
    assert "refuses our key" in shown(app) and "does not help" in shown(app)
    assert not any(button.label == "Try again" for button in app.button)


def test_a_failed_file_can_be_tried_again_and_a_waiting_one_cancelled(control_plane, open_page, shown):
    failed = next(job for job in control_plane.jobs if job["status"] == "failed")
    app = press(open_page(control_plane, "views/upload.py"), "Try again")
    assert calls(control_plane, f"/api/jobs/{failed['id']}/retry")
    press(app, "Cancel")
    assert [path for method, path, _ in control_plane.calls if path.endswith("/cancel")]


def test_search_shows_the_words_that_were_found(control_plane, open_page, shown):
    app = open_page(control_plane, "views/documents.py")
    app.text_input(key="documents_query").set_value("reno").run()
    text = shown(app)
    assert "<mark>Reno</mark>" in text
    assert "CFS investigation" not in text
    app.text_input(key="documents_query").set_value("zebra").run()
    assert "Nothing matches" in shown(app)


def test_the_table_shows_the_same_documents(control_plane, open_page):
    app = open_page(control_plane, "views/documents.py")
    app.segmented_control(key="documents_shape").set_value("Table").run()
    assert list(app.dataframe[0].value["Document"]) == [d["original_filename"] for d in control_plane.documents]


def test_a_document_shows_everything_about_it(control_plane, open_page, shown):
    document = control_plane.documents[0]
    app = open_page(control_plane, "views/document.py", id=document["id"])
    text = shown(app)
    expected = [
        "Declaration", "14 May 2024", "FL-2023-004417", "Marcus Whitfield", "Signs of false testimony",
        "I have had no income since January 2024.", "declare under penalty of perjury", document["sha256"],
        "Late again, Marcus", "Seen in the picture of the page, not in its text. Check the original.",
    ]  # fmt: skip
    for words in expected:
        assert words in text
    assert "What the scores rest on" in text
    links = {button.proto.label for button in app.link_button}
    assert {"Open the original", "Open all pages", "Searchable PDF", "Plain text"} <= links
    finding = document["findings"][0]
    opened = next(button.proto.url for button in app.link_button if button.proto.label.startswith("Open page"))
    assert opened.endswith(f"/searchable.pdf#page={finding['page']}")
    assert list(app.dataframe[0].value["How it was read"])[0] == "Had readable text"


def test_a_document_is_checked_for_changes(control_plane, open_page, shown):
    app = open_page(control_plane, "views/document.py", id=control_plane.documents[0]["id"])
    press(app, "Check every file")
    assert "Checked just now and as recorded" in app.success[0].value
    control_plane.text_state = "changed"
    press(app, "Check every file")
    assert not app.success
    assert list(app.dataframe[2].value["State"]) == ["Unchanged", "Has been changed"]


def test_a_document_that_is_gone_says_so(control_plane, open_page, shown):
    assert "does not exist" in shown(open_page(control_plane, "views/document.py", id="no-such"))
    assert "No document chosen" in shown(open_page(control_plane, "views/document.py"))


def test_findings_are_filtered_by_kind_and_strength(control_plane, open_page, shown):
    app = open_page(control_plane, "views/findings.py")
    app.slider(key="findings_strength").set_value(80).run()
    assert "no income" in shown(app)
    assert "still in Reno" not in shown(app)


def test_a_batch_starts_only_after_its_price_was_seen(control_plane, open_page, shown):
    app = open_page(control_plane, "views/batches.py")
    app.text_input[0].set_value("inbox/2024/")
    press(app, "Count and estimate")
    for words in ("$12.88", "$0.38", "$12.50", "by what a page has cost here"):
        assert words in shown(app)
    assert not calls(control_plane, "/batch/start")
    press(app, "Start reading 1,198 documents")
    assert calls(control_plane, "/batch/start") == [{"prefix": "inbox/2024/"}]
    assert "Counting files" in shown(app)


def test_a_large_folder_is_read_only_after_its_quote_was_confirmed(control_plane, open_page, shown):
    control_plane.quotes.clear()
    app = open_page(control_plane, "views/batches.py")
    app.text_input[0].set_value("all/")
    press(app, "Count and estimate")
    assert "drawn at random" in shown(app) and not any("Start reading" in button.label for button in app.button)
    press(app, "Ask for a price quote")
    assert calls(control_plane, "/api/estimates") == [{"prefix": "all/"}]
    assert "17 of 40 documents of the sample" in shown(app)
    control_plane.quotes[0] |= batches.sample_quotes(control_plane.now)[0]
    app.run()
    assert "nine of ten end between $9.92 and $15.28" in shown(app) and not calls(control_plane, "/batch/start")
    press(app, "Confirm and read 1,158 documents")
    assert calls(control_plane, f"/api/estimates/{control_plane.quotes[0]['id']}/confirm")
    assert control_plane.quotes[0]["status"] == "confirmed"


def test_quote_and_actual_stand_side_by_side(control_plane, open_page, shown):
    app = open_page(control_plane, "views/costs.py")
    assert "1 of 2 folders" in shown(app)
    [table] = app.dataframe
    assert list(table.value["Within the quote"]) == ["yes", "no"]
    assert list(table.value["Cost"]) == ["$11.02", "$17.40"]


def test_a_drive_folder_starts_only_after_its_price_was_seen(control_plane, open_page, shown):
    app = open_page(control_plane, "views/batches.py")
    app.session_state["batch_place"] = "drive"
    app.run()
    app.text_input[0].set_value("https://drive.google.com/drive/folders/1AbCdEfGhIjKlMnOp?usp=sharing")
    press(app, "Count and estimate")
    assert "$12.88" in shown(app)
    assert not calls(control_plane, "/batch/start")
    press(app, "Start reading 1,198 documents")
    assert calls(control_plane, "/batch/start") == [{"folder_id": "1AbCdEfGhIjKlMnOp"}]


def test_a_mailbox_folder_starts_only_after_its_price_was_seen(control_plane, open_page, shown):
    app = open_page(control_plane, "views/batches.py")
    app.session_state["batch_place"] = "mail"
    app.run()
    app.text_input[0].set_value(" Court ")
    press(app, "Count and estimate")
    assert "$12.88" in shown(app) and not calls(control_plane, "/batch/start")
    press(app, "Start reading 1,198 documents")
    assert calls(control_plane, "/batch/start") == [{"mail_folder": "Court"}]


def test_a_folder_that_is_refused_says_why(control_plane, open_page, shown):
    control_plane.refuse("/batch/estimate", 400, "bad_argument", "raw/ is our own; choose another prefix.")
    app = open_page(control_plane, "views/batches.py")
    app.text_input[0].set_value("raw/")
    assert "choose another prefix" in shown(press(app, "Count and estimate"))


def test_files_that_were_not_taken_in_are_listed_with_their_reason(control_plane, open_page):
    control_plane.batches[0]["unsupported"] = 1
    app = open_page(control_plane, "views/batches.py")
    assert not app.dataframe
    app.toggle[0].set_value(True).run()
    assert list(app.dataframe[0].value["File"]) == ["Visitation ledger"]
    assert "10 MB" in app.dataframe[0].value["Why, and what to do"][0]


def test_more_files_than_the_list_holds_are_said_to_be_more(control_plane, open_page, shown):
    control_plane.batches[0]["unsupported"] = 5000
    app = open_page(control_plane, "views/batches.py")
    app.toggle[0].set_value(True).run()
    assert "The first 2,000 of 5,000 files are listed. They are the newest." in shown(app)


def test_every_batch_can_be_reached(control_plane, open_page, shown):
    sample = control_plane.batches[-1]
    control_plane.batches[:] = [sample | {"id": f"id-{number}", "name": f"Box {number}."} for number in range(45)]
    app = open_page(control_plane, "views/batches.py")
    assert "Box 19." in shown(app) and "Box 20." not in shown(app)
    press(app, "Older batches")
    press(app, "Older batches")
    assert "Box 44." in shown(app) and "Box 39." not in shown(app)
    assert not [button for button in app.button if button.label == "Older batches"]
    press(app, "Newer batches")
    assert "Box 20." in shown(app)


def test_a_batch_pauses_goes_on_and_stops(control_plane, open_page):
    running, paused, _ = control_plane.batches
    app = open_page(control_plane, "views/batches.py")
    press(app, "Pause")
    assert calls(control_plane, "/batch/pause") == [{"batch_id": running["id"]}]
    press(app, "Go on")
    press(app, "Yes, stop this batch")
    assert calls(control_plane, "/batch/stop")


def test_a_stopped_batch_tells_the_truth_and_one_button_reads_the_rest(control_plane, open_page, shown):
    stopped = control_plane.batches[0]
    stopped |= {"status": "stopped", "documents": 14, "completed": 0, "failed": 0}
    stopped |= {"open": 0, "cancelled": 14, "unread": 14}
    del control_plane.batches[1:]
    app = open_page(control_plane, "views/batches.py")
    assert "0 of 14 documents read, stopped by you" in shown(app)
    press(app, "Read the 14 that were stopped")
    assert calls(control_plane, "/batch/again") == [{"batch_id": stopped["id"]}]
    assert not [button for button in app.button if button.label.startswith("Read the")], "once is enough"


def test_a_file_whose_choices_were_lost_waits_until_a_person_says_them(control_plane, open_page, shown):
    job = next(job for job in control_plane.jobs if job["status"] == "queued")
    job |= {"placement": "local_only", "allow_claude": False, "choices_unsaid": True}
    control_plane.still.add(job["id"])
    app = open_page(control_plane, "views/upload.py")
    assert "1 file came in while the service was interrupted" in shown(app)
    next(box for box in app.selectbox if box.label == "Where it may be read").set_value("datacenter_only")
    press(app, "Save")
    said = {"placement": "datacenter_only", "allow_claude": False}
    assert calls(control_plane, f"/api/jobs/{job['id']}/choices") == [said]
    assert "while the service was interrupted" not in shown(app)


def test_renting_pauses_and_a_machine_is_given_back(control_plane, open_page, shown):
    app = open_page(control_plane, "views/machines.py")
    press(app, "Pause renting")
    assert "Renting is paused" in shown(app)
    press(app, "Allow renting again")
    press(app, "Yes, give it back")
    assert calls(control_plane, "/api/instances/aseagi-home-3fa9c1d2/destroy") == [{}]
    assert "Being returned" in shown(app)
    press(app, "Rent one more now")
    assert "aseagi-home-0badcafe" in shown(app)


def test_each_machine_says_what_becomes_of_it_and_what_its_host_asks(control_plane, open_page, shown):
    said = shown(open_page(control_plane, "views/machines.py"))
    assert "Kept: it reports and hands work back" in said and "Waited for: it loads the image" in said
    assert "it is not accepted: GPU" in said and "its bill has stopped" in said


def test_one_chooses_an_offer_by_what_the_run_costs(control_plane, open_page, shown):
    app = open_page(control_plane, "views/machines.py")
    app.toggle[0].set_value(True).run()
    first, *_, last = app.selectbox[0].options
    assert "for what waits" in first and "beyond a limit" in last
    app.selectbox[0].select_index(2).run()
    press(app, "Rent this one")
    assert calls(control_plane, "/api/instances/launch") == [{"offer_id": 9_000_002}]


def test_ones_own_computer_joins_and_is_let_go(control_plane, open_page, shown):
    app = open_page(control_plane, "views/machines.py")
    app.text_input[0].set_value("desk").run()
    press(app, "Let it join")
    assert calls(control_plane, "/api/instances/own") == [{"name": "desk"}]
    app.run()
    assert "own-home-desk" in shown(app) and "costs nothing" in shown(app)
    press(app, "Let it go")
    assert calls(control_plane, "/api/instances/own-home-desk/destroy") == [{}]


def test_the_rental_company_being_away_does_not_hide_our_own_ledger(control_plane, open_page, shown):
    control_plane.refuse("/vastai/balance", 503, "vast_unavailable", "Vast.ai does not answer.")
    assert "aseagi-home-3fa9c1d2" in shown(open_page(control_plane, "views/machines.py"))


def test_both_reports_are_made_and_kept(control_plane, open_page, shown, tmp_path):
    app = open_page(control_plane, "views/reports.py")
    press(app, "Make the weekly report")
    press(app, "Make the case report")
    made = sorted((tmp_path / "exports").glob("*.pdf"))
    assert [path.name[11:] for path in made] == ["Case report.pdf", "Weekly report.pdf"]
    assert all(path.read_bytes().startswith(b"%PDF") for path in made)
    assert "Weekly report" in shown(app)


def test_documents_are_judged_again_at_the_price_that_was_shown(control_plane, open_page, shown):
    app = open_page(control_plane, "views/judging.py")
    app.selectbox[0].set_value("refused")
    app.text_input[0].set_value("FL-2023-004417")
    press(app, "Count and estimate")
    assert "1,204 documents, 3,612 pages: about $4.09" in shown(app)
    next(button for button in app.button if button.key == "judge-again").click().run()
    assert calls(control_plane, "/api/analysis/again") == [{"reason": "refused", "case_number": "FL-2023-004417"}]


def test_what_waits_is_taken_out_of_the_line(control_plane, open_page, shown):
    press(open_page(control_plane, "views/judging.py"), "Yes, do not judge them")
    assert calls(control_plane, "/api/analysis/cancel") == [{}] and control_plane.waits == {}


def test_a_paused_claude_is_one_banner_and_goes_on_at_a_click(control_plane, open_page, shown):
    control_plane.door = {"status": "paused", "code": "no_credit", "message": "Your credit balance is too low."}
    app = open_page(control_plane, "views/judging.py")
    assert "The credit at Anthropic is used up." in app.error[0].value and "too low" in app.error[0].value
    press(app, "Let Claude go on")
    assert not app.error and any(button.label == "Pause Claude" for button in app.button)


def test_one_document_shows_its_analyses_and_is_judged_anew_at_its_price(control_plane, open_page, shown):
    document = next(each for each in control_plane.documents if each["analyst"] == "claude")
    app = open_page(control_plane, "views/document.py", id=document["id"])
    table = next(each.value for each in app.dataframe if "Outcome" in each.value)
    assert list(table["Outcome"]) == ["Judged, shown", "Not judged"] and list(table["Cost"]) == ["$0.0061", "$0.00"]
    press(app, "Judge again (about $0.0034)")
    asked = {"document_id": document["id"], "force": True, "priority": "high"}
    assert calls(control_plane, "/api/analysis/again") == [asked]
