"""Messages out of Facebook's, Instagram's and Google's exports and out of the PDFs that parents' portals make."""

import json

import pytest

from gpu_worker.conversations.conversation import Direction
from gpu_worker.conversations.google_voice import read_google_voice
from gpu_worker.conversations.meta import CUT, NotReadable, mend, read_meta
from gpu_worker.conversations.portals import read_portal


def mangle(text: str) -> str:
    return text.encode().decode("latin-1")


THREAD = {
    "participants": [{"name": mangle("Zoë Müller")}, {"name": "Marcus"}],
    "messages": [
        {
            "sender_name": "Marcus",
            "timestamp_ms": 1710475500000,
            "content": mangle("busy 😡"),
            "reactions": [{"reaction": mangle("👍"), "actor": mangle("Zoë Müller")}],
        },
        {
            "sender_name": mangle("Zoë Müller"),
            "timestamp_ms": 1710475440000,
            "content": mangle("fièvre 39°"),
            "photos": [{"uri": "your_facebook_activity/messages/inbox/x/photos/1.jpg", "creation_timestamp": 1}],
        },
        {"sender_name": "Marcus", "timestamp_ms": 1710475560000, "is_unsent": True},
        ["not a message"],
    ],
    "title": mangle("Zoë Müller"),
}


def test_facebook_s_letters_are_mended_and_messages_stand_from_first_to_last():
    chat = read_meta(json.dumps(THREAD).encode())
    assert [(m.sender, m.text) for m in chat.messages] == [
        ("Zoë Müller", "fièvre 39°"),
        ("Marcus", "busy 😡"),
        ("Marcus", ""),
    ]
    assert chat.messages[0].media == ("1.jpg",)
    assert chat.messages[1].notes == ("reaction: 👍 by Zoë Müller",)
    assert chat.messages[2].notes == ("taken back by its sender",)
    assert chat.messages[0].when and chat.messages[0].when.shown == "2024-03-15 04:04:00 UTC"
    assert [person.name for person in chat.people] == ["Zoë Müller", "Marcus"]
    assert chat.unread == ("1 entries of the export could not be read.",)
    assert mend("naïve £5") == "naïve £5", "what was never broken is left alone"


def test_the_newer_export_of_encrypted_chats_and_one_that_ends_early():
    newer = {
        "participants": ["Zoë", "Marcus"],
        "threadName": "Zoë_1",
        "messages": [
            {
                "senderName": "Zoë",
                "text": "fièvre",
                "timestamp": 1710475440000,
                "type": "text",
                "isUnsent": False,
                "media": [{"uri": "./media/2.jpg"}],
                "reactions": [],
            }
        ],
    }
    (message,) = read_meta(json.dumps(newer, ensure_ascii=False).encode()).messages
    assert (message.sender, message.text, message.media) == ("Zoë", "fièvre", ("2.jpg",))
    cut = read_meta(json.dumps(THREAD).encode()[:-220])
    assert [m.text for m in cut.messages][-1] == "busy 😡" and CUT in cut.unread
    for nothing in (b'{"a": 1}', b"[1]", b"{", b"[" * 100_000):
        with pytest.raises(NotReadable):
            read_meta(nothing)


VOICE = """<?xml version="1.0" ?><!DOCTYPE html><html><head><title>Me to\nMarcus</title></head><body>
<div class="hChatLog hfeed"><div class="message"><abbr class="dt" title="2024-03-14T21:04:00.451-07:00">Mar 14</abbr>:
<cite class="sender vcard"><a class="tel" href="tel:+15550107788"><span class="fn">Marcus</span></a></cite>:
<q>I&#39;m not coming<br>tonight</q></div>
<div class="message"><abbr class="dt" title="2024-03-14T21:05:00.000-07:00">Mar 14</abbr>:
<cite class="sender vcard"><a class="tel" href="tel:+15550101111"><abbr class="fn" title="">Me</abbr></a></cite>:
<q>why</q><div><img src="Marcus - Text - 2024-03-15T04_05_00Z-1-1" alt="Image MMS Attachment" /></div></div>
<div class="message">?</div></div><div class="tags">Labels: <a rel="tag">Text</a></div></body></html>"""


