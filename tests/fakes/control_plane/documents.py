"""Documents: the list, one with its links, search, and the files behind the links."""

import io
from contextlib import suppress

from flask import Blueprint, Response, jsonify, request
from PIL import Image, ImageDraw

from .answers import new_id, page_of, refusal, state

answers = Blueprint("documents", __name__)


@answers.get("/api/documents")
def list_documents():
    q, kind = request.args.get("q", "").lower(), request.args.get("type")
    least = int(request.args.get("min_relevancy", 0))
    rows = [
        {k: v for k, v in d.items() if k not in ("findings", "pages")} | counted(d)
        for d in state().documents
        if q in (d["original_filename"] + d["summary"] + d["text_excerpt"]).lower()
        and kind in (None, d["document_type"])
        and request.args.get("case_number") in (None, d["case_number"])
        and (d["relevancy_score"] or 0) >= least
    ]
    page = page_of("documents", rows)
    return page | {"next": page["next"] and str(page["next"]), "is_at_least": False}


@answers.get("/api/documents/<document_id>")
def show_document(document_id: str):
    document = next((d for d in state().documents if d["id"] == document_id), None)
    if document is None:
        return refusal(404, "not_found", "This document does not exist. It may have been removed.")
    links = f"{state().url}/files/{document_id}"
    names = ["ocr.txt", "searchable.pdf", "analysis.json", "metadata.json", "thumbnail.jpg"]
    names += ["facts.json"] if document_id in state().file_facts else []
    names += ["conversation.json"] if document_id in state().talks else []
    return document | counted(document) | {
        "artifacts": {name: f"{links}/{name}" for name in names},
        "artifact_files": {name: {"bytes": 1000, "sha256": "0" * 64} for name in names},
        "custody": {"events": 3, "intact": True, "broken_at": None},
        "original": f"{links}/original",
        "view": f"{links}/searchable.pdf",
        "arrivals": [
            {
                "seq": 1,
                "source": document["source"],
                "original_filename": document["original_filename"],
                "created_at": document["created_at"],
                "arrival": {"caption": "From the school, on Monday", "sender": "Dana W."},
            }
        ],
        **family_of(document_id),
        "score_evidence": [
            {
                "score": "perjury_score",
                "page": finding["page"],
                "quote": finding["quote"],
                "verified": finding["verified"],
                "reason": finding["explanation"],
                "state": finding["state"],
                "differs": finding["differs"],
            }
            for finding in document["findings"]
        ],
        "claims": claims_of(document),
        "judgement": {"corrections": [], "fields": [], "notes": [], "lines": [], "marks": []},
        "transcriptions": [
            {
                "page": 1,
                "kind": "handwriting",
                "engine": "claude",
                "model": "claude-haiku-4-5",
                "outcome": "transcribed",
                "text": "Picked up the boys at six\n<b>nobody</b> was home",
                "doubtful_lines": [2],
                "created_at": document["created_at"],
            }
        ]
        if document["document_type"] == "Declaration"
        else [],
        "disagreements": [{"about": "document_date", "rules": "2024-05-14", "claude": "2024-05-15"}]
        if document["document_type"] == "Declaration"
        else [],
    }


@answers.get("/api/proposals")
def list_proposals():
    own = state().proposals if request.args["kind"] == "join" else []
    is_open = request.args.get("state", "open") == "open"
    return {"proposals": [each for each in own if (each["dismissed"] is None) == is_open], "next": None}


@answers.post("/api/proposals/dismiss")
def dismiss_proposal():
    dismissal = {"decision_id": new_id(), "decided_by": "owner", "decided_at": state().now.isoformat(), "why": None}
    state().proposals[0]["dismissed"] = dismissal
    return {"id": dismissal["decision_id"], "changed": len(request.json["documents"]), "unchanged": 0, "kept": 0}, 201


@answers.post("/api/decisions/<decision_id>/undo")
def undo_decision(decision_id: str):
    for proposal in state().proposals:
        proposal["dismissed"] = None
    return {"id": new_id(), "changed": 1, "unchanged": 0, "kept": 0}, 201


@answers.post("/api/binders")
def make_binders():
    state().proposals.clear()
    return {"set_id": "s", "binders": [{"document_id": "b", "job_id": "j"}]}, 201


@answers.post("/api/binders/<document_id>/dissolve")
def dissolve_binder(document_id: str):
    state().families[document_id]["binder"]["dissolved_at"] = "2026-05-01T12:00:00+00:00"
    return {"binders": [document_id]}


@answers.get("/api/documents/<document_id>/structure/conversation.json")
def show_conversation(document_id: str):
    talks = state().talks.get(document_id)
    return talks or refusal(404, "not_found", "This document has no such structure.")


def family_of(document_id: str) -> dict:
    """What lies in a document and what it lies in: nothing, but for those of `state().families`."""
    alone = {"parts_next": None, "mail": None, "binder": None}
    alone |= {name: [] for name in ("parts", "part_of", "belongs_with", "thread")}
    return alone | state().families.get(document_id, {})


