"""The border around a photo that is no part of it: frames, the strips of messengers and screenshots, round corners."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

# A row is of one colour if all but so many of its pixels differ by no more than this; in a status bar
# more of them may, but such a strip takes less of the side.
_STRAY_SHARE, _SAME = 0.02, 14
_TEXT_SHARE, _WIDEST_TEXT = 0.6, 0.13
# How uneven a strip may be over all (noise, and the slope from end to end): walls and skies are less even.
_MOST_NOISE, _MOST_SLOPE = 3.0, 3.0
# The step at which a strip ends: over so many mixed rows, by so much, along this share of it, or along that of
# one whose like at the opposite side shows better.
_MIXED_PX, _STEP, _STEP_SHARE, _PAIRED_SHARE = 2, 7, 0.6, 0.12
# How far from the last row of one colour that step may lie: compression blurs an edge, and dark photos hide it.
_UNSURE_PX = 10
# No strip is thinner, and none takes more of the side that it lies on.
_THINNEST_PX, _WIDEST = 2, 0.42
# Pixels that are looked at along a strip, and how often strips within strips are looked for.
_SAMPLES, _ROUNDS = 300, 5
# Blurred copies beside a photo: the least width in parts of the side, and the most detail by the photo's.
_NARROWEST_BLURRED, _BLURRED = 0.04, 0.3
# Round corners: the least radius, how far it may differ between them, the share of the arc that must show
# as an edge, in how many corners, and how deep along the diagonal corners are filled rather than cut off.
_LEAST_RADIUS_PX, _ROUNDNESS, _ARC_SHARE, _CORNERS, _FILLED = 6, 0.15, 0.7, 3, 0.06


@dataclass(frozen=True)
class Unbordered:
    """A photo without its border.

    Attributes:
        pixels: ``(H, W, 3)`` uint8, a view of what was given unless corners had to be filled.
        margins: what was cut off at the left, above, to the right and below, pixels.
    """

    pixels: np.ndarray
    margins: tuple[int, int, int, int] = (0, 0, 0, 0)

    def offset(self, quarter_turns: int) -> tuple[int, int]:
        """What was cut off at the left and above once the photo is turned counter-clockwise, pixels."""
        return self.margins[quarter_turns % 4], self.margins[(quarter_turns + 1) % 4]


def cut_borders(image: np.ndarray) -> Unbordered:
    """Cut off strips of one colour or of a blurred copy, and fill round corners.

    A strip ends at a straight edge over its whole length; even background
    behind a sitter does not, and stays.

    Args:
        image: ``(H, W, 3)`` uint8.
    """
    left, top, right, bottom = 0, 0, image.shape[1], image.shape[0]
    for _ in range(_ROUNDS):
        part = image[top:bottom, left:right]
        margins = _flat_margins(part)
        margins = margins if any(margins) else _blurred_margins(part)
        if not any(margins):
            break
        left, top, right, bottom = left + margins[0], top + margins[1], right - margins[2], bottom - margins[3]
    part = image[top:bottom, left:right]
    depth = _corner_depth(part)
    if depth:
        inset = max(0, depth - round(_FILLED * min(part.shape[:2])))
        part = _without_corners(part, depth)[inset : part.shape[0] - inset, inset : part.shape[1] - inset]
        left, top, right, bottom = left + inset, top + inset, right - inset, bottom - inset
    return Unbordered(part, (left, top, image.shape[1] - right, image.shape[0] - bottom))


def _sides(image: np.ndarray) -> list[np.ndarray]:
    """The picture as seen from the left, from above, from the right and from below: that side is the first row."""
    across = image.transpose(1, 0, 2)
    return [across, image, across[::-1], image[::-1]]


def _flat_margins(image: np.ndarray) -> list[int]:
    """Width of the strips of one colour at the left, above, to the right and below, pixels."""
    depths = [_flat_depth(side) for side in _sides(image)]
    if not any(depths):
        return depths
    ends = []
    for number, (side, depth) in enumerate(zip(_sides(image), depths, strict=True)):
        # Only that part of a strip has an edge that lies beside what is left of the picture.
        before, after = (depths[1], depths[3]) if number % 2 == 0 else (depths[0], depths[2])
        ends.append(_end_of_strip(side[:, before : side.shape[1] - after], depth) if depth else (0, 0.0))
    margins = []
    for number, (depth, share) in enumerate(ends):
        # Strips of one width at opposite sides were put there, even where a dark photo hides an edge in part.
        opposite, its_share = ends[number - 2]
        paired = abs(depth - opposite) <= _MIXED_PX and its_share >= 0.5 * _STEP_SHARE
        margins.append(depth if share >= (_PAIRED_SHARE if paired else _STEP_SHARE) else 0)
    return margins


def _flat_depth(side: np.ndarray) -> int:
    """How many rows from the first one on are of one colour all along, but for a line of text."""
    height, width = side.shape[:2]
    step = max(1, width // _SAMPLES)
    colour = np.median(side[0, ::step], 0)
    if height < 16 or width < 16 or _strays(side[:1, ::step], colour)[0] > _STRAY_SHARE:
        return 0
    strays = _strays(side[: int(_WIDEST * height), ::step], colour)
    flat = strays <= _STRAY_SHARE
    depth = _leading(flat)
    with_text = _leading(flat | (strays <= _TEXT_SHARE) & (np.arange(len(strays)) < _WIDEST_TEXT * height))
    # Text has air below it; without any, what stands out is no text.
    if depth < with_text < len(strays) and flat[max(0, with_text - 3) : with_text].all():
        depth = with_text
    return depth if depth >= _THINNEST_PX and _is_even(side[:depth, ::step][flat[:depth]]) else 0


def _strays(rows: np.ndarray, colour: np.ndarray) -> np.ndarray:
    """Share of the pixels of ``(N, W, 3)`` rows that are of another colour: ``(N,)`` float64."""
    return np.asarray((np.abs(rows.astype(np.int16) - colour.astype(np.int16)) > _SAME).any(2).mean(1))


def _leading(true: np.ndarray) -> int:
    """How many values are true before the first that is not."""
    return len(true) if true.all() else int(true.argmin())


def _is_even(strip: np.ndarray) -> bool:
    """Whether a strip ``(N, W, 3)`` has neither texture nor shading."""
    # Compression carries something over the edge into the last rows.
    sure = strip[: max(1, len(strip) - 8, len(strip) // 2)].mean(2, dtype=np.float32)
    down, along = max(1, len(sure) // 3), max(1, sure.shape[1] // 3)
    slopes = (sure[:down].mean() - sure[-down:].mean(), sure[:, :along].mean() - sure[:, -along:].mean())
    return bool(sure.std() <= _MOST_NOISE and np.abs(slopes).max() <= _MOST_SLOPE)


def _end_of_strip(side: np.ndarray, depth: int) -> tuple[int, float]:
    """How many rows go with a strip that is about so deep, and along which share of it it ends at an edge."""
    first = max(_THINNEST_PX, depth - _UNSURE_PX)
    rows = side[first - 2 : depth + _UNSURE_PX + 2, :: max(1, side.shape[1] // _SAMPLES)].astype(np.int16)
    if len(rows) < 4 or rows.shape[1] < 1:
        return 0, 0.0
    # Between what lies two rows above and one below each place, so that a mixed row hides no edge.
    shares = (np.abs(rows[3:] - rows[:-3]).max(2) > _STEP).mean(1)
    best = int(shares.argmax())
    outside, inside = (rows[number].astype(np.float32) for number in (best, best + 3))
    gaps = np.abs(rows[best + 1 : best + 3] - outside).mean((1, 2))
    return first + best - 1 + int((gaps < 0.75 * np.abs(inside - outside).mean()).sum()), float(shares[best])


def _blurred_margins(image: np.ndarray) -> list[int]:
    """Width of the strips at two opposite sides that hold a blurred copy of what lies between them, pixels."""
    for number in (0, 1):
        depth = _blurred_depth(_sides(image)[number])
        if depth:
            return [depth if side % 2 == number else 0 for side in range(4)]
    return [0, 0, 0, 0]


def _blurred_depth(side: np.ndarray) -> int:
    """How many rows are blurred at either end, up to straight edges as far from both ends; 0 if there are none."""
    coarse = max(1, side.shape[0] // _SAMPLES)
    # Green alone tells enough.
    small = side[::coarse, :: max(1, side.shape[1] // _SAMPLES), 1].astype(np.int16)
    height = len(small)
    if min(small.shape) < 32:
        return 0
    middle = slice(height // 3, height - height // 3)
    along = np.abs(np.diff(small, 2, axis=1)).mean(1)
    usual = _BLURRED * np.median(along[middle])
    # Of fewer rows nothing would be left to look at without those at the edge.
    least, most = max(5, int(_NARROWEST_BLURRED * height)), int(_WIDEST * height)
    if max(along[:least].max(), along[-least:].max()) > usual:
        return 0
    steps = (np.abs(small[2:] - small[:-2]) > _STEP).mean(1)
    both = np.minimum(steps, steps[::-1])[least - 2 : most]
    depth = least - 2 + int(both.argmax())
    across = np.abs(np.diff(small, 2, axis=0)).mean(1)
    sharp = max(across[: depth - 2].max(), across[2 - depth :].max()) > 2 * _BLURRED * np.median(across[middle])
    if both.max() < _STEP_SHARE or sharp or max(along[: depth - 1].max(), along[1 - depth :].max()) > usual:
        return 0
    return _sharpest(side, depth * coarse, 2 * coarse + 2) + 1


def _sharpest(side: np.ndarray, near: int, reach: int) -> int:
    """The row, near to a given one, before which the picture changes most."""
    first = max(1, near - reach)
    rows = side[first - 1 : near + reach + 2, :: max(1, side.shape[1] // _SAMPLES)].astype(np.int16)
    return first + int(np.abs(np.diff(rows, axis=0)).mean((1, 2)).argmax())


def _corners(image: np.ndarray) -> list[np.ndarray]:
    """Views of the picture, in each of which another corner lies at the upper left."""
    return [image, image[:, ::-1], image[::-1], image[::-1, ::-1]]


def _corner_depth(image: np.ndarray) -> int:
    """How far round corners of one colour reach along the diagonal, pixels; 0 if the corners are not round."""
    side = min(image.shape[:2])
    colour = np.median([corner[0, 0] for corner in _corners(image)], 0)
    depths = [_leading(_near(corner[range(side // 2), range(side // 2)], colour)) for corner in _corners(image)]
    depth = int(np.median(depths))
    radius = depth / (1 - np.sqrt(0.5))
    if radius < _LEAST_RADIUS_PX or depth > side // 6:
        return 0
    alike = [abs(one - depth) <= 1.5 + _ROUNDNESS * depth for one in depths]
    round_ones = [_is_round(corner, colour, radius) for corner in _corners(image)]
    return depth if (np.array(alike) & round_ones).sum() >= _CORNERS else 0


def _near(pixels: np.ndarray, colour: np.ndarray) -> np.ndarray:
    """Which of ``(..., 3)`` pixels are of a colour."""
    return np.asarray((np.abs(pixels.astype(np.int16) - colour.astype(np.int16)) <= _SAME).all(-1))


def _is_round(corner: np.ndarray, colour: np.ndarray, radius: float) -> bool:
    """Whether the corner at the upper left is of one colour up to a quarter of a circle, where that ends."""
    angles = np.radians(np.linspace(20, 70, 41))
    along = np.stack([np.sin(angles), np.cos(angles)], 1)
    reach = max(2.0, 0.04 * radius)
    outer, inner = (
        _near(corner[tuple(np.clip(np.rint(radius - length * along), 0, None).astype(int).T)], colour)
        for length in (radius + reach, radius - 1 - reach)
    )
    return bool(outer.mean() > 0.95 and (~inner).mean() >= _ARC_SHARE)


def _without_corners(image: np.ndarray, depth: int) -> np.ndarray:
    """The picture with round corners filled by what lies inside of them, as far from the arc."""
    radius = depth / (1 - np.sqrt(0.5))
    filled = image.copy()
    # A little of what lies inside the arc is mixed with the border's colour.
    kept = radius - 2.5
    rows, columns = np.mgrid[: round(radius), : round(radius)]
    offset = np.stack([rows, columns], -1) - radius
    length = np.hypot(offset[..., 0], offset[..., 1])
    outside = length > kept
    mirrored = radius + offset[outside] * ((2 * kept / length[outside]) - 1)[:, None]
    sources = np.clip(np.rint(mirrored), 0, None).astype(int)
    for corner in _corners(filled):
        corner[rows[outside], columns[outside]] = corner[sources[:, 0], sources[:, 1]]
    return np.asarray(filled)
