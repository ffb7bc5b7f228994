"""Picking keepers in a real browser, and carrying their list out."""

from __future__ import annotations

import os
import time
from pathlib import Path

from portraitify.cli.main import main
from portraitify.gallery.keeping import read_keepers
from tests.gallery.made_up import ODD_NAMES


def saved(page, folder: Path) -> Path:
    """The list that the page saves."""
    page.driver.execute_cdp_cmd("Page.setDownloadBehavior", {"behavior": "allow", "downloadPath": str(folder)})
    page.css("#save").click()
    end = time.monotonic() + 20
    while not (folder / "keepers.txt").exists() and time.monotonic() < end:
        time.sleep(0.05)
    return folder / "keepers.txt"


def test_a_click_keeps_and_the_list_is_carried_out(page, tmp_path, capsys):
    assert not page.css("#save").is_enabled()
    hearts = page.driver.find_elements("css selector", ".card .keep")
    for number in (0, 5, 1, 1):
        hearts[number].click()
    assert page.css("#status").text == "6 paintings, 2 keepers"
    assert page.choose("only", "kept") == ["p0.portrait.png", "sub/p3.portrait.tif"]
    path = saved(page, tmp_path)
    address = (page.folder / "index.html").as_uri()
    assert (
        path.read_text() == f"# 2 keepers of 6 paintings\n# gallery: {address}\np0.portrait.png\nsub/p3.portrait.tif\n"
    )
    assert main(["keep", str(path), "-o", str(tmp_path / "best")]) == 0
    assert "2 copied, 0 failed" in capsys.readouterr().err
    copied = tmp_path / "best" / "sub" / "p3.portrait.tif"
    assert copied.read_bytes() == (page.folder / "sub" / "p3.portrait.tif").read_bytes()


def test_keepers_outlive_the_window(page):
    page.css(".card .keep").click()
    page.driver.refresh()
    assert page.css("#status").text == "6 paintings, 1 keeper"
    assert page.css(".card").get_attribute("class") == "card kept"
    page.css("#clear").click()
    page.driver.switch_to.alert.accept()
    page.wait("return document.getElementById('status').textContent === '6 paintings, 0 keepers'")
    page.driver.refresh()
    assert page.css("#status").text == "6 paintings, 0 keepers"


def test_the_list_is_copied(page):
    grant = {"origin": page.run("return location.origin"), "permissions": ["clipboardReadWrite"]}
    if grant["origin"] == "null" or grant["origin"].startswith("file"):
        del grant["origin"]
    page.driver.execute_cdp_cmd("Browser.grantPermissions", grant)
    page.css(".card .keep").click()
    page.css("#copy").click()
    page.wait("return document.getElementById('status').textContent.endsWith('The list was copied.')")
    text = page.driver.execute_async_script("navigator.clipboard.readText().then(arguments[0], arguments[0])")
    assert text.endswith("\np0.portrait.png\n")


def test_odd_names_come_through_the_list_both_ways(odd_page, tmp_path):
    odd_page.run("for (const painting of grid.paintings()) keepers.toggle(painting.file)")
    path = saved(odd_page, tmp_path)
    keepers = read_keepers(path)
    assert {str(file) for file in keepers.files} == set(ODD_NAMES)
    assert keepers.folder() == odd_page.folder
    assert main(["keep", str(path), "-o", str(tmp_path / "best"), "-q"]) == 0
    assert set(os.listdir(tmp_path / "best")) == set(ODD_NAMES)
    # And back into the page.
    odd_page.run("keepers.clear()")
    field = odd_page.css("#list")
    field.send_keys(str(path))
    odd_page.wait("return keepers.count() === arguments[0]", len(ODD_NAMES))
    assert odd_page.css("#status").text.endswith(f"{len(ODD_NAMES)} names of keepers.txt found.")
