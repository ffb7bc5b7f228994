"""What the mask's network learns from: sitters as they were photographed, and put where they are hard to tell."""

from __future__ import annotations

from dataclasses import dataclass, replace

import cv2
import numpy as np

from portraitify.data.batches import PreparedData, SquareWindow, color_jitter
from portraitify.data.looked_over import LookedOver
from portraitify.data.sources import PHOTOS
from portraitify.imaging.channels import to_uint8
from portraitify.imaging.filters import smoothstep
from portraitify.media.registry import STYLES

# Of the photos: given a hat, put before other pictures, of those with a colour of the sitter's and with bars in them,
# given somebody beside them, given a round or a straight border.
HAT_SHARE, COMPOSITED_SHARE, ALIKE_SHARE, BARRED_SHARE, NEIGHBOUR_SHARE, BORDERED_SHARE = 0.2, 0.55, 0.3, 0.3, 0.2, 0.08
# What is left of a ground's contrast when it takes the sitter's colour.
_ALIKE_CONTRAST = (0.1, 0.8)
# How far a ground may be out of focus, as a share of the cutout's side: from sharp walls to the haze behind a close-up.
_OUT_OF_FOCUS = (0.0003, 0.06)
# Width of bars beside a head, as a share of the side, and how far from upright they lean, in radians.
_BAR_WIDTH, _BAR_LEAN = (0.015, 0.12), 0.5
# How much more often photos with hats and scarves are drawn: of 1,200 there are 27.
_HATS_OFTENER = 5.0
# How much more caps, scarves and hair above the forehead count than the rest: they are few pixels, and a cut crown
# is seen at once.
_ABOVE_FOREHEAD = 2.0
# Made-up hats, in distances from the eyes to the mouth: how far above the eyes they begin, half their width, their
# height, how much wider a brim is than that, and half its thickness.
_HAT_UP, _HAT_ASIDE, _HAT_HIGH, _BRIM_ASIDE, _BRIM_THICK = (0.5, 0.8), (1.0, 1.35), (0.7, 1.7), (1.1, 1.9), (0.08, 0.22)
# Where that is, in distances from the eyes to the mouth: how far above the eyes it begins, and how far it reaches to
# the sides.
_FOREHEAD_UP, _FOREHEAD_ASIDE = 0.75, 1.6


@dataclass(frozen=True)
class Cutout:
    """A picture and its sitter.

    Attributes:
        image: ``(S, S, 3)`` uint8 RGB.
        mask: ``(S, S)`` float32 in 0 to 1, the sitter.
        weight: ``(S, S)`` float32, how much each pixel counts; 0 outside the photo.
    """

    image: np.ndarray
    mask: np.ndarray
    weight: np.ndarray


class MaskViews:
    """Draws cutouts that depend only on the generator of random numbers.

    Args:
        data: prepared pictures.
        size_px: side of the cutouts.
        looked_over: which photos have hats, and which are kept to measure with.
    """

    def __init__(self, data: PreparedData, size_px: int, looked_over: LookedOver):
        self._data, self._size_px = data, size_px
        names = {int(row): data.records[row]["file"] for row in data.rows(PHOTOS, "train")}
        doubtful = {row for row in names if data.records[row].get("doubtful_mask", False)}
        self.rows = np.array([row for row in names if row not in doubtful and names[row] not in looked_over.kept_hats])
        often = np.array([_HATS_OFTENER if names[row] in looked_over.hats else 1.0 for row in self.rows])
        self._shares = often / often.sum()
        # Photos twice: rooms and streets are more often behind a sitter than paintings.
        photos = [row for row in names if names[row] not in looked_over.kept_hats]
        paintings = [data.rows(style, "train") for style in STYLES]
        self._others = np.concatenate([photos, photos, *paintings]).astype(int)

    def draw(self, rng: np.random.Generator) -> Cutout:
        """Draw one."""
        cutout, points = self._seen(int(rng.choice(self.rows, p=self._shares)), (0.8, 1.0), rng)
        if rng.random() < HAT_SHARE:
            cutout = add_hat(cutout, points, self._seen(int(rng.choice(self._others)), (0.2, 0.6), rng)[0].image, rng)
        if rng.random() < COMPOSITED_SHARE:
            behind = self._seen(int(rng.choice(self._others)), (0.35, 1.0), rng)[0].image
            if rng.random() < ALIKE_SHARE:
                behind = like_the_sitter(behind, cutout, rng)
            if rng.random() < BARRED_SHARE:
                behind = add_bars(behind, rng)
            cutout = composite_on_clutter(cutout, behind, rng)
        if rng.random() < NEIGHBOUR_SHARE:
            cutout = add_neighbour(cutout, self._seen(int(rng.choice(self.rows)), (0.7, 1.0), rng)[0], rng)
        if rng.random() < BORDERED_SHARE:
            cutout = add_border(cutout, rng)
        return replace(cutout, image=color_jitter(cutout.image, rng))

    def _seen(self, row: int, sides: tuple[float, float], rng: np.random.Generator) -> tuple[Cutout, np.ndarray]:
        """A part of a picture, and its landmarks ``(5, 2)`` in pixels of that."""
        side = float(rng.uniform(*sides))
        left, top = rng.uniform(0, 1 - side, 2)
        window = SquareWindow(float(left), float(top), side)
        image, masks, points = self._data.view(row, window, bool(rng.integers(2)), self._size_px)
        mask = np.ascontiguousarray(masks[..., 0] * masks[..., 1])
        weight = masks[..., 1] * (1 + (_ABOVE_FOREHEAD - 1) * above_forehead(points, self._size_px))
        return Cutout(image, mask, weight), points


