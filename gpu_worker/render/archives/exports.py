"""Whose export an archive is, by the names in it (pure)."""

from __future__ import annotations

import re
from collections.abc import Iterable

_EXPORTS = (
    (re.compile(r"^Takeout/"), "an export from Google (Takeout)"),
    (re.compile(r"(^|/)your_facebook_activity/|^facebook-[^/]+/"), "an export from Facebook"),
    (re.compile(r"(^|/)your_instagram_activity/|^instagram-[^/]+/"), "an export from Instagram"),
    (re.compile(r"(^|/)_chat\.txt$|(^|/)WhatsApp Chat (with|-) .*\.txt$"), "an export from WhatsApp"),
    (re.compile(r"(^|/)chat\.db$|(^|/)sms\.db$|^HomeDomain/"), "a backup of an iPhone"),
    (re.compile(r"(^|/)(sms|calls)-\d{8,}.*\.xml$"), "a backup of a phone's messages"),
)


def recognise(names: Iterable[str]) -> str | None:
    """Whose export it is, in a person's words; None for any other archive."""
    listed = list(names)
    return next((label for pattern, label in _EXPORTS if any(map(pattern.search, listed))), None)
