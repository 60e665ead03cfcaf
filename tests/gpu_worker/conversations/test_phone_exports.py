"""Texts, picture messages and calls out of phones' backups; broken backups give what they still hold, and say so."""

import base64
from pathlib import Path

from gpu_worker.conversations.conversation import Direction
from gpu_worker.conversations.imessage import read_imessage_html, read_imessage_text
from gpu_worker.conversations.sms import read_sms, read_sms_media
from gpu_worker.conversations.written import write_conversations

INTAKE = Path(__file__).parents[2] / "intake"
PICTURE = base64.b64encode(b"\xff\xd8\xff picture").decode()
HEAD = "<?xml version='1.0' encoding='UTF-8' standalone='yes' ?>\n"
GROUP = (
    '<mms date="1710475560000" address="+15550107788~+15550104455" msg_box="1" contact_name="Marcus, Aunt Jo" '
    'readable_date="Mar 15, 2024 4:06:00 AM"><parts><part seq="-1" ct="application/smil" text="&lt;smil/&gt;"/>'
    '<part seq="0" ct="text/plain" text="see this"/><part seq="0" ct="image/jpeg" cl="a.jpg" data="{picture}"/>'
    '</parts><addrs><addr address="+15550104455" type="137"/><addr address="+15550107788" type="151"/></addrs></mms>'
)


def backup(tmp_path: Path, *entries: str, count: int | None = None, end: str = "</smses>") -> Path:
    path = tmp_path / "sms.xml"
    path.write_text(f'{HEAD}<smses count="{len(entries) if count is None else count}">{"".join(entries)}{end}')
    return path


def test_the_backup_of_an_android_phone(tmp_path: Path):
    (thread,) = read_sms(INTAKE / "sms_backup_restore.xml")
    first, second, third = thread.messages
    assert first.text == "I'm not coming 😡 tonight & that's final", "an emoji written as two halves"
    assert (first.sender, first.direction) == ("Marcus Oyelaran", Direction.RECEIVED)
    assert (second.sender, second.direction) == ("Me", Direction.SENT)
    assert first.when and first.when.shown == "2024-03-14 21:04:00 UTC-07:00", "the phone's clock, and its zone"
    (media,) = read_sms_media(INTAKE / "sms_backup_restore.xml")
    assert third.media == (media.name,) and media.content and media.content.startswith(b"\xff\xd8\xff")


def test_a_group_message_names_who_of_the_group_wrote_it_and_its_files(tmp_path: Path):
    path = backup(tmp_path, GROUP.format(picture=PICTURE), GROUP.format(picture=PICTURE).replace('type="137"', ""))
    (thread,) = read_sms(path)
    assert [m.sender for m in thread.messages] == ["Aunt Jo", None]
    assert "who of the group" in thread.messages[1].doubts[0], "nobody is named by guess"
    assert [m.text for m in thread.messages] == ["see this"] * 2
    assert [m.media for m in thread.messages] == [("0001-a.jpg",), ("0002-a.jpg",)]
    assert [media.content for media in read_sms_media(path)] == [b"\xff\xd8\xff picture"] * 2
    assert thread.messages[0].when and thread.messages[0].when.offset == "+00:00"


def test_calls_drafts_and_threads(tmp_path: Path):
    calls = tmp_path / "calls.xml"
    calls.write_text(
        f'{HEAD}<calls count="1"><call number="+15550107788" duration="65" date="1710475440000" type="3" '
        'readable_date="Mar 14, 2024 9:04:00 PM" contact_name="Marcus" /></calls>'
    )
    (call,) = read_sms(calls)[0].messages
    assert (call.text, call.sender, call.service) == ("Missed call, 65 seconds", "Marcus", "Call")
    draft = '<sms address="5550107788" date="1710475440000" type="3" body="never sent" contact_name="null"/>'
    other = '<sms address="+1 (555) 010-7788" date="1710475440" type="1" body="hi" contact_name="Marcus"/>'
    (thread,) = read_sms(backup(tmp_path, draft, other))
    assert [m.notes for m in thread.messages] == [("a draft that was never sent",), ()], "one number, one thread"
    assert {m.when.local for m in thread.messages if m.when} == {"2024-03-15T04:04:00"}, "seconds and milliseconds"


