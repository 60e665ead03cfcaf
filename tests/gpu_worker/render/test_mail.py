"""E-mails as a person reads them, from every kind of file; broken ones cost what is broken."""

import struct
from datetime import UTC, datetime
from email.message import EmailMessage
from pathlib import Path

import pytest

from gpu_worker.render.errors import RenderError
from gpu_worker.render.html_text import html_to_text
from gpu_worker.render.mail import mapi
from gpu_worker.render.mail.eml import open_eml, read_mail
from gpu_worker.render.mail.mbox import Mailbox
from gpu_worker.render.mail.msg import open_msg
from gpu_worker.render.mail.tnef import open_tnef
from gpu_worker.render.part import Part
from gpu_worker.render.reader import Reader
from tests.gpu_worker.render.ole_writer import Tree, write_ole


def contents(reader: Reader) -> list[tuple[str, str, bytes | str | None]]:
    return [(part.role, part.name, whole(part)) for part in reader.parts()]


def whole(part: Part) -> bytes | str | None:
    return part.code if part.content is None else b"".join(part.content())


def put(path: Path, content: bytes) -> str:
    path.write_bytes(content)
    return str(path)


def test_html_becomes_the_text_that_is_seen():
    html = """<head><style>p {}</style></head><p>Dear&nbsp;Dana,</p><p style="display: none">hidden</p>
      <blockquote>You <b>agreed</b><br>to six.</blockquote><table><tr><td>Fri</td><td>6 pm</td></tr></table>
      <ul><li>one<li>two</ul><a href="https://court.example/x">the order</a><script>alert(1)</script>"""
    lines = html_to_text(html).splitlines()
    assert "Dear Dana," in lines and "> You agreed" in lines and "> to six." in lines and "- one" in lines
    assert "Fri\t6 pm" in lines and "the order <https://court.example/x>" in html_to_text(html)
    assert "hidden" not in html_to_text(html) and "alert" not in html_to_text(html)


def test_a_message_in_a_message_and_pictures_in_the_text_are_parts(tmp_path: Path):
    inner = EmailMessage()
    inner["Subject"] = "Old promise"
    inner.set_content("Friday at six.")
    outer = EmailMessage()
    outer["From"], outer["To"] = '"Oyelaran, Marcus" <m@example.org>', "Dana <d@example.org>, clerk@court.example"
    outer["Subject"], outer["Date"] = "Fwd: promise", "Tue, 5 Mar 2024 18:03:00 -0800"
    outer["Message-ID"], outer["References"] = "<3@a>", "<1@a> <2@a>"
    outer.set_content("See below.")
    outer.add_alternative("<p>See <i>below</i>.</p>", subtype="html")
    outer.get_payload()[1].add_related(b"\x89PNG..", "image", "png", cid="<logo>", filename="logo.png")
    outer.make_mixed()
    outer.attach(_as_attachment(inner))
    outer.add_attachment(b"%PDF-1.4", maintype="application", subtype="pdf", filename="Beschluß März.pdf")
    reader = open_eml(put(tmp_path / "mail", outer.as_bytes()))
    found = contents(reader)
    assert [(role, name) for role, name, _ in found] == [
        ("inline", "logo.png"), ("message", "Old promise.eml"), ("attachment", "Beschluß März.pdf"),
    ]  # fmt: skip
    assert b"Friday at six." in found[1][2] and found[2][2] == b"%PDF-1.4"
    about = reader.structure().value
    assert about["from"] == [{"name": "Oyelaran, Marcus", "address": "m@example.org"}] and len(about["to"]) == 2
    assert (about["thread_id"], about["sent"]) == ("<1@a>", "2024-03-05T18:03:00-08:00")
    assert reader.read_text(1).text.endswith("\n\nSee below.\n"), "each word once"


def _as_attachment(inner: EmailMessage) -> EmailMessage:
    holder = EmailMessage()
    holder.set_content(inner)
    return holder


