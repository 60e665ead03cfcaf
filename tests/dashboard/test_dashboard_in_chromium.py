"""The main path in a real browser, against the real system: send a file, watch it being read, read what it says."""

import os
from collections.abc import Iterator
from pathlib import Path

import httpx
import pyotp
import pytest
from selenium.webdriver.common.by import By

from local_cloud import Cloud
from tests.cleaning import make_clean
from tests.control_plane.people import PASSWORD
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
    "health": "Health",
    "accounts": "Accounts",
    "access-log": "Access log",
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
    window.enter()
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
        window.driver.refresh()  # also: a reload changes nothing
        window.see("Fingerprint (SHA-256)")
        assert window.overflow() == 0, f"document at {name} width"
        window.photograph(tmp_path / f"document-{name}.png")


def test_every_page_stands_on_the_real_system(window: Window, house: Cloud, tmp_path: Path):
    """Within one visit, as people move between pages; `test_dashboard_looks.py` opens each by its address."""
    window.enter()
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


def test_a_person_joins_by_a_link_signs_in_and_out(window: Window, house: Cloud, tmp_path: Path):
    pictures = Path(os.environ.get("PICTURES") or tmp_path)
    auth = {"Authorization": f"Bearer {house.control_plane_token}"}
    clara = {"name": "Clara", "role": "helper"}
    added = httpx.post(f"{house.control_plane_url}/api/accounts", headers=auth, json=clara)
    window.driver.get(added.raise_for_status().json()["link"])
    key = window.find("input[name=key]").get_attribute("value")
    photograph(window, pictures, "invitation")
    for name, words in {"password": PASSWORD, "again": PASSWORD, "code": pyotp.TOTP(key).now()}.items():
        window.find(f"input[name={name}]").send_keys(words)
    window.press("Go on")
    window.see("Keep these codes")
    photograph(window, pictures, "recovery-codes")
    recovery = window.find("li code").text
    window.press("I have them: sign in")
    for words, code in (("open sesame", recovery), (PASSWORD, recovery)):
        photograph(window, pictures, f"sign-in-{len(words)}")
        for name, typed in {"name": "Clara", "password": words, "code": code}.items():
            window.find(f"input[name={name}]").clear()
            window.find(f"input[name={name}]").send_keys(typed)
        window.press("Sign in")
        window.see("is not right" if words != PASSWORD else "Clara · helper")
    window.resize(WIDTHS["desktop"])
    window.press("Sign out")
    window.see("a sign-in")  # at home the owner is who is there without one


def photograph(window: Window, folder: Path, name: str) -> None:
    for width, size in WIDTHS.items():
        window.resize(size)
        script = "return document.documentElement.scrollWidth - document.documentElement.clientWidth"
        assert window.driver.execute_script(script) == 0, f"{name} is too wide for {width}"
        window.photograph(folder / f"{name}-{width}.png")