def test_a_damaged_backup_gives_what_stands_before_the_damage_and_says_so(tmp_path: Path):
    sound = '<sms address="5" date="1710475440000" type="1" body="kept" />'
    (thread,) = read_sms(
        backup(tmp_path, sound, '<sms address="5" date="soon" type="1" body="x" />', count=5, end='<sms address="5" bo')
    )
    assert [m.text for m in thread.messages] == ["kept"]
    assert thread.unread == (
        "1 entries of the backup could not be read.",
        "The backup says it holds 5 entries; 2 were found.",
        "The backup file is damaged or ends early; what stands before the damage was read.",
    )


def test_a_backup_that_declares_entities_is_not_read(tmp_path: Path):
    bomb = tmp_path / "bomb.xml"
    bomb.write_text(
        '<?xml version="1.0"?><!DOCTYPE smses [<!ENTITY a "aaaaaaaaaa"><!ENTITY b SYSTEM "file:///etc/passwd">'
        ']><smses><sms address="5" date="1710475440000" type="1" body="&a;&b;"/></smses>'
    )
    assert read_sms(bomb) == ()


IMESSAGE = """\
Mar 05, 2024  2:03:45 PM (Read by you after 5 seconds)
Marcus O
Are we still on?

for Thursday
Tapbacks:
    Loved by Me

Mar 05, 2024  2:05:01 PM
Me
attachments/AB/IMG_0012.HEIC
yes
This message responded to an earlier message.

Mar 06, 2024  9:00:00 AM Marcus O named the conversation Mia.

"""


def test_imessage_as_text():
    chat = read_imessage_text(IMESSAGE)
    first, second, third = chat.messages
    assert (first.sender, first.text) == ("Marcus O", "Are we still on?\n\nfor Thursday")
    assert first.when and first.when.local == "2024-03-05T14:03:45"
    assert first.notes == ("Read by you after 5 seconds", "reaction: Loved by Me")
    assert (second.direction, second.media, second.text) == (Direction.SENT, ("IMG_0012.HEIC",), "yes")
    assert third.direction == Direction.SYSTEM and third.text == "Marcus O named the conversation Mia."
    assert [person.name for person in chat.people if person.is_owner] == ["Me"]


def imessage_div(kind: str, time: str, sender: str, *inside: str) -> str:
    return (
        f'<div class="message"><div class="{kind}"><p><span class="timestamp">{time}</span>'
        f'<span class="sender">{sender}</span></p><hr>{"".join(inside)}</div></div>'
    )


def bubble(text: str) -> str:
    return f'<div class="message_part"><span class="bubble">{text}</span></div>'


def test_imessage_as_html_counts_a_reply_shown_twice_once():
    reply = imessage_div(
        "sent SMS",
        "Oct 17, 2021 10:32:03 PM",
        "Me",
        bubble("no &amp; never<br>again"),
        '<div class="message_part"><img src="attachments/1/tall.jpeg" loading="lazy"></div>',
    )
    top = imessage_div(
        "received",
        "Oct 17, 2021 10:31:49 PM (Read by you after 5 seconds)",
        "Marcus",
        bubble("Will you come?"),
        f'<div class="replies"><div class="reply">{reply}</div></div>',
    )
    notice = '<div class ="announcement"><p><span class="timestamp">Oct 17, 2021 10:33:00 PM</span> You left</p></div>'
    chat = read_imessage_html(f"<html><meta charset=UTF-8>{top}{notice}{reply}</html>".encode())
    assert [(m.sender, m.text) for m in chat.messages] == [
        ("Marcus", "Will you come?"),
        ("Me", "no & never\nagain"),
        (None, "You left"),
    ]
    assert chat.messages[0].notes == ("Read by you after 5 seconds",)
    assert (chat.messages[1].service, chat.messages[1].media) == ("SMS", ("tall.jpeg",))


def test_a_conversation_is_written_by_day_and_numbered_through():
    written = write_conversations([read_imessage_text(IMESSAGE)])
    assert len(written.pages) == 2
    assert "[2] 2024-03-05 14:05:01, Me (sent):\nyes\n(file: IMG_0012.HEIC)" in written.pages[0]
    (described,) = written.structure["conversations"]
    assert [(m["number"], m["page"]) for m in described["messages"]] == [(1, 1), (2, 1), (3, 2)]
    long = "\n\n".join(f"Mar 05, 2024  2:03:{n % 60:02} PM\nMe\n{'word ' * 100}" for n in range(30))
    pages = write_conversations([read_imessage_text(long)]).pages
    assert len(pages) >= 4 and all(len(page) <= 4000 for page in pages)
    assert sum(page.count("Me (sent):") for page in pages) == 30
