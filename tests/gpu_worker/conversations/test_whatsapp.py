"""WhatsApp's exports: whatever phone and language wrote them, each message with its own day, sender and words."""

from pathlib import Path

import pytest

from gpu_worker.conversations.conversation import Direction, Precision
from gpu_worker.conversations.whatsapp import read_whatsapp

INTAKE = Path(__file__).parents[2] / "intake"


def days(text: str) -> list[str | None]:
    return [message.when.day if message.when else None for message in read_whatsapp(text).messages]


def test_the_day_first_export_of_an_iphone():
    text = (INTAKE / "whatsapp_ios_day_first.txt").read_text(encoding="utf-8")
    chat = read_whatsapp(text)
    assert [m.when.local for m in chat.messages if m.when] == [
        "2024-02-13T21:41:07",
        "2024-03-05T21:42:10",
        "2024-03-05T21:55:00",
        "2024-03-07T08:01:44",
        "2024-03-28T18:10:00",
    ]
    assert [m.sender for m in chat.messages] == [None, "Dana W", "Marcus O", "+1 555 010 7788", "Marcus O"]
    assert chat.messages[0].direction == Direction.SYSTEM and "encrypted" in chat.messages[0].text
    assert chat.messages[1].text == "Mia's fièvre is 39°, please call 😟"
    assert chat.messages[3].media == ("00000012-PHOTO-2024-03-07-08-01-44.jpg",) and chat.messages[3].text == ""
    assert "day first" in chat.doubts[0] and "no time zone" in chat.doubts[1]


def test_an_android_export_with_lines_below_each_other_files_and_notices():
    chat = read_whatsapp(
        "3/14/24, 9:04\u202fPM - Messages and calls are end-to-end encrypted.\n"
        "3/14/24, 9:04\u202fPM - Marcus: I can't come\nnot tonight: sorry\n\n3 o'clock tomorrow\n"
        "3/14/24, 9:05\u202fPM - Dana: IMG-20240314-WA0001.jpg (file attached)\nher at the door\n"
        "3/14/24, 9:06\u202fPM - Marcus: <Media omitted>\n"
        "3/14/24, 9:07\u202fPM - Dana: You deleted this message\n"
        "3/14/24, 9:08\u202fPM - Marcus: ok \u200e<This message was edited>\n"
    )
    assert chat.messages[0].direction == Direction.SYSTEM and chat.messages[0].sender is None
    assert chat.messages[1].text == "I can't come\nnot tonight: sorry\n\n3 o'clock tomorrow"
    assert chat.messages[1].when and chat.messages[1].when.local == "2024-03-14T21:04"
    assert chat.messages[1].when.precision == Precision.MINUTE
    assert chat.messages[2].media == ("IMG-20240314-WA0001.jpg",) and chat.messages[2].text == "her at the door"
    assert chat.messages[3].notes == ("a file was sent that the export leaves out",)
    assert "deleted" in chat.messages[4].notes[0]
    assert chat.messages[5].text == "ok" and chat.messages[5].notes == ("edited after it was sent",)
    directions = [(m.sender, m.direction) for m in chat.messages[1:4]]
    assert directions == [("Marcus", "received"), ("Dana", "sent"), ("Marcus", "received")], "Dana deleted as `You`"
    assert [p.name for p in chat.people if p.is_owner] == ["Dana"]


@pytest.mark.parametrize(
    ("line", "local"),
    [
        ("[05.03.24, 21:42:10] Dana: hallo", "2024-03-05T21:42:10"),
        ("05.03.24, 21:42 - Dana: hallo", "2024-03-05T21:42"),
        ("[12.3.2022 klo 14.08.18] Dana: hei", "2022-03-12T14:08:18"),
        ("2024-03-05, 9:42 p.m. - Dana: hi", "2024-03-05T21:42"),
        ("2024/3/5 下午9:42 - Dana: 你好", "2024-03-05T21:42"),
        ("[13/3/24 9:42:10 p. m.] Dana: hola", "2024-03-13T21:42:10"),
        ("\u200e[13/03/2024, 12:05:00 AM] Dana: \u200eimage omitted", "2024-03-13T00:05:00"),
        ("\u200f28\u200f/3\u200f/2024، 6:03 م - Dana: لا زيارة", "2024-03-28T18:03"),
        ("[١٣/٠٣/٢٠٢٤, ٩:٤٢:١٠ م] Dana: مرحبا", "2024-03-13T21:42:10"),
    ],
)
def test_dates_and_clocks_of_many_phones(line: str, local: str):
    (message,) = read_whatsapp(line).messages
    assert message.when and message.when.local == local and message.sender == "Dana"


def test_day_and_month_are_decided_by_the_whole_file_and_never_guessed():
    assert days("[05/03/2024, 9:00:00] A: x\n[13/03/2024, 9:00:00] A: x") == ["2024-03-05", "2024-03-13"]
    assert days("[03/05/2024, 9:00:00] A: x\n[03/13/2024, 9:00:00] A: x") == ["2024-03-05", "2024-03-13"]
    steady = "[12/01/2024, 9:00:00] A: x\n[01/02/2024, 9:00:00] A: x"
    assert days(steady) == ["2024-01-12", "2024-02-01"], "month first would run backwards"
    named = "[05/03/2024, 9:00:00] A: \u200e<attached: 00000002-PHOTO-2024-03-05-09-00-00.jpg>"
    assert days(named) == ["2024-03-05"]
    unsure = read_whatsapp("[05/03/2024, 9:00:00] A: x\n[06/03/2024, 9:00:00] A: x")
    assert [m.when.local for m in unsure.messages if m.when] == [None, None]
    assert unsure.messages[0].when and unsure.messages[0].when.doubt == "the date can mean 2024-03-05 or 2024-05-03"
    assert "cannot be told apart" in unsure.doubts[0]


def test_a_chat_pasted_into_a_message_stays_in_it_and_lines_before_the_first_are_counted():
    chat = read_whatsapp("Chat history\n[13/03/2024, 9:00:00] A: he wrote\n12/03/2024, 08:00 - B: I lied\n")
    assert [message.text for message in chat.messages] == ["he wrote\n12/03/2024, 08:00 - B: I lied"]
    assert chat.unread == ("1 lines before the first dated one belong to no message.",)
