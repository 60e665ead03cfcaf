"""Small things that a PDF writes in its own way (pure)."""

from __future__ import annotations

import re

DATE = re.compile(r"(?:D:)?(\d{4})(\d\d)?(\d\d)?(\d\d)?(\d\d)?(\d\d)?([Zz+-])?(\d\d)?'?(\d\d)?'?")


def read_pdf_date(written: str) -> str:
    """`D:20240305210000-08'00'` as `2024-03-05 21:00 -08:00`, as far as it goes; what is no date stays as written."""
    found = DATE.match(written.strip())
    if not found:
        return " ".join(written.split())[:40]
    year, month, day, hour, minute, _, sign, hours, minutes = found.groups()
    date = "-".join(part for part in (year, month, day) if part)
    if hour is None:
        return date
    zone = {None: "", "Z": " UTC", "z": " UTC"}.get(sign, f" {sign}{hours or '00'}:{minutes or '00'}")
    return f"{date} {hour}:{minute or '00'}{zone}"
