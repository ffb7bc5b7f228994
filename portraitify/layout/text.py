"""Captions, in fonts that lie beside this file: the same on every machine.

Latin, Greek and Cyrillic with all accents, kana, Hangul and common Chinese
characters are there; a box stands for anything else. Letters follow one
another from left to right and are not shaped.
"""

from __future__ import annotations

import unicodedata
from functools import lru_cache
from itertools import groupby
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from portraitify.layout.fonts.subset import CJK, LATIN

LEAST_PX = 8
# Drawn larger and then reduced: the fonts have no hints, and letters may stand at parts of a pixel.
_FINER = 4
_FOLDER = Path(__file__).parent / "fonts"
_PROBE_PX = 24
# No font may have it.
_NO_CHARACTER = "\U0010ffff"
_ELLIPSIS = "…"


def drawable(text: str) -> str:
    """A text as it is drawn: letters and their accents in one, blanks for line breaks, nothing for what is unseen."""
    found = []
    for character in unicodedata.normalize("NFC", text):
        kind = unicodedata.category(character)
        if kind in ("Cc", "Zl", "Zp", "Zs"):
            found.append(" ")
        elif kind == "Cs":
            # Half of a pair, as in a file's name that is no UTF-8.
            found.append("\N{REPLACEMENT CHARACTER}")
        elif kind != "Cf" and not unicodedata.name(character, "").startswith("VARIATION SELECTOR"):
            found.append(character)
    return "".join(found)


def letter(text: str, size_px: int, width_px: int) -> np.ndarray:
    """Write one line, smaller where it would be too long, and cut off where that does not help.

    Args:
        text: to write.
        size_px: of the font.
        width_px: that must hold it.

    Returns:
        ``(H, W)`` float32, 0 paper to 1 ink, at most ``width_px`` wide; ``H`` depends on
        ``size_px`` only.
    """
    rows = round(1.5 * size_px)
    line = drawable(text)
    length = _length(line, size_px)
    fitting = max(LEAST_PX, round(0.6 * size_px), min(size_px, int(size_px * width_px / max(length, 1.0))))
    line = _cut(line, fitting * _FINER, width_px * _FINER)
    wide = min(width_px, max(1, int(np.ceil(_length(line, fitting * _FINER) / _FINER)) + 1))
    canvas = Image.new("L", (wide * _FINER, rows * _FINER))
    draw = ImageDraw.Draw(canvas)
    left, baseline = 0.0, round(1.12 * size_px * _FINER)
    for name, part in _runs(line):
        font = _font(name, fitting * _FINER)
        draw.text((left, baseline), part, fill=255, font=font, anchor="ls")
        left += font.getlength(part)
    return np.asarray(canvas.reduce(_FINER), np.float32) / 255


def _cut(line: str, size_px: int, width_px: int) -> str:
    """The beginning of a line that fits, with a mark that it is one; nothing where not even that fits."""
    if _length(line, size_px) <= width_px:
        return line
    kept = line
    while kept and _length(kept + _ELLIPSIS, size_px) > width_px:
        kept = kept[:-1]
    return kept.rstrip() + _ELLIPSIS if kept else ""


def _length(line: str, size_px: int) -> float:
    return sum(_font(name, size_px).getlength(part) for name, part in _runs(line))


def _runs(line: str) -> list[tuple[str, str]]:
    """Parts of a line that are of one font, each with its name."""
    return [(name, "".join(part)) for name, part in groupby(line, _font_name)]


@lru_cache(4096)
def _font_name(character: str) -> str:
    """The font that has a character; the first, which draws a box, where none does."""
    return next((name for name in (LATIN, CJK) if _shape(name, character) != _shape(name, _NO_CHARACTER)), LATIN)


def _shape(name: str, character: str) -> tuple[tuple[int, int], bytes]:
    # Pillow does not tell whether a font has a character, but draws the same box for all that it has not.
    mask = _font(name, _PROBE_PX).getmask(character)
    return mask.size, bytes(mask)


@lru_cache(16)
def _font(name: str, size_px: int) -> ImageFont.FreeTypeFont:
    # Where Pillow has a library for shaping, lines must not come out another way than where it has none.
    return ImageFont.truetype(_FOLDER / name, size_px, layout_engine=ImageFont.Layout.BASIC)
