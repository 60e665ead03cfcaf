"""Files inside files through a real worker: each is a document of its own, or is listed with the reason why not."""

import io
import tarfile
import zipfile
from hashlib import sha256
from pathlib import Path

from tests.gpu_worker.recordings.test_recordings import film
from tests.gpu_worker.render.test_pictures import MARK, live_picture
from tests.gpu_worker.test_binders import ask
from tests.gpu_worker.workshop import Workshop
from tests.patience import wait_until

INTAKE = Path(__file__).parents[1] / "intake"
NOTE = b"I never agreed to that.\n"
MAIL = (
    b"From: Marcus <m@example.org>\r\nTo: Dana <d@example.org>\r\nMIME-Version: 1.0\r\n"
    b"Date: Tue, 5 Mar 2024 18:0%d:00 -0800\r\nMessage-ID: <%d@example.org>\r\nReferences: <1@example.org>\r\n"
    b"Subject: Visit %d\r\n\r\nNo visit on day %d.\r\n"
)


def zip_of(**members: bytes) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return file.getvalue()


def tar_of(*members: tuple[str, bytes | None], mode: str = "w:gz") -> bytes:
    """Files; None: a symbolic link to the root of the machine."""
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode=mode) as archive:  # type: ignore[call-overload]
        for name, content in members:
            info = tarfile.TarInfo(name)
            info.size, info.mtime = len(content or b""), 1709690580
            info.type, info.linkname = (tarfile.SYMTYPE, "/") if content is None else (tarfile.REGTYPE, "")
            archive.addfile(info, io.BytesIO(content or b""))
    return file.getvalue()


def tree(workshop: Workshop, job: dict) -> dict[str, dict]:
    """The parts of a job's document, by name."""
    rows = workshop.sql("select * from part_list where parent_id = %s order by position", job["document_id"])
    return {row["name"]: row for row in rows}


def everything_read(workshop: Workshop) -> bool:
    return workshop.sql("select * from get_totals()")[0]["open"] == 0


def test_mails_and_archives_become_documents(workshop: Workshop):
    mail = (INTAKE / "email_base64_body_pdf_attached.eml").read_bytes()
    exhibit = (INTAKE / "attachment_embedded_pdf.pdf").read_bytes()
    mailbox = b"".join(b"From x@y Tue Mar  5 18:03:00 2024\n" + MAIL % (n, n, n, n) + b"\n" for n in (1, 2, 3))
    archive = tar_of(("../../etc/note.txt", NOTE), ("way out", None), ("setup.exe", b"MZ\x90\0"), ("empty.txt", b""))
    takeout = zip_of(**{
        "Takeout/Mail/All.mbox": mailbox, "Takeout/.DS_Store": b"\0\0\0\1Bud1", "Takeout/mail.eml": mail,
        "Takeout/more.tar.gz": archive,
    })  # fmt: skip
    jobs = {
        "mail": workshop.enqueue_object("inbox/mail.eml", mail, "mail.eml"),
        "pdf": workshop.upload(exhibit, "exhibit.pdf"),
        "takeout": workshop.upload(takeout, "takeout.zip"),
    }
    worker = workshop.start_worker()
    done = {name: workshop.finish(job) for name, job in jobs.items()}
    wait_until(lambda: everything_read(workshop), "every part is read")
    assert {job["status"] for job in done.values()} == {"completed"}, worker.log

    (order,) = tree(workshop, done["mail"]).values()
    assert (order["name"], order["role"], order["status"], order["pages_total"]) == (
        "order.pdf", "attachment", "completed", 1,
    )  # fmt: skip
    text = workshop.artifact(done["mail"], "ocr.txt").decode()
    assert "Subject: Besuch am Freitag – abgesagt" in text and "I refuse to sign the parenting plan" in text
    assert done["mail"]["pages_total"] == 1, "never a page for base64"
    assert list(tree(workshop, done["pdf"])) == ["exhibit_b.pdf"]

    inside = tree(workshop, done["takeout"])
    assert done["takeout"]["pages_total"] == 0 and done["takeout"]["parts_total"] == 4
    assert workshop.document(done["takeout"])["summary"] == "An export from Google (Takeout) with 4 files inside."
    assert inside["Takeout/.DS_Store"]["code"] == "system_file"
    assert inside["Takeout/mail.eml"]["document_id"] == done["mail"]["document_id"], "read once"
    messages = tree(workshop, {"document_id": inside["Takeout/Mail/All.mbox"]["document_id"]})
    assert list(messages) == ["Visit 1.eml", "Visit 2.eml", "Visit 3.eml"]
    thread = workshop.sql("select * from get_thread(%s, 9)", messages["Visit 2.eml"]["document_id"])
    assert [row["subject"] for row in thread] == ["Visit 1", "Visit 2", "Visit 3"]
    packed = tree(workshop, {"document_id": inside["Takeout/more.tar.gz"]["document_id"]})
    assert {name: row["code"] for name, row in packed.items()} == {
        "../../etc/note.txt": None, "way out": "link", "setup.exe": "unsupported_type", "empty.txt": "empty_file",
    }  # fmt: skip
    (note,) = workshop.sql("select * from master_document_registry where sha256 = %s", sha256(NOTE).hexdigest())
    assert note["original_filename"] == "note.txt"
    (totals,) = workshop.sql("select * from get_totals()")
    assert totals["reconciled"] and (totals["parts"], totals["parts_left_out"]) == (13, 4)
    assert totals["documents"] == 11 and totals["completed"] == 11
    (reads,) = workshop.sql("select count(*) as n from processing_jobs where kind = 'read'")
    assert reads["n"] == 11, "no part is read twice"


def test_the_picture_and_the_clip_of_a_live_photo_name_each_other_whichever_came_first(workshop: Workshop):
    """The clip by itself, the picture in an archive: two doors, one moment."""
    clip = workshop.enqueue_object("inbox/IMG_7.MOV", film(mark=MARK.lower()), "IMG_7.MOV")
    workshop.start_worker()
    clip = workshop.finish(clip)
    assert companions(workshop, clip["document_id"]) == []
    workshop.finish(workshop.upload(zip_of(**{"DCIM/IMG_7.jpg": live_picture()}), "phone.zip"))
    wait_until(lambda: everything_read(workshop), "every part is read")
    (picture,) = companions(workshop, clip["document_id"])
    assert (picture["original_filename"], picture["mime_type"]) == ("IMG_7.jpg", "image/jpeg")
    (back,) = companions(workshop, picture["document_id"])
    assert (back["original_filename"], back["document_id"]) == ("IMG_7.MOV", str(clip["document_id"]))


def companions(workshop: Workshop, document_id: object) -> list[dict]:
    whole = ask(workshop, "GET", f"/api/documents/{document_id}").json()
    assert whole["custody"]["intact"]
    return whole["belongs_with"]