def above_forehead(landmarks: np.ndarray, size_px: int) -> np.ndarray:
    """Where hair, caps and scarves are above a face.

    Args:
        landmarks: ``(5, 2)`` in pixels.
        size_px: side of the picture.

    Returns:
        ``(size_px, size_px)`` float32 in 0 to 1.
    """
    eyes, mouth = landmarks[:2].mean(0), landmarks[3:].mean(0)
    unit_px = max(float(np.linalg.norm(mouth - eyes)), 1.0)
    down = (mouth - eyes) / unit_px
    ticks = np.arange(size_px, dtype=np.float32) + 0.5
    x, y = ticks - eyes[0], ticks[:, None] - eyes[1]
    up, aside = -(x * down[0] + y * down[1]) / unit_px, np.abs(x * down[1] - y * down[0]) / unit_px
    return np.asarray(
        smoothstep(up, _FOREHEAD_UP - 0.1, _FOREHEAD_UP + 0.1)
        * smoothstep(aside, _FOREHEAD_ASIDE + 0.1, _FOREHEAD_ASIDE - 0.1),
        np.float32,
    )


def add_hat(cutout: Cutout, landmarks: np.ndarray, cloth: np.ndarray, rng: np.random.Generator) -> Cutout:
    """Set a hat or cap of any colour on a head, round above, with or without a brim.

    Photos with hats are few, and hardly two are alike: what has to be learned is
    that whatever sits on a head belongs to it.

    Args:
        cutout: of the sitter.
        landmarks: ``(5, 2)`` in pixels.
        cloth: ``(S, S, 3)`` uint8, what it is made of.
        rng: draws shape and shading.
    """
    size = len(cutout.image)
    eyes, mouth = landmarks[:2].mean(0), landmarks[3:].mean(0)
    unit_px = max(float(np.linalg.norm(mouth - eyes)), 1.0)
    down = (mouth - eyes) / unit_px
    foot = eyes - down * unit_px * float(rng.uniform(*_HAT_UP))
    turn = float(np.degrees(np.arctan2(-down[0], down[1]))) + float(rng.normal(0, 4))
    aside, high = unit_px * float(rng.uniform(*_HAT_ASIDE)), unit_px * float(rng.uniform(*_HAT_HIGH))
    drawn = np.zeros((size, size), np.uint8)
    _ellipse(drawn, foot, (aside, high), turn, 180)
    if rng.random() < 0.5:
        brim = aside * float(rng.uniform(*_BRIM_ASIDE)), unit_px * float(rng.uniform(*_BRIM_THICK))
        _ellipse(drawn, foot, brim, turn, 0)
    shown = cv2.GaussianBlur(drawn, (0, 0), 0.7).astype(np.float32) * np.float32(1 / 255)
    even, pale = cloth.reshape(-1, 3).mean(0), float(rng.uniform(0, 1))
    made = cv2.GaussianBlur(cloth, (0, 0), float(rng.uniform(0.3, 2.5))) * (1 - pale) + even * pale
    made = made * np.exp(rng.normal(0, 0.4))
    across = (np.arange(size) - foot[0]) / aside * float(rng.uniform(-0.5, 0.5))
    image = _over(cutout.image, np.clip(made * np.exp(across)[:, None], 0, 255), shown)
    return Cutout(image, np.maximum(cutout.mask, shown), cutout.weight)


