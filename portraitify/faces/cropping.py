"""From found faces to the crops in which they are painted."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import cv2
import numpy as np

from portraitify.config import ASPECTS, AUTO, PaintConfig
from portraitify.faces.aligned_face import AlignedFace, FaceSource, Renditions
from portraitify.faces.alignment import crop_matrix, fit_crop, photo_at, warp, warp_with_validity
from portraitify.faces.close_up import compose_close_up, is_broken
from portraitify.faces.detection import Faces
from portraitify.faces.framing import (
    MOST_TILT,
    MOST_TILT_IN_NEED,
    SCOUT_PX,
    Place,
    Surroundings,
    compose,
    scout_matrix,
    unit_matrix,
    whole_photo,
)
from portraitify.faces.sitter import CLOSE_IOD, MaskOf, mask_of_close_up, neighbours_of, own_share
from portraitify.imaging.affine import transform_points
from portraitify.imaging.noise import fractal_noise

# What a close-up may be where nothing else was asked for, and what an upright one must gain, by how narrow it is.
UPRIGHT_ASPECTS, UPRIGHT_COST = (1.0, 0.9, 0.8, 0.75), 0.2
# What goes beyond these proportions makes no portrait.
MOST_OBLONG = 16 / 9
# Share of the crop below which the photo is cut close, and what leaving the tilt must gain then.
ROOMY, LEANING_COST = 0.97, 0.03
# What a close-up loses by a radian of tilt.
TILT_COST = 0.4
# Paintings larger than this are painted a second time, on a canvas so many times larger, if the
# photo need not be enlarged by more for it: there would be nothing finer to paint.
DETAILED_FROM_PX, DETAIL, MOST_ENLARGED = 1280, 2, 1.25
# Distances between the eyes in the views by which the style is chosen, and their side.
VIEW_IODS, VIEW_PX = (0.18, 0.22, 0.26, 0.32), 192
# How far from the photo's edge a sitter who is cut by it fades into the background, in parts of the crop.
_FADE = 0.055
# Dents and bulges of that fading along one side.
_FADE_CELLS = 5


def align_face(
    upright: np.ndarray, faces: Faces, index: int, config: PaintConfig, mask_of: MaskOf, with_photo: bool = False
) -> AlignedFace:
    """Place the portrait of one face and cut its crop.

    Args:
        upright: ``(H, W, 3)`` uint8, the photo turned so that its faces stand.
        faces: found in it.
        index: of the face.
        config: says how to crop.
        mask_of: gives the subject mask ``(S, S)`` float32 of a crop ``(S, S, 3)`` uint8.
        with_photo: cut the photo at the painting's size too, even if the strength does not ask for it.

    Raises:
        AlignmentError: the landmarks coincide.
    """
    height, width = upright.shape[:2]
    landmarks, neighbours = faces.landmarks[index], neighbours_of(faces.landmarks, index)
    aspect = aspect_ratio(config.aspect, width, height)

    def look(level: float, most_tilt: float = MOST_TILT) -> Surroundings:
        around = find_surroundings(upright, unit_matrix(landmarks, level, most_tilt), mask_of)
        if not len(neighbours):
            return around
        own = own_share(landmarks, neighbours, scout_matrix(around.matrix), SCOUT_PX)
        return replace(around, subject_mask=around.subject_mask * own)

    best, cut_close = _find_place(look, landmarks, config, aspect)
    done = _cut(upright, faces, index, best, config, with_photo)
    mask = None
    if cut_close and best.crop.iod > CLOSE_IOD:
        mask = mask_of_close_up(upright, landmarks, best.crop, mask_of)
    if len(neighbours):
        mask = mask_of(done.pixels) if mask is None else mask
        mask = mask * own_share(landmarks, neighbours, best.crop.matrix, best.crop.size_px)
    return replace(done, subject_mask=mask)


def _find_place(
    look: Callable[..., Surroundings], landmarks: np.ndarray, config: PaintConfig, aspect: float
) -> tuple[Place, bool]:
    """Where the portrait lies, and whether it lies within a photo that cuts the sitter."""

    def place(around: Surroundings) -> Place:
        return compose(around, config.crop, aspect, config.paint_px)

    around = look(config.level)
    best = place(around)
    if is_broken(best, around):
        # A crop that leans as the head does, or as the photo lies, shows more of a photo that is cut close.
        views = [around, look(0.0, MOST_TILT_IN_NEED), look(0.0, np.pi)]
        aspects = UPRIGHT_ASPECTS if config.aspect == AUTO else (aspect,)
        tried = [
            (place.cost + TILT_COST * abs(eye_tilt(landmarks, view.matrix)) + UPRIGHT_COST * (aspects[0] - one), place)
            for view in views
            for one in aspects
            for place in [compose_close_up(view, config.crop, one, config.paint_px)]
        ]
        return min(tried, key=lambda found: found[0])[1], True
    if best.crop.coverage < ROOMY:
        leaning = place(look(0.0, MOST_TILT_IN_NEED))
        best = leaning if leaning.cost + LEANING_COST < best.cost else best
    return best, False


def eye_tilt(landmarks: np.ndarray, matrix: np.ndarray) -> float:
    """Angle of the line through the eyes, radians, in the picture that a matrix makes of the photo.

    Args:
        landmarks: ``(5, 2)`` in photo pixels.
        matrix: ``(2, 3)`` photo pixels to those of the picture.
    """
    left, right = transform_points(matrix, landmarks[:2]).tolist()
    return float(np.arctan2(right[1] - left[1], right[0] - left[0]))


def align_whole(upright: np.ndarray, faces: Faces, config: PaintConfig, with_photo: bool = False) -> AlignedFace:
    """The whole photo as one crop; its sitter is the most prominent face, the others are company.

    Args:
        upright: ``(H, W, 3)`` uint8, the photo turned so that its faces stand.
        faces: found in it.
        config: says how large to paint.
        with_photo: as in :func:`align_face`.

    Raises:
        AlignmentError: the landmarks coincide.
    """
    height, width = upright.shape[:2]
    around = Surroundings(unit_matrix(faces.landmarks[0], 1.0), np.zeros((SCOUT_PX, SCOUT_PX)), width, height)
    return _cut(upright, faces, 0, whole_photo(around, config.paint_px), config, with_photo, faces.landmarks[1:])


def find_surroundings(upright: np.ndarray, units: np.ndarray, mask_of: MaskOf) -> Surroundings:
    """Find where the sitter is in a wide square around the face.

    Args:
        upright: ``(H, W, 3)`` uint8.
        units: ``(2, 3)`` photo pixels to units, see :mod:`portraitify.faces.framing`.
        mask_of: as in :func:`align_face`.
    """
    view, valid = warp_with_validity(upright, scout_matrix(units), SCOUT_PX)
    subject_mask = mask_of(view) * (valid > 0)
    return Surroundings(units, subject_mask.astype(np.float32), upright.shape[1], upright.shape[0])


def head_views(upright: np.ndarray, landmarks: np.ndarray) -> np.ndarray:
    """The head at several distances, level, and the same whatever is asked for of the portrait.

    First comes the loosest crop that the photo fills, as in training. A
    choice by one crop alone changed in a tenth of held-out photos when a
    narrow strip was cut off the photo.

    Args:
        upright: ``(H, W, 3)`` uint8.
        landmarks: ``(5, 2)`` in its pixels.

    Returns:
        ``(N, VIEW_PX, VIEW_PX, 3)`` uint8.
    """
    filled = fit_crop(landmarks, upright.shape[1], upright.shape[0], VIEW_PX)
    views = [warp_with_validity(upright, filled.matrix, VIEW_PX)[0]]
    # The loosest of the others holds the rest of them, so that the photo is read once.
    matrix = crop_matrix(landmarks, VIEW_IODS[0], (0, 0), 2 * VIEW_PX)
    loosest, _ = warp_with_validity(upright, matrix, 2 * VIEW_PX)
    points = transform_points(matrix, landmarks)
    views += [warp(loosest, crop_matrix(points, iod, (0, 0), VIEW_PX), VIEW_PX) for iod in VIEW_IODS]
    return np.stack(views)


def aspect_ratio(aspect: str, width: int, height: int) -> float:
    """Width by height for one of ``ASPECTS``, the usual one for ``auto``; the photo's own where it makes a portrait."""
    if aspect == AUTO:
        return 1.0
    if aspect == ASPECTS[-1]:
        return float(np.clip(width / height, 1 / MOST_OBLONG, MOST_OBLONG))
    wide, high = aspect.split(":")
    return int(wide) / int(high)


