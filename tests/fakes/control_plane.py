"""A stand-in control plane over HTTP for the dashboard's page tests: interfaces.md §4 with a small custody case inside.

`FakeControlPlane()` is a context manager; `url` and `token` reach it. Tests may change its lists (`documents`, `jobs`,
`batches`, …) and read `calls`. A job that was uploaded moves one step each time the list of jobs is read.
"""

import io
import logging
import threading
import uuid
from collections import Counter
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any

from flask import Flask, Response, jsonify, request
from PIL import Image, ImageDraw
from werkzeug.serving import make_server

TOKEN = "stand-in-control-plane-token"
SCORES = {
    "relevancy_score": (0, 999),
    "truth_score": (0, 100),
    "justice_score": (0, 100),
    "legal_credit_score": (300, 850),
    "fraud_score": (0, 100),
    "perjury_score": (0, 100),
}


class FakeControlPlane:
    """The stand-in: state as plain lists, served by a real HTTP server on a free loopback port."""

    def __init__(self, empty: bool = False):
        self.token = TOKEN
        self.now = datetime.now(UTC)
        self.calls: list[tuple[str, str, Any]] = []
        self.refusals: dict[str, tuple[int, str, str]] = {}
        self.documents: list[dict] = [] if empty else _documents(self.now)
        self.jobs: list[dict] = [] if empty else _jobs(self.now, self.documents)
        self.batches: list[dict] = [] if empty else _batches(self.now)
        self.instances: list[dict] = [] if empty else _instances(self.now)
        self.offers: list[dict] = [] if empty else _offers()
        self._still = {job["id"] for job in self.jobs if job["status"] in ("queued", "processing")}
        self.paused, self.pause_reason = False, None
        self.costs = _costs(self.now, empty)
        self._server = None

    def __enter__(self) -> "FakeControlPlane":
        logging.getLogger("werkzeug").setLevel(logging.ERROR)
        self._server = make_server("127.0.0.1", 0, self._app(), threaded=True)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        for document in self.documents:
            document["thumbnail"] = f"{self.url}/files/{document['id']}/thumbnail.jpg"
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *exc) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def refuse(self, path: str, status: int, code: str, message: str) -> None:
        """Answer this path with an error from now on."""
        self.refusals[path] = (status, code, message)

    def _app(self) -> Flask:
        app = Flask(__name__)
        app.before_request(self._gate)
        for rule, method, view in self._routes():
            app.add_url_rule(rule, endpoint=f"{method} {rule}", view_func=view, methods=[method])
        return app

    def _routes(self):
        return [
            ("/files/<document_id>/<name>", "GET", self._file),
            ("/ready", "GET", lambda: {"status": "ok"}),
            ("/api/upload", "POST", self._upload),
            ("/api/jobs", "GET", self._list_jobs),
            ("/api/jobs/<job_id>", "GET", lambda job_id: self._found(self.jobs, "id", job_id)),
            ("/api/jobs/<job_id>/retry", "POST", lambda job_id: self._set_job(job_id, "queued")),
            ("/api/jobs/<job_id>/cancel", "POST", lambda job_id: self._set_job(job_id, "cancelled")),
            ("/api/totals", "GET", self._totals),
            ("/api/documents", "GET", self._list_documents),
            ("/api/documents/<document_id>", "GET", self._document),
            ("/api/search", "GET", self._search),
            ("/api/findings", "GET", self._list_findings),
            ("/api/analytics", "GET", self._analytics),
            ("/api/costs", "GET", lambda: self.costs),
            ("/api/events", "GET", lambda: {"events": [], "next": None}),
            ("/api/instances/status", "GET", self._status),
            ("/api/instances/launch", "POST", self._launch),
            ("/api/instances/<label>/destroy", "POST", self._destroy),
            (
                "/api/instances/<label>/logs",
                "GET",
                lambda label: {"label": label, "log": "worker ready\nread 40 pages"},
            ),
            ("/api/renting/pause", "POST", lambda: self._pause(True)),
            ("/api/renting/resume", "POST", lambda: self._pause(False)),
            ("/vastai/balance", "GET", lambda: {"credit_usd": 18.42}),
            ("/vastai/offers", "GET", lambda: {"offers": self.offers}),
            ("/batch/estimate", "GET", self._estimate),
            ("/batch/start", "POST", self._start_batch),
            ("/batch/status", "GET", lambda: {"batches": self.batches}),
            ("/batch/pause", "POST", lambda: self._steer("paused")),
            ("/batch/resume", "POST", lambda: self._steer("running")),
            ("/batch/stop", "POST", lambda: self._steer("stopped")),
        ]

    def _gate(self):
        if request.path.startswith("/files/"):
            return None
        self.calls.append((request.method, request.path, request.get_json(silent=True) or request.args.to_dict()))
        if request.headers.get("Authorization") != f"Bearer {self.token}":
            return _error(401, "bad_token", "The token is missing or wrong.")
        return _error(*self.refusals[request.path]) if request.path in self.refusals else None

    # documents and jobs

    def _upload(self):
        file = request.files["file"]
        known = next((d for d in self.documents if d["original_filename"] == file.filename), None)
        if known:
            return {
                "journal_id": _id(),
                "document_id": known["id"],
                "job_id": None,
                "duplicate": True,
                "status": "completed",
            }, 200
        document_id, job_id = _id(), _id()
        self.jobs.insert(0, _job(job_id, document_id, file.filename, "queued", self.now, pages_total=3))
        return {
            "journal_id": _id(),
            "document_id": document_id,
            "job_id": job_id,
            "duplicate": False,
            "status": "queued",
        }, 201

    def _list_jobs(self):
        for job in self.jobs:
            if job["id"] not in self._still:
                _step(job)
        status = request.args.get("status")
        rows = [job for job in self.jobs if status in (None, job["status"])]
        return {"jobs": rows[: int(request.args.get("limit", 50))], "next": None}

    def _set_job(self, job_id: str, status: str):
        for job in self.jobs:
            if job["id"] == job_id:
                job["status"] = status
                return job
        return _error(404, "not_found", "There is no such job.")

    def _totals(self):
        by_status = Counter(job["status"] for job in self.jobs)
        pages = sum(d["pages_total"] for d in self.documents)
        still_open = by_status["queued"] + by_status["processing"]
        return {
            "documents": len(self.jobs),
            "completed": by_status["completed"],
            "failed": by_status["failed"],
            "cancelled": by_status["cancelled"],
            "open": still_open,
            "pages": pages,
            "pages_accounted": pages,
            "reconciled": still_open == 0,
        }

    def _list_documents(self):
        q, kind = request.args.get("q", "").lower(), request.args.get("type")
        least = int(request.args.get("min_relevancy", 0))
        rows = [
            {k: v for k, v in d.items() if k not in ("findings", "pages", "text_excerpt")}
            | {"findings_count": len(d["findings"])}
            for d in self.documents
            if q in (d["original_filename"] + d["summary"] + d["text_excerpt"]).lower()
            and kind in (None, d["document_type"])
            and (d["relevancy_score"] or 0) >= least
        ]
        start, limit = int(request.args.get("cursor", 0)), int(request.args.get("limit", 50))
        return {
            "documents": rows[start : start + limit],
            "next": str(start + limit) if len(rows) > start + limit else None,
        }

    def _document(self, document_id: str):
        document = next((d for d in self.documents if d["id"] == document_id), None)
        if document is None:
            return _error(404, "not_found", "This document does not exist. It may have been removed.")
        links = f"{self.url}/files/{document_id}"
        names = ("ocr.txt", "searchable.pdf", "analysis.json", "metadata.json", "thumbnail.jpg")
        return document | {
            "artifacts": {name: f"{links}/{name}" for name in names},
            "original": f"{links}/original",
            "score_evidence": [
                {
                    "score": "perjury_score",
                    "page": finding["page"],
                    "quote": finding["quote"],
                    "verified": finding["verified"],
                    "reason": finding["explanation"],
                }
                for finding in document["findings"]
            ],
        }

    def _search(self):
        q = request.args["q"].lower()
        hits = [d for d in self.documents if q in d["text_excerpt"].lower()]
        return {
            "results": [
                {
                    "document_id": d["id"],
                    "original_filename": d["original_filename"],
                    "page": 1,
                    "score": 0.7,
                    "snippet": _around(d["text_excerpt"], q),
                    "document_type": d["document_type"],
                    "document_date": d["document_date"],
                }
                for d in hits
            ]
        }

    def _file(self, document_id: str, name: str):
        if name.endswith((".txt", ".json", ".pdf")):
            return Response("stand-in file", mimetype="text/plain")
        document = next(
            (d for d in self.documents if d["id"] == document_id), {"text_excerpt": "", "document_type": ""}
        )
        return Response(_page_picture(document), mimetype="image/jpeg")

    # what was found

    def _findings(self) -> list[dict]:
        return [
            finding
            | {
                "document_id": d["id"],
                "original_filename": d["original_filename"],
                "document_type": d["document_type"],
                "document_date": d["document_date"],
            }
            for d in self.documents
            for finding in d["findings"]
        ]

    def _list_findings(self):
        kind, least = request.args.get("kind"), int(request.args.get("min_score", 0))
        rows = [f for f in self._findings() if kind in (None, f["kind"]) and f["score"] >= least]
        return {"findings": rows, "next": None}

    def _analytics(self):
        parties = Counter((p["name"], p["role"]) for d in self.documents for p in d["parties"])
        return {
            "documents": len(self.documents),
            "analysed": len(self.documents),
            "by_type": Counter(d["document_type"] or "Unknown" for d in self.documents),
            "by_source": Counter(d["source"] for d in self.documents),
            "by_analyst": Counter(d["analyst"] for d in self.documents),
            "findings_by_kind": Counter(f["kind"] for f in self._findings()),
            "scores": {key: _buckets([d[key] for d in self.documents], *ends) for key, ends in SCORES.items()},
            "timeline": [
                {
                    "date": d["document_date"],
                    "document_id": d["id"],
                    "original_filename": d["original_filename"],
                    "document_type": d["document_type"],
                    "summary": d["summary"],
                }
                for d in self.documents
                if d["document_date"]
            ],
            "parties": [{"name": n, "role": r, "documents": c} for (n, r), c in parties.most_common()],
        }

    # machines and batches

    def _status(self):
        return {"instances": self.instances, "renting": {"paused": self.paused, "reason": self.pause_reason}}

    def _launch(self):
        self.instances.insert(0, _instance("aseagi-home-0badcafe", "intent", self.now))
        return {"label": "aseagi-home-0badcafe", "state": "intent"}, 202

    def _destroy(self, label: str):
        for row in self.instances:
            if row["label"] == label:
                row["state"] = "destroying"
                return row
        return _error(404, "not_found", "There is no such machine.")

    def _pause(self, paused: bool):
        self.paused = paused
        self.pause_reason = (request.get_json(silent=True) or {}).get("reason") if paused else None
        return {"paused": self.paused, "reason": self.pause_reason}

    def _estimate(self):
        if request.args.get("prefix", "").startswith("/"):
            return _error(400, "bad_prefix", "A folder name does not start with a slash.")
        return {
            "prefix": request.args.get("prefix", ""),
            "documents": 1240,
            "known": 36,
            "new": 1198,
            "unsupported": 6,
            "bytes": 3_412_000_000,
            "pages": 8320,
            "hours": 0.7,
            "usd": 0.38,
            "machines": 2,
        }

    def _start_batch(self):
        name = request.json.get("name") or request.json.get("prefix") or "A folder of Google Drive"
        batch = _batch("scanning", name, self.now, 1198, 0)
        self.batches.insert(0, batch)
        return batch, 201

    def _steer(self, state: str):
        batch = next(b for b in self.batches if b["id"] == request.json["batch_id"])
        batch["state"] = state
        return batch

    @staticmethod
    def _found(rows: list[dict], key: str, value: str):
        row = next((row for row in rows if row[key] == value), None)
        return row or _error(404, "not_found", "There is no such job.")


