"""Cards in a real browser: filters, order, keys, print, narrow and dark windows, and many of them."""

from __future__ import annotations

import base64
import os
import re
from dataclasses import replace

import pytest
from PIL import Image
from selenium.webdriver.common.keys import Keys

from portraitify.gallery.entry import Entry
from portraitify.gallery.page import page as page_of
from tests.gallery.browser.conftest import Page
from tests.gallery.made_up import ODD_NAMES

ALL = [f"p{number}.portrait.png" for number in (0, 1, 2, 3, 10)] + ["sub/p3.portrait.tif"]


def test_cards_stand_in_the_order_of_numbers_and_load_late(page):
    assert page.names() == ALL
    assert page.run("return [...document.querySelectorAll('.card img')].every(small => small.loading === 'lazy')")
    page.wait("return document.querySelector('.card img').naturalWidth === 256")
    assert page.css("#status").text == "6 paintings, 0 keepers"
    assert page.log() == []


def test_filters_and_order(page):
    assert page.choose("style", "oil") == [ALL[0], ALL[2], ALL[4], ALL[5]]
    assert page.choose("painter", "Hals") == [ALL[2], ALL[5]]
    assert page.css("#status").text == "2 of 6 paintings, 0 keepers"
    assert page.choose("style", "ink") == []
    page.css("#reset").click()
    assert page.names() == ALL
    assert page.choose("painter", "Rubens") == [ALL[0], ALL[1]]
    page.choose("painter", "")
    assert page.choose("only", "warned") == [ALL[2]]
    page.choose("only", "all")
    assert page.choose("find", "PHOTO10") == [ALL[4]]
    page.choose("find", "")
    assert page.choose("sort", "painter") == [ALL[2], ALL[5], ALL[3], ALL[0], ALL[1], ALL[4]]
    assert page.choose("sort", "warnings")[0] == ALL[2]
    options = page.run("return [...document.querySelectorAll('#painter option')].map(option => option.label)")
    assert options == ["all (6)", "Hals (2)", "Larsson (1)", "Rubens (2)", "Titian (1)"]


def test_keys_lead_through_the_cards(page):
    def here() -> str:
        return page.run("return document.activeElement.closest('.card').painting.file")

    page.window(1200, 800)
    page.run("document.querySelector('.card .open').focus()")
    # One card alone is in the order of Tab.
    assert page.run("return document.querySelectorAll('#grid button[tabindex=\"0\"]').length") == 2
    page.press(Keys.ARROW_RIGHT, "k")
    assert here() == ALL[1]
    assert page.css(".card.kept .keep").get_attribute("aria-pressed") == "true"
    page.press(Keys.END)
    assert here() == ALL[-1]
    page.press(Keys.HOME, Keys.ARROW_DOWN)
    columns = page.run("return getComputedStyle(document.getElementById('grid')).gridTemplateColumns.split(' ').length")
    assert here() == ALL[columns]
    page.press("/")
    assert page.run("return document.activeElement.id") == "find"


def test_a_screen_reader_hears_what_is_what(page):
    tree = page.driver.execute_cdp_cmd("Accessibility.getFullAXTree", {})["nodes"]
    told = {(node["role"]["value"], node.get("name", {}).get("value", "")) for node in tree if not node["ignored"]}
    assert {
        ("list", "Paintings"),
        ("button", "p0, oil, after Rubens: look at it"),
        ("button", "Keep p0"),
        ("search", "Filter and sort"),
        ("complementary", "Keepers"),
    } <= told
    assert any(role == "combobox" and name.startswith("Painter") for role, name in told)
    # Nothing that can be pressed is without a name.
    assert not [role for role, name in told if role in ("button", "combobox", "searchbox", "link") and not name]


def test_photos_that_failed_are_told_as_text(page):
    page.run("document.getElementById('failures').open = true")
    assert page.css("#failures li").text == "wall.jpg: no face <b>was</b> found."


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_stands_out(driver, small_gallery, scheme):
    page = Page(driver, small_gallery)
    page.open(scheme=scheme)
    colors = page.run(
        "const shown = selector => getComputedStyle(document.querySelector(selector));"
        "return ['.name', '.after', '.warned'].map(selector => shown(selector).color)"
        ".concat(shown('.card').backgroundColor)"
    )
    *texts, ground = ([int(value) for value in re.findall(r"\d+", color)[:3]] for color in colors)
    assert (sum(ground) < 200) == (scheme == "dark")
    assert all(_contrast(text, ground) >= 4.5 for text in texts)


def _contrast(first: list[int], second: list[int]) -> float:
    """Contrast ratio of two sRGB colours (WCAG 2.1)."""

    def luminance(color: list[int]) -> float:
        linear = [v / 3294.6 if v <= 10 else ((v / 255 + 0.055) / 1.055) ** 2.4 for v in color]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    dark, light = sorted((luminance(first), luminance(second)))
    return (light + 0.05) / (dark + 0.05)


def test_a_phone_has_two_columns_and_no_sideways_scrolling(driver, small_gallery):
    page = Page(driver, small_gallery)
    page.open(390, 844)
    assert page.run("return document.documentElement.scrollWidth") == 390
    columns = page.run("return getComputedStyle(document.getElementById('grid')).gridTemplateColumns.split(' ').length")
    assert columns == 2
    # Large enough for a finger.
    assert page.run("const box = document.querySelector('.card .keep').getBoundingClientRect(); return box.width") >= 44