def claims_of(document: dict) -> list[dict]:
    """What the document states, in each state that a quote can be in."""
    if document["analyst"] != "claude":
        return []
    claim = {
        "role": None, "value": None, "number": None, "page": 1, "start": 0, "box": [], "state": "exact",
        "accepted": True, "differs": [], "reason": None, "readings": [], "is_own": False, "stated_by": "claude",
    }  # fmt: skip
    said = [
        {"kind": "party", "value": "Marcus Whitfield", "role": "respondent", "quote": "I, Marcus Whitfield, declare"},
        {"kind": "date", "value": "2024-05-14", "role": "signed", "quote": "Dated: May 14, 2024", "is_own": True,
         "readings": ["2024-05-14"]},
        {"kind": "date", "role": "event", "quote": "on 03/04/2024", "readings": ["2024-03-04", "2024-04-03"]},
        {"kind": "amount", "value": "$2140.00", "role": "gross pay", "quote": "gross pay of $2,14O.00", "state": "ocr",
         "differs": ["2,14O.00 ≈ 2,140.00"]},
        {"kind": "fact", "value": "Late again, Marcus", "quote": "Late again, Marcus", "state": "picture",
         "box": [120, 640, 500, 700], "start": None},
        {"kind": "fact", "quote": "The order was signed in Reno.", "state": "elsewhere", "accepted": False, "page": 2},
        {"kind": "court", "value": "Supreme Court", "quote": "Supreme Court of Nowhere", "state": "none",
         "accepted": False, "start": None},
    ]  # fmt: skip
    return [claim | one | {"id": number} for number, one in enumerate(said, 1)]


def counted(document: dict) -> dict:
    standing = [finding for finding in document["findings"] if finding["verified"] and not finding["is_wrong"]]
    return {"findings_count": len(standing), "unproven_findings": len(document["findings"]) - len(standing)}


@answers.get("/api/tags")
def list_tags():
    return {"tags": [{"tag": tag, "documents": 1} for tag in sorted({t for d in state().documents for t in d["tags"]})]}


@answers.post("/api/decisions")
def decide():
    said = request.json
    for document in state().documents:
        if document["id"] in said["documents"]:
            kept = [tag for tag in document["tags"] if tag not in said.get("remove_tags", [])]
            document["tags"] = sorted({*kept, *said.get("add_tags", [])})
            document["is_important"] = said.get("important", document["is_important"])
            document["corrected"] = sorted({*document["corrected"], *said.get("correct", {})})
            document.update(said.get("correct", {}))
    return {"id": new_id(), "changed": len(said["documents"]), "unchanged": 0, "kept": 0}, 201


@answers.post("/api/documents/<document_id>/notes")
def add_note(document_id: str):
    return {
        "id": new_id(), "text": request.json["text"], "page": None, "start": None, "quote": None, "box": [],
        "stands": True, "decided_by": "owner", "decided_at": state().now.isoformat(), "decision_id": new_id(),
    }, 201  # fmt: skip


@answers.post("/api/passwords")
def keep_password():
    return {"id": new_id(), "note": request.json["note"], "created_at": state().now.isoformat()}, 201


@answers.get("/api/documents/<document_id>/structure/facts.json")
def show_facts(document_id: str):
    return jsonify(state().file_facts[document_id])


@answers.get("/api/documents/<document_id>/custody")
def check_custody(document_id: str):
    files = [{"name": name, "sha256": "0" * 64, "status": "unchanged"} for name in ("original", "ocr.txt")]
    files[1]["status"] = state().text_state
    return {
        "document_id": document_id,
        "unchanged": state().text_state == "unchanged",
        "faults": [],
        "custody": {"events": 3, "intact": True, "broken_at": None},
        "files": files,
    }


@answers.get("/api/search")
def search():
    q = request.args["q"].lower()
    hits = [d for d in state().documents if q in d["text_excerpt"].lower()]
    return {
        "results": [
            {
                "document_id": d["id"],
                "original_filename": d["original_filename"],
                "page": 1,
                "score": 0.7,
                "matched": "words",
                "relevancy_score": d["relevancy_score"],
                "snippet": _around(d["text_excerpt"], q),
                "document_type": d["document_type"],
                "document_date": d["document_date"],
                "matches": len(hits),
                "capped": False,
            }
            for d in hits
        ],
        "matches": len(hits),
        "capped": False,
    }


@answers.get("/files/<document_id>/<name>")
def show_file(document_id: str, name: str):
    if name.endswith((".txt", ".json", ".pdf")):
        return Response("stand-in file", mimetype="text/plain")
    document = next(d for d in state().documents if d["id"] == document_id)
    rotation = (document["pages"][0].get("rotation") or 0) if name == "original" else 0
    return Response(_page_picture(document, rotation), mimetype="image/jpeg")


def _around(text: str, q: str) -> str:
    at = text.lower().index(q)
    return f"{text[max(0, at - 60) : at]}<b>{text[at : at + len(q)]}</b>{text[at + len(q) : at + 120]}"


def _page_picture(document: dict, rotation: int) -> bytes:
    image = Image.new("RGB", (510, 660), "#fffdf8")
    draw = ImageDraw.Draw(image)
    draw.text((60, 50), (document["document_type"] or "").upper(), fill="#222")
    words, line, y = document["text_excerpt"].split(), "", 90
    for word in [*words, ""]:
        if len(line) + len(word) > 62 or not word:
            draw.text((60, y), line, fill="#333")
            line, y = "", y + 17
        line += word + " "
    with suppress(OSError):
        draw.line((60, y + 40, 240, y + 40), fill="#555")
    buffer = io.BytesIO()
    image.rotate(rotation, expand=True).save(buffer, "JPEG", quality=80)
    return buffer.getvalue()
