"""What was spent, and the caps."""

from datetime import datetime, timedelta

from flask import Blueprint

from .answers import state

answers = Blueprint("costs", __name__)


@answers.get("/api/costs")
def show_costs():
    return state().costs


def sample_costs(now: datetime, empty: bool) -> dict:
    days = (
        []
        if empty
        else [
            {
                "date": f"{now - timedelta(days=29 - i):%Y-%m-%d}",
                "machine_usd": round(0.08 + 0.07 * (i * 7 % 11), 2),
                "claude_usd": round(0.03 + 0.11 * (i * 5 % 7), 2),
            }
            for i in range(30)
        ]
    )
    for day in days:
        day["total_usd"] = day["machine_usd"] + day["claude_usd"]
    machines, claude = sum(d["machine_usd"] for d in days), sum(d["claude_usd"] for d in days)
    today = days[-1] if days else {"machine_usd": 0, "claude_usd": 0}
    return {
        "today": {
            "machine_usd": today["machine_usd"],
            "claude_usd": today["claude_usd"],
            "total_usd": today["machine_usd"] + today["claude_usd"],
        },
        "today_at_most": {
            "machine_usd": 1.5 * today["machine_usd"],
            "claude_usd": today["claude_usd"],
            "total_usd": 1.5 * today["machine_usd"] + today["claude_usd"],
        },
        "month": {"machine_usd": machines, "claude_usd": claude, "total_usd": machines + claude},
        "days": days,
        "documents": 0 if empty else 4213,
        "pages": 0 if empty else 29_881,
        "usd_per_document": None if empty else 0.0061,
        "usd_per_page": None if empty else 0.00086,
        "caps": {
            "max_machines": 4,
            "max_dollars_per_hour": 1.0,
            "max_dollars_per_day": 5.0,
            "max_dollars_per_batch": None,
            "min_credit_dollars": 2.0,
            "max_claude_dollars_per_day": 3.0,
        },
        "claude_prices": {"checked": "2026-09-01", "is_old": not empty},
    }
