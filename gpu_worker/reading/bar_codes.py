"""Bar codes on pages of few words: sheets that part a stack, parcels, tickets (wire: zxing-cpp, Apache-2.0)."""

from __future__ import annotations

import numpy as np
import zxingcpp

from gpu_worker.render.layer import Note

FEW_WORDS = 40
"""A page with more words is no sheet that parts others, and looking for bars costs 45 ms of processor time."""
MOST_CODES = 10
LONGEST_CODE = 200


def find_bar_codes(image: np.ndarray) -> tuple[Note, ...]:
    """What the bar codes (also QR) of a page say, as notes in its pixels; `image` is uint8, H×W or H×W×3."""
    found = zxingcpp.read_barcodes(np.ascontiguousarray(image))[:MOST_CODES]
    return tuple(_as_note(code) for code in found if code.valid and code.text.strip())


def _as_note(code: zxingcpp.Barcode) -> Note:
    corners = (code.position.top_left, code.position.top_right, code.position.bottom_right, code.position.bottom_left)
    across, down = [corner.x for corner in corners], [corner.y for corner in corners]
    box = float(min(across)), float(min(down)), float(max(across)), float(max(down))
    return Note("bar code", "", "", " ".join(code.text.split())[:LONGEST_CODE], box)
