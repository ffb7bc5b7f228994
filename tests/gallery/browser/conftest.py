"""A headless Chromium, and galleries to open in it.

``make browser`` runs these tests, and where there is no Chromium they fail: none is ever skipped. Other runs do not
take them in, so that ``make test`` needs no browser.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from portraitify.gallery.gallery import Gallery
from portraitify.gallery.told import Failure, Told
from portraitify.io.provenance import Provenance
from tests.gallery.made_up import ODD_NAMES, record_of, write_painting

_FLAGS = (
    "--headless=new --no-sandbox --disable-gpu --disable-dev-shm-usage --disable-background-networking "
    "--disable-component-update --disable-sync --disable-quic --no-first-run --no-default-browser-check"
)
_BROWSERS = ("chromium", "chromium-browser", "google-chrome")


def pytest_ignore_collect(config: pytest.Config) -> bool | None:
    """Pass over this folder, unless the tests in it are wanted; they import selenium."""
    return None if config.getoption("--browser") else True


def _program(names: tuple[str, ...], variable: str) -> str:
    """Where a program lies; Selenium would download one otherwise."""
    found = os.environ.get(variable) or next(filter(None, map(shutil.which, names)), None)
    if not found:
        pytest.fail(f"{names[0]} is not installed: apt-get install chromium chromium-driver, or set ${variable}.")
    return found


@pytest.fixture(scope="session")
def driver(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """Chromium, with a log of what it asks for."""
    os.environ |= {"SE_OFFLINE": "true", "SE_AVOID_STATS": "true"}
    from selenium import webdriver
    from selenium.webdriver.chrome.service import Service

    options = webdriver.ChromeOptions()
    options.binary_location = _program(_BROWSERS, "CHROMIUM")
    for flag in (*_FLAGS.split(), f"--user-data-dir={tmp_path_factory.mktemp('profile')}"):
        options.add_argument(flag)
    options.add_experimental_option("prefs", {"download.default_directory": str(tmp_path_factory.mktemp("downloads"))})
    options.set_capability("goog:loggingPrefs", {"performance": "ALL", "browser": "ALL"})
    # With both paths given nothing is looked for, and so nothing downloaded.
    browser = webdriver.Chrome(options, Service(_program(("chromedriver",), "CHROMEDRIVER")))
    browser.set_script_timeout(20)
    yield browser
    browser.quit()


class Page:
    """A gallery in the browser.

    Attributes:
        driver: of the browser.
        folder: of the gallery.
    """

    def __init__(self, driver: Any, folder: Path):
        self.driver, self.folder = driver, folder

    def open(self, width: int = 1200, height: int = 800, scheme: str = "light") -> None:
        """Open it in a window of a size, with a log that begins now."""
        self.window(width, height)
        self.media(scheme=scheme)
        # What Chromium itself loaded before, such as its page for new tabs, is none of ours.
        self.requests()
        self.log()
        self.driver.get((self.folder / "index.html").as_uri())

    def window(self, width: int, height: int) -> None:
        size = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600}
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)

    def media(self, kind: str = "", scheme: str = "light") -> None:
        """Be a medium, the usual one if none is named, with a colour scheme."""
        feature = {"name": "prefers-color-scheme", "value": scheme}
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": kind, "features": [feature]})

    def run(self, script: str, *arguments: Any) -> Any:
        """What a script returns."""
        return self.driver.execute_script(script, *arguments)

    def wait(self, script: str, *arguments: Any) -> Any:
        """What a script returns, as soon as that is true."""
        from selenium.webdriver.support.wait import WebDriverWait

        return WebDriverWait(self.driver, 20, 0.05).until(lambda _: self.run(script, *arguments))

    def css(self, selector: str) -> Any:
        return self.driver.find_element("css selector", selector)

    def names(self) -> list[str]:
        """Files of the cards in order, once all are there."""
        self.wait("return document.querySelectorAll('.card').length === grid.paintings().length")
        # As JSON: what leads from the browser here takes no names that are no UTF-8.
        script = "return JSON.stringify([...document.querySelectorAll('.card')].map(card => card.painting.file))"
        return list(json.loads(self.run(script)))

    def choose(self, select: str, value: str) -> list[str]:
        """Set a filter, and give the cards that are left."""
        self.run(
            "const field = document.getElementById(arguments[0]); field.value = arguments[1];"
            "field.dispatchEvent(new Event('input', {bubbles: true}))",
            select,
            value,
        )
        return self.names()

    def press(self, *keys: str) -> None:
        """Type keys to whatever has the focus."""
        from selenium.webdriver import ActionChains

        ActionChains(self.driver).send_keys(*keys).perform()

    def requests(self) -> list[str]:
        """Addresses that were asked for since the log was read last, but for those that the page's policy stopped."""
        events = [json.loads(line["message"])["message"] for line in self.driver.get_log("performance")]
        found = [(event["method"], event["params"]) for event in events]
        stopped = {told["requestId"] for _, told in found if told.get("blockedReason") == "csp"}
        sent = [told for method, told in found if method == "Network.requestWillBeSent"]
        return [told["request"]["url"] for told in sent if told["requestId"] not in stopped]

    def log(self) -> list[str]:
        """What the browser complained of since it was asked last."""
        return [line["message"] for line in self.driver.get_log("browser")]


