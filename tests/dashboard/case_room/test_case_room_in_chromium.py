"""The case room in a real browser: every page for everybody's eyes and hands, and a person's walk through it."""

import os
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from werkzeug.serving import make_server

from local_cloud import Cloud
from tests.control_plane.desk import Desk
from tests.dashboard.browser import Window, open_window
from tests.dashboard.case_room.case import LOGGED, SAID, draw_case
from tests.dashboard.case_room.conftest import Room
from tests.dashboard.case_room.papers import put_paper

AXE = Path(__file__).with_name("axe.min.js").read_text()
RUN_AXE = """const done = arguments[0];
axe.run(document).then((found) => done(found.violations.filter((each) => ["serious", "critical"].includes(each.impact))
  .map((each) => `${each.id}: ${each.nodes.map((node) => node.html).slice(0, 3).join(" ")}`)));"""
TOO_WIDE = "return document.documentElement.scrollWidth - document.documentElement.clientWidth"
WIDTHS = {"phone": 390, "desk": 1440}
DOCUMENTS = Path(__file__).parents[2] / "documents"
WORDS = "I have never returned the child later than 6:15 p.m."
FIRST = f"SUPERIOR COURT\nDECLARATION OF THOMAS HALE\n{WORDS}\non any Sunday in 2024."


