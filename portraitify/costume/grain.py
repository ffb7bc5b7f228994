"""Carrying on the fine structure of a surface: grain, brush strokes, weave, cracks."""

from __future__ import annotations

from collections.abc import Iterator

import cv2
import numpy as np

# Sides of the blocks that are copied, in parts of the picture's height, the largest that fits often enough; and so
# many times the area of one must the places that it may come from fill.
_SIDES, _ENOUGH = (0.085, 0.06, 0.042, 0.03, 0.02, 0.014), 0.8
# Part of a block's side over which it is blended with the next.
_OVERLAP = 0.35
# Known share from which on a place says something about which block fits.
_SEEN = 0.25
# Weights: of a difference in broad tone against one in fine structure, and of having been used already, by variance.
_TONE, _USED = 0.08, 2.0
# Likewise: of a difference in height, in parts of the picture's, where a surface changes downwards twice as much as
# across.
_LEVEL = 100.0
# Blocks with more energy, of all that is fine or of what a coarse grid still shows, than so many times that of this
# percentile of a surface's blocks show something, and not the surface alone.
_STRIKING, _PLAIN = 2.0, 25
# Blocks are compared on a grid so many times as coarse, and the best one then moved by single pixels.
_COARSE = 4
# Blocks this much worse than the best one, by variance of the surface, are as good.
_AS_GOOD = 0.06


def carry_on(
    detail: np.ndarray, weight: np.ndarray, source: np.ndarray, target: np.ndarray, tone: np.ndarray, level: float = 1.0
) -> np.ndarray:
    """Fill the fine structure of a surface with blocks of its own, each of which fits those beside it.

    Blocks are chosen as in image quilting (Efros and Freeman, SIGGRAPH 2001) by
    how well they agree where they overlap, and blended so that the structure's
    contrast stays (Heitz and Neyret, High-Performance By-Example Noise using a
    Histogram-Preserving Blending Operator, HPG 2018, equation 6: a sum with
    weights over the root of the sum of their squares).

    Args:
        detail: ``(H, W, 3)`` float32 with mean 0, the fine structure.
        weight: ``(H, W)`` float32 in 0 to 1, how much of it stays where it is.
        source: ``(H, W)`` bool, where blocks may come from.
        target: ``(H, W)`` bool, where they are needed.
        tone: ``(H, W, 3)`` float32, the broad tone; blocks come from places that are alike in it.
        level: how much more the surface changes downwards than across; blocks come from places as high as theirs, the
            more so the greater it is.

    Returns:
        ``(H, W, 3)`` float32; 0 where there is nothing to copy from.
    """
    side = _block_side(source)
    if side == 0 or not target.any():
        return np.asarray(detail * weight[..., None])
    filler = _Filler(detail, weight, source, tone, side, level)
    if filler.barred.all():
        return np.asarray(detail * weight[..., None])
    for top, left in _places(target, side):
        filler.add(top, left)
    return filler.result()


class _Filler:
    """Adds block after block.

    Args:
        detail: fine structure.
        weight: how much of it stays.
        source: where blocks may come from.
        tone: broad tone.
        side: of blocks, pixels, a multiple of ``_COARSE``.
        level: how much more the surface changes downwards than across.
    """

    def __init__(
        self,
        detail: np.ndarray,
        weight: np.ndarray,
        source: np.ndarray,
        tone: np.ndarray,
        side: int,
        level: float,
    ):
        self._side, self._cells, self._random = side, side // _COARSE, np.random.default_rng(0)
        self._window = _window(side)
        # Of the rest nothing is copied.
        rows, columns = _extent(source, side)
        self._source, own = detail[rows, columns], source[rows, columns]
        self._luma = np.ascontiguousarray(self._source.mean(2), np.float32)
        self._coarse = _coarse(self._luma)
        self._variance = max(float(self._coarse[_coarse(own.astype(np.float32)) == 1].var()), 1e-2)
        self.barred = _barred(own, self._source, side)
        self._tones = _block_means(_coarse(tone[rows, columns]), self._cells)
        self._heights = (rows.start + _COARSE * np.arange(len(self.barred), dtype=np.float32)[:, None]) / len(detail)
        self._level = _LEVEL * self._variance * (level - 1)
        self._used = np.zeros(self.barred.shape, np.float32)
        # With a rim, so that blocks may reach beyond the picture.
        rim = ((side, side), (side, side))
        self._sum = np.pad(detail * weight[..., None], (*rim, (0, 0)))
        self._squares = np.pad(weight * weight, rim)
        self._tone = np.pad(tone, (*rim, (0, 0)), mode="edge")

    def add(self, top: int, left: int) -> None:
        """Put the block that fits best with its corner at a place of the picture, which may lie outside."""
        side = self._side
        part = (slice(top + side, top + 2 * side), slice(left + side, left + 2 * side))
        away = self._tones - self._tone[part].mean((0, 1))
        cost = _TONE * (away * away).mean(2) + _USED * self._variance * self._used
        cost = cost + self._level * (self._heights - top / (len(self._tone) - 2 * side)) ** 2
        seen = np.sqrt(self._squares[part])
        there = (self._sum[part].mean(2) / np.maximum(seen, _SEEN)).astype(np.float32)
        mask = (seen > _SEEN).astype(np.float32)
        coarse_mask = np.asarray(_coarse(mask) > 0.5, np.float32)
        if coarse_mask.any():
            cost = cost + _differences(self._coarse, _coarse(there), coarse_mask)
        cost[self.barred] = np.inf
        good = np.flatnonzero(cost <= cost.min() + _AS_GOOD * self._variance)
        row, column = divmod(int(self._random.choice(good)), cost.shape[1])
        y, x = self._nearby(row * _COARSE, column * _COARSE, there, mask)
        self._sum[part] += self._window[..., None] * self._source[y : y + side, x : x + side]
        self._squares[part] += self._window**2
        reach = self._cells // 2
        self._used[max(row - reach, 0) : row + reach, max(column - reach, 0) : column + reach] += 1

    def _nearby(self, y: int, x: int, block: np.ndarray, mask: np.ndarray) -> tuple[int, int]:
        """The corner within a few pixels of one at which a block agrees best."""
        if not mask.any():
            return y, x
        top, left = max(y - _COARSE, 0), max(x - _COARSE, 0)
        around = self._luma[top : y + self._side + _COARSE, left : x + self._side + _COARSE]
        row, column = divmod(int(_differences(around, block, mask).argmin()), around.shape[1] - self._side + 1)
        return top + row, left + column

    def result(self) -> np.ndarray:
        """All blocks together."""
        inner = slice(self._side, -self._side)
        return np.asarray(self._sum[inner, inner] / np.sqrt(np.maximum(self._squares[inner, inner], 1e-4))[..., None])


