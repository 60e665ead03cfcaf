"""The main path in a real browser, against the real system: send a file, watch it being read, read what it says."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from local_cloud import Cloud
from tests.conftest import make_clean
from tests.dashboard.browser import Window, open_window
from tests.end_to_end.harness import open_test_house

DOCUMENTS = Path(__file__).parents[1] / "documents"
PAGES = {
    "": "Upload & monitor",
    "documents": "Documents",
    "findings": "Fraud & findings",
    "global-analysis": "Global analysis",
    "analytics": "Analytics",
    "reports": "Reports",
    "batches": "Batches",
    "machines": "Machines",
    "costs": "Costs",
}
WIDTHS = {"phone": 390, "desktop": 1280}


@pytest.fixture(scope="module")
def house(cloud: Cloud, seed_rows: dict[str, bytes]) -> Iterator[Cloud]:
    """The whole product on the emptied test cloud: control plane, scaler, importer and dashboard."""
    make_clean(cloud, seed_rows)
    with open_test_house(cloud, also=("importer", "dashboard")):
        yield cloud


@pytest.fixture
def window(house: Cloud, tmp_path: Path) -> Iterator[Window]:
    """A fresh browser with its own profile."""
    with open_window(house.dashboard_url, tmp_path / "profile") as made:
        made.resize(WIDTHS["desktop"])
        made.open()
        yield made


def test_from_a_file_to_what_it_says(window: Window, house: Cloud, tmp_path: Path):
    window.sign_in(house.dashboard_password)
    window.find("input[type=file]").send_keys(str(DOCUMENTS / "custody_order.pdf"))
    window.press("Send 1 file")
    window.see("Files you just sent")
    window.see("Done:", seconds=300)

    window.press("custody_order.pdf")
    window.see("Fingerprint (SHA-256)")
    assert "?id=" in window.driver.current_url
    picture = window.find("img.a-page")
    window.wait(lambda: window.driver.execute_script("return arguments[0].naturalWidth", picture) > 100)
    window.press("Text")
    window.see("ORDER")
    window.press("Pages")
    window.wait(lambda: window.driver.find_element(By.CSS_SELECTOR, "[data-testid=stDataFrame]").is_displayed())
    window.press("Downloads")
    window.see("15 minutes")
    link = window.driver.find_element(By.CSS_SELECTOR, "[data-testid=stLinkButton] a").get_attribute("href")
    assert httpx.get(link).content == (DOCUMENTS / "custody_order.pdf").read_bytes()

    for name, width in WIDTHS.items():
        window.resize(width)
        window.driver.refresh()  # also: a reload keeps the visitor signed in
        window.see("Fingerprint (SHA-256)")
        assert window.overflow() == 0, f"document at {name} width"
        window.photograph(tmp_path / f"document-{name}.png")


def test_every_page_stands_on_the_real_system(window: Window, house: Cloud, tmp_path: Path):
    """Within one visit, as people move between pages; `test_dashboard_looks.py` opens each by its address."""
    window.sign_in(house.dashboard_password)
    for path, title in PAGES.items():
        window.press(title)
        for name, width in WIDTHS.items():
            window.resize(width)
            check_page(window, title, tmp_path / f"{path or 'upload'}-{name}.png")


def check_page(window: Window, title: str, picture: Path) -> None:
    """The page is there, whole, without an error, and no wider than the window."""
    window.wait(lambda: window.driver.find_element(By.TAG_NAME, "h1").text == title)
    window.wait(lambda: not window.driver.find_elements(By.CSS_SELECTOR, "[data-stale=true], .stSkeleton"))
    assert not window.driver.find_elements(By.CSS_SELECTOR, "[data-testid=stException]"), window.text()
    assert window.overflow() == 0, f"{title} is too wide for {picture.stem}"
    window.photograph(picture)


def test_a_wrong_password_opens_nothing_and_signing_out_forgets(window: Window, house: Cloud):
    window.find("input[type=password]").send_keys("open sesame")
    window.press("Sign in")
    window.see("not right")
    window.find("input[type=password]").send_keys(Keys.CONTROL, "a", Keys.NULL, house.dashboard_password)
    window.press("Sign in")
    window.press("Sign out")
    window.see("Sign in to see them")
    window.driver.refresh()
    window.see("Sign in to see them")
