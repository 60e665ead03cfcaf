"""A small custody case, invented: its documents as the control plane shows them."""

import itertools
from collections import Counter
from datetime import datetime, timedelta

from .answers import new_id

SCORES = {
    "relevancy_score": (0, 999),
    "truth_score": (0, 100),
    "justice_score": (0, 100),
    "legal_credit_score": (300, 850),
    "fraud_score": (0, 100),
    "perjury_score": (0, 100),
}
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


def sample_documents(now: datetime) -> list[dict]:
    numbers = itertools.count(1)

    def finding(kind: str, page: int, quote: str, explanation: str, score: int, verified: bool = True) -> dict:
        return {
            "id": next(numbers),
            "kind": kind,
            "page": page,
            "quote": quote,
            "explanation": explanation,
            "score": score,
            "verified": verified,
            "state": "exact" if verified else "none",
            "differs": [],
        }

    dana, marcus = (
        {"name": "Dana Whitfield", "role": "petitioner"},
        {"name": "Marcus Whitfield", "role": "respondent"},
    )
    return [
        _row(
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
        _row(
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
        _row(
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
        _row(
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
        _row(
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
        _row(
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
        _row(
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


def _row(name, kind, date, text, pages, now, days, parties, summary, scores, findings, analyst="claude") -> dict:
    mime = {"pdf": "application/pdf", "jpg": "image/jpeg", "png": "image/png", "tif": "image/tiff"}[name[-3:]]
    outcomes = ["text_layer" if mime == "application/pdf" and i % 3 == 0 else "ocr" for i in range(pages)]
    return {
        "id": new_id(),
        "seq": days,
        "job_id": new_id(),
        "batch_id": None,
        "duplicate_of": None,
        "bound_set": None,
        "error_code": None,
        "error_message": None,
        "machine_usd": None,
        "claude_usd": 0.0,
        "total_usd": None,
        "original_filename": name,
        "document_type": kind,
        "document_date": date,
        "dates": [date] if date else [],
        "case_number": "FL-2023-004417" if kind in ("Court order", "Declaration") else None,
        "court": "Superior Court of California, County of Alameda" if kind in ("Court order", "Declaration") else None,
        "summary": summary,
        "parties": parties,
        **dict(zip(SCORES, scores, strict=True)),
        "pages_total": pages,
        "page_outcomes": Counter(outcomes),
        "status": "completed",
        "analyst": analyst,
        "source": "telegram" if "IMG" in name else "upload",
        "created_at": (now - timedelta(days=days, minutes=7)).isoformat(),
        "analysed_at": (now - timedelta(days=days)).isoformat(),
        "thumbnail": None,
        "findings": [finding | {"is_wrong": False} for finding in findings],
        "key_facts": [summary] if summary else [],
        "text_excerpt": text,
        "words": len(text.split()),
        "mime_type": mime,
        "bytes": 184_000 * pages,
        "sha256": "9f2c" * 16,
        "md5": None,
        "judged": "none" if analyst == "rules" else "all",
        "unproven_scores": [],
        "analysis_status": "sorted" if analyst == "rules" else "judged",
        "analysis_reason": "claude_off" if analyst == "rules" else None,
        "lies_in": None,
        "tags": [],
        "is_important": False,
        "sensitivity": None,
        "exhibit": None,
        "corrected": [],
        "fallback_reason": "no Anthropic key is set" if analyst == "rules" else None,
        "model": None if analyst == "rules" else "claude",
        "pages": [
            {
                "page": i + 1,
                "outcome": outcome,
                "engine": "onnx" if outcome == "ocr" else None,
                "confidence": 0.97 if outcome == "ocr" else None,
                "reason": None,
                "rotation": None,
                "hidden_words": 0,
            }
            for i, outcome in enumerate(outcomes)
        ],
    }
