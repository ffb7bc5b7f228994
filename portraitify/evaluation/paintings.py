"""Folders of finished paintings: which pictures they hold, and of what style each is."""

from __future__ import annotations

import re
import unicodedata
from pathlib import Path

from portraitify.batch.inputs import PHOTO_SUFFIXES
from portraitify.errors import ConfigError, ImageError
from portraitify.io.provenance import read_provenance
from portraitify.media.registry import medium_names


def pictures_in(folder: Path) -> dict[str, Path]:
    """Picture files by their name, in which accents are written in one way; in alphabetical order.

    Raises:
        ConfigError: the folder cannot be read.
    """
    try:
        files = sorted(folder.iterdir())
    except OSError as error:
        raise ConfigError(f"{folder}: the folder cannot be read ({error.strerror}).") from error
    return {
        unicodedata.normalize("NFC", path.name): path
        for path in files
        if path.suffix.lower() in PHOTO_SUFFIXES and not path.name.startswith(".") and path.is_file()
    }


def style_of(path: Path, name: str) -> str:
    """The style of a painting: a word of its name, or what the record in it says; empty where neither does.

    Args:
        path: the painting.
        name: its name, or the part of it in which the style may stand.
    """
    words = re.split(r"[^a-z0-9]+", name.lower())
    found = next((word for word in reversed(words) if word in medium_names()), "")
    if found:
        return found
    try:
        record = read_provenance(path)
    except ImageError:
        return ""
    return record.style if record else ""


def sitter_of(name: str) -> str:
    """What the names of all paintings of one photo have in common: that of the photo without suffix.

    >>> [sitter_of(name) for name in ("anna-oil.png", "anna.2.portrait.png")]
    ['anna', 'anna']

    Args:
        name: of a painting's file, ``NAME-STYLE.png`` or ``NAME.portrait.png``, or with numbers.
    """
    stem = Path(name).stem
    styles = "|".join(medium_names())
    return re.sub(rf"(?:[-_. ](?:{styles}))?(?:\.\d+){{0,2}}(?:\.portrait)?$", "", stem, flags=re.IGNORECASE) or stem
