"""Captions in the font that Pillow carries, with the accents that it lacks."""

from __future__ import annotations

import unicodedata

import numpy as np
from PIL import Image, ImageDraw, ImageFont

LEAST_PX = 8
# Drawn larger and then reduced, because lines of ImageDraw have jagged edges.
_FINER = 4
# Marks as lines in a box one unit wide and high, y upwards; a point is a line of no length.
_ABOVE: dict[str, list[list[tuple[float, float]]]] = {
    "\N{COMBINING GRAVE ACCENT}": [[(-0.25, 1), (0.15, 0)]],
    "\N{COMBINING ACUTE ACCENT}": [[(-0.15, 0), (0.25, 1)]],
    "\N{COMBINING CIRCUMFLEX ACCENT}": [[(-0.4, 0), (0, 0.9), (0.4, 0)]],
    "\N{COMBINING CARON}": [[(-0.4, 0.9), (0, 0), (0.4, 0.9)]],
    "\N{COMBINING TILDE}": [[(-0.5, 0.1), (-0.2, 0.6), (0.2, 0.2), (0.5, 0.7)]],
    "\N{COMBINING MACRON}": [[(-0.45, 0.4), (0.45, 0.4)]],
    "\N{COMBINING BREVE}": [[(-0.4, 0.9), (-0.2, 0.2), (0.2, 0.2), (0.4, 0.9)]],
    "\N{COMBINING DOT ABOVE}": [[(0, 0.4), (0, 0.4)]],
    "\N{COMBINING DIAERESIS}": [[(-0.38, 0.4), (-0.38, 0.4)], [(0.38, 0.4), (0.38, 0.4)]],
    "\N{COMBINING RING ABOVE}": [[(-0.3, 0.4), (0, 0.9), (0.3, 0.4), (0, -0.1), (-0.3, 0.4)]],
    "\N{COMBINING DOUBLE ACUTE ACCENT}": [[(-0.4, 0), (-0.1, 1)], [(0.15, 0), (0.45, 1)]],
}
_BELOW: dict[str, list[list[tuple[float, float]]]] = {
    "\N{COMBINING CEDILLA}": [[(0, 1), (0.15, 0.5), (-0.2, 0.1)]],
    "\N{COMBINING OGONEK}": [[(0.2, 1), (0, 0.4), (0.3, 0.1)]],
    "\N{COMBINING COMMA BELOW}": [[(0.1, 0.7), (-0.1, 0)]],
}
_ACROSS = "\N{COMBINING LONG SOLIDUS OVERLAY}"
# What does not fall apart into a letter and marks by itself.
_SPELLED = {
    "ł": "l" + _ACROSS,
    "Ł": "L" + _ACROSS,
    "ø": "o" + _ACROSS,
    "Ø": "O" + _ACROSS,
    "đ": "d" + _ACROSS,
    "ı": "i",
    "ß": "ss",
    "æ": "ae",
    "Æ": "AE",
    "œ": "oe",
    "Œ": "OE",
    "–": "-",
    "—": "-",
    "’": "'",
    "‘": "'",
    "“": '"',
    "”": '"',
    "…": "...",
}


def spelled(text: str) -> list[tuple[str, str]]:
    """Letters that the font has, each with the marks to be drawn on it; ``?`` stands for any other."""
    found: list[tuple[str, str]] = []
    for character in unicodedata.normalize("NFKD", "".join(_SPELLED.get(letter, letter) for letter in text)):
        if unicodedata.combining(character):
            if found and (character in _ABOVE or character in _BELOW or character == _ACROSS):
                found[-1] = (found[-1][0], found[-1][1] + character)
        else:
            found.append((character if character.isascii() and character.isprintable() else "?", ""))
    return found


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
    letters = spelled(text)
    length = _font(size_px).getlength("".join(base for base, _ in letters))
    fitting = max(LEAST_PX, round(0.6 * size_px), min(size_px, int(size_px * width_px / max(length, 1.0))))
    font = _font(fitting * _FINER)
    while letters and font.getlength("".join(base for base, _ in letters)) > width_px * _FINER:
        letters = [*letters[:-4], (".", ""), (".", "")] if len(letters) > 4 else []
    line = "".join(base for base, _ in letters)
    wide = min(width_px, max(1, int(np.ceil(font.getlength(line) / _FINER)) + 1))
    canvas = Image.new("L", (wide * _FINER, rows * _FINER))
    draw = ImageDraw.Draw(canvas)
    baseline = round(1.12 * size_px * _FINER)
    for number, (base, marks) in enumerate(letters):
        left = font.getlength(line[:number])
        draw.text((left, baseline), base, fill=255, font=font, anchor="ls")
        for mark in marks:
            _draw_mark(draw, mark, font.getbbox(base, anchor="ls"), left, baseline, fitting * _FINER)
    return np.asarray(canvas.reduce(_FINER), np.float32) / 255


def _draw_mark(
    draw: ImageDraw.ImageDraw,
    mark: str,
    box: tuple[float, float, float, float],
    left: float,
    baseline: float,
    size_px: int,
) -> None:
    middle, unit, pen = left + (box[0] + box[2]) / 2, 0.17 * size_px, max(1, round(0.075 * size_px))
    if mark == _ACROSS:
        reach = 0.45 * (box[2] - box[0])
        low, high = baseline + box[1] * 0.25, baseline + box[1] * 0.75
        _draw_lines(draw, [(middle - reach, low), (middle + reach, high)], pen)
        return
    bottom = baseline + box[1] - 0.07 * size_px if mark in _ABOVE else baseline + 1.15 * unit
    for line in (_ABOVE if mark in _ABOVE else _BELOW)[mark]:
        _draw_lines(draw, [(middle + 1.3 * unit * x, bottom - unit * y) for x, y in line], pen)


def _draw_lines(draw: ImageDraw.ImageDraw, points: list[tuple[float, float]], pen: int) -> None:
    draw.line(points, fill=255, width=pen, joint="curve")
    for x, y in points:
        draw.ellipse((x - pen / 2, y - pen / 2, x + pen / 2, y + pen / 2), fill=255)


def _font(size_px: int) -> ImageFont.FreeTypeFont:
    font = ImageFont.load_default(size_px)
    assert isinstance(font, ImageFont.FreeTypeFont)
    return font