def test_odd_names_are_text(odd_page):
    assert sorted(odd_page.names()) == sorted(ODD_NAMES)
    odd_page.wait(
        "return [...document.querySelectorAll('.card img')].slice(0, 4).every(small => small.naturalWidth === 32)"
    )
    assert (
        odd_page.run("return document.querySelectorAll('#grid script, #grid b, #grid img:not([loading])').length") == 0
    )
    texts = odd_page.run("return [...document.querySelectorAll('.card .name')].map(name => name.textContent)")
    assert "<script>alert(1)<script>" in texts
    assert "line�feed" in texts
    assert odd_page.css("h1").text == "<b>'\"&🎨#100%"
    for number in range(len(ODD_NAMES)):
        odd_page.run("viewer.open(grid.paintings()[arguments[0]])", number)
        odd_page.wait("return document.getElementById('painting').naturalWidth === 32")
        assert odd_page.run("return document.getElementById('unseen').hidden")
    assert odd_page.run("return document.querySelectorAll('#facts *:not(dt):not(dd)').length") == 0
    odd_page.run("document.getElementById('viewer').close()")
    asked = odd_page.requests()
    assert asked
    assert {url.partition(":")[0] for url in asked} <= {"file", "data", "blob"}
    assert odd_page.log() == []


def test_nothing_reaches_for_a_network(page):
    page.requests()
    page.driver.refresh()
    page.names()
    for number in range(6):
        page.run("viewer.open(grid.paintings()[arguments[0]])", number)
    page.run("document.getElementById('viewer').close()")
    # Even what somebody puts into the page is stopped.
    page.run("new Image().src = 'https://example.org/a.png'; fetch('https://example.org/b').catch(() => {})")
    page.wait("return document.readyState === 'complete'")
    asked = page.requests()
    assert len(asked) > 6
    assert not [url for url in asked if not url.startswith(("file:", "data:"))]
    complaints = page.log()
    assert any("example.org/a.png" in line for line in complaints)
    assert all("Content Security Policy" in line for line in complaints)


@pytest.fixture
def many(driver, tmp_path) -> Page:
    """A page of 5,000 paintings, of which the small copies alone are there."""
    entry = Entry("", (1, 1), 1024, 1024, "", "", "oil", ("A",), "A, 1650", command="portraitify " * 8)
    styles = ("oil", "ink", "watercolor", "renaissance")
    first = tmp_path / ".gallery" / "first.jpg"
    first.parent.mkdir()
    Image.new("RGB", (320, 240), (120, 40, 20)).save(first)
    entries = []
    for number in range(5000):
        os.link(first, first.with_name(f"{number}.jpg"))
        look = {"thumbnail": f"{number}.jpg", "style": styles[number % 4]}
        entries.append(replace(entry, file=f"IMG_{number:04d}.portrait.png", **look))
    (tmp_path / "index.html").write_bytes(page_of("many", entries))
    return Page(driver, tmp_path)


def test_five_thousand_paintings_stay_quick(many):
    many.open()
    # Cards of the first screens are there at once, and only their small copies are asked for.
    assert many.run("return performance.getEntriesByType('navigation')[0].domInteractive") < 3000
    many.wait("return document.querySelectorAll('.card').length === 5000")
    many.run("document.querySelector('.card .open').focus()")
    many.press(Keys.END)
    assert many.run("return document.activeElement.closest('.card').painting.file") == "IMG_4999.portrait.png"
    assert len({url for url in many.requests() if url.endswith(".jpg")}) < 1000
    took_ms = many.run(
        "const began = performance.now(); const field = document.getElementById('style'); field.value = 'ink';"
        "field.dispatchEvent(new Event('input', {bubbles: true})); document.body.offsetHeight;"
        "return performance.now() - began"
    )
    # 50 ms on an idle machine.
    assert took_ms < 1500
    assert len(many.names()) == 1250


def test_all_that_is_chosen_is_printed_as_a_contact_sheet(many):
    many.open()
    many.run("grid.show(grid.paintings().slice(0, 200))")
    # Idle time need not have made the rest.
    many.driver.execute_async_script("grid.ready().then(arguments[0])")
    pdf = many.driver.execute_cdp_cmd("Page.printToPDF", {"paperWidth": 8.27, "paperHeight": 11.69})
    pages = len(re.findall(rb"/Type\s*/Page\b(?!s)", base64.b64decode(pdf["data"])))
    assert many.run("return document.querySelectorAll('.card').length") == 200
    # Five in a row, five or six rows a page, and the small copies of all of them.
    assert 7 <= pages <= 9
    assert many.run("return [...document.querySelectorAll('.card img')].every(small => small.complete)")
    many.media("print", "dark")
    styles = many.run(
        "const shown = selector => getComputedStyle(document.querySelector(selector));"
        "return [shown('.bar').display, shown('.filters').display, shown('.card .keep').display,"
        " shown('body').backgroundColor, shown('#grid').gridTemplateColumns.split(' ').length,"
        " shown('.card').breakInside]"
    )
    assert styles == ["none", "none", "none", "rgb(255, 255, 255)", 5, "avoid"]
    many.media()
    assert many.log() == []
