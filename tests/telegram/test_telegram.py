"""The bot: files in, answers out, strangers refused, notices once."""

import json
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from html import unescape

import pytest

from control_plane.clients import build_clients
from control_plane.database.enums import DoorName
from control_plane.search.meaning import embed_query
from control_plane.telegram.notifier import Notifier, tick
from tests.control_plane.desk import PDF
from tests.fakes.telegram_api import button_update, document_update, message_update, photo_update, text_update
from tests.queue.claims import new_analysis, new_claim
from tests.telegram.conftest import DANA, SECRET

JPEG = b"\xff\xd8\xff\xe0" + b"\x00" * 400


def send_pdf(bot, message_id: int = 1, name: str = "order <1>.pdf", content: bytes = PDF):
    bot.telegram.files["f1"] = content
    return bot.deliver(document_update(DANA, message_id, "f1", name, len(content)))


def test_a_document_is_received_read_and_answered(bot):
    assert send_pdf(bot).status_code == 200
    assert bot.texts() == ["Received <b>order &lt;1&gt;.pdf</b>. I will answer here as soon as it is read."]
    assert bot.telegram.sent[0]["reply_parameters"]["message_id"] == 1
    (entry,) = bot.desk.sql("select source, telegram_chat_id, telegram_message_id from document_journal")
    assert entry == ("telegram", DANA, 1)
    document_id = bot.finish()
    while bot.tick() == 0:
        pass
    result = unescape(bot.texts()[1])
    for words in ("order <1>.pdf", "Court order", "2023-11-02", "Dana <W> (petitioner)", "Relevance 925/999",
                  "order not followed, page 1: “still in Reno”", "parenting time & exchanges"):  # fmt: skip
        assert words in result
    buttons = bot.telegram.sent[1]["reply_markup"]["inline_keyboard"][0]
    assert [button["callback_data"] for button in buttons] == [f"text:{document_id}", f"files:{document_id}"]
    assert len(bot.texts()) == 2


def test_the_buttons_give_the_text_and_fresh_links(bot):
    send_pdf(bot)
    document_id = bot.finish()
    bot.deliver(button_update(DANA, 7, f"text:{document_id}"))
    bot.deliver(button_update(DANA, 8, f"files:{document_id}"))
    bot.deliver(button_update(DANA, 9, "files:nonsense"))
    text, files, gone = bot.telegram.sent[1:]
    assert "We are &lt;still&gt; in Reno" in text["text"]
    links = [row[0] for row in files["reply_markup"]["inline_keyboard"]]
    assert [link["text"] for link in links] == ["Original", "Whole text"]
    assert all("Signature" in link["url"] for link in links)
    assert "not there any more" in gone["text"]
    assert bot.telegram.answered == ["q7", "q8", "q9"]


def test_a_photo_and_an_album(bot):
    for number in (1, 2, 3):
        bot.telegram.files[f"p{number}"] = JPEG + bytes([number])
    bot.deliver(photo_update(DANA, 1, "p1"))
    bot.deliver(photo_update(DANA, 2, "p2", album_id="a1"))
    bot.deliver(photo_update(DANA, 3, "p3", album_id="a1"))
    assert bot.desk.sql("select count(*) from processing_jobs") == [(3,)]
    assert [text.split()[0] + " " + text.split()[1] for text in bot.texts()] == ["Received <b>photo", "Received your"]


def test_a_document_that_could_not_be_read_says_why(bot):
    send_pdf(bot)
    bot.finish("failed")
    while bot.tick() == 0:
        pass
    assert "could not be read. It is locked with a password." in bot.texts()[1]


def test_a_duplicate_is_said_at_once_with_its_result(bot):
    send_pdf(bot)
    send_pdf(bot, message_id=2, name="again.pdf")
    assert "is still being read" in bot.texts()[1]
    bot.finish()
    while bot.tick() == 0:
        pass
    assert len(bot.texts()) == 3  # one result for the chat, though the file was sent twice
    send_pdf(bot, message_id=3, name="third.pdf")
    assert "already sent <b>third.pdf</b>" in bot.texts()[3]
    assert "Court order" in bot.texts()[4]
    assert len(bot.desk.keys()) == 1