def _block_side(source: np.ndarray) -> int:
    """The largest side of blocks, pixels, of which there are enough in what they may come from; 0 without any."""
    for part in _SIDES:
        side = max(round(part * len(source) / _COARSE), 2) * _COARSE
        if min(source.shape) > 2 * side and (_block_means(source, side) > 1 - 1e-6).sum() >= _ENOUGH * side**2:
            return side
    return 0


def _extent(source: np.ndarray, side: int) -> tuple[slice, slice]:
    """Rows and columns of a picture between which a surface lies, at least a block each."""
    found = []
    for axis, length in ((1, source.shape[0]), (0, source.shape[1])):
        places = np.flatnonzero(source.any(axis))
        first, last = (int(places[0]), int(places[-1]) + 1) if len(places) else (0, length)
        first = max(min(first, length - side), 0)
        found.append(slice(first, max(last, min(first + side, length))))
    return found[0], found[1]


def _barred(source: np.ndarray, detail: np.ndarray, side: int) -> np.ndarray:
    """Corners on the coarse grid from which no block may come: not of the surface, or striking on it."""
    cells = side // _COARSE
    barred = _block_means(_coarse(source.astype(np.float32)), cells) < 1 - 1e-6
    if barred.all():
        return np.asarray(barred)
    for fine in (_coarse(np.asarray((detail * detail).mean(2))), _coarse(np.ascontiguousarray(detail.mean(2))) ** 2):
        energy = _block_means(fine, cells)
        # Of a surface of which no part is plain, the plainest is taken.
        barred = barred | (energy > _STRIKING * np.percentile(energy[~barred], _PLAIN))
    return np.asarray(barred)


def _coarse(field: np.ndarray) -> np.ndarray:
    """A field ``(H, W)`` or ``(H, W, C)`` float32 on the coarse grid."""
    height, width = (length // _COARSE for length in field.shape[:2])
    whole = np.ascontiguousarray(field[: height * _COARSE, : width * _COARSE])
    return np.asarray(cv2.resize(whole, (width, height), interpolation=cv2.INTER_AREA))


def _places(target: np.ndarray, side: int) -> Iterator[tuple[int, int]]:
    """Corners of blocks that cover the target, from its rim inwards."""
    step = side - round(_OVERLAP * side)
    depth = cv2.distanceTransform(target.astype(np.uint8), cv2.DIST_L2, 3)
    rows, columns = np.flatnonzero(target.any(1)), np.flatnonzero(target.any(0))
    found = []
    for top in range(int(rows[0]) - side // 3, int(rows[-1]) + 1, step):
        for left in range(int(columns[0]) - side // 3, int(columns[-1]) + 1, step):
            part = depth[max(top, 0) : top + side, max(left, 0) : left + side]
            if part.any():
                found.append((float(part.max()), top, left))
    for _, top, left in sorted(found):
        yield top, left


def _window(side: int) -> np.ndarray:
    """Weights of a block ``(side, side)`` float32, falling to its rim."""
    ramp = np.minimum(np.arange(side) + 0.5, side - np.arange(side) - 0.5) / max(_OVERLAP * side, 1)
    rise = np.sin(np.pi / 2 * np.minimum(ramp, 1)).astype(np.float32)
    return np.outer(rise, rise)


def _block_means(field: np.ndarray, side: int) -> np.ndarray:
    """Mean of a field ``(H, W)`` or ``(H, W, C)`` over the block that begins at each place where one fits."""
    total = cv2.integral(field.astype(np.float32))
    sums = total[side:, side:] - total[:-side, side:] - total[side:, :-side] + total[:-side, :-side]
    return np.asarray(sums * (1 / side**2), np.float32)


def _differences(field: np.ndarray, block: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """Mean squared difference of a block, where a mask is 1, from each place of a field at which it fits."""
    squares = cv2.matchTemplate(field, block.astype(np.float32), cv2.TM_SQDIFF, mask=mask)
    return np.asarray(np.maximum(squares, 0) * np.float32(1 / mask.sum()))
