"""A master's picture without its head: ground goes on as ground, dress as dress, and the collar stands empty."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from portraitify.costume.grain import carry_on
from portraitify.costume.membrane import broad_tone, levelness
from portraitify.imaging.channels import to_uint8
from portraitify.imaging.filters import blur, smoothstep

# All in parts of the picture's height. How far broad tones are smoothed:
_TONE_REACH = 0.02


@dataclass(frozen=True)
class _Rim:
    """How a fill meets what stays, by the distance from what vanishes, in parts of the picture's height.

    Attributes:
        from_here: nothing nearer is trusted.
        kept: from here on fine structure stays as it is.
        untouched: from here on the picture itself stays.
    """

    from_here: float
    kept: float
    untouched: float


# Hair is lost in the ground softly, and varnish has soft edges; on dress the outlines are exact.
_GROUND_RIM, _DRESS_RIM = _Rim(0.004, 0.012, 0.018), _Rim(0.001, 0.003, 0.005)
# Ground and dress so near to the line between them are trusted for neither.
_BORDER = 0.008
# Softness of outlines that are made up.
_SOFT = 0.004
# A strip of collar narrower than this, over which the head's outline goes, is the outline's margin.
_MARGIN = 0.012
# Slits between outlines that are narrower than this are mistakes of the hand.
_GAP = 0.012
# The shadow within a collar: lightness by that of what surrounds it, and how softly it ends above.
_SHADE, _SHADE_SOFT = 0.3, 0.008
# and at most this share of the ground's lightness.
_DARKER = 0.75
# It begins this deep within the collar, and is full at that depth.
_SHADE_DEEPENS = (0.0, 0.05)


@dataclass(frozen=True)
class Regions:
    """What lies where in a picture, ``(H, W)`` float32 in 0 to 1 each.

    Attributes:
        head: what the plate has not, and what it is not filled from: head, hair, headdress.
        neck: bare neck and chest, which the plate has not either.
        away: lettering and other things that shall vanish from the picture too.
        outside: what the picture does not show.
        skin: hands and other skin, which nothing is filled from.
        body: dress, also where the head lies over it.
        before: collar and what else passes before the neck.
    """

    head: np.ndarray
    neck: np.ndarray
    away: np.ndarray
    outside: np.ndarray
    skin: np.ndarray
    body: np.ndarray
    before: np.ndarray


@dataclass(frozen=True)
class _Surface:
    """One surface of a picture, carried on.

    Attributes:
        pixels: ``(H, W, 3)`` float32, the surface everywhere.
        cover: ``(H, W)`` float32 in 0 to 1, where it replaces what the picture shows.
    """

    pixels: np.ndarray
    cover: np.ndarray


def clean_plate(picture: np.ndarray, regions: Regions) -> tuple[np.ndarray, np.ndarray]:
    """Paint a picture without what shall vanish.

    Args:
        picture: ``(H, W, 3)`` uint8 RGB.
        regions: what lies where.

    Returns:
        The picture without what shall vanish from it, and the clean plate, which has no head and neck either:
        ``(H, W, 3)`` uint8 each, as it was where nothing vanishes.
    """
    image, height = picture.astype(np.float32), len(picture)
    lost = _lost(regions)
    distance = cv2.distanceTransform((lost < 0.5).astype(np.uint8), cv2.DIST_L2, 5) / height
    collar_area = blur(regions.before, _SOFT * height)
    dress_area = np.maximum(blur(regions.body, _SOFT * height), collar_area)
    ground = _carried_on(image, 1 - np.maximum(regions.body, regions.before), regions, distance, _GROUND_RIM)
    dress = _carried_on(image, regions.body * (1 - regions.before), regions, distance, _DRESS_RIM)
    collar = _carried_on(image, regions.before, regions, distance, _DRESS_RIM)
    filled, cover = ground.pixels, ground.cover
    for surface, area in ((dress, dress_area), (collar, collar_area)):
        filled = filled + (surface.pixels - filled) * area[..., None]
        cover = cover + (surface.cover - cover) * area
    filled = _shaded(filled, image, regions)
    plate = image + (filled - image) * cover[..., None]
    away, outside = (
        smoothstep(blur(area, _GROUND_RIM.kept * height), 0.0, 0.5) for area in (regions.away, regions.outside)
    )
    away = away * (1 - blur(np.maximum(regions.head, regions.neck), _SOFT * height))
    shown = cover * np.maximum(away, outside)
    return to_uint8(image + (filled - image) * shown[..., None]), to_uint8(plate)


def _lost(regions: Regions) -> np.ndarray:
    """What has to be filled, ``(H, W)`` float32 in 0 to 1.

    A collar is filled where beard or hair lies over it, and not where the margin around the head does.
    """
    size = max(round(_MARGIN * len(regions.head)), 3)
    over = np.minimum(regions.head, regions.before)
    over = cv2.morphologyEx(over, cv2.MORPH_OPEN, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (size, size)))
    gone = np.maximum(regions.head, regions.neck)
    size = max(round(_GAP * len(gone)), 3)
    closed = cv2.morphologyEx(
        np.maximum(gone, regions.before), cv2.MORPH_CLOSE, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (size, size))
    )
    beside = np.maximum(gone, closed * (1 - regions.body)) * (1 - regions.before)
    return np.asarray(np.maximum.reduce([beside, over, regions.away, regions.outside]))


def _carried_on(image: np.ndarray, area: np.ndarray, regions: Regions, distance: np.ndarray, rim: _Rim) -> _Surface:
    """Carry a surface on over all of the picture.

    Args:
        image: ``(H, W, 3)`` float32.
        area: ``(H, W)`` float32 in 0 to 1, where the surface is, hidden or not.
        regions: what lies where.
        distance: ``(H, W)`` float32 from what vanishes, in parts of the height.
        rim: how the surface meets what stays.
    """
    height = len(image)
    unlike = np.maximum.reduce([1 - area, regions.skin, regions.neck])
    beside = cv2.distanceTransform((unlike < 0.5).astype(np.uint8), cv2.DIST_L2, 5) / height
    trusted = (distance > rim.from_here) & (beside > _BORDER)
    if not trusted.any():
        trusted = (distance > 0) & (area > 0.5)
    known = trusted.astype(np.float32)
    level = levelness(image, known)
    tone = broad_tone(image, known, _TONE_REACH * height, level)
    weight = smoothstep(distance, rim.from_here, rim.kept) * (unlike < 0.5)
    detail = carry_on(
        image - tone,
        weight.astype(np.float32),
        trusted & (distance > rim.kept),
        (distance < rim.kept) & (blur(area, _SOFT * height) > 0.01),
        tone,
        level,
    )
    return _Surface(tone + detail, 1 - smoothstep(distance, rim.kept, rim.untouched))


def _shaded(filled: np.ndarray, image: np.ndarray, regions: Regions) -> np.ndarray:
    """Put the shadow within the collar where the neck was."""
    height = len(image)
    cloth = np.maximum(regions.body, regions.before)
    within = _within_collar(regions)
    opening = np.maximum(regions.head, regions.neck) * within * (1 - cloth)
    if not opening.any():
        return filled
    lit = (cloth > 0.98) & (np.maximum(regions.head, regions.skin) < 0.02)
    around = broad_tone(image, lit.astype(np.float32), _TONE_REACH * height)
    deep = cv2.distanceTransform((np.maximum(within, cloth) > 0.5).astype(np.uint8), cv2.DIST_L2, 5) / height
    shade = blur((opening * smoothstep(deep, *_SHADE_DEEPENS)).astype(np.float32), _SHADE_SOFT * height)
    shade *= 1 - blur(regions.before, _SOFT * height)
    dark = _SHADE * np.maximum(around, 0)
    dark *= np.minimum(1, _DARKER * filled.mean(2, keepdims=True) / np.maximum(dark.mean(2, keepdims=True), 1))
    return np.asarray(filled + (dark - filled) * np.clip(shade, 0, 1)[..., None])


def _within_collar(regions: Regions) -> np.ndarray:
    """What the ends of the collar have between them, ``(H, W)`` float32 of 0 and 1; where there is none, the neck."""
    around = np.zeros(regions.neck.shape, np.uint8)
    points = cv2.findNonZero(((regions.before if regions.before.any() else regions.neck) > 0.5).astype(np.uint8))
    if points is not None:
        cv2.fillConvexPoly(around, cv2.convexHull(points), 1)
    return around.astype(np.float32)
