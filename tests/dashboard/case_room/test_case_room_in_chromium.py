"""The case room in a real browser: every page for everybody's eyes and hands, and a person's walk through a case."""

import os
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pypdfium2
import pytest
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from werkzeug.serving import make_server

from dashboard import report_pdf, reports
from dashboard.case_room.api import CaseApi
from local_cloud import Cloud
from tests.cleaning import make_clean
from tests.control_plane.desk import Desk, make_desk
from tests.dashboard.browser import Window, open_window
from tests.dashboard.case_room.case import LOGGED, SAID, draw_case, sweep_case
from tests.dashboard.case_room.conftest import open_room, transport_to
from tests.dashboard.case_room.papers import put_paper

AXE = Path(__file__).with_name("axe.min.js").read_text()
RUN_AXE = """const done = arguments[0];
axe.run(document).then((found) => done(found.violations.filter((each) => ["serious", "critical"].includes(each.impact))
  .map((each) => `${each.id}: ${each.nodes.map((node) => node.html).slice(0, 3).join(" ")}`)));"""
INK = """const cut = document.querySelector(".doubts canvas");
const seen = cut.getContext("2d").getImageData(0, 0, cut.width, cut.height).data;
return seen.filter((value, at) => at % 4 === 0 && value < 100 && seen[at + 3] > 0).length;"""
UNFOLD = "document.querySelectorAll('details').forEach((each) => { each.open = true });"
SELECT = "const line = document.querySelector('#line-2 .line-text'); getSelection().selectAllChildren(line);"
TOO_WIDE = "return document.documentElement.scrollWidth - document.documentElement.clientWidth"
WIDTHS = {"phone": 390, "desk": 1440}
DOCUMENTS = Path(__file__).parents[2] / "documents"
WORDS = "I have never returned the child later than 6:15 p.m."
MET = "On June 20 Dana Hale did not open the door at 5:40 p.m."
FIRST = f"SUPERIOR COURT\nDECLARATION OF THOMAS HALE\n{WORDS}\n{MET}"


@dataclass(frozen=True)
class Product:
    """The running parts over a case of 84 papers: a browser that is signed in, the service, and the cloud."""

    window: Window
    desk: Desk
    cloud: Cloud

    def keys(self, keys: str) -> None:
        """Press keys on the page, once it listens: what is pressed while it loads is lost."""
        self.window.wait(lambda: self.window.driver.execute_script("return document.readyState") == "complete")
        self.window.wait(lambda: self.window.find("body").send_keys(keys) or True)

    def type(self, words: str) -> None:
        """Type into the field that has the cursor, and send its form."""
        self.window.wait(lambda: self.window.driver.switch_to.active_element.tag_name == "input")
        self.window.driver.switch_to.active_element.send_keys(words + Keys.ENTER)