@pytest.mark.parametrize(
    ("mail", "body"),
    [
        (b"Subject: =?utf-8?B?QmVzdWNo?=\nContent-Type: text/plain; charset=utf-8\n\nM\xc3\xa4rz", "März"),
        (b"Subject: Besuch\nFrom: M\xc3\xa4rz <a@b>\n\nM\xc3\xa4rz", "März"),
        (b"Subject: Besuch\nContent-Type: text/plain; charset=latin-1\n\nM\xe4rz", "März"),
        (b"Subject: Besuch\nContent-Type: text/plain; charset=no-such\n\nM\xe4rz", "März"),
        (b"Subject: Besuch\nContent-Transfer-Encoding: base64\n\nTcOkcno=", "März"),
        (b"Subject: Besuch\nContent-Transfer-Encoding: base64\n\nTcOkcno!!!", "März"),
        (b"Subject: Besuch\nContent-Type: multipart/mixed\n\nno boundary", "no boundary"),
        (b"Subject: Besuch\nContent-Type: multipart/mixed; boundary=x\n\n--x\n\ncut off", "cut off"),
        (b"Subject: Besuch\nDate: Thu, 99 Foo 2024\nContent-Type: text/html\n\n<p>cut <b>off", "cut off"),
    ],
)
def test_broken_mime_is_read_as_far_as_it_goes(mail: bytes, body: str):
    read = read_mail(mail)
    assert (read.subject, read.sent) == ("Besuch", None)
    assert body in read.body or body in b"".join(part for each in read.parts for part in each.content()).decode()


def test_apple_mail_s_own_file_ends_where_it_says(tmp_path: Path):
    letter = b"Received: from x\nFrom: A <a@b.example>\nSubject: Visit\n\nNo visit."
    for before, behind in ((b"%d        \n" % len(letter), b"<?xml version='1.0'?><plist/>"), (b"\r\n", b"")):
        reader = open_eml(put(tmp_path / "mail", before + letter + behind))
        assert (reader.structure().value["subject"], reader.structure().value["body"]) == ("Visit", "No visit.")


def test_multiparts_without_end_cost_one_document(tmp_path: Path):
    bomb = b"MIME-Version: 1.0\n" + b"".join(
        b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (n, n) for n in range(3000)
    )
    with pytest.raises(RenderError, match="corrupt_file"):
        open_eml(put(tmp_path / "bomb", bomb))


def test_a_mailbox_is_cut_at_its_separators_alone(tmp_path: Path):
    first = b"Subject: One\nDate: Tue, 5 Mar 2024 18:03:00 -0800\n\nHi\n\nFrom here on he lied.\n>From the start.\n\n"
    second = b"Subject: Two\r\n\r\nNo end of line"
    box = b"From a@b Tue Mar  5 18:03:00 2024\n" + first + b"From 123@xxx Wed Mar 06 08:00:00 +0000 2024\r\n" + second
    found = contents(Mailbox(put(tmp_path / "box", box)))
    assert found == [
        ("message", "One.eml", first.replace(b">From", b"From")), ("message", "Two.eml", second),
    ]  # fmt: skip


def properties(header_bytes: int, *values: tuple[int, int, int]) -> bytes:
    rows = (struct.pack("<HHIQ", kind, number, 6, value) for number, kind, value in values)
    return bytes(header_bytes) + b"".join(rows)


def text(number: int, words: str) -> Tree:
    return {f"__substg1.0_{number:04X}001F": words.encode("utf-16-le")}


def outlook_message(header_bytes: int, **more: "bytes | Tree") -> Tree:
    sent = int((datetime(2024, 3, 6, 2, 3, tzinfo=UTC) - datetime(1601, 1, 1, tzinfo=UTC)).total_seconds()) * 10**7
    return {
        "__properties_version1.0": properties(header_bytes, (mapi.SUBMITTED, 0x40, sent)),
        **text(mapi.SUBJECT, "Visit – cancelled"), **text(mapi.SENDER_NAME, "Marcus"),
        **text(mapi.SENDER_SMTP, "m@example.org"), **text(mapi.MESSAGE_ID, "<2@a>"),
        "__recip_version1.0_#00000000": {
            "__properties_version1.0": properties(8, (mapi.RECIPIENT_TYPE, 3, 1)),
            **text(mapi.DISPLAY_NAME, "Dana"), **text(mapi.SMTP_ADDRESS, "d@example.org"),
        },
        **more,
    }  # fmt: skip