def test_an_update_that_telegram_repeats_counts_once(bot):
    assert [send_pdf(bot).status_code for _ in range(2)] == [200, 200]
    assert len(bot.texts()) == 1
    assert bot.desk.sql("select count(*) from document_journal") == [(1,)]


def test_a_stranger_is_refused_and_nothing_is_kept(bot):
    bot.telegram.files["f1"] = PDF
    assert bot.deliver(document_update(666, 1, "f1", "order.pdf", 100)).status_code == 200
    bot.deliver(text_update(666, 2, "/search secrets"))
    assert all("private service" in text and "666" in text for text in bot.texts())
    assert bot.desk.sql("select count(*) from document_journal") == [(0,)]
    assert bot.desk.keys() == []


def test_in_a_group_it_only_asks_to_be_written_to(bot):
    bot.telegram.files["f1"] = PDF
    bot.deliver(document_update(DANA, 1, "f1", "order.pdf", 100, chat_type="group"))
    assert "private chat" in bot.texts()[0]
    assert bot.desk.keys() == []


def test_in_a_group_a_stranger_hears_nothing(bot):
    bot.deliver(document_update(666, 1, "f1", "order.pdf", 100, chat_type="group"))
    assert bot.texts() == []


def test_what_a_message_says_of_its_file_is_kept(bot):
    bot.telegram.files["f1"] = PDF
    origin = {"type": "hidden_user", "sender_user_name": "Coach Lee", "date": 1_779_000_000}
    update = document_update(DANA, 1, "f1", "order.pdf", len(PDF))
    update["message"] |= {"caption": "What the coach sent", "forward_origin": origin}
    bot.deliver(update)
    [(arrival,)] = bot.desk.sql("select arrival from document_journal")
    assert arrival == {
        "caption": "What the coach sent", "sender": "Dana", "sent_at": "2026-05-28T20:26:40+00:00",
        "forwarded_from": "Coach Lee", "forwarded_sent_at": "2026-05-17T06:40:00+00:00",
    }  # fmt: skip
    document_id = bot.finish()
    assert bot.desk.get(f"/api/documents/{document_id}").json["arrivals"][0]["arrival"] == arrival


@pytest.mark.parametrize("secret", ["wrong", ""])
def test_without_the_secret_nobody_is_heard(bot, secret):
    reply = bot.deliver(text_update(DANA, 1, "/status"), secret=secret)
    assert (reply.status_code, reply.json["code"]) == (401, "wrong_secret")
    assert SECRET not in reply.text
    assert not bot.telegram.sent


def test_without_a_token_there_is_no_webhook(make_bot, clean_cloud):
    from tests.control_plane.desk import make_desk

    reply = make_desk(clean_cloud).http.post("/telegram/webhook", json={})
    assert (reply.status_code, reply.json["code"]) == (404, "telegram_off")


@pytest.mark.parametrize(
    ("name", "content", "size", "words"),
    [
        ("film.pdf", PDF, 35 * 1024**2, "has 35 MB"),
        ("empty.pdf", b"", 1, "The file is empty"),
        ("letter.exe", b"MZ\x00\x01" * 50, 200, "This is no kind of file"),
    ],
)
def test_a_file_that_cannot_be_taken_gets_the_reason(bot, name, content, size, words):
    bot.telegram.files["f1"] = content
    assert bot.deliver(document_update(DANA, 1, "f1", name, size)).status_code == 200
    assert words in bot.texts()[0]
    assert bot.desk.keys() == []


def test_a_file_that_telegram_lost_gets_an_answer(bot):
    assert bot.deliver(document_update(DANA, 1, "gone", "order.pdf", 100)).status_code == 200
    assert "was not taken" in bot.texts()[0]


def test_while_storage_is_away_telegram_is_asked_to_send_it_again(make_bot):
    bot = make_bot(SPACES_ENDPOINT="http://127.0.0.1:9")
    assert send_pdf(bot).status_code == 503
    assert not bot.telegram.sent


def test_a_storage_key_that_is_wrong_is_said_once_and_the_file_waits(make_bot):
    bot = make_bot(SPACES_SECRET="not-the-secret-of-this-bucket")
    assert [send_pdf(bot).status_code for _ in range(3)] == [500] * 3
    [said] = bot.texts()
    assert "not stored yet" in said and "key" in said
    bot.deliver(text_update(DANA, 2, "/status"))
    assert "0 documents" in bot.texts()[1]