@pytest.fixture(scope="module")
def product(
    cloud: Cloud, seed_rows: dict[str, bytes], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Product]:  # fmt: skip
    make_clean(cloud, seed_rows)
    desk = make_desk(cloud)
    finding = {"role": "perjury", "quote": WORDS, "start": FIRST.index(WORDS), "reason": "The log says 8:12 p.m.",
               "number": 80}  # fmt: skip
    scan = (DOCUMENTS / "declaration_scan.pdf").read_bytes()
    put_paper(desk, "answer.pdf", [FIRST, "Signed."], scan, analyst="claude", document_type="declaration",
              document_date="2024-04-02", parties=[{"name": "Thomas Hale"}], findings=[finding],
              doubts=[{"kind": "name", "text": "DECLARATION", "confidence": 0.6,
                       "box": [150, 60, 350, 110]}])  # fmt: skip
    draw_case(desk, cloud)
    names = [f"{'receipt' if number < 60 else 'photo'}_{number:02}.pdf" for number in range(80)]
    assert desk.upload_many(*((name, b"%PDF-1.4 " + name.encode()) for name in names)).status_code == 201
    server = make_server("127.0.0.1", 0, open_room(desk).http.application, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        profile = tmp_path_factory.mktemp("browser")
        with open_window(f"http://127.0.0.1:{server.server_port}", profile) as window:
            window.resize(WIDTHS["desk"])
            yield Product(window, desk, cloud)
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def test_every_page_can_be_used_by_everybody_and_is_never_too_wide(product: Product):
    """PICTURES=folder keeps all four pictures of each page; without it each width is seen in one scheme."""
    window, desk, pictures = product.window, product.desk, os.environ.get("PICTURES")
    paper = desk.get("/api/documents", type="declaration").json["documents"][0]["id"]
    finding = desk.get("/api/findings").json["findings"][0]["id"]
    person = desk.get("/api/case/people").json["people"][0]["id"]
    pair = desk.get("/api/case/pairs").json["pairs"][0]["id"]
    filters = "num_gpus=1|gpu_ram>=8|reliability>=0.95|cuda_max_good>=13.0|compute_cap>=750|inet_down>=100"
    desk.clients.database.raise_alarm("standstill", f"5 documents wait, and no offer fits {filters}.")
    pages = {
        "home": "", "papers": "papers", "findings": "findings", "refused": "refused", "dates": "dates",
        "nothing": "papers?tag=none", "reader": f"reader/{paper}?finding={finding}", "line": f"reader/{paper}?line=3",
        "events": "events",
        "differences": "differences", "difference": f"differences/{pair}", "people": "people",
        "person": f"people/{person}", "orders": "orders",
        "ask": "ask?q=When+was+Birdie+brought+back+on+April+7,+2024%3F",
    }  # fmt: skip
    if not pictures:  # what is unseen with one matter is in the head of every page
        desk.post("/api/case/matters", name="Child support in the County of Alder since 2025")
    wrong = []
    looks = [("light", "desk"), ("dark", "phone"), ("dark", "desk"), ("light", "phone")]
    for scheme, name in looks if pictures else looks[:2]:
        window.prefer(scheme)
        window.resize(WIDTHS[name], 1000)
        for page, path in pages.items():
            window.open(f"case/{path}")
            window.find("h1")
            if pictures:
                window.wait(lambda: not window.driver.find_elements(By.CSS_SELECTOR, ".sheet:not([data-drawn])"))
                window.photograph(Path(pictures) / f"case-{page}-{name}-{scheme}.png")
            window.driver.execute_script(UNFOLD + AXE)
            wrong += [(page, scheme, name, each) for each in window.driver.execute_async_script(RUN_AXE)]
            wrong += [(page, name, "too wide")] if window.driver.execute_script(TOO_WIDE) else []
    window.resize(WIDTHS["desk"])
    assert wrong == []


def test_a_person_walks_from_a_search_to_a_decided_case(product: Product):
    """The parts of one walk, each on what the ones before left."""
    _finds_words_and_decides_about_a_paper(product)
    _sees_the_timeline_change(product)
    _makes_an_event_of_selected_words(product)
    _accepts_a_contradiction_by_keys_alone(product)
    _has_it_in_the_case_report(product)
    _tags_sixty_of_eighty_papers_at_once(product)


def _finds_words_and_decides_about_a_paper(product: Product) -> None:
    window, desk = product.window, product.desk
    window.open("case/papers")
    window.see("1–50 of 84 papers")
    product.keys("/")
    product.type("never returned")
    window.see("1–1 of 1 papers")
    window.press("answer.pdf")
    window.see("Findings within this paper (1)")
    window.press(f"“{WORDS}”")
    lit = window.find("mark#asked")
    assert lit.text == WORDS and "finding=" in window.driver.current_url
    window.wait(lambda: window.driver.find_element(By.CSS_SELECTOR, ".sheet[data-drawn] canvas"))
    box = window.find(".sheet .lights rect.asked").rect
    sheet = window.find(".sheet canvas").rect
    assert 0 < box["width"] < sheet["width"] and sheet["y"] < box["y"] < sheet["y"] + sheet["height"]
    window.wait(lambda: window.driver.find_element(By.CSS_SELECTOR, ".doubts canvas:not([hidden])"))
    assert window.driver.execute_script(INK) > 100, "the cut shows what stands there"
    upright = window.find(".sheet").size
    product.keys("r")
    window.wait(lambda: window.find(".sheet").get_attribute("data-drawn").startswith("90"))
    assert window.find(".sheet").size["height"] < upright["height"], "and it is turned"

    product.keys("w")
    window.see("Marked wrong")
    window.see("Findings within this paper (0)")
    assert desk.get("/api/findings").json["findings"] == []
    product.keys("e")
    day = window.find("input[name=document_date]")
    window.driver.execute_script("arguments[0].value = '2023-04-12'", day)
    window.press("Correct")
    window.see("12 Apr 2023")
    product.keys("t")
    product.type("late returns")
    window.wait(lambda: window.driver.find_element(By.CSS_SELECTOR, "#tags button.chip"))
    told = desk.get("/api/documents", tag="late returns").json["documents"]
    assert [each["document_date"] for each in told] == ["2023-04-12"]


def _sees_the_timeline_change(product: Product) -> None:
    """A day without a year is of the year of its paper: correcting the paper's date moves the event."""
    window = product.window
    product.keys("ge")
    window.see("20 Jun 2024")
    window.see(MET)
    sweep_case(product.cloud)
    window.driver.refresh()
    window.see("20 Jun 2023")
    assert MET in window.text() and "20 Jun 2024" not in window.text()


def _makes_an_event_of_selected_words(product: Product) -> None:
    window = product.window
    product.keys("gr")
    window.find("#line-2")
    window.driver.execute_script(SELECT)
    window.wait(lambda: window.find("#marks").get_attribute("open") is None)
    product.keys("m")
    window.see("On “DECLARATION OF THOMAS HALE”")
    day, what = window.find("#marks input[name=day]"), window.find("#marks input[name=title]")
    window.driver.execute_script("arguments[0].value = '2023-06-21'", day)
    what.send_keys("He writes it down")
    window.press("Mark these words")
    window.see("It stands among the events.")
    product.keys("ge")
    window.see("He writes it down")
    assert "“DECLARATION OF THOMAS HALE”" in window.text()


def _accepts_a_contradiction_by_keys_alone(product: Product) -> None:
    window = product.window
    product.keys("gd")
    window.see("None is a contradiction until you say so")
    window.press("Two statements that may not both be so")
    window.see(SAID)
    window.see(LOGGED)
    product.keys("a")
    window.see("Accepted.")
    (told,) = product.desk.get("/api/case/pairs", state="accepted").json["pairs"]
    assert {told["a"]["quote"], told["b"]["quote"]} == {SAID, LOGGED}
    product.keys("ge")
    window.see("62 days of which nothing is told")
    window.press(f"“{SAID}”")
    window.wait(lambda: window.find("mark#asked").text == SAID)


def _has_it_in_the_case_report(product: Product) -> None:
    api = CaseApi("http://desk", lambda: product.desk.settings.control_plane_token, transport_to(product.desk))
    made = report_pdf.render(reports.case(api, datetime.now(UTC), None))
    with pypdfium2.PdfDocument(made) as pages:
        text = " ".join(" ".join(page.get_textpage().get_text_bounded().split()) for page in pages)
    assert SAID in text and LOGGED in text and "accepted by owner" in text


def _tags_sixty_of_eighty_papers_at_once(product: Product) -> None:
    window, desk = product.window, product.desk
    window.open("case/papers?q=receipt")
    window.see("1–50 of 60 papers")
    product.keys("b")
    window.wait(lambda: window.find("input[value=search]").click() or True)
    window.wait(lambda: window.find("input[name=add_tag]").send_keys("money") or True)
    window.press("Do it")
    window.see("60 papers changed.")
    assert desk.get("/api/documents", tag="money").json["total"] == 60
    window.open("case/papers?q=photo")
    window.wait(lambda: window.find("[data-all]").click() or True)
    product.keys("b")
    window.wait(lambda: window.find("[data-ticked]").text == "20")
    window.wait(lambda: window.find("input[name=add_tag]").send_keys("pictures") or True)
    window.press("Do it")
    window.see("20 papers changed.")
    window.press("Undo")
    window.wait(lambda: desk.get("/api/documents", tag="pictures").json["total"] == 0)
