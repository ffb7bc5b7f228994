"""A contact sheet: the photo and what became of it, with captions."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from portraitify.layout.grid import GAP, MAT
from portraitify.layout.text import LEAST_PX, letter

_INK = np.array([44, 39, 34], np.float32)
# Of a cell's width: the font of the first and of the second line.
_FONTS = (0.044, 0.032)


@dataclass(frozen=True)
class Tile:
    """One picture on the sheet.

    Attributes:
        pixels: ``(H, W, 3)`` uint8.
        title: first line below it.
        note: second line, smaller and paler; may be empty.
    """

    pixels: np.ndarray
    title: str
    note: str = ""


def contact_sheet(first: Tile, others: Sequence[Tile], most_rows: int = 2) -> np.ndarray:
    """Lay the photo on the left and its paintings in rows beside it.

    Pictures keep their pixels; smaller ones stand in the middle of their cell.

    Args:
        first: the photo.
        others: the paintings, from left to right, then the second row; at least one.
        most_rows: rows of paintings; fewer where there are fewer paintings.

    Returns:
        ``(H, W, 3)`` uint8.
    """
    tiles = [first, *others]
    rows = min(most_rows, len(others))
    columns = 1 + math.ceil(len(others) / rows)
    # The photo stands half-way between the rows.
    cells = [((rows - 1) / 2, 0)]
    for number in range(len(others)):
        row, column = divmod(number, columns - 1)
        cells.append((row, 1 + column))
    return _laid(tiles, cells)


def tiles_in_rows(tiles: Sequence[Tile], columns: int) -> np.ndarray:
    """Lay pictures in rows of so many, at least one.

    Returns:
        ``(H, W, 3)`` uint8.
    """
    return _laid(tiles, [divmod(number, columns) for number in range(len(tiles))])


def _laid(tiles: Sequence[Tile], cells: Sequence[tuple[float, int]]) -> np.ndarray:
    """Lay pictures into rows and columns."""
    height, width = (max(tile.pixels.shape[axis] for tile in tiles) for axis in (0, 1))
    gap = max(2, round(1.6 * max(height, width) * GAP))
    sizes = [max(LEAST_PX, round(width * share)) for share in _FONTS]
    step_y, step_x = height + round(1.6 * sum(sizes)) + gap, width + gap
    rows, columns = (math.ceil(max(cell[axis] for cell in cells)) + 1 for axis in (0, 1))
    sheet = np.full((rows * step_y + gap, columns * step_x + gap, 3), MAT, np.uint8)
    places = [(gap + int(row * step_y), gap + column * step_x) for row, column in cells]
    for tile, (top, left) in zip(tiles, places, strict=True):
        high, wide = tile.pixels.shape[:2]
        down, right = top + (height - high) // 2, left + (width - wide) // 2
        sheet[down : down + high, right : right + wide] = tile.pixels
        below = down + high + sizes[1] // 3
        for text, size, share in ((tile.title, sizes[0], 1.0), (tile.note, sizes[1], 0.75)):
            if text:
                _write(sheet, letter(text, size, width), below, left + width / 2, share)
            below += round(1.25 * size)
    return sheet


def _write(sheet: np.ndarray, line: np.ndarray, top: int, middle: float, share: float) -> None:
    left = round(middle - line.shape[1] / 2)
    part = sheet[top : top + line.shape[0], left : left + line.shape[1]]
    ink = share * line[: part.shape[0], : part.shape[1], None]
    part[:] = (part + (_INK - part) * ink + 0.5).astype(np.uint8)