def test_an_answer_that_telegram_does_not_take_costs_no_file(bot):
    bot.telegram.failures = ["down"]
    assert send_pdf(bot).status_code == 200
    assert bot.desk.sql("select count(*) from processing_jobs") == [(1,)]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("/start", "Send me a PDF"),
        ("/help@aseagi_bot", "/search words"),
        ("/status", "1 documents: 0 read, 1 on the way"),
        ("/queue", "1 waiting, 0 being read"),
        ("/cost", "Today $0.00"),
        ("/search", "What shall I search for?"),
        ("/search zebra <b>", "Nothing found for “zebra &lt;b&gt;”"),
        ("/dance", "do not know this command"),
        ("hello", "I can read PDFs"),
    ],
)
def test_commands(bot, text, words):
    send_pdf(bot)
    assert bot.deliver(text_update(DANA, 2, text)).status_code == 200
    assert words in bot.texts()[1]


def test_search_finds_words_on_pages_and_opens_the_document(bot):
    send_pdf(bot)
    document_id = bot.finish()
    bot.deliver(text_update(DANA, 2, "/search Reno"))
    assert "order &lt;1&gt;.pdf" in bot.texts()[1]
    (row,) = bot.telegram.sent[1]["reply_markup"]["inline_keyboard"]
    bot.deliver(button_update(DANA, 3, row[0]["callback_data"]))
    assert "Court order" in bot.texts()[2]
    assert row[0]["callback_data"] == f"show:{document_id}"


@pytest.mark.parametrize(
    "typed", ["custody march", '"order about custody"', "order -custody", "5 March 2024", "custdoy"]
)
def test_search_is_the_search_of_the_dashboard(bot, typed):
    texts = ("An order about custody.", "Custody from March 5, 2024.", "An order about a car. Custody.", "An order")
    for number, text in enumerate(texts):
        bot.desk.upload(PDF + bytes([65 + number]), f"{number}.pdf")
        bot.desk.sql("insert into document_repository (document_id, text) select id, %s from master_document_registry"
                     " where original_filename = %s", text, f"{number}.pdf")  # fmt: skip
    bot.desk.clients.database.index_texts()
    hits = bot.desk.get("/api/search", q=typed, limit=5).json["results"]
    bot.deliver(text_update(DANA, 2, f"/search {typed}"))
    buttons = bot.telegram.sent[0]["reply_markup"]["inline_keyboard"]
    assert hits and [row[0]["text"] for row in buttons] == [hit["original_filename"] for hit in hits]


def test_search_goes_by_meaning_too_and_says_how_many_there_are(bot):
    passage = "The mother kept the child from seeing his father at Easter."
    vector = str(embed_query(passage))
    for number in range(6):
        bot.desk.upload(PDF + bytes([65 + number]))
    statement = (
        "insert into document_embeddings select id, 1, 1, %s, %s::extensions.vector from master_document_registry"
    )
    bot.desk.sql(statement, passage, vector)
    bot.deliver(text_update(DANA, 2, "/search parental visits denied"))
    assert passage in bot.texts()[0] and "The first 5 of 6 documents." in bot.texts()[0]


@pytest.mark.parametrize(
    "update",
    [
        None, [], {}, {"update_id": 1}, {"update_id": 1, "message": {"message_id": 3}}, message_update(DANA, 1),
        {"update_id": None, "message": "hello"}, {"update_id": "1", "gift_of_2031": {"from": 7}},
        message_update(DANA, 1, text=7), message_update(DANA, 1, date="soon"),
        message_update(DANA, 1, chat=None), message_update(DANA, 1, **{"from": {"id": "4711"}}),
        message_update(DANA, 1, document={"file_id": None}), message_update(DANA, 1, photo=[None, {}, "x"]),
        {"update_id": 1, "message": message_update(DANA, 1, text="hello")["message"] | {"message_id": "x"}},
        {"update_id": 1, "callback_query": {"id": 1, "message": {"message_id": None}}},
        {"update_id": 1, "callback_query": button_update(DANA, 1, "show:x")["callback_query"] | {"data": 7}},
    ],
)  # fmt: skip
def test_an_update_that_makes_no_sense_is_let_go(bot, update):
    assert bot.deliver(update).status_code == 200
    assert bot.desk.keys() == []


