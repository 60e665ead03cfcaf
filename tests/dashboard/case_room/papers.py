"""Papers as a worker leaves them, put into the test cloud: text, places of words, and what an analysis states."""

import json
from hashlib import sha256
from typing import Any

import httpx

from tests.control_plane.desk import Desk, declare
from tests.queue.claims import new_analysis

MACHINE = "aseagi-local-0000000a"


def put_paper(
    desk: Desk, name: str, pages: list[str], content: bytes | None = None, *, live_mark: str | None = None,
    facts: list[dict[str, Any]] | None = None, boxes: list[dict[str, Any]] | None = None,
    doubts: list[dict[str, Any]] | None = None, **stated: Any,
) -> str:  # fmt: skip
    """A PDF that was read: each page's lines stand one under another, 10 units high, each letter 5 wide; `facts` is
    what it says of itself, `boxes` are the check boxes of each page, `doubts` what was read there with doubt."""
    document_id: str = desk.upload(content or b"%PDF-1.4 " + name.encode(), name).json["document_id"]
    rows = desk.sql("select label from machines where label = %s", MACHINE)
    worker = desk.worker(MACHINE) if rows else desk.add_machine(MACHINE)
    job = desk.claim(worker)
    assert job["document_id"] == document_id
    text = "\f\n".join(pages)
    contents = {"ocr.txt": text.encode(), "metadata.json": _metadata(pages, boxes=boxes or [], doubts=doubts or [])}
    contents |= {"facts.json": json.dumps(facts).encode()} if facts else {}
    lease = {"job_id": job["job_id"], "lease_token": job["lease_token"]}
    urls = desk.http.post("/api/worker/urls", headers=worker, json={**lease, "put": declare(contents)}).json
    for each, content in contents.items():
        target = urls["put"][each]
        httpx.put(target["url"], content=content, headers=target["headers"]).raise_for_status()
    result = {
        "sha256": job["sha256"], "md5": None, "mime_type": "application/pdf", "pages_total": len(pages), "seconds": 1,
        "pages": [{"page": n, "outcome": "ocr", "engine": "onnx", "confidence": 0.9, "seconds": 1, "words": 9}
                  for n in range(1, len(pages) + 1)],
        "artifacts": {each: {"key": put["key"], "bytes": len(contents[each]),
                             "sha256": sha256(contents[each]).hexdigest()} for each, put in urls["put"].items()},
        "text": text, "chunks": [], "live_mark": live_mark,
        "analysis": new_analysis(pages[0].split("\n")[0] or None, **stated),
    }  # fmt: skip
    desk.clients.database.complete_job(MACHINE, job["job_id"], job["lease_token"], result)
    desk.clients.database.index_texts()  # as the importer does
    return document_id


def _metadata(pages: list[str], **on_each: list[dict[str, Any]]) -> bytes:
    written = [
        json.dumps({"page": n, "outcome": "ocr", "width": 500, "height": 1000, **on_each,
                    "lines": [_line(line, 20 + 10 * row) for row, line in enumerate(text.split("\n")) if line]})
        for n, text in enumerate(pages, 1)
    ]  # fmt: skip
    return ('{"pages": [\n' + ",\n".join(written) + '\n], "document": {}}\n').encode()


def _line(text: str, top: int) -> dict[str, Any]:
    words, at = [], 0
    for word in text.split():
        at = text.index(word, at)
        words.append([word, [5 * at, top, 5 * (at + len(word)), top + 8], 0.9])
        at += len(word)
    return {"text": text, "source": "ocr", "confidence": 0.9, "box": [0, top, 5 * len(text), top + 8], "words": words}