@pytest.fixture
def window(make_room: Callable[..., Room], desk: Desk, clean_cloud: Cloud, tmp_path: Path) -> Iterator[Window]:
    """A browser that is signed in, over a case of 84 papers."""
    finding = {"role": "perjury", "quote": WORDS, "start": FIRST.index(WORDS), "reason": "The log says 8:12 p.m.",
               "number": 80}  # fmt: skip
    scan = (DOCUMENTS / "declaration_scan.pdf").read_bytes()
    put_paper(desk, "declaration.pdf", [FIRST, "Signed."], scan, analyst="claude", document_type="declaration",
              document_date="2024-04-02", parties=[{"name": "Thomas Hale"}], findings=[finding])  # fmt: skip
    draw_case(desk, clean_cloud)
    for number in range(80):
        desk.upload(b"%PDF-1.4 " + str(number).encode(), f"{'receipt' if number < 60 else 'photo'}_{number:02}.pdf")
    server = make_server("127.0.0.1", 0, make_room(desk).http.application, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        with open_window(f"http://127.0.0.1:{server.server_port}", tmp_path / "profile") as made:
            made.open("case/papers")
            made.see("1–50 of 84 papers")
            yield made
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def test_every_page_can_be_used_by_everybody_and_is_never_too_wide(window: Window, desk: Desk, tmp_path: Path):
    pictures = Path(os.environ.get("PICTURES") or tmp_path)
    paper = desk.get("/api/documents", type="declaration").json["documents"][0]["id"]
    finding = desk.get("/api/findings").json["findings"][0]["id"]
    person = desk.get("/api/case/people").json["people"][0]["id"]
    pair = desk.get("/api/case/pairs").json["pairs"][0]["id"]
    pages = {
        "home": "", "papers": "papers", "findings": "findings", "refused": "refused", "dates": "dates",
        "nothing": "papers?tag=none", "reader": f"reader/{paper}?finding={finding}", "line": f"reader/{paper}?line=3",
        "events": "events",
        "differences": "differences", "difference": f"differences/{pair}", "people": "people",
        "person": f"people/{person}",
    }  # fmt: skip
    wrong = []
    for scheme in ("light", "dark"):
        window.prefer(scheme)
        for name, width in WIDTHS.items():
            window.resize(width, 1000)
            for page, path in pages.items():
                window.open(f"case/{path}")
                window.find("h1")
                window.driver.execute_script(AXE)
                wrong += [(page, scheme, name, each) for each in window.driver.execute_async_script(RUN_AXE)]
                wrong += [(page, name, "too wide")] if window.driver.execute_script(TOO_WIDE) else []
                window.photograph(pictures / f"case-{page}-{name}-{scheme}.png")
    assert wrong == []


def test_from_a_search_to_words_on_a_page_and_a_person_s_word(window: Window, desk: Desk):
    window.resize(WIDTHS["desk"])
    window.driver.find_element(By.TAG_NAME, "body").send_keys("/")
    window.driver.switch_to.active_element.send_keys("never returned" + Keys.ENTER)
    window.see("1–1 of 1 papers")
    window.press("declaration.pdf")
    window.see("Findings (1)")
    window.find("body").send_keys("n")  # the next finding
    lit = window.find("mark#asked")
    assert lit.text == WORDS and "finding=" in window.driver.current_url
    window.wait(lambda: window.driver.find_element(By.CSS_SELECTOR, ".sheet[data-drawn] canvas"))
    box = window.find(".sheet .lights rect.asked").rect
    sheet = window.find(".sheet canvas").rect
    assert 0 < box["width"] < sheet["width"] and sheet["y"] < box["y"] < sheet["y"] + sheet["height"]
    upright = window.find(".sheet").size
    window.find("body").send_keys("r")
    window.wait(lambda: window.find(".sheet").get_attribute("data-drawn").startswith("90"))
    assert window.find(".sheet").size["height"] < upright["height"], "and it is turned"

    window.find("body").send_keys("w")
    window.see("Marked wrong")
    window.see("Findings (0)")
    assert desk.get("/api/findings").json["findings"] == []
    window.find("body").send_keys("e")
    day = window.find("input[name=document_date]")
    window.driver.execute_script("arguments[0].value = '2024-04-12'", day)
    window.press("Correct")
    window.see("12 Apr 2024")
    window.find("body").send_keys("t")
    window.driver.switch_to.active_element.send_keys("late returns" + Keys.ENTER)
    window.wait(lambda: window.driver.find_element(By.CSS_SELECTOR, "#tags button.chip"))
    told = desk.get("/api/documents", tag="late returns").json["documents"]
    assert [each["document_date"] for each in told] == ["2024-04-12"]


def type_keys(window: Window, keys: str) -> None:
    """Press keys on the page, once it listens: what is pressed while it loads is lost."""
    window.wait(lambda: window.driver.execute_script("return document.readyState") == "complete")
    window.wait(lambda: window.find("body").send_keys(keys) or True)


def test_a_contradiction_is_found_opened_and_accepted_by_keys_alone(window: Window, desk: Desk):
    window.resize(WIDTHS["desk"])
    type_keys(window, "gd")
    window.see("None is a contradiction until you say so")
    window.press("Two statements that may not both be so")
    window.see(SAID)
    window.see(LOGGED)
    type_keys(window, "a")
    window.see("Accepted.")
    (told,) = desk.get("/api/case/pairs", state="accepted").json["pairs"]
    assert {told["a"]["quote"], told["b"]["quote"]} == {SAID, LOGGED}
    type_keys(window, "ge")
    window.see("62 days of which nothing is told")
    window.press(f"“{SAID}”")
    window.wait(lambda: window.find("mark#asked").text == SAID)


def test_sixty_of_eighty_papers_are_tagged_at_once(window: Window, desk: Desk):
    window.resize(WIDTHS["desk"])
    window.open("case/papers?q=receipt")
    window.see("1–50 of 60 papers")
    type_keys(window, "b")
    window.wait(lambda: window.find("input[value=search]").click() or True)
    window.wait(lambda: window.find("input[name=add_tag]").send_keys("money") or True)
    window.press("Do it")
    window.see("60 papers changed.")
    assert desk.get("/api/documents", tag="money").json["total"] == 60
    window.open("case/papers?q=photo")
    window.wait(lambda: window.find("[data-all]").click() or True)
    type_keys(window, "b")
    window.wait(lambda: window.find("[data-ticked]").text == "20")
    window.wait(lambda: window.find("input[name=add_tag]").send_keys("pictures") or True)
    window.press("Do it")
    window.see("20 papers changed.")
    window.press("Undo")
    window.wait(lambda: desk.get("/api/documents", tag="pictures").json["total"] == 0)