@pytest.mark.parametrize(
    "odd",
    [
        {"document": {"file_id": "f1", "file_name": None, "file_size": "large", "thumbnail": {"width": 9}}},
        {"photo": [None, {"file_id": 7}, {"file_id": "f1", "width": None, "height": "x"}]},
        {"voice": {"file_id": "f1"}, "caption": 7, "entities": "bold", "reply_to_message": {}, "made_in_2031": [None]},
        {"document": {"file_id": "f1"}, "forward_origin": {"type": "user"}, "from": {"id": DANA, "first_name": None}},
    ],
)
def test_what_is_odd_beside_a_file_does_not_cost_the_file(bot, odd):
    bot.telegram.files["f1"] = PDF
    assert bot.deliver(message_update(DANA, 1, **odd)).status_code == 200
    assert len(bot.desk.keys()) == 1, bot.texts()


def test_notices_come_once_however_many_notifiers_run(bot):
    send_pdf(bot)
    bot.finish()
    other = Notifier(bot.desk.clients, bot.notifier.telegram, bot.desk.settings)
    start = threading.Barrier(4)

    def work(notifier: Notifier) -> None:
        start.wait(10)
        while tick(notifier) == 0:
            pass

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(work, [bot.notifier, other] * 2))
    assert sum("Court order" in text for text in bot.texts()) == 1


def test_a_notice_waits_while_telegram_is_down_and_then_comes_once(bot):
    send_pdf(bot)
    bot.finish()
    bot.telegram.failures = ["down", "too_many"]
    for _ in range(2):
        while bot.tick() == 0:
            pass
        bot.desk.sql("update event_deliveries set offered_until = now() - interval '1 second'")
    while bot.tick() == 0:
        pass
    assert sum("Court order" in text for text in bot.texts()) == 1


def test_a_result_that_makes_no_sense_is_told_all_the_same(bot):
    send_pdf(bot)
    bot.finish()
    bot.desk.sql("update document_findings set quote = repeat('x', 9000)")
    bot.desk.sql("insert into document_findings (document_id, kind, verified) select id, 'perjury', true"
                 " from master_document_registry")  # fmt: skip
    parties = [1, "x", None, {"name": 5}, {"name": "&" * 9000, "role": ["judge"]}]
    bot.desk.sql("update master_document_registry set key_facts = '7', score_evidence = '\"none\"', document_type ="
                 " repeat('t', 200), case_number = repeat('9', 9000), parties = %s", json.dumps(parties))  # fmt: skip
    bot.desk.sql("select raise_alarm('leak', 'Look at the machines.')")
    while bot.tick() == 0:
        pass
    assert [text.split()[0] for text in bot.texts()[1:]] == ["<b>order", "🚨"]


def test_an_event_that_cannot_be_told_is_put_aside_and_reported_and_the_others_go_on(bot):
    send_pdf(bot)
    bot.finish()
    bot.desk.sql("update events set payload = '7' where kind = 'job_completed'")  # a payload no code was written for
    bot.desk.sql("insert into events (kind, payload) values ('alarm_raised', '[1]')")
    bot.desk.sql("select raise_alarm('leak', 'Look at the machines.')")
    for _ in range(4):
        bot.tick()
    assert any("Look at the machines." in text for text in bot.texts())
    [reported] = [text for text in bot.texts() if "could not be written" in text]
    assert "alarm_raised" in reported
    assert bot.desk.sql("select reason from event_deliveries where consumer = 'telegram'") == [("TypeError",)]
    bot.desk.sql("update event_deliveries set offered_until = now() - interval '1 second'")
    told = len(bot.texts())
    bot.tick()
    assert len(bot.texts()) == told


def test_an_event_that_telegram_never_takes_does_not_keep_the_others_waiting(bot):
    for number in range(2):
        bot.desk.sql(f"select raise_alarm('leak', 'Alarm {number}', '{number}')")
    bot.telegram.failing_texts = ["Alarm 0"]
    for _ in range(5):
        bot.desk.sql("select raise_alarm('leak', 'Another', gen_random_uuid()::text)")
        bot.tick()
        bot.desk.sql("update event_deliveries set offered_until = now() - interval '1 second'")
    bot.tick()
    assert any("Alarm 1" in text for text in bot.texts())
    assert any("could not be written" in text for text in bot.texts())


