"""Painting in overlapping tiles, so that a large canvas takes no more memory than a usual one."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import numpy as np

from portraitify.engines.base import Engine

# What a pixel of the painting depends on: twelve convolutions at 1/8 of the size, a few at the others.
REACH_PX = 160
TILE_PX = 1216


def prepare_tiled(engine: Engine, style_code: np.ndarray, side_px: int, tile_px: int = TILE_PX) -> None:
    """Let an engine make ready for :func:`paint_tiled` of a crop of a size with a code ``(code_size,)`` float32."""
    engine.prepare(style_code, min(side_px, tile_px))


def paint_tiled(
    engine: Engine,
    crop: np.ndarray,
    mask: np.ndarray,
    style_code: np.ndarray,
    noise: np.ndarray,
    tile_px: int = TILE_PX,
) -> np.ndarray:
    """Paint one crop; in tiles if it is larger than one, without seams.

    Args:
        engine: that paints.
        crop: ``(S, S, 3)`` uint8; ``S`` is a multiple of 16.
        mask: ``(S, S)`` float32.
        style_code: ``(code_size,)`` float32.
        noise: ``(S / 2, S / 2)`` float32.
        tile_px: largest side to paint at once; a multiple of 16, and more than twice ``REACH_PX``.

    Returns:
        ``(S, S, 3)`` uint8.
    """
    side = crop.shape[0]
    if side <= tile_px:
        return np.asarray(engine.paint(crop[None], mask[None], style_code[None], noise)[0])
    painted = np.empty_like(crop)
    for top, bottom, above, below in _spans(side, tile_px):
        for left, right, before, after in _spans(side, tile_px):
            rows, columns = slice(above, below), slice(before, after)
            half = noise[above // 2 : below // 2, before // 2 : after // 2]
            part = np.ascontiguousarray(crop[rows, columns])[None]
            (tile,) = engine.paint(part, np.ascontiguousarray(mask[rows, columns])[None], style_code[None], half)
            painted[top:bottom, left:right] = tile[top - above : bottom - above, left - before : right - before]
    return painted


def _spans(side: int, tile_px: int) -> Iterator[tuple[int, int, int, int]]:
    """For each tile of a row: where its result begins and ends, and where what it is painted from does.

    All tiles are equally large, for engines that prepare themselves for a size.
    """
    count = -(-(side - 2 * REACH_PX) // (tile_px - 2 * REACH_PX))
    starts = [round((side - tile_px) * number / (count - 1) / 16) * 16 for number in range(count)]
    seams = [(a + tile_px + b) // 2 for a, b in itertools.pairwise(starts)]
    for start, begin, end in zip(starts, [0, *seams], [*seams, side], strict=True):
        yield begin, end, start, start + tile_px