def _error(status: int, code: str, message: str):
    response = jsonify(code=code, message=message)
    response.status_code = status
    return response


def _id() -> str:
    return str(uuid.uuid4())


def _step(job: dict) -> None:
    if job["status"] == "queued":
        job.update(status="processing", pages_done=1)
    elif job["status"] == "processing":
        job["pages_done"] += 1
        if job["pages_done"] >= job["pages_total"]:
            job.update(status="completed", page_outcomes={"ocr": job["pages_total"]})


def _around(text: str, q: str) -> str:
    at = text.lower().index(q)
    return f"{text[max(0, at - 60) : at]}<b>{text[at : at + len(q)]}</b>{text[at + len(q) : at + 120]}"


def _buckets(values: list, low: int, high: int) -> list[dict]:
    step = -(-(high - low) // 10)
    edges = [(low + i * step, min(high, low + (i + 1) * step)) for i in range(10)]
    known = [v for v in values if v is not None]
    return [
        {"low": a, "high": b, "documents": sum(a <= v < b or (v == b == high) for v in known)}
        for a, b in edges
        if a < b
    ]


def _page_picture(document: dict) -> bytes:
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
    image.save(buffer, "JPEG", quality=80)
    return buffer.getvalue()


# a small custody case, invented

ORDER = (
    "SUPERIOR COURT OF CALIFORNIA, COUNTY OF ALAMEDA. Case No. FL-2023-004417. In re the matter of Dana Whitfield, "
    "Petitioner, and Marcus Whitfield, Respondent. ORDER AFTER HEARING. Respondent shall have parenting time every "
    "other weekend from Friday 6:00 p.m. to Sunday 6:00 p.m. Neither party shall remove the minor children from the "
    "State of California without written consent. Exchanges shall take place at the Alameda Public Library."
)
DECLARATION = (
    "DECLARATION OF MARCUS WHITFIELD. I, Marcus Whitfield, declare: 1. I have never missed a scheduled exchange. "
    "2. On March 8, 2024 I was at home in Oakland with the children the entire weekend. 3. I have had no income since "
    "January 2024. I declare under penalty of perjury that the foregoing is true and correct."
)
MESSAGES = (
    "Fri 8 Mar 2024 17:42 Marcus: Running late, we are still in Reno. Sat 9 Mar 2024 10:15 Dana: You were supposed to "
    "bring them to the library last night at 6. Sat 9 Mar 2024 10:21 Marcus: I will bring them Sunday."
)
PAYSTUB = "BAY LOGISTICS LLC. Employee: Marcus Whitfield. Pay period 02/01/2024 to 02/15/2024. Gross pay $2,140.00."
CPS = (
    "CONTRA COSTA COUNTY CHILDREN AND FAMILY SERVICES. Investigation narrative. The reporting party stated that the "
    "home had no food. On the unannounced visit the refrigerator was well stocked. Disposition: unfounded."
)


def _documents(now: datetime) -> list[dict]:
    def finding(kind: str, page: int, quote: str, explanation: str, score: int, verified: bool = True) -> dict:
        return {
            "id": _id(),
            "kind": kind,
            "page": page,
            "quote": quote,
            "explanation": explanation,
            "score": score,
            "verified": verified,
        }

    dana, marcus = (
        {"name": "Dana Whitfield", "role": "petitioner"},
        {"name": "Marcus Whitfield", "role": "respondent"},
    )
    return [
        _document(
            "2024-05-14_declaration_M_Whitfield.pdf",
            "Declaration",
            "2024-05-14",
            DECLARATION,
            4,
            now,
            0,
            [marcus],
            "Marcus Whitfield states under penalty of perjury that he never missed an exchange, stayed in Oakland on "
            "the weekend of 8 March 2024, and has had no income since January 2024.",
            (960, 24, 40, 410, 71, 82),
            [
                finding(
                    "perjury",
                    1,
                    "I have had no income since January 2024.",
                    "A pay stub for 1–15 February 2024 shows gross pay of $2,140.00 from Bay Logistics LLC.",
                    82,
                ),
                finding(
                    "contradiction",
                    1,
                    "I was at home in Oakland with the children the entire weekend.",
                    "His own text message of 8 March 2024 says: “we are still in Reno”.",
                    78,
                ),
                finding(
                    "contradiction",
                    2,
                    "I always call ahead when I am late",
                    "The messages show no call before the missed exchange.",
                    35,
                    verified=False,
                ),
            ],
        ),
        _document(
            "Order after hearing 2023-11-02.pdf",
            "Court order",
            "2023-11-02",
            ORDER,
            6,
            now,
            1,
            [dana, marcus],
            "Sets parenting time on alternate weekends, exchanges at the library at 6 p.m., and forbids taking the "
            "children out of California without written consent.",
            (925, 88, 74, 790, 3, 2),
            [],
        ),
        _document(
            "IMG_4471 text messages.jpg",
            "Messages",
            "2024-03-08",
            MESSAGES,
            1,
            now,
            2,
            [dana, marcus],
            "Text messages in which Marcus says he is still in Reno with the children after the exchange time.",
            (884, 80, 45, 640, 12, 18),
            [
                finding(
                    "order_violation",
                    1,
                    "Running late, we are still in Reno.",
                    "The order of 2 November 2023 forbids taking the children out of California without written "
                    "consent and sets the exchange for 6 p.m. on Friday.",
                    74,
                )
            ],
        ),
        _document(
            "paystub_bay_logistics_feb.png",
            "Pay stub",
            "2024-02-15",
            PAYSTUB,
            1,
            now,
            3,
            [marcus],
            "Pay stub of Marcus Whitfield, 1–15 February 2024, gross pay $2,140.00.",
            (742, 91, 50, 770, 6, 4),
            [
                finding(
                    "fraud_indicator",
                    1,
                    "Gross pay $2,140.00.",
                    "Income that is missing from the later income declaration.",
                    58,
                )
            ],
        ),
        _document(
            "CFS investigation narrative.pdf",
            "Agency report",
            "2024-01-22",
            CPS,
            9,
            now,
            5,
            [dana, {"name": "Contra Costa Children and Family Services", "role": "agency"}],
            "The agency visited unannounced, found the home well stocked, and closed the report as unfounded.",
            (871, 76, 55, 720, 22, 9),
            [],
        ),
        _document(
            "school attendance 2023-24.pdf",
            "School record",
            "2024-06-03",
            "Attendance record. Absent 11 March 2024.",
            2,
            now,
            9,
            [dana],
            "Attendance of both children; one absence on Monday 11 March 2024.",
            (610, 90, 60, 780, 1, 1),
            [],
        ),
        _document(
            "scan0007.tif",
            None,
            None,
            "Receipt. Total 41.20",
            1,
            now,
            12,
            [],
            "",
            (95, None, None, None, None, None),
            [],
            analyst="rules",
        ),
    ]


def _document(name, kind, date, text, pages, now, days, parties, summary, scores, findings, analyst="claude") -> dict:
    mime = {"pdf": "application/pdf", "jpg": "image/jpeg", "png": "image/png", "tif": "image/tiff"}[name[-3:]]
    outcomes = ["text_layer" if mime == "application/pdf" and i % 3 == 0 else "ocr" for i in range(pages)]
    return {
        "id": _id(),
        "job_id": _id(),
        "original_filename": name,
        "document_type": kind,
        "document_date": date,
        "case_number": "FL-2023-004417" if kind in ("Court order", "Declaration") else None,
        "court": "Superior Court of California, County of Alameda" if kind in ("Court order", "Declaration") else None,
        "summary": summary,
        "parties": parties,
        **dict(zip(SCORES, scores, strict=True)),
        "pages_total": pages,
        "status": "completed",
        "analyst": analyst,
        "source": "telegram" if "IMG" in name else "upload",
        "created_at": (now - timedelta(days=days, minutes=7)).isoformat(),
        "thumbnail": None,
        "findings": findings,
        "key_facts": [summary] if summary else [],
        "text_excerpt": text,
        "mime_type": mime,
        "bytes": 184_000 * pages,
        "sha256": "9f2c" * 16,
        "fallback_reason": "no Anthropic key is set" if analyst == "rules" else None,
        "model": None if analyst == "rules" else "claude",
        "pages": [
            {
                "page": i + 1,
                "outcome": outcome,
                "engine": "onnx" if outcome == "ocr" else None,
                "confidence": 0.97 if outcome == "ocr" else None,
                "reason": None,
            }
            for i, outcome in enumerate(outcomes)
        ],
    }


def _job(job_id, document_id, name, status, created_at, **more) -> dict:
    return {
        "id": job_id,
        "document_id": document_id,
        "batch_id": None,
        "status": status,
        "priority": "normal",
        "placement": "any_host",
        "attempt": 1,
        "max_attempts": 3,
        "original_filename": name,
        "source": "upload",
        "object_key": f"raw/2026/11/22/{document_id}.pdf",
        "mime_type": "application/pdf",
        "bytes": 120_000,
        "pages_done": 0,
        "pages_total": None,
        "page_outcomes": {},
        "document_type": None,
        "document_date": None,
        "case_number": None,
        "error_code": None,
        "error_message": None,
        "instance": None,
        "created_at": created_at.isoformat(),
        "started_at": None,
        "finished_at": None,
        "run_after": None,
        "seconds": None,
        "cost_usd": None,
        "duplicate_of": None,
    } | more


def _jobs(now: datetime, documents: list[dict]) -> list[dict]:
    done = [
        _job(
            d["job_id"],
            d["id"],
            d["original_filename"],
            "completed",
            datetime.fromisoformat(d["created_at"]),
            pages_done=d["pages_total"],
            pages_total=d["pages_total"],
            document_type=d["document_type"],
            page_outcomes=dict(Counter(p["outcome"] for p in d["pages"])),
        )
        for d in documents
    ]
    failed = _job(
        _id(),
        _id(),
        "bank_statement_locked.pdf",
        "failed",
        now - timedelta(hours=3),
        error_code="encrypted",
        error_message="The PDF is locked with a password. Remove the password and send it again.",
    )
    reading = _job(
        _id(),
        _id(),
        "deposition transcript vol 2.pdf",
        "processing",
        now - timedelta(minutes=2),
        pages_done=31,
        pages_total=118,
    )
    waiting = _job(
        _id(),
        _id(),
        "therapist notes.heic",
        "queued",
        now - timedelta(seconds=40),
        attempt=0,
    )
    return [waiting, reading, failed, *done]


def _instance(label: str, state: str, now: datetime, **more) -> dict:
    return {
        "label": label,
        "state": state,
        "hosting": "community",
        "contract_id": 7712345,
        "gpu_name": "RTX 3060",
        "geolocation": "Sweden, SE",
        "usd_per_hour": 0.071,
        "cost_usd": 0.0,
        "created_at": now.isoformat(),
        "ready_at": None,
        "last_heartbeat_at": None,
        "jobs_held": 0,
        "pages_done": 0,
        "pages_per_second": None,
        "reason": None,
    } | more


def _instances(now: datetime) -> list[dict]:
    return [
        _instance(
            "aseagi-home-3fa9c1d2",
            "ready",
            now - timedelta(minutes=24),
            cost_usd=0.029,
            jobs_held=6,
            pages_done=4120,
            pages_per_second=14.2,
            last_heartbeat_at=(now - timedelta(seconds=4)).isoformat(),
        ),
        _instance(
            "aseagi-home-77e01b5c",
            "booting",
            now - timedelta(minutes=1),
            gpu_name="RTX 4070",
            geolocation="Texas, US",
            hosting="datacenter",
            usd_per_hour=0.118,
            cost_usd=0.002,
        ),
        _instance(
            "aseagi-home-0c44de90",
            "destroyed",
            now - timedelta(hours=7),
            cost_usd=0.11,
            pages_done=9300,
            reason="idle for five minutes",
        ),
    ]


def _offers() -> list[dict]:
    cards = [
        ("RTX 3060", 0.071, "Sweden, SE"),
        ("RTX 3070", 0.083, "Ohio, US"),
        ("RTX 4060 Ti", 0.096, "Spain, ES"),
        ("RTX 4070", 0.118, "Texas, US"),
        ("RTX 3090", 0.142, "Poland, PL"),
    ]
    return [
        {
            "id": 9_000_000 + i,
            "gpu_name": name,
            "num_gpus": 1,
            "usd_per_hour": price,
            "reliability": 0.985 + i / 1000,
            "geolocation": place,
            "inet_down_mbps": 410 + 90 * i,
            "hosting": "datacenter" if i == 3 else "community",
        }
        for i, (name, price, place) in enumerate(cards)
    ]


def _batch(state: str, name: str, now: datetime, documents: int, done: int, failed: int = 0) -> dict:
    return {
        "id": _id(),
        "name": name,
        "prefix": "inbox/",
        "state": state,
        "documents": documents,
        "completed": done,
        "failed": failed,
        "cancelled": 0,
        "open": documents - done - failed,
        "pages": documents * 7,
        "pages_done": done * 7,
        "cost_usd": round(done * 0.00031, 4),
        "max_cost_per_hour": 1.0,
        "created_at": now.isoformat(),
        "finish_at": (now + timedelta(minutes=38)).isoformat() if state == "running" else None,
        "failures": [{"code": "encrypted", "message": "The PDF is locked with a password.", "documents": failed}]
        if failed
        else [],
    }


def _batches(now: datetime) -> list[dict]:
    return [
        _batch("running", "Discovery production 2", now - timedelta(minutes=20), 2400, 910, 4),
        _batch("paused", "Old phone photos", now - timedelta(days=1), 640, 120),
        _batch("completed", "First box of papers", now - timedelta(days=6), 312, 311, 1),
    ]


def _costs(now: datetime, empty: bool) -> dict:
    days = (
        []
        if empty
        else [
            {
                "date": f"{now - timedelta(days=29 - i):%Y-%m-%d}",
                "machines_usd": round(0.08 + 0.07 * (i * 7 % 11), 2),
                "claude_usd": round(0.03 + 0.11 * (i * 5 % 7), 2),
            }
            for i in range(30)
        ]
    )
    machines, claude = sum(d["machines_usd"] for d in days), sum(d["claude_usd"] for d in days)
    today = days[-1] if days else {"machines_usd": 0, "claude_usd": 0}
    return {
        "today": {
            "machines_usd": today["machines_usd"],
            "claude_usd": today["claude_usd"],
            "total_usd": today["machines_usd"] + today["claude_usd"],
        },
        "month": {"machines_usd": machines, "claude_usd": claude, "total_usd": machines + claude},
        "days": days,
        "documents": 0 if empty else 4213,
        "pages": 0 if empty else 29_881,
        "usd_per_document": None if empty else 0.0061,
        "usd_per_page": None if empty else 0.00086,
        "caps": {
            "max_machines": 4,
            "max_dollars_per_hour": 1.0,
            "max_dollars_per_day": 5.0,
            "min_credit_dollars": 2.0,
            "max_claude_dollars_per_day": 3.0,
        },
    }
