"""What is shown in a blind comparison: numbered sheets without a hint at which painting is which."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from portraitify.config import Config
from portraitify.errors import ConfigError
from portraitify.evaluation.answer_tables import KNOWN_COLUMNS, make_folders, write_sheets
from portraitify.evaluation.pairs import Entry, Pair, shuffle
from portraitify.io.reading import read_image
from portraitify.layout.contact_sheet import Tile, contact_sheet
from portraitify.layout.grid import MAT

COLUMNS = (*KNOWN_COLUMNS, "preferred", "score_a", "score_b")


@dataclass(frozen=True)
class SheetConfig(Config):
    """How pairs are shown.

    Attributes:
        size_px: longer side of each picture.
        rows: pairs a sheet.
        seed: of the order of pairs and sides.

    Raises:
        ConfigError: a value makes no sense.
    """

    size_px: int = 512
    rows: int = 2
    seed: int = 0

    def __post_init__(self) -> None:
        if self.size_px < 64 or self.rows < 1 or self.seed < 0:
            raise ConfigError("size_px must be 64 or more, rows 1 or more, and seed 0 or more.")


def write_comparison(
    pairs: Sequence[Pair],
    output: Path,
    key_folder: Path,
    config: SheetConfig,
    on_progress: Callable[[int, int], None] = lambda done, total: None,
) -> list[Path]:
    """Write the sheets, a table to fill in, and elsewhere the key.

    Args:
        pairs: as :func:`portraitify.evaluation.pairs.find_pairs` gives them.
        output: folder for whoever compares.
        key_folder: folder that they must not see.
        config: how to show them.
        on_progress: called with pairs done and in all.

    Returns:
        The files: sheets, answers, key.

    Raises:
        ConfigError: the key would lie among the sheets, or the folder holds a comparison already.
        ImageError: a picture cannot be read, or a file not be written.
    """
    make_folders(output, key_folder)
    shown, key = shuffle(pairs, config.seed)

    def sheets() -> Iterator[np.ndarray]:
        for first in range(0, len(shown), config.rows):
            rows = []
            for pair, entry in zip(shown[first : first + config.rows], key.entries[first:], strict=False):
                rows.append(pair_row(pair, entry, config.size_px))
                on_progress(entry.number, len(shown))
            yield np.concatenate(rows)

    return write_sheets(sheets(), output, key_folder, COLUMNS, key)


def pair_row(pair: Pair, entry: Entry, size_px: int) -> np.ndarray:
    """One painting, the photo, and the other painting, under which nothing stands but number and side.

    Both paintings become equally long, and neither is enlarged: else the blur
    of the smaller one would tell.

    Args:
        pair: what is shown.
        entry: where.
        size_px: longer side of each picture.

    Returns:
        ``(H, W, 3)`` uint8; all rows of one ``size_px`` are of the same shape.
    """
    old, new, photo = (read_image(path).pixels for path in (pair.old, pair.new, pair.photo))
    longest = min(size_px, *(max(painting.shape[:2]) for painting in (old, new)))
    left, right = (new, old) if entry.new_side == "A" else (old, new)
    tiles = [
        Tile(on_square(picture, side, size_px), title)
        for picture, side, title in (
            (left, longest, f"{entry.number} A"),
            (photo, size_px, "photo"),
            (right, longest, f"{entry.number} B"),
        )
    ]
    return contact_sheet(tiles[0], tiles[1:], most_rows=1)


def on_square(picture: np.ndarray, longest: int, size_px: int) -> np.ndarray:
    """A picture whose longer side is ``longest``, in the middle of a square of ``size_px``."""
    scale = longest / max(picture.shape[:2])
    height, width = (max(1, round(side * scale)) for side in picture.shape[:2])
    method = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    square = np.full((size_px, size_px, 3), MAT, np.uint8)
    top, left = (size_px - height) // 2, (size_px - width) // 2
    square[top : top + height, left : left + width] = cv2.resize(picture, (width, height), interpolation=method)
    return square
