"""Exports of conversations through the sandboxed child: pages by day, their structure, the files inside as parts."""

import json
import zipfile
from pathlib import Path

import numpy as np
import pytest

from gpu_worker.enums import Outcome
from gpu_worker.ocr.page_text import PageText
from gpu_worker.reading.pages import PageResult
from gpu_worker.reading.talks import TalkFinder
from gpu_worker.render.layer import PlainText
from gpu_worker.render.pool import RenderPool
from gpu_worker.settings import RenderLimits
from tests.gpu_worker.conversations.test_shots import Drawn
from tests.gpu_worker.conversations.test_web_exports import OFW

INTAKE = Path(__file__).parents[2] / "intake"


@pytest.fixture
def pool():
    made = RenderPool(RenderLimits(seconds=5))
    yield made
    made.stop()


def test_a_whatsapp_chat_has_a_page_a_day_and_its_messages_as_structure(pool):
    with pool.open(INTAKE / "whatsapp_ios_day_first.txt", "whatsapp") as file:
        assert file.pages == 4
        page = file.read_text(2)
        assert isinstance(page, PlainText)
        assert "[2] 2024-03-05 21:42:10, Dana W:\nMia's fièvre is 39°, please call 😟" in page.text
        found = file.read_structure()
    assert found is not None and found[0] == "conversation.json"
    (chat,) = json.loads(found[1])["conversations"]
    assert [m["time"]["local"][:10] for m in chat["messages"]] == [
        "2024-02-13", "2024-03-05", "2024-03-05", "2024-03-07", "2024-03-28"]  # fmt: skip


def test_pictures_of_a_phone_s_backup_are_parts_and_no_pages(pool, tmp_path):
    with pool.open(INTAKE / "sms_backup_restore.xml", "sms") as file:
        assert file.pages == 1
        (part,), is_last = file.take_parts(0, tmp_path)
        assert is_last and part.name == "0001-IMG_1.jpg" and part.path
        assert part.path.read_bytes().startswith(b"\xff\xd8\xff")


def test_what_only_looks_like_an_export_is_read_as_the_text_it_is(pool, tmp_path):
    for kind, content in (("meta", b'{"participants": []}'), ("sms", b"<smses></smses>"), ("google-voice", b"<html>x")):
        (tmp_path / kind).write_bytes(content)
        with pool.open(tmp_path / kind, kind) as file:
            page = file.read_text(1)
            assert isinstance(page, PlainText) and page.text == content.decode()
            assert file.read_structure() is None


def test_a_chat_in_a_zip_stands_beside_its_pictures(pool, tmp_path):
    with zipfile.ZipFile(tmp_path / "chat.zip", "w") as archive:
        archive.write(INTAKE / "whatsapp_ios_day_first.txt", "_chat.txt")
        archive.writestr("00000012-PHOTO-2024-03-07-08-01-44.jpg", b"\xff\xd8\xff")
    with pool.open(tmp_path / "chat.zip", "zip") as file:
        parts, _ = file.take_parts(0, tmp_path)
    assert [part.name for part in parts] == ["_chat.txt", "00000012-PHOTO-2024-03-07-08-01-44.jpg"]


def page_of(screen: Drawn) -> PageResult:
    merged = PageText(tuple(screen.lines), "", "clerk", 0.99, *screen.image.size)
    return PageResult(1, Outcome.OCR, "clerk", 0.99, 0.1, None, "", merged, "pixel")


def test_a_screenshot_s_messages_are_found_as_it_is_read_and_a_portal_s_in_its_text(pool, tmp_path):
    screen = Drawn().head("Marcus O").centred("March 5, 2024", chip=True)
    screen.bubble("left", "I am not coming", clock="9:41 PM").bubble("right", "why", clock="9:42 PM")
    screen.image.save(tmp_path / "shot.png")
    with pool.open(tmp_path / "shot.png", "image") as file:
        finder = TalkFinder(file)
        finder.add(page_of(screen))
        (chat,) = json.loads(finder.finish([""]) or b"")["conversations"]
        assert [(m["sender"], m["time"]["local"]) for m in chat["messages"]] == [
            ("Marcus O", "2024-03-05T21:41"), ("Me", "2024-03-05T21:42")]  # fmt: skip
        report = json.loads(TalkFinder(file).finish(OFW) or b"")["conversations"][0]
        assert [m["page"] for m in report["messages"]] == [1, 2]
        assert TalkFinder(file).finish(["Dear judge,"]) is None
    assert np.asarray(screen.image).shape == (2000, 1080, 3)
