"""Conversations of four kinds through a real worker: every message is a row, and search has its words."""

import io
import json
import random
from pathlib import Path

from PIL import Image
from reportlab.pdfgen.canvas import Canvas

from scripts.bench.chat_pages import SKINS, draw_talk, make_talk, screens
from tests.gpu_worker.conversations.test_web_exports import OFW
from tests.gpu_worker.workshop import Workshop

INTAKE = Path(__file__).parents[1] / "intake"


def report_pdf() -> bytes:
    """A portal's report with a text layer."""
    file = io.BytesIO()
    canvas = Canvas(file, pagesize=(612, 792))
    for page in OFW:
        for number, line in enumerate(page.split("\n")):
            canvas.drawString(60, 740 - 16 * number, line)
        canvas.showPage()
    canvas.save()
    return file.getvalue()


def two_screens() -> tuple[bytes, list[str]]:
    """Two screens of one chat that overlap, as one file of two pictures, and what it says."""
    chance = random.Random(3)
    talk = make_talk(chance, 13, group=False)
    picture, said, bands = draw_talk(SKINS["whatsapp"], talk, chance, with_year=True, group=False)
    shots = screens(SKINS["whatsapp"], picture, bands, "Aunt Jo", 420)
    file = io.BytesIO()
    shots[0].save(file, "TIFF", save_all=True, append_images=shots[1:], compression="tiff_deflate")
    return file.getvalue(), [each.text for each in said]


def messages(workshop: Workshop, job: dict) -> list[dict]:
    (chat,) = json.loads(workshop.artifact(job, "conversation.json"))["conversations"]
    return chat["messages"]


def test_conversations_of_many_kinds_become_rows(workshop: Workshop):
    shots, said = two_screens()
    assert Image.open(io.BytesIO(shots)).n_frames > 1
    files = {
        "_chat.txt": (INTAKE / "whatsapp_ios_day_first.txt").read_bytes(),
        "sms.xml": (INTAKE / "sms_backup_restore.xml").read_bytes(),
        "report.pdf": report_pdf(),
        "shots.tif": shots,
    }
    jobs = {name: workshop.upload(content, name) for name, content in files.items()}
    worker = workshop.start_worker()
    done = {name: workshop.finish(job) for name, job in jobs.items()}
    assert {job["status"] for job in done.values()} == {"completed"}, worker.log
    days = [message["time"]["local"][:10] for message in messages(workshop, done["_chat.txt"])]
    assert days == ["2024-02-13", "2024-03-05", "2024-03-05", "2024-03-07", "2024-03-28"]
    assert "[2] 2024-03-05 21:42:10, Dana W:" in workshop.artifact(done["_chat.txt"], "ocr.txt").decode()
    texts = messages(workshop, done["sms.xml"])
    assert [(m["sender"], m["direction"]) for m in texts] == [
        ("Marcus Oyelaran", "received"), ("Me", "sent"), ("Marcus Oyelaran", "received")]  # fmt: skip
    (part,) = workshop.sql("select * from part_list where parent_id = %s", done["sms.xml"]["document_id"])
    assert part["name"] == texts[2]["media"][0] and part["document_id"], "the picture is a document of its own"
    report = messages(workshop, done["report.pdf"])
    assert [(m["sender"], m["page"]) for m in report] == [("Dana Whitcomb", 1), ("Marcus Oyelaran", 2)]
    read = messages(workshop, done["shots.tif"])
    assert [message["text"] for message in read] == said, "each once, though both screens show some"
    assert {message["time"]["local"][:4] for message in read} == {"2024"} and read[0]["box"]