def fade_at_edges(subject_mask: np.ndarray, valid: np.ndarray) -> np.ndarray:
    """Let a sitter who is cut by the edge of the photo end softly and unevenly before it, but for the lower edge.

    A bust may end with the picture, but never hang in the air. Ended evenly,
    hair became a slab with a straight side.

    Args:
        subject_mask: ``(S, S)`` float32 in 0 to 1.
        valid: ``(S, S)`` uint8, 255 where the photo reaches.

    Returns:
        ``(S, S)`` float32.
    """
    known = np.maximum.accumulate(valid, 0)
    if known.all():
        return subject_mask
    # Half the size is fine enough for what fades over a twentieth of it.
    side = -(-len(valid) // 2)
    half = (cv2.resize(known, (side, side), interpolation=cv2.INTER_AREA) == 255).astype(np.uint8)
    uneven = fractal_noise(np.random.default_rng(0), side, _FADE_CELLS, 2)
    # Doubled or halved by a deviation of the noise.
    reach = (_FADE * side) * np.exp2(np.clip(uneven, -1.5, 0.8))
    share = np.clip(cv2.distanceTransform(half, cv2.DIST_L2, 3) / reach, 0, 1)
    faded = (share * share * (3 - 2 * share)).astype(np.float32)
    return np.asarray(subject_mask * cv2.resize(faded, subject_mask.shape[::-1], interpolation=cv2.INTER_LINEAR))


def _cut(
    upright: np.ndarray,
    faces: Faces,
    index: int,
    place: Place,
    config: PaintConfig,
    with_photo: bool,
    others: np.ndarray | None = None,
) -> AlignedFace:
    height, width = upright.shape[:2]
    crop, box = place.crop, faces.boxes[index]
    pixels, valid = warp_with_validity(upright, crop.matrix, crop.size_px)
    detail = photo = None
    if config.size_px > DETAILED_FROM_PX and crop.scale * DETAIL <= MOST_ENLARGED:
        detail, _ = warp_with_validity(upright, crop.matrix * DETAIL, DETAIL * crop.size_px)
    if with_photo or config.strength < 1:
        photo = place.window.cut(photo_at(upright, crop, pixels, valid, config.size_px))
    reach = 0.08 * (box[2] - box[0])
    cut_by_edge = bool((box[:2] < -reach).any() or box[2] > width + reach or box[3] > height + reach)
    return AlignedFace(
        pixels,
        valid,
        transform_points(crop.matrix, faces.landmarks[index]),
        crop,
        FaceSource(box, float(faces.scores[index]), faces.quarter_turns, cut_by_edge),
        place.window,
        transform_points(crop.matrix, np.zeros((0, 5, 2)) if others is None else others),
        Renditions(detail, head_views(upright, faces.landmarks[index]) if config.wants_odds else None, photo),
    )