def test_a_text_that_telegram_cannot_show_is_reported_not_lost(bot):
    bot.desk.sql("select raise_alarm('leak', 'Look at the machines.')")
    bot.telegram.failures = ["markup"]
    for _ in range(3):
        bot.tick()
    [told] = bot.texts()
    assert "A notice could not be written" in told


def test_while_the_key_is_wrong_notices_wait(make_bot, caplog):
    bot = make_bot(TELEGRAM_BOT_TOKEN="123456:wrong")
    bot.desk.sql("select raise_alarm('leak', 'Look at the machines.')")
    assert bot.tick() == 30.0
    assert [record.code for record in caplog.records if record.levelname == "ERROR"] == ["telegram_key_refused"]
    assert bot.desk.sql("select parked_at from event_deliveries where consumer = 'telegram'") == [(None,)]
    assert bot.desk.doors() == {"telegram": "telegram_key_refused"}
    bot.desk.make_doors_due()
    assert bot.tick() == 30.0, "the careful call was refused, too"
    bot.telegram.token = "123456:wrong"
    bot.desk.make_doors_due()
    bot.desk.sql("update event_deliveries set offered_until = now() - interval '1 second'")
    while bot.tick() == 0:
        pass
    assert bot.desk.doors() == {} and any("Look at the machines." in text for text in bot.texts())


def test_a_database_that_is_away_is_told_without_it(bot):
    bot.tick()
    sound, bot.notifier.absence.since = bot.notifier.clients, 0.0
    bot.notifier.clients = build_clients(replace(bot.desk.settings, supabase_url="http://127.0.0.1:9"))
    for _ in range(2):
        bot.tick()
    (away,) = bot.texts()
    assert "The database has not answered" in away and "Nothing is lost" in away
    bot.notifier.clients = sound
    bot.tick()
    assert "answers again" in bot.texts()[-1]


def test_in_a_flood_nothing_is_sent_until_it_is_over(bot):
    for number in range(3):
        bot.desk.sql(f"select raise_alarm('leak', 'Look at machine {number}.', '{number}')")
    bot.telegram.failures = ["flood"]
    assert bot.tick() == 30.0 and bot.texts() == [] and bot.desk.doors() == {"telegram": "telegram_away"}
    assert bot.tick() == 30.0 and bot.telegram.failures == [], "not even asked"
    bot.desk.make_doors_due()
    bot.desk.sql("update event_deliveries set offered_until = now() - interval '1 second'")
    while bot.tick() == 0:
        pass
    assert len(bot.texts()) == 3 and bot.desk.doors() == {}


def test_an_update_that_breaks_us_is_answered_and_not_sent_for_ever(bot):
    send_pdf(bot)
    document_id = bot.finish()
    bot.desk.sql("alter table document_findings rename column score to other")
    try:
        assert bot.deliver(button_update(DANA, 7, f"show:{document_id}")).status_code == 200
    finally:
        bot.desk.sql("alter table document_findings rename column other to score")
    assert "whoever runs the service" in bot.texts()[-1]


def test_what_nobody_judged_is_said_and_what_does_not_stand_is_left_out(bot):
    send_pdf(bot)
    found = {"role": "perjury", "quote": "never said", "state": "none", "reason": "x", "number": 99}
    score = new_claim("score", state="none", role="fraud_score", quote="nor this", number=97)
    bot.finish(analyst="rules", fallback_reason="claude_off", findings=[found], claims=[score])
    while bot.tick() == 0:
        pass
    result = bot.texts()[1]
    assert "Not judged" in result and "1 more could not be confirmed" in result
    assert "never said" not in result and "97/100" not in result and "Relevance 925/999" in result


@pytest.mark.parametrize(
    ("reason", "words"), [(None, "No contradictions"), ("only_first_pages: 1 to 9 of 99", "a part")]
)
def test_nothing_found_is_said_only_of_what_was_judged(bot, reason, words):
    send_pdf(bot)
    bot.finish(fallback_reason=reason, findings=[])
    while bot.tick() == 0:
        pass
    assert words in bot.texts()[1]


def test_a_person_who_blocked_the_bot_does_not_stop_the_others(bot):
    send_pdf(bot)
    bot.finish()
    bot.telegram.failures = ["blocked"]
    while bot.tick() == 0:
        pass
    assert bot.desk.sql("select count(*) from event_deliveries where consumer = 'telegram'") == [(0,)]
    assert len(bot.texts()) == 1


