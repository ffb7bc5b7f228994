"""Sheets of held-out sitters, painted by the shipped weights through the product's own engine."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
from PIL import Image

from portraitify.config import PaintConfig
from portraitify.data.batches import PreparedData
from portraitify.faces.aligned_face import AlignedFace, FaceSource
from portraitify.faces.alignment import Crop
from portraitify.media.registry import STYLES
from portraitify.pipeline import Portraitist
from portraitify.training.samples import held_out_sitters


def save_style_sheet(data: Path, weights: Path, output: Path, sitters: int, tile_px: int) -> None:
    """Paint held-out photos in all styles.

    Args:
        data: prepared folder.
        weights: folder with a manifest.
        output: PNG to write; one row a sitter, the photo first and then ``STYLES``.
        sitters: number of rows.
        tile_px: side of a tile.
    """
    prepared = PreparedData(data)
    portraitist = Portraitist(PaintConfig(), weights)
    rows = []
    for row in held_out_sitters(prepared, sitters):
        face = portraitist.with_meshes(aligned_face(prepared, int(row), portraitist.config.paint_px))
        tiles = [face.pixels]
        for style in STYLES:
            (sketch,) = portraitist.sketch([face], style=style)
            tiles.append(portraitist.finish(sketch).pixels)
        size = (tile_px, tile_px)
        rows.append(np.concatenate([cv2.resize(t, size, interpolation=cv2.INTER_AREA) for t in tiles], 1))
    output.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(np.concatenate(rows)).save(output)


def aligned_face(data: PreparedData, row: int, size_px: int) -> AlignedFace:
    """One prepared photo as the product would have cut it, ``size_px`` wide."""
    image, scale = data.images[row], size_px / data.images.shape[1]
    pixels = cv2.resize(image, (size_px, size_px), interpolation=cv2.INTER_CUBIC)
    return AlignedFace(
        pixels=pixels,
        valid=cv2.resize(data.masks[row, :, :, 1], (size_px, size_px), interpolation=cv2.INTER_NEAREST),
        landmarks=data.landmarks[row] * size_px,
        crop=Crop(np.array([[scale, 0, 0], [0, scale, 0]]), size_px, data.records[row]["iod"], 1.0),
        source=FaceSource(np.array([0.0, 0.0, size_px, size_px]), 1.0, photo=data.records[row]["file"]),
    )