def composite_on_clutter(cutout: Cutout, behind: np.ndarray, rng: np.random.Generator) -> Cutout:
    """Put a sitter before another picture, often smaller and a little to the side.

    Flags, furniture, and people in the second row are background too, which the
    photos with their mostly empty walls do not tell.

    Args:
        cutout: of the sitter.
        behind: ``(S, S, 3)`` uint8.
        rng: draws size and place.
    """
    size = len(cutout.image)
    upper = cutout.mask[: size // 2]
    cut = max(upper[0].max(), upper[:, 0].max(), upper[:, -1].max()) > 0.5
    # Hair that ends at a straight line in the middle of the crop would teach nothing.
    scale = 1.0 if cut else float(rng.uniform(0.55, 1.0))
    # The sitter stays cut by the lower edge, as people in portraits are.
    left = 0.0 if cut else (1 - scale) * size / 2 + float(rng.normal(0, 0.04)) * size
    moved = _Move(scale, left, (1 - scale) * size)
    mask = moved(cutout.mask)
    behind = cv2.GaussianBlur(behind, (0, 0), size * float(np.exp(rng.uniform(*np.log(_OUT_OF_FOCUS)))))
    image = _over(behind, moved(cutout.image), mask)
    # Photos end at the composite's border only where they ended at their own.
    weight = np.where(mask > 0.02, moved(cutout.weight), np.maximum(1, moved(cutout.weight)))
    return Cutout(image, mask, weight.astype(np.float32))


def like_the_sitter(ground: np.ndarray, cutout: Cutout, rng: np.random.Generator) -> np.ndarray:
    """Give a ground the colour of some place of a sitter: dark hair before dark doors, white cloth before white walls.

    Args:
        ground: ``(S, S, 3)`` uint8, what will be behind.
        cutout: of the sitter.
        rng: draws place and contrast.
    """
    y, x = np.nonzero(cutout.mask > 0.9)
    if not len(y):
        return ground
    place = int(rng.integers(len(y)))
    contrast, color = np.float32(rng.uniform(*_ALIKE_CONTRAST)), cutout.image[y[place], x[place]]
    return to_uint8((ground - ground.mean((0, 1))) * contrast + color)


def add_bars(ground: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Draw straight bars of one colour, as flags, doors and the slats of chairs are, which may look like locks of hair.

    Args:
        ground: ``(S, S, 3)`` uint8, what will be behind a sitter.
        rng: draws number, place, width, lean and colour.
    """
    size, barred = len(ground), ground.copy()
    for _ in range(int(rng.integers(1, 5))):
        middle, reach = rng.uniform(0.1, 0.9, 2) * size, size * 1.5
        lean = float(rng.normal(0, _BAR_LEAN))
        along = np.array([np.sin(lean), np.cos(lean)]) * reach
        ends = [tuple(int(x) for x in np.round(middle + along * way)) for way in (-1, 1)]
        # Half of them take a colour of the picture itself, the others any.
        color = barred[tuple(rng.integers(0, size, 2))] if rng.random() < 0.5 else rng.integers(0, 256, 3)
        width = max(round(float(rng.uniform(*_BAR_WIDTH)) * size), 1)
        cv2.line(barred, ends[0], ends[1], [int(x) for x in color], width, cv2.LINE_AA)
    return np.asarray(barred)


def add_neighbour(cutout: Cutout, other: Cutout, rng: np.random.Generator) -> Cutout:
    """Put somebody else beside and behind the sitter, who must not be taken for a part of it.

    Args:
        cutout: of the sitter.
        other: of the neighbour.
        rng: draws size, side and place.
    """
    size = len(cutout.image)
    scale = float(rng.uniform(0.55, 1.05))
    side = 1 if rng.random() < 0.5 else -1
    middle = (0.5 + side * float(rng.uniform(0.34, 0.6))) * size
    moved = _Move(scale, middle - scale * size / 2, (1 - scale) * size + float(rng.normal(0, 0.05)) * size, True)
    shown = moved(other.mask) * (1 - cutout.mask)
    return replace(cutout, image=_over(cutout.image, moved(other.image), shown))


def add_border(cutout: Cutout, rng: np.random.Generator) -> Cutout:
    """Set a photo into a border of one colour, round as avatars are, or straight.

    Args:
        cutout: of the sitter.
        rng: draws kind, width and colour.
    """
    size = len(cutout.image)
    inside = np.zeros((size, size), np.uint8)
    if rng.random() < 0.6:
        radius = round(float(rng.uniform(0.44, 0.52)) * size)
        cv2.circle(inside, (size // 2, size // 2), radius, 255, -1, cv2.LINE_AA)
    else:
        left, top, right, bottom = (round(float(width) * size) for width in rng.uniform(0, 0.1, 4))
        inside[top : size - bottom, left : size - right] = 255
    shown = inside.astype(np.float32) * np.float32(1 / 255)
    color = rng.choice([np.zeros(3), np.full(3, 255), rng.uniform(0, 255, 3)]).astype(np.uint8)
    image = _over(np.broadcast_to(color, cutout.image.shape), cutout.image, shown)
    return Cutout(image, cutout.mask * shown, cutout.weight)


@dataclass(frozen=True)
class _Move:
    """Scale a picture, then move it to the right and down; where it ends it goes on, or is empty."""

    scale: float
    right: float
    down: float
    ends: bool = False

    def __call__(self, field: np.ndarray) -> np.ndarray:
        matrix = np.array([[self.scale, 0, self.right], [0, self.scale, self.down]])
        border = cv2.BORDER_CONSTANT if self.ends else cv2.BORDER_REPLICATE
        size = field.shape[1::-1]
        return cv2.warpAffine(field, matrix, size, flags=cv2.INTER_LINEAR, borderMode=border)


def _over(below: np.ndarray, above: np.ndarray, share: np.ndarray) -> np.ndarray:
    return to_uint8(below + (above.astype(np.float32) - below) * share[..., None])


def _ellipse(drawn: np.ndarray, middle: np.ndarray, axes: tuple[float, float], turn: float, start: int) -> None:
    """Fill an ellipse, or its upper half if it starts at 180 degrees."""
    place, size = (round(float(middle[0])), round(float(middle[1]))), (max(round(axes[0]), 1), max(round(axes[1]), 1))
    cv2.ellipse(drawn, place, size, turn, start, 360, 255, -1, cv2.LINE_AA)
