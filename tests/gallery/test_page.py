"""The page as a file: nothing in a name becomes HTML, and nothing is fetched."""

import base64
import hashlib
import json
import re
from dataclasses import replace
from urllib.parse import unquote_to_bytes

import pytest

from portraitify.gallery.entry import Entry
from portraitify.gallery.page import is_gallery, page, read_entries, url_of
from portraitify.gallery.told import Failure
from tests.gallery.made_up import ODD_NAMES

ENTRY = Entry("a.png", (5, 7), 40, 30, "0123456789abcdef.jpg", "0123456789abcdef")


def test_odd_names_end_up_in_json_only():
    entries = [replace(ENTRY, file=name, reference=name, warnings=(name,)) for name in ODD_NAMES]
    made = page("</title><script>alert(1)</script>", entries, [Failure("</script>", "<!--")])
    text = made.decode()
    assert text.count("<script") == text.count("</script") == 2
    assert text.count("</title>") == 1
    assert "&lt;/title&gt;" in text
    data = re.search(r'id="data">(.*?)</script>', text, re.DOTALL)[1]
    assert data.isascii()
    assert not set(data) & set("<>&")
    assert [item["file"] for item in json.loads(data)["paintings"]] == list(ODD_NAMES)


@pytest.mark.parametrize("name", ODD_NAMES)
def test_addresses_lead_to_the_file_whatever_its_name(name):
    assert re.fullmatch(r"[\w.~%/-]+", url_of(f"sub/{name}"), re.ASCII)
    assert unquote_to_bytes(url_of(name)) == name.encode("utf-8", "surrogateescape")


def test_the_policy_lets_only_this_script_and_style_run():
    text = page("title", [ENTRY]).decode()
    policy = re.search(r'Security-Policy" content="([^"]*)"', text)[1]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "http" not in policy
    for tag, rule in (("style", "style-src"), ("script", "script-src")):
        inside = re.findall(rf"<{tag}>(.*?)</{tag}>", text, re.DOTALL)
        assert len(inside) == 1
        digest = base64.b64encode(hashlib.sha256(inside[0].encode()).digest()).decode()
        assert f"{rule} 'sha256-{digest}'" in policy


def test_nothing_in_the_template_names_another_place():
    text = page("title", []).decode()
    assert not re.search(r"https?://|@import|url\(|<link|<iframe|fetch\(|XMLHttpRequest|innerHTML|\{\{", text)


def test_a_page_is_known_again_and_tells_what_it_knows(tmp_path):
    path = tmp_path / "index.html"
    entries = [ENTRY, replace(ENTRY, file="not utf-8 \udcff.png", odds={"oil": 1.0})]
    path.write_bytes(page("title", entries))
    assert page("title", entries) == path.read_bytes()
    assert is_gallery(path)
    assert read_entries(path) == {entry.file: entry for entry in entries}


@pytest.mark.parametrize(
    "text", ["", "<html></html>", '<script type="application/json" id="data">{"paintings": [1]}</script>']
)
def test_what_is_no_page_of_ours_tells_nothing(tmp_path, text):
    (tmp_path / "index.html").write_text(text)
    assert not is_gallery(tmp_path / "index.html")
    assert read_entries(tmp_path / "index.html") == {}
