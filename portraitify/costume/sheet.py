"""All masters' pictures on one sheet: each as it was painted and without its head, with a caption."""

from __future__ import annotations

import cv2
import numpy as np

from portraitify.costume.library import MasterLibrary
from portraitify.errors import ConfigError
from portraitify.layout.contact_sheet import Tile, tiles_in_rows

# Height of a picture on the sheet, pixels, and pairs of pictures in a row.
_HEIGHT_PX, _COLUMNS = 320, 4


def masters_sheet(library: MasterLibrary) -> np.ndarray:
    """Draw the sheet, ``(H, W, 3)`` uint8.

    Raises:
        ConfigError: the library holds no picture.
        WeightsError: a picture is missing or damaged.
    """
    tiles = []
    for entry in library.entries():
        master = library.load(entry.name)
        width = round(_HEIGHT_PX * entry.size[0] / entry.size[1])
        pair = [
            cv2.resize(pixels, (width, _HEIGHT_PX), interpolation=cv2.INTER_AREA)
            for pixels in (master.picture, master.plate)
        ]
        star = "* " if entry.traits.anyone else ""
        note = ", ".join(part for part in (entry.credits.artist, entry.credits.title, entry.credits.date) if part)
        tiles.append(Tile(np.concatenate(pair, 1), f"{star}{entry.name}", note))
    if not tiles:
        raise ConfigError(f"{library.folder}: holds no masters to draw.")
    return tiles_in_rows(tiles, _COLUMNS)