def test_an_alarm_of_the_fleet_reaches_everybody_on_the_list(make_bot):
    bot = make_bot(TELEGRAM_ALLOWED_USERS=f"{DANA}, 4712")
    bot.desk.sql("select raise_alarm('leak', 'A machine that is not ours to pay for is running.')")
    while bot.tick() == 0:
        pass
    assert [m["chat_id"] for m in bot.telegram.sent] == [DANA, 4712]
    assert {m["text"] for m in bot.telegram.sent} == {
        "🚨 <b>Alarm: leak</b>\nA machine that is not ours to pay for is running.\n"
        f"What to do: {bot.desk.settings.control_plane_url}/account/operations#leak"
    }
    [alarm] = bot.desk.clients.database.list_open_alarms()
    assert alarm.told_at is not None


def test_a_refused_account_is_told_once_and_again_next_day_and_so_is_its_end(make_bot):
    bot = make_bot(ANTHROPIC_API_KEY="sk-ant-test")
    for _ in range(3):
        bot.desk.clients.database.pause_door(DoorName.CLAUDE, "no_credit", "Your credit balance is <too> low.")
    bot.desk.sql("update alarms set announced_at = now() - interval '25 hours'")
    for _ in range(2):
        bot.desk.clients.database.announce_alarms()
    bot.desk.clients.database.resume_door(DoorName.CLAUDE)
    bot.desk.sql("update alarms set cleared_at = cleared_at - interval '11 minutes'")
    for _ in range(2):
        bot.desk.clients.database.announce_alarms()
    while bot.tick() == 0:
        pass
    paused, stands, over = bot.texts()
    assert "no credit" in paused and "&lt;too&gt; low" in paused
    assert "Still open since 20" in stands and "What to do" in stands
    assert over.startswith("✅ <b>Over: claude paused")


def test_a_pause_by_hand_is_told_and_is_no_alarm(make_bot):
    bot = make_bot(ANTHROPIC_API_KEY="sk-ant-test")
    bot.desk.clients.database.pause_door(DoorName.CLAUDE, "by_hand", "")
    bot.desk.clients.database.resume_door(DoorName.CLAUDE, by_hand=True)
    while bot.tick() == 0:
        pass
    assert [text.split()[0] for text in bot.texts()] == ["⏸", "▶️"]
    assert bot.desk.clients.database.list_open_alarms() == []


def test_who_sent_a_document_hears_that_it_waits_and_then_what_claude_says(make_bot):
    bot = make_bot(ANTHROPIC_API_KEY="sk-ant-test")
    send_pdf(bot)
    bot.finish(analyst="rules", fallback_reason="claude_busy")
    bot.tick()
    assert "Not judged yet: Claude will look for contradictions" in bot.texts()[-1]
    bot.deliver(text_update(DANA, 2, "/status"))
    assert "1 wait to be judged" in bot.texts()[-1] and "1: it is their turn soon" in bot.texts()[-1]
    [(job, lease)] = bot.desk.sql("select job_id::text, lease_token::text from claim_analyses(1, 60, 'today')")
    [(call,)] = bot.desk.sql(
        "insert into claude_calls (job_id, document_id, kind, model, status, outcome, reserved_usd, expires_at) select"
        " id, document_id, 'quick', 'm', 'settled', 'answered', 0.01, now() from processing_jobs where id = %s"
        " returning id::text", job,
    )  # fmt: skip
    found = {"analysis": new_analysis(analyst="claude", document_type="court_order", summary="Judged.")
             | {"calls": [call]}}  # fmt: skip
    bot.desk.sql("select * from complete_analysis(%s, %s, %s)", job, lease, json.dumps(found))
    bot.tick()
    assert "Judged." in bot.texts()[-1] and "Not judged" not in bot.texts()[-1]


def test_of_two_notifiers_one_tells(make_bot):
    """Two droplets behind a balancer."""
    one, two = make_bot(), make_bot()
    one.desk.clients.database.raise_alarm("standstill", "Documents wait.")
    for bot in (one, two, one, two):
        bot.tick()
    assert len(one.texts()) == 1 and "Documents wait." in one.texts()[0]
