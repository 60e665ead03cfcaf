"""Every page in a real browser, wide and narrow, by day and by night: nothing too wide, every text readable."""

import contextlib
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from selenium.common.exceptions import TimeoutException

from tests.control_plane.desk import REPOSITORY, wait_until
from tests.dashboard.browser import Window, free_port, open_window
from tests.fakes.control_plane import TOKEN, FakeControlPlane

CONTRAST = Path(__file__).with_name("contrast.js").read_text()
SHAPE = """const box = arguments[0].getBoundingClientRect();
return [new DOMMatrix(getComputedStyle(arguments[0]).transform).b, box.width / box.height]"""
PAGES = ("", "documents", "document", "findings", "global-analysis", "analytics", "reports", "batches", "judging",
         "machines", "costs", "health", "accounts", "access-log")  # fmt: skip
LOOKS = (("light", "wide", 1440), ("light", "phone", 390), ("dark", "phone", 390))  # by night the same boxes
BACKGROUNDS = {"light": "rgba(251, 250, 247, 1)", "dark": "rgba(22, 28, 33, 1)"}


@pytest.fixture(scope="module")
def case() -> Iterator[FakeControlPlane]:
    """A stand-in with a small custody case in it."""
    with FakeControlPlane() as fake:
        yield fake


@pytest.fixture(scope="module")
def dashboard(case: FakeControlPlane, tmp_path_factory) -> Iterator[str]:
    """The address of `python -m dashboard`, running over the stand-in."""
    port, folder = free_port(), tmp_path_factory.mktemp("exports")
    environ = {"CONTROL_PLANE_URL": case.url, "CONTROL_PLANE_TOKEN": TOKEN,
               "EXPORTS_DIR": str(folder), "SAMPLES": "yes", "PATH": os.environ["PATH"],
               "HOME": str(folder)}  # fmt: skip
    process = subprocess.Popen(
        [sys.executable, "-m", "dashboard", "--port", str(port)], cwd=REPOSITORY, env=environ,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    url = f"http://127.0.0.1:{port}"
    try:
        wait_until(lambda: _answers(url), 120)
        yield url
    finally:
        process.terminate()
        process.wait(30)


@pytest.fixture(scope="module")
def window(dashboard: str, tmp_path_factory) -> Iterator[Window]:
    """A browser on the dashboard's first page, for the tests that look one after the other."""
    with open_window(dashboard, tmp_path_factory.mktemp("profile")) as made:
        made.open()
        made.enter()
        yield made


def test_every_text_can_be_read_and_nothing_is_too_wide(window: Window, case: FakeControlPlane):
    hard_to_read: dict[str, list[dict]] = {}
    for path in PAGES:
        window.open(f"document?id={case.documents[0]['id']}" if path == "document" else path)
        window.find("h1")
        for scheme, name, width in LOOKS:
            look(window, scheme, width)
            if pictures := os.environ.get("PICTURES"):
                window.photograph(Path(pictures) / f"{path or 'upload'}-{name}-{scheme}.png")
            assert window.overflow() == 0, f"{path} at {width}"
            hard_to_read[f"{path} {name} {scheme}"] = find_hard_to_read(window)
    bad = {page: texts for page, texts in hard_to_read.items() if texts}
    assert not bad, "\n".join(f"{page}: {text}" for page, texts in bad.items() for text in texts)


def look(window: Window, scheme: str, width: int) -> None:
    """Show the page to a visitor whose system prefers this scheme, this wide, until all of it is drawn so."""
    window.prefer(scheme)
    window.resize(width, 1600)
    app = window.find(".stApp")
    window.wait(lambda: app.value_of_css_property("background-color") == BACKGROUNDS[scheme])
    window.settle()
    with contextlib.suppress(AssertionError):  # what was wide may still be on its way
        window.wait(lambda: window.overflow() == 0, 20)


def find_hard_to_read(window: Window) -> list[dict]:
    """What is hard to read for good: a part that is being redrawn is faded for a moment."""
    found: list[dict] = []

    def nothing_is() -> bool:
        found[:] = window.driver.execute_script(CONTRAST)
        return not found

    with contextlib.suppress(TimeoutException):
        window.wait(nothing_is, 20)
    return found


def test_a_link_leads_where_it_should(window: Window, case: FakeControlPlane):
    document = case.documents[1]
    window.open(f"document?id={document['id']}")
    window.see(document["original_filename"])
    assert f"/document?id={document['id']}" in window.driver.current_url
    window.open("costs")
    window.see("Day by day")


def test_a_photo_that_lies_on_its_side_is_shown_upright(window: Window, case: FakeControlPlane):
    photo = next(d for d in case.documents if d["mime_type"] == "image/jpeg")
    for rotation, sine in {0: 0, 90: 1, 180: 0, 270: -1}.items():
        photo["pages"][0]["rotation"] = rotation
        window.open(f"document?id={photo['id']}")
        check_upright(window, rotation, sine)
        if pictures := os.environ.get("PICTURES"):
            window.photograph(Path(pictures) / f"photo-{rotation}.png")


def check_upright(window: Window, rotation: int, sine: int) -> None:
    """The stand-in's original is 660 × 510 where it lies on its side, its preview always 510 × 660."""
    picture = window.find(".a-turned > div > img" if rotation else "img.a-page")
    window.wait(lambda: picture.get_property("naturalWidth"))
    turned, shape = window.driver.execute_script(SHAPE, picture)
    assert round(turned) == sine, rotation
    assert shape == pytest.approx(510 / 660, abs=0.02), rotation


def _answers(url: str) -> bool:
    try:
        return httpx.get(f"{url}/_stcore/health", timeout=5).status_code == 200
    except httpx.TransportError:
        return False
