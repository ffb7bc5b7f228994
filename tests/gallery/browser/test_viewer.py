"""The full size view in a real browser: slider, keys, facts, frames, costumes."""

from __future__ import annotations

import base64
import io

import numpy as np
import pytest
from PIL import Image
from selenium.webdriver import ActionChains
from selenium.webdriver.common.keys import Keys

# Left, top, right and bottom of the painting, with its frame.
BOX = (
    "const box = document.querySelector('.compare').getBoundingClientRect();"
    "return [box.left, box.top, box.right, box.bottom]"
)


def open_card(page, number: int) -> None:
    page.driver.find_elements("css selector", ".card .open")[number].click()
    page.wait("return document.getElementById('painting').complete && document.getElementById('painting').naturalWidth")


def red_share(page) -> float:
    """Share of the picture's middle row that is red, as the photo is."""
    page.wait("const photo = document.getElementById('photo'); return photo.complete && photo.naturalWidth")
    shot = Image.open(io.BytesIO(base64.b64decode(page.driver.get_screenshot_as_base64()))).convert("RGB")
    left, top, right, bottom = page.run(BOX)
    row = np.asarray(shot)[round(top + 0.2 * (bottom - top)), round(left) : round(right)].astype(int)
    return float(((row[:, 0] > 200) & (row[:, 1] < 60)).mean())


def test_the_slider_follows_pointer_and_keys(page):
    open_card(page, 0)
    # The photo's copy is square, the painting 4:5; both fill the same place.
    assert red_share(page) == pytest.approx(0.5, abs=0.03)
    compare = page.css(".compare")
    width = compare.size["width"]
    drag = ActionChains(page.driver).move_to_element(compare).click_and_hold()
    drag.move_by_offset(round(0.3 * width), 0).release().perform()
    assert float(page.css("#slider").get_property("value")) == pytest.approx(80, abs=2)
    assert red_share(page) == pytest.approx(0.8, abs=0.03)
    # The pointer left the focus on the slider, which arrows move.
    page.press(Keys.ARROW_LEFT, Keys.ARROW_LEFT)
    assert page.css("#slider").get_attribute("aria-valuetext") == "78 % photo"
    page.press(Keys.HOME)
    assert red_share(page) == pytest.approx(0, abs=0.01)
    assert page.css("#place").text == "1 of 6"


def test_at_full_size_the_handle_alone_moves_the_cut(page):
    open_card(page, 0)
    page.window(500, 400)
    page.press("z")
    assert page.css(".compare").size["width"] == 320
    assert page.run("const stage = document.querySelector('.picture'); return stage.scrollHeight > stage.clientHeight")
    compare, cut = page.css(".compare"), page.css(".cut")
    ActionChains(page.driver).move_to_element_with_offset(compare, 100, 0).click().perform()
    assert page.css("#slider").get_property("value") == "50"
    ActionChains(page.driver).drag_and_drop_by_offset(cut, 80, 0).perform()
    assert float(page.css("#slider").get_property("value")) == pytest.approx(75, abs=2)
    page.press("z")
    page.window(1200, 800)


def test_the_photo_lies_inside_of_the_frame(page):
    open_card(page, 1)
    # 400 pixels with the frame, whose sides have 40.
    assert red_share(page) == pytest.approx(160 / 400, abs=0.02)
    page.run("document.getElementById('slider').focus()")
    page.press(Keys.END)
    assert red_share(page) == pytest.approx(320 / 400, abs=0.02)


def test_paintings_without_a_photo_have_no_slider(page):
    open_card(page, 2)
    assert not page.css("#slider").is_displayed()
    assert not page.css("#photo").is_displayed()
    assert page.css("#photo").get_attribute("src") in (None, "")


def test_a_costume_stands_beside_its_photo(page):
    open_card(page, 4)
    assert not page.css("#slider").is_displayed()
    page.wait("const photo = document.getElementById('photo'); return photo.complete && photo.naturalWidth")
    photo, painting = page.css("#photo").rect, page.css("#painting").rect
    stage = page.css(".picture").rect
    assert stage["x"] <= photo["x"]
    assert photo["x"] + photo["width"] <= painting["x"]
    assert painting["x"] + painting["width"] <= stage["x"] + stage["width"] + 1
    assert min(photo["height"], photo["width"], painting["height"], painting["width"]) > 100
    page.press("z")
    assert page.css("#painting").size == {"width": 32, "height": 40}
    assert not page.css("#photo").is_displayed()
    page.press("z")


def test_keys_turn_keep_zoom_and_close(page):
    open_card(page, 1)
    page.press(Keys.ARROW_RIGHT, "k")
    assert page.css("#viewer-title").text == "p2"
    assert page.css("#viewer-keep").get_attribute("aria-pressed") == "true"
    page.press("z")
    assert page.css(".compare").size["width"] == 32
    page.press("z", Keys.PAGE_UP, Keys.PAGE_UP, Keys.ARROW_LEFT)
    assert page.css("#viewer-title").text == "p0"
    assert page.css("#back").get_attribute("disabled")
    page.press(Keys.ARROW_RIGHT, Keys.ESCAPE)
    page.wait("return !document.getElementById('viewer').open")
    # Back where one was.
    assert page.run("return document.activeElement.closest('.card').painting.file") == "p1.portrait.png"
    assert page.css("#status").text == "6 paintings, 1 keeper"


def test_what_is_known_is_told(page):
    open_card(page, 2)
    facts = page.css("#facts").text
    for words in ("the face is small", "60%: dark key", "oil 60 %", "Hals", "photo2.jpg", "32 × 40 pixels"):
        assert words in facts
    assert "portraitify PHOTO --style oil --seed 0 --size 40" in facts
    assert page.css("#file").get_property("href").endswith("/p2.portrait.png")


def test_a_file_that_browsers_do_not_show_has_its_small_copy(page):
    open_card(page, 5)
    page.wait("return !document.getElementById('unseen').hidden")
    page.wait("return document.getElementById('painting').naturalWidth === 32")


def test_a_window_holds_the_whole_painting(page):
    for width, height in ((1200, 800), (390, 844), (844, 390)):
        page.window(width, height)
        page.run("document.getElementById('viewer').open || viewer.open(grid.paintings()[3])")
        page.run("document.querySelector('.compare').style.setProperty('--width', '4000px')")
        box = page.run(BOX)
        assert box[0] >= 0
        assert box[1] >= 0
        assert box[2] <= width
        assert box[3] <= height
        assert (box[2] - box[0]) / (box[3] - box[1]) == pytest.approx(32 / 40, abs=0.01)
        assert box[3] - box[1] > 60
        assert page.run("return document.documentElement.scrollWidth") <= width
