"""Google's words for refusing a whole login or project, and what to do about each (pure).

A reason stands in `error.errors[].reason`, in newer answers in `error.details[].reason`; both are looked at.
"""

from __future__ import annotations

from typing import Any

import requests

from control_plane.errors import KeyRefused

RATE = ("rateLimitExceeded", "userRateLimitExceeded", "sharingRateLimitExceeded", "RATE_LIMIT_EXCEEDED")
"""Too much at once: passes within a minute."""
QUOTA = ("dailyLimitExceeded", "dailyLimitExceededUnreg", "userRateLimitExceededUnreg", "quotaExceeded")
"""Filled up again within a day."""
API_OFF = ("accessNotConfigured", "SERVICE_DISABLED")
SCOPE = ("insufficientPermissions", "ACCESS_TOKEN_SCOPE_INSUFFICIENT")
REFUSED = ("domainPolicy", "accountDisabled", "accountDeleted", "CONSUMER_SUSPENDED", "BILLING_DISABLED")
FULL = ("storageQuotaExceeded", "teamDriveFileLimitExceeded")
KNOWN = (*RATE, *QUOTA, *API_OFF, *SCOPE, *REFUSED, *FULL)


def read_reason(reply: requests.Response) -> str:
    """Google's word for what is wrong, one that we know if there are several; "" for none."""
    if reply.ok:
        return ""
    try:
        error = reply.json()["error"]
    except (ValueError, KeyError, TypeError):
        return ""
    named = [str(each["reason"]) for each in _listed(error, "errors") + _listed(error, "details") if "reason" in each]
    return next((reason for reason in named if reason in KNOWN), named[0] if named else "")


def refusal_of(reason: str) -> KeyRefused | None:
    """What a reason says of our login or project as a whole; None for one that does not."""
    if reason in API_OFF:
        return KeyRefused(
            "The Google Drive API is not switched on for the project of GOOGLE_DRIVE_CREDENTIALS_FILE: enable it in "
            "the Google Cloud Console (docs/bulk.md).", "drive_api_off",
        )  # fmt: skip
    if reason in SCOPE:
        return KeyRefused(
            "Our login at Google may not read files: run `python -m control_plane drive-login` again and tick the box.",
            "drive_scope_missing",
        )
    if reason in FULL:
        return KeyRefused(
            "Google says that the account's storage is full and serves nothing: make room there.",
            "drive_access_refused",
        )
    if reason in REFUSED:
        return KeyRefused(
            "Google refuses our access by a rule of the account's organisation, or closed the account: ask whoever "
            "administers it.", "drive_access_refused",
        )  # fmt: skip
    return None


def _listed(error: Any, name: str) -> list[dict[str, Any]]:
    rows = error.get(name) if isinstance(error, dict) else None
    return [each for each in rows if isinstance(each, dict)] if isinstance(rows, list) else []
