"""A real browser on the dashboard."""

import contextlib
import socket
from collections.abc import Callable, Iterator
from pathlib import Path

from selenium.common.exceptions import TimeoutException
from selenium.webdriver import Chrome, ChromeOptions, ChromeService
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.ui import WebDriverWait

FLAGS = (
    "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--hide-scrollbars",
    "--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage",
    # A tenth of the processor time less: no card draws here, and no page lives long enough to be optimised.
    "--disable-software-rasterizer", "--in-process-gpu", "--disable-extensions", "--js-flags=--no-opt --no-maglev",
)  # fmt: skip

LABELLED = """const found = [...document.querySelectorAll('button, a, [role=tab]')]
  .find((each) => each.checkVisibility() && each.innerText.includes(arguments[0]));
found?.scrollIntoView({block: 'center', behavior: 'instant'});
return found"""
"""One question for all of a page's buttons; and there at once: what still scrolls cannot be clicked (minutes, seen)."""


class Window:
    """A browser window on the dashboard."""

    def __init__(self, driver: Chrome, url: str):
        self.driver = driver
        self.url = url

    def open(self, path: str = "") -> None:
        self.driver.get(f"{self.url}/{path}")

    def wait(self, condition: Callable[[], object], seconds: float = 120):
        """Wait until the page fulfils a condition; an element that was just redrawn is looked up again."""

        def holds(_driver: Chrome) -> object:
            with contextlib.suppress(Exception):
                return condition()
            return False

        try:
            return WebDriverWait(self.driver, seconds, 0.2).until(holds)
        except TimeoutException:
            raise AssertionError(f"never seen:\n{self.text()[:3000]}") from None

    def find(self, selector: str) -> WebElement:
        return self.wait(lambda: self.driver.find_element(By.CSS_SELECTOR, selector))

    def press(self, label: str) -> None:
        """Click the button, tab or link with this label."""

        def click() -> bool:
            if found := self.driver.execute_script(LABELLED, label):
                found.click()
            return bool(found)

        self.wait(click)

    def see(self, words: str, seconds: float = 120) -> None:
        self.wait(lambda: words in self.text(), seconds)

    def text(self) -> str:
        return self.driver.find_element(By.TAG_NAME, "body").text

    def resize(self, width: int, height: int = 900) -> None:
        metrics = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 500}
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)

    def prefer(self, scheme: str) -> None:
        """What the visitor's system prefers: light or dark."""
        feature = {"name": "prefers-color-scheme", "value": scheme}
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [feature]})

    def settle(self) -> None:
        """Wait until everything is drawn: nothing stale, no placeholder, and every chart has its bars."""
        waiting = (
            "[data-stale=true], .stSkeleton, [data-testid=stSkeleton], [data-testid=stStatusWidget], "
            ".stPlotlyChart:not(:has(.main-svg))"
        )
        self.wait(lambda: not self.driver.find_elements(By.CSS_SELECTOR, waiting))

    def overflow(self) -> int:
        """Pixels that the page is wider than the window."""
        script = "const m = document.querySelector('[data-testid=stMain]'); return m.scrollWidth - m.clientWidth"
        return self.driver.execute_script(script)

    def photograph(self, path: Path) -> None:
        self.driver.save_screenshot(str(path))

    def enter(self) -> None:
        """The first page, which at home asks nobody who they are."""
        self.see("Upload & monitor")


@contextlib.contextmanager
def open_window(url: str, profile: Path) -> Iterator[Window]:
    """A browser with a profile of its own, closed at the end."""
    options = ChromeOptions()
    options.binary_location = "/usr/bin/chromium"
    for flag in (*FLAGS, f"--user-data-dir={profile}"):
        options.add_argument(flag)
    driver = Chrome(options=options, service=ChromeService("/usr/bin/chromedriver", port=free_port()))
    driver.set_page_load_timeout(120)
    try:
        yield Window(driver, url)
    finally:
        driver.quit()


def free_port() -> int:
    """A port where nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
