"""The page of a gallery: one HTML file with all that it needs, from a template without a build step."""

from __future__ import annotations

import base64
import hashlib
import html
import json
import os
import re
from collections.abc import Sequence
from dataclasses import asdict
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import quote

from portraitify import __version__
from portraitify.gallery.entry import Entry
from portraitify.gallery.thumbnails import FOLDER
from portraitify.gallery.told import Failure

NAME = "index.html"
_TEMPLATE = Path(__file__).with_name("template")
_STYLES = ("page.css", "viewer.css", "print.css")
# Each builds on those before it.
_SCRIPTS = ("keepers.js", "grid.js", "viewer.js", "page.js")
_GENERATOR = '<meta name="generator" content="portraitify gallery">'
_DATA = re.compile(r'<script type="application/json" id="data">(.*?)</script>', re.DOTALL)
_PLACE = re.compile(r"\{\{(\w+)\}\}")


def page(title: str, entries: Sequence[Entry], failures: Sequence[Failure] = ()) -> bytes:
    """The whole page, UTF-8; the same arguments give the same bytes.

    Names of files end up in JSON only, and the scripts set text, never HTML;
    a policy lets no other script run, and nothing be fetched.

    Args:
        title: what is in it, such as the folder's name.
        entries: the paintings.
        failures: photos that were not painted.
    """
    data = {
        "version": __version__,
        "folder": FOLDER,
        "paintings": [{**entry.record(), "url": url_of(entry.file)} for entry in entries],
        "failures": [asdict(failure) for failure in failures],
    }
    style, script = _joined(_STYLES), _joined(_SCRIPTS)
    parts = {
        "policy": _policy(style, script),
        "generator": _GENERATOR,
        "title": html.escape(shown(title)),
        "style": style,
        "script": script,
        "data": _embedded(data),
    }
    # In one go, so that nothing in the data is taken for a place to fill.
    return _PLACE.sub(lambda match: parts[match[1]], _joined(("page.html",))).encode()


def url_of(file: str) -> str:
    """Address of a file relative to the page, whatever its name holds."""
    return quote(os.fsencode(file))


def shown(name: str) -> str:
    """A name as text, also one that is no UTF-8."""
    return os.fsencode(name).decode("utf-8", "replace")


def is_gallery(path: Path) -> bool:
    """Whether a file is a page of ours."""
    try:
        with open(path, "rb") as stream:
            return _GENERATOR.encode() in stream.read(4096)
    except OSError:
        return False


def read_entries(path: Path) -> dict[str, Entry]:
    """What an earlier page knows, by file; nothing where it cannot be read."""
    try:
        match = _DATA.search(path.read_text(encoding="utf-8"))
        listed = json.loads(match[1])["paintings"] if match else []
        entries = [Entry.from_record(values) for values in listed]
    except (OSError, ValueError, TypeError, KeyError):
        return {}
    return {entry.file: entry for entry in entries}


def _embedded(data: dict[str, Any]) -> str:
    """JSON that ends no script and opens no comment; names that are no UTF-8 stay what they are."""
    text = json.dumps(data, separators=(",", ":"))
    for character in "<>&":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return text


def _policy(style: str, script: str) -> str:
    """Content security policy: these two, pictures beside the page, and nothing else."""
    return (
        "default-src 'none'; base-uri 'none'; form-action 'none'; img-src 'self' file:; "
        f"style-src '{_hash(style)}'; script-src '{_hash(script)}'"
    )


def _hash(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


@cache
def _joined(names: tuple[str, ...]) -> str:
    return "\n".join((_TEMPLATE / name).read_text(encoding="utf-8") for name in names)
