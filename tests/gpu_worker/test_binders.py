"""Pictures put together through a real worker: one document of their pages, undone without a trace in lists."""

import io

import httpx
from PIL import Image, ImageDraw, ImageFont

from tests.gpu_worker.workshop import REPOSITORY, Workshop

FONT = str(next((REPOSITORY / "scripts" / "fonts").glob("*.ttf")))


def picture(*lines: str) -> bytes:
    image = Image.new("L", (1000, 400), "white")
    for row, line in enumerate(lines):
        ImageDraw.Draw(image).text((40, 40 + 90 * row), line, "black", ImageFont.truetype(FONT, 48))
    file = io.BytesIO()
    image.convert("RGB").save(file, "JPEG")
    return file.getvalue()


def ask(workshop: Workshop, method: str, path: str, **options) -> httpx.Response:
    headers = {"Authorization": f"Bearer {workshop.cloud.control_plane_token}"}
    return httpx.request(method, workshop.control_plane_url + path, headers=headers, timeout=60, **options)


def listed(workshop: Workshop) -> set[str]:
    return {row["original_filename"] for row in ask(workshop, "GET", "/api/documents").json()["documents"]}


def test_a_stack_of_pictures_is_read_as_one_document_and_taken_apart_again(workshop: Workshop):
    first = workshop.upload(picture("The visit was refused"), "IMG_1.jpg")
    second = workshop.upload(picture("on Friday by Marcus"), "IMG_2.jpg")
    workshop.start_worker()
    originals = [workshop.document(workshop.finish(job)) for job in (first, second)]
    (proposal,) = ask(workshop, "GET", "/api/proposals?kind=join").json()["proposals"]
    body = {"binders": [
        {"name": each["name"], "members": [{"document_id": m["document_id"]} for m in each["members"]]}
        for each in proposal["binders"]
    ]}  # fmt: skip
    made = ask(workshop, "POST", "/api/binders", json=body)
    assert made.status_code == 201, made.text
    assert ask(workshop, "POST", "/api/binders", json=body).status_code == 409, "they are in one already"
    (binder,) = made.json()["binders"]
    job = workshop.finish(binder["job_id"])
    assert (job["status"], job["pages_total"]) == ("completed", 2), job
    whole = ask(workshop, "GET", f"/api/documents/{binder['document_id']}").json()
    text = whole["text_excerpt"]
    assert text.index("refused") < text.index("Friday") and "searchable.pdf" in whole["artifacts"]
    assert [part["document_id"] for part in whole["parts"]] == [str(each["id"]) for each in originals]
    assert whole["custody"]["intact"] and whole["binder"]["dissolved_at"] is None
    member = ask(workshop, "GET", f"/api/documents/{originals[0]['id']}").json()
    assert [parent["parent_id"] for parent in member["part_of"]] == [binder["document_id"]]
    assert member["custody"]["intact"] and member["sha256"] == originals[0]["sha256"]
    assert ask(workshop, "GET", "/api/proposals?kind=join").json()["proposals"] == []
    reads = workshop.sql("select count(*) as n from processing_jobs where kind = 'read'")[0]["n"]
    assert reads == 3, "members are not read again"

    assert len(listed(workshop)) == 3
    counted_once(workshop, binder["document_id"], originals[0]["id"])
    for _ in range(2):
        undone = ask(workshop, "POST", f"/api/binders/{binder['document_id']}/dissolve")
        assert undone.json()["binders"] == [binder["document_id"]], undone.text
    assert listed(workshop) == {"IMG_1.jpg", "IMG_2.jpg"}
    assert findings(workshop) == [str(originals[0]["id"])]
    member = ask(workshop, "GET", f"/api/documents/{originals[0]['id']}").json()
    assert not member["custody"]["intact"], "rows written past the record show"
    take_back(workshop, originals[0])
    member = ask(workshop, "GET", f"/api/documents/{originals[0]['id']}").json()
    assert member["part_of"] == [] and member["custody"]["intact"]
    kinds = workshop.sql("select kind from events where document_id = %s order by id", originals[0]["id"])
    assert [row["kind"] for row in kinds if row["kind"].startswith("binder")] == ["binder_made", "binder_dissolved"]
    assert len(ask(workshop, "GET", "/api/proposals?kind=join").json()["proposals"]) == 1


def scan_of_letters() -> bytes:
    """Two letters of two pages each in one file, as a scanner with a feeder makes it."""
    pages = [
        Image.open(io.BytesIO(picture(f"The letter of the {letter}", f"Page {number} of 2")))
        for letter in ("school", "clinic")
        for number in (1, 2)
    ]
    file = io.BytesIO()
    pages[0].save(file, "PDF", save_all=True, append_images=pages[1:], resolution=200)
    return file.getvalue()


def test_a_scan_of_two_letters_becomes_two_documents_and_one_again(workshop: Workshop):
    scan = workshop.upload(scan_of_letters(), "feeder.pdf")
    workshop.start_worker()
    original = workshop.document(workshop.finish(scan))
    (proposal,) = ask(workshop, "GET", "/api/proposals?kind=split").json()["proposals"]
    body = {"binders": [
        {"name": each["name"],
         "members": [{"document_id": m["document_id"], "pages": m["pages"]} for m in each["members"]]}
        for each in proposal["binders"]
    ]}  # fmt: skip
    made = ask(workshop, "POST", "/api/binders", json=body)
    assert made.status_code == 201, made.text
    texts = []
    for binder in made.json()["binders"]:
        job = workshop.finish(binder["job_id"])
        assert (job["status"], job["pages_total"]) == ("completed", 2), job
        texts.append(ask(workshop, "GET", f"/api/documents/{binder['document_id']}").json()["text_excerpt"])
    assert [("school" in text, "clinic" in text) for text in texts] == [(True, False), (False, True)]
    ask(workshop, "POST", f"/api/binders/{made.json()['binders'][0]['document_id']}/dissolve")
    whole = ask(workshop, "GET", f"/api/documents/{original['id']}").json()
    assert listed(workshop) == {"feeder.pdf"} and whole["sha256"] == original["sha256"] and whole["custody"]["intact"]


def findings(workshop: Workshop) -> list[str]:
    return [row["document_id"] for row in ask(workshop, "GET", "/api/findings").json()["findings"]]


def counted_once(workshop: Workshop, binder: str, member: str) -> None:
    for document_id in (binder, member):
        workshop.sql(
            "insert into document_findings (document_id, kind, page, quote, verified, score)"
            " values (%s, 'contradiction', 1, 'refused', true, 50)", document_id,
        )  # fmt: skip
    assert findings(workshop) == [binder]
    workshop.sql("update master_document_registry set analyst = 'claude' where id = %s", member)
    assert set(findings(workshop)) == {binder, str(member)}, "until it is judged as well as its member was"


def take_back(workshop: Workshop, member: dict) -> None:
    """What `counted_once` wrote by hand, so that the record is whole where nobody else touched it."""
    workshop.sql("delete from document_findings")
    workshop.sql("update master_document_registry set analyst = %s where id = %s", member["analyst"], member["id"])