def test_google_voice_texts_and_voicemail():
    chat = read_google_voice(VOICE.encode())
    first, second = chat.messages
    assert (first.sender, first.text, first.direction) == ("Marcus", "I'm not coming\ntonight", Direction.RECEIVED)
    assert first.when and first.when.shown == "2024-03-14 21:04:00 UTC-07:00"
    assert (second.sender, second.direction) == ("Me", Direction.SENT)
    assert second.media == ("Marcus - Text - 2024-03-15T04_05_00Z-1-1",)
    assert chat.unread == ("1 messages of the page could not be read.",)
    voicemail = """<html><head><title>Voicemail from\nMarcus</title></head><body><div class="haudio">
    <span class="fn">Voicemail from</span><div class="contributor vcard"><a class="tel" href="tel:+15550107788">
    <span class="fn">Marcus</span></a></div><abbr class="published" title="2024-03-14T21:10:00.000-07:00">x</abbr>
    <span class="description"><span class="full-text">I will be late again</span></span>
    <audio controls="controls" src="Marcus - Voicemail - 2024.mp3"></audio>
    <abbr class="duration" title="PT9S">(00:00:09)</abbr></div></body></html>"""
    (call,) = read_google_voice(voicemail.encode()).messages
    assert (call.sender, call.media) == ("Marcus", ("Marcus - Voicemail - 2024.mp3",))
    assert "I will be late again" in call.text and any("machine" in note for note in call.notes)


OFW = [
    "OurFamilyWizard Message Report\nTimezone: America/New_York\nMessage 1 of 3\nSent: 03/05/2024 at 09:42 PM\n"
    "From: Dana Whitcomb\nTo: Marcus Oyelaran (First Viewed: 03/15/2024 at 07:10 AM)\nSubject: Pickup\n"
    "Will you come?\nFrom: the school I hear you were late.\nPage 1 of 2",
    "OurFamilyWizard Message Report\nand again late.\nMessage 3 of 3\nSent: 03/13/2024 at 08:00 AM\n"
    "From: Marcus Oyelaran\nTo: Dana Whitcomb (First Viewed: Never)\nSubject: Re: Pickup\nNo.\nPage 2 of 2",
]


def test_an_ourfamilywizard_report_gives_sent_and_first_viewed_and_what_is_missing():
    chat = read_portal(OFW)
    assert chat and chat.service == "OurFamilyWizard"
    first, second = chat.messages
    assert (first.sender, first.place and first.place.page) == ("Dana Whitcomb", 1)
    assert first.when and first.when.shown == "2024-03-05 21:42 UTC-05:00"
    assert second.when and second.when.shown == "2024-03-13 08:00 UTC-04:00", "after the clocks changed"
    assert first.text == ("Subject: Pickup\nWill you come?\nFrom: the school I hear you were late.\nand again late.")
    assert first.notes == ("to Marcus Oyelaran", "first viewed by Marcus Oyelaran: 2024-03-15 07:10 UTC-04:00")
    assert second.notes == ("to Dana Whitcomb", "first viewed by Dana Whitcomb: Never")
    assert chat.unread == ("Not found: message 2 of the report.",)


def test_a_talkingparents_record():
    chat = read_portal(
        [
            "TalkingParents Unalterable Record\nMarcus Oyelaran 03/15/2024 09:42:10 PM EDT\n"
            "(First Viewed by Dana Whitcomb on 03/16/2024 07:10:05 AM EDT)\nI saw Dana on 03/14/2024 at 9:00 PM\n"
            "not alone\n"
            "Dana Whitcomb 03/16/2024 07:12:00 AM EDT\nViewed: Never\nThat is not true."
        ]
    )
    assert chat and [m.sender for m in chat.messages] == ["Marcus Oyelaran", "Dana Whitcomb"]
    first, second = chat.messages
    assert first.when and first.when.shown == "2024-03-15 21:42:10 UTC-04:00"
    assert first.text == "I saw Dana on 03/14/2024 at 9:00 PM\nnot alone"
    assert first.notes == ("first viewed by Dana Whitcomb: 2024-03-16 07:10:05 UTC-04:00",)
    assert (second.text, second.notes) == ("That is not true.", ("first viewed: Never",))


def test_a_letter_about_a_portal_is_no_report():
    assert (
        read_portal(["I wrote to him on OurFamilyWizard on 03/05/2024 at 9:42 PM.\nFrom: me\nNo answer."])
        is None
    )
    assert read_portal(["Message 1 of 3\nSent: 03/05/2024 at 09:42 PM\nFrom: A"]) is None
