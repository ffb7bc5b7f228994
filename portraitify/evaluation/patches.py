"""Small squares of paint from pictures of any source, brought to one scale, one compression and one brightness."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from dataclasses import dataclass

import cv2
import numpy as np

from portraitify.engines.base import Engine
from portraitify.errors import AlignmentError, NoFaceError
from portraitify.faces.alignment import LOOSEST_IOD, crop_matrix, warp_with_validity
from portraitify.faces.face_mesh import meshes_of
from portraitify.faces.search import find_faces
from portraitify.imaging.affine import scale_of, transform_points
from portraitify.imaging.face_parts import FacePart, part_mask
from portraitify.imaging.face_regions import FACE, face_mask

REGIONS = ("face", "hair", "cloth", "ground")
# Patches from anywhere in a picture, for media of which there are no portraits.
SHEET = "sheet"
# In units of the distance from the eyes down to the mouth: how far below the mouth shoulders begin, from which depth
# on nothing is neck any more, and how far that reaches aside.
_SHOULDERS, _BELOW_NECK, _NECK = 0.35, 1.4, 0.9


@dataclass(frozen=True)
class PatchConfig:
    """How patches are cut.

    Attributes:
        patch_px: side of a patch, pixels at output scale.
        step_px: of the grid on which they may lie.
        most: of each region of a picture.
        least_share: of a patch that must be of its region.
        most_enlarged: pictures that would have to be enlarged more are left out.
        jpeg_quality: of the one compression that all pictures get.
        luma_mean: of every patch, 0 to 255.
        luma_deviation: of every patch, in which contrast is raised at most ``most_gain`` times: what is flat must not
            become noise.
        most_gain: see there.
    """

    patch_px: int = 128
    step_px: int = 32
    most: int = 8
    least_share: float = 0.6
    most_enlarged: float = 1.3
    jpeg_quality: int = 88
    luma_mean: float = 128.0
    luma_deviation: float = 30.0
    most_gain: float = 3.0


def find_face(engine: Engine, image: np.ndarray) -> np.ndarray | None:
    """Landmarks ``(5, 2)`` of the foremost upright face of a picture ``(H, W, 3)`` uint8; nothing without one."""
    try:
        faces = find_faces(engine.detector, engine.face_mesh, image)
    except NoFaceError:
        return None
    return faces.landmarks[0] if faces.quarter_turns == 0 else None


def crop_scale(landmarks: np.ndarray, side_px: int) -> float:
    """By how much a portrait crop of a side enlarges a picture; infinite where landmarks coincide.

    Args:
        landmarks: ``(5, 2)`` in pixels of the picture.
        side_px: of the crop.
    """
    try:
        return scale_of(crop_matrix(landmarks, LOOSEST_IOD, (0, 0), side_px))
    except AlignmentError:
        return float("inf")


def region_patches(
    engine: Engine, image: np.ndarray, landmarks: np.ndarray, side_px: int, seed: int, name: str, config: PatchConfig
) -> dict[str, np.ndarray]:
    """Cut patches of face, hair, cloth and ground.

    The picture is warped to a portrait crop, so that eyes are equally far
    apart in all; where it ends there are no patches. Hats count as hair.

    Args:
        engine: its networks find the sitter, in paintings as in photos.
        image: ``(H, W, 3)`` uint8 RGB.
        landmarks: ``(5, 2)`` in its pixels.
        side_px: of the portrait crop.
        seed: of the choice among patches.
        name: of the picture, so that each has a choice of its own.
        config: how to cut.

    Returns:
        ``(N, P, P, 3)`` uint8 for each of ``REGIONS``; N may be 0.
    """
    matrix = crop_matrix(landmarks, LOOSEST_IOD, (0, 0), side_px)
    crop, valid = warp_with_validity(image, matrix, side_px)
    points = transform_points(matrix, landmarks)
    treated = treat(crop, config)
    rng = np.random.default_rng([seed, zlib.crc32(name.encode())])
    found = {}
    for region, mask in zip(REGIONS, _regions(engine, crop, points), strict=True):
        corners = _corners(mask, valid == 255, config)
        chosen = corners[rng.permutation(len(corners))[: config.most]]
        found[region] = _cut(treated, chosen, config)
    return found


def sheet_patches(image: np.ndarray, seed: int, name: str, config: PatchConfig) -> np.ndarray:
    """Cut patches from anywhere in a picture, which keeps its scale.

    Args:
        image: ``(H, W, 3)`` uint8 RGB.
        seed: of the choice among patches.
        name: of the picture.
        config: how to cut.

    Returns:
        ``(N, P, P, 3)`` uint8; N is 0 where the picture is smaller than a patch.
    """
    everywhere = np.ones(image.shape[:2], bool)
    corners = _corners(everywhere, everywhere, config)
    rng = np.random.default_rng([seed, zlib.crc32(name.encode())])
    return _cut(treat(image, config), corners[rng.permutation(len(corners))[: config.most]], config)


def treat(image: np.ndarray, config: PatchConfig) -> np.ndarray:
    """Take from a picture what is finer than the most enlarged one can show, and compress it as all others.

    Args:
        image: ``(H, W, 3)`` uint8 RGB.
        config: how.

    Returns:
        Of the same kind and size.
    """
    height, width = image.shape[:2]
    small = (max(1, round(width / config.most_enlarged)), max(1, round(height / config.most_enlarged)))
    reduced = cv2.resize(image, small, interpolation=cv2.INTER_AREA)
    options = [cv2.IMWRITE_JPEG_QUALITY, config.jpeg_quality]
    _, encoded = cv2.imencode(".jpg", np.ascontiguousarray(reduced[..., ::-1]), options)
    decoded = np.asarray(cv2.imdecode(encoded, cv2.IMREAD_COLOR))[..., ::-1]
    return cv2.resize(np.ascontiguousarray(decoded), (width, height), interpolation=cv2.INTER_CUBIC)


def even_luma(patch: np.ndarray, config: PatchConfig) -> np.ndarray:
    """A patch ``(P, P, 3)`` uint8 whose luma has the mean and deviation of all; differences of colour stay."""
    values = cv2.cvtColor(patch, cv2.COLOR_RGB2YCrCb).astype(np.float32)
    luma = values[..., 0]
    gain = min(config.luma_deviation / max(float(luma.std()), 1e-3), config.most_gain)
    values[..., 0] = (luma - luma.mean()) * gain + config.luma_mean
    return np.asarray(cv2.cvtColor(np.clip(values + 0.5, 0, 255).astype(np.uint8), cv2.COLOR_YCrCb2RGB))


def _regions(engine: Engine, crop: np.ndarray, landmarks: np.ndarray) -> Iterator[np.ndarray]:
    """Face, hair, cloth and ground of a portrait crop, each ``(S, S)`` bool."""
    shape = crop.shape[:2]
    meshes = meshes_of(engine.face_mesh, crop, landmarks[None])
    face = (part_mask(meshes, (FacePart.FACE,), shape, 0.0) if len(meshes) else face_mask(landmarks, shape, FACE)) > 0.5
    subject = engine.subject_mask(crop) > 0.5
    eyes, mouth = landmarks[:2].mean(0), landmarks[3:].mean(0)
    unit = float(np.linalg.norm(mouth - eyes))
    y, x = np.ogrid[: shape[0], : shape[1]]
    below = (y - mouth[1]) / unit
    aside = np.abs(x - mouth[0]) / unit
    yield face
    yield subject & ~face & (below < 0)
    yield subject & ~face & (below > _SHOULDERS) & ((below > _BELOW_NECK) | (aside > _NECK))
    yield ~subject & ~face


def _corners(mask: np.ndarray, valid: np.ndarray, config: PatchConfig) -> np.ndarray:
    """Top left corners ``(N, 2)``, row and column, of patches of which enough lies in a mask, and all in the picture.

    Args:
        mask: ``(H, W)`` bool.
        valid: ``(H, W)`` bool.
        config: how to cut.
    """
    side, step = config.patch_px, config.step_px
    height, width = mask.shape
    rows, columns = np.arange(0, height - side + 1, step), np.arange(0, width - side + 1, step)
    counts = []
    for area in (mask & valid, valid):
        sums = cv2.integral(area.astype(np.uint8))
        low, high = rows[:, None], rows[:, None] + side
        counts.append(sums[high, columns + side] - sums[low, columns + side] - sums[high, columns] + sums[low, columns])
    fitting = (counts[0] >= config.least_share * side**2) & (counts[1] == side**2)
    row, column = np.nonzero(fitting)
    return np.stack([rows[row], columns[column]], 1)


def _cut(image: np.ndarray, corners: np.ndarray, config: PatchConfig) -> np.ndarray:
    side = config.patch_px
    cut = [even_luma(image[top : top + side, left : left + side], config) for top, left in corners.tolist()]
    return np.stack(cut) if cut else np.zeros((0, side, side, 3), np.uint8)