def test_an_outlook_message_with_a_file_and_a_message_in_it(tmp_path: Path):
    inner = outlook_message(24, **text(mapi.BODY, "Friday at six."))
    tree = outlook_message(
        32,
        **text(mapi.BODY, "No visit.\r\n"),
        **{
            "__attach_version1.0_#00000000": {
                "__properties_version1.0": bytes(8), **text(mapi.ATTACH_LONG_NAME, "order.pdf"),
                "__substg1.0_37010102": b"%PDF-1.4" * 900,
            },
            "__attach_version1.0_#00000001": {
                "__properties_version1.0": bytes(8), **text(mapi.DISPLAY_NAME, "Old promise"),
                "__substg1.0_3701000D": inner,
            },
        },
    )  # fmt: skip
    reader = open_msg(put(tmp_path / "mail.msg", write_ole(tree)))
    about = reader.structure().value
    assert about["from"] == [{"name": "Marcus", "address": "m@example.org"}]
    assert about["to"] == [{"name": "Dana", "address": "d@example.org"}]
    assert (about["subject"], about["sent"], about["body"]) == (
        "Visit – cancelled", "2024-03-06T02:03:00+00:00", "No visit.",
    )  # fmt: skip
    (_, name, pdf), (role, title, message) = contents(reader)
    assert (name, pdf, role, title) == ("order.pdf", b"%PDF-1.4" * 900, "message", "Visit – cancelled.eml")
    again = read_mail(message)
    assert (again.body, again.subject, again.message_id) == ("Friday at six.", "Visit – cancelled", "<2@a>")
    assert contents(reader)[1][2] == message, "the same bytes each time"


def test_a_body_that_is_nothing_but_rtf_is_a_part(tmp_path: Path):
    packed = bytes.fromhex(
        "2d0000002b0000004c5a4675f1c5c7a703000a007263706731323542320af32068656c090020627705b06c647d0a800fa0"
    )
    tree = outlook_message(32, **{"__substg1.0_10090102": packed})
    reader = open_msg(put(tmp_path / "mail.msg", write_ole(tree)))
    assert contents(reader) == [("body", "body.rtf", b"{\\rtf1\\ansi\\ansicpg1252\\pard hello world}\r\n")]


def attribute(level: int, number: int, value: bytes) -> bytes:
    return struct.pack("<BHHI", level, number, 0, len(value)) + value + struct.pack("<H", sum(value) & 0xFFFF)


def test_winmail_dat_gives_its_files_up(tmp_path: Path):
    wide = "Beschluß.pdf\0".encode("utf-16-le")
    named = struct.pack("<IHHII", 1, 0x1F, mapi.ATTACH_LONG_NAME, 1, len(wide)) + wide + bytes(-len(wide) % 4)
    content = b"\x78\x9f\x3e\x22\x01\x00" + b"".join(
        [
            attribute(1, 0x800C, b"See the order.\0"), attribute(2, 0x9002, bytes(14)),
            attribute(2, 0x8010, b"BESCHL~1.PDF\0"), attribute(2, 0x800F, b"%PDF-1.4"), attribute(2, 0x9005, named),
            attribute(2, 0x9002, bytes(14)), attribute(2, 0x8010, b"note.txt\0"), attribute(2, 0x800F, b"No."),
        ]
    )  # fmt: skip
    reader = open_tnef(put(tmp_path / "winmail.dat", content))
    assert reader.read_text(1).text == "See the order."
    assert contents(reader) == [("attachment", "Beschluß.pdf", b"%PDF-1.4"), ("attachment", "note.txt", b"No.")]
    broken = open_tnef(put(tmp_path / "cut.dat", content[:-6]))
    assert contents(broken)[0][2] == b"%PDF-1.4", "what came before the end stays"