def _told(number: int, **own: Any) -> Told:
    given = {"style": "oil", "seed": 0, "photo": f"photo{number}.jpg", "reason": "60%: dark key", "odds": {"oil": 0.6}}
    return Told(**given | own)


@pytest.fixture(scope="session")
def small_gallery(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Six paintings by four painters: two with a photo under a slider, one of them framed, one beside its photo."""
    folder = tmp_path_factory.mktemp("small")
    red = np.full((64, 64, 3), (255, 0, 0), np.uint8)
    costume = record_of("oil", "Titian, “A Man”, 1520", options='{"costume": "titian"}')
    with Gallery(folder, photos=True) as gallery:

        def add(name: str, told: Told, record: Provenance, photo: np.ndarray | None = None, **look: Any) -> None:
            gallery.add(write_painting(folder / name, record, **look), told, photo)

        add("p0.portrait.png", _told(0), record_of("oil", "Rubens, 1630", size_px=400), red, size=(320, 400))
        framed = record_of("ink", "Rubens, 1635", options='{"frame": "gilt"}', size_px=400)
        add("p1.portrait.png", _told(1, style="ink"), framed, red, size=(400, 480))
        add("p2.portrait.png", _told(2, warnings=("the face is small",)), record_of("oil", "Hals"))
        add("p3.portrait.png", _told(3, style="watercolor"), record_of("watercolor", "Larsson (1853-1919)"))
        add("p10.portrait.png", _told(10, costume="in a red cloak"), costume, red)
        add("sub/p3.portrait.tif", _told(3), record_of("oil", "Hals"), kind="tiff")
        gallery.failures.append(Failure("wall.jpg", "wall.jpg: no face <b>was</b> found."))
        gallery.write()
    return folder


@pytest.fixture(scope="session")
def odd_gallery(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Paintings whose names, painters and warnings try to be HTML."""
    folder = tmp_path_factory.mktemp("odd") / "<b>'\"&🎨#100%"
    with Gallery(folder) as gallery:
        for number, name in enumerate(ODD_NAMES):
            record = record_of("oil", "<img src=https://example.org/x onerror=alert(1)>")
            told = _told(number, photo=name, reason=name, warnings=(name,))
            gallery.add(write_painting(folder / name, record, number), told)
        gallery.write()
    return folder


@pytest.fixture
def page(driver: Any, small_gallery: Path) -> Page:
    opened = Page(driver, small_gallery)
    opened.open()
    opened.run("localStorage.clear(); keepers.clear()")
    return opened


@pytest.fixture
def odd_page(driver: Any, odd_gallery: Path) -> Page:
    opened = Page(driver, odd_gallery)
    opened.open()
    opened.run("localStorage.clear(); keepers.clear()")
    return opened
