"""From five landmarks to the portrait crop, in NumPy and OpenCV.

A portrait crop is a square in photo coordinates, upright with the sitter's
eyes: it is held as the ``(2, 3)`` matrix that carries photo pixels to crop
pixels. How much of the body a crop shows is its ``iod``: the distance
between the eyes as a fraction of the crop's width (small is loose).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeVar

import cv2
import numpy as np

from portraitify.errors import AlignmentError
from portraitify.imaging.affine import between_pixel_centres, inverse, scale_of, transform_points

# Mean frontal proportions in units of the distance between the eyes, origin midway between them.
FACE_TEMPLATE = np.array([[-0.5, 0.0], [0.5, 0.0], [0.0, 0.58], [-0.41, 1.15], [0.41, 1.15]], dtype=np.float64)

LOOSEST_IOD = 0.18
TIGHTEST_IOD = 0.34
FULL_COVERAGE = 0.995

_Number = TypeVar("_Number", float, np.ndarray)


@dataclass(frozen=True)
class Crop:
    """Where the portrait lies in the photo.

    Attributes:
        matrix: ``(2, 3)`` float64, photo pixels to crop pixels.
        size_px: side of the square crop.
        iod: distance between the eyes as a fraction of the side.
        coverage: fraction of the crop that lies inside the photo, 0 to 1.
    """

    matrix: np.ndarray
    size_px: int
    iod: float
    coverage: float

    @property
    def scale(self) -> float:
        """Crop pixels for one pixel of the photo."""
        return scale_of(self.matrix)


def estimate_similarity(points: np.ndarray, template: np.ndarray) -> np.ndarray:
    """Fit rotation, uniform scale and shift that carry points onto a template.

    Source: Umeyama, IEEE TPAMI 13(4), 1991, equations 40 to 42.

    Args:
        points: ``(N, 2)`` source points.
        template: ``(N, 2)`` where they shall lie, in the same order.

    Returns:
        ``(2, 3)`` float64 matrix.

    Raises:
        AlignmentError: the points coincide or are not finite.
    """
    points = np.asarray(points, np.float64)
    template = np.asarray(template, np.float64)
    if not np.isfinite(points).all():
        raise AlignmentError("The landmarks of the face are not finite numbers.")
    source_mean, target_mean = points.mean(0), template.mean(0)
    source, target = points - source_mean, template - target_mean
    variance = (source**2).sum() / len(points)
    if variance < 1e-9:
        raise AlignmentError("The landmarks of the face coincide; the frame cannot be placed.")
    u, singular, vt = np.linalg.svd(target.T @ source / len(points))
    sign = np.array([1.0, np.sign(np.linalg.det(u) * np.linalg.det(vt))])
    rotation = u @ np.diag(sign) @ vt
    linear = rotation * ((singular * sign).sum() / variance)
    return np.column_stack([linear, target_mean - linear @ source_mean])


def eye_line(iod: _Number) -> _Number:
    """Height of the eyes in the crop (0 top, 1 bottom): lower in a tighter crop."""
    return 0.32 + 0.56 * iod


def crop_matrix(landmarks: np.ndarray, iod: float, shift: tuple[float, float], size_px: int) -> np.ndarray:
    """Matrix that carries photo pixels to a crop of the given looseness.

    Args:
        landmarks: ``(5, 2)`` left eye, right eye, nose, mouth corners, in photo pixels.
        iod: distance between the eyes as a fraction of the crop's side.
        shift: how far the face is moved right and down, in fractions of the side.
        size_px: side of the crop.

    Returns:
        ``(2, 3)`` float64.
    """
    template = FACE_TEMPLATE * iod + np.array([0.5 + shift[0], eye_line(iod) + shift[1]])
    return estimate_similarity(landmarks, template * size_px)


def crop_coverage(matrix: np.ndarray, size_px: int, width: int, height: int) -> float:
    """Fraction of the crop that lies inside a photo of ``width`` x ``height`` pixels."""
    ticks = (np.arange(24) + 0.5) / 24 * size_px
    grid = np.stack(np.meshgrid(ticks, ticks), -1).reshape(-1, 2)
    points = transform_points(inverse(matrix), grid)
    inside = (points >= 0).all(1) & (points[:, 0] < width) & (points[:, 1] < height)
    return float(inside.mean())


def fit_crop(
    landmarks: np.ndarray,
    width: int,
    height: int,
    size_px: int,
    loosest: float = LOOSEST_IOD,
    tightest: float = TIGHTEST_IOD,
) -> Crop:
    """Choose the loosest crop that the photo can fill.

    Crops are tried from loose to tight, the centred one first and then some
    moved a little. The first that the photo fills wins; if none is filled,
    the one that loses least, where a tight crop counts as a small loss.

    Args:
        landmarks: ``(5, 2)`` in photo pixels.
        width: of the photo, pixels.
        height: of the photo, pixels.
        size_px: side of the crop.
        loosest: the ``iod`` to begin with.
        tightest: the ``iod`` to end with.

    Raises:
        AlignmentError: the landmarks coincide.
    """
    best, best_score = None, -np.inf
    for iod in np.linspace(loosest, max(tightest, loosest), 9):
        for shift in ((0, 0), (-0.04, 0), (0.04, 0), (0, -0.03), (0, 0.04), (-0.06, 0.03), (0.06, 0.03)):
            matrix = crop_matrix(landmarks, iod, shift, size_px)
            coverage = crop_coverage(matrix, size_px, width, height)
            crop = Crop(matrix, size_px, float(iod), coverage)
            if coverage >= FULL_COVERAGE:
                return crop
            score = coverage - 0.5 * (iod - loosest)
            if score > best_score:
                best, best_score = crop, score
    assert best is not None
    return best


def warp(image: np.ndarray, matrix: np.ndarray, size_px: int, border: int = cv2.BORDER_CONSTANT) -> np.ndarray:
    """Resample a picture into the crop without aliasing.

    The picture is first shrunk by area averaging when the crop is much
    smaller than what it covers, then warped bicubically.

    Args:
        image: ``(H, W)`` or ``(H, W, 3)`` uint8.
        matrix: ``(2, 3)`` photo pixels to crop pixels.
        size_px: side of the crop.
        border: OpenCV's rule for pixels from outside the picture, by default 0.

    Returns:
        ``(size_px, size_px)`` or ``(size_px, size_px, 3)`` uint8.
    """
    image, matrix = _part_in_crop(image, matrix, size_px)
    scale = scale_of(matrix)
    enlarged = np.ones(2)
    if scale < 0.75:
        height, width = image.shape[:2]
        small = (max(1, round(width * scale)), max(1, round(height * scale)))
        image = cv2.resize(image, small, interpolation=cv2.INTER_AREA)
        enlarged = np.array([width / small[0], height / small[1]])
    full = np.column_stack([matrix[:, :2] * enlarged, matrix[:, 2]])
    return cv2.warpAffine(
        image, between_pixel_centres(full), (size_px, size_px), flags=cv2.INTER_CUBIC, borderMode=border
    )


def _part_in_crop(image: np.ndarray, matrix: np.ndarray, size_px: int) -> tuple[np.ndarray, np.ndarray]:
    """The part of a picture that a crop shows, with a little around it, and the matrix from there."""
    height, width = image.shape[:2]
    corners = transform_points(
        inverse(matrix), np.array([[0, 0], [0, size_px], [size_px, 0], [size_px, size_px]], float)
    )
    # What the kernels of shrinking and of warping reach beyond the crop, in pixels of the picture.
    reach = 4 + 4 / scale_of(matrix)
    left, top = np.clip(np.floor(corners.min(0) - reach), 0, [width - 1, height - 1]).astype(int)
    right, bottom = np.clip(np.ceil(corners.max(0) + reach), 1, [width, height]).astype(int)
    right, bottom = max(right, left + 1), max(bottom, top + 1)
    moved = matrix.copy()
    moved[:, 2] += matrix[:, :2] @ [left, top]
    return image[top:bottom, left:right], moved


def warp_with_validity(image: np.ndarray, matrix: np.ndarray, size_px: int) -> tuple[np.ndarray, np.ndarray]:
    """Resample a picture into the crop and continue it smoothly where it ends.

    Args:
        image: ``(H, W, 3)`` uint8.
        matrix: ``(2, 3)`` photo pixels to crop pixels.
        size_px: side of the crop.

    Returns:
        The crop ``(S, S, 3)`` uint8 and a mask ``(S, S)`` uint8: 255 where it
        comes from the photo, 0 where it was continued.
    """
    valid = _validity(matrix, size_px, *image.shape[1::-1])
    # The last pixels beside the edge are mixed with the black outside by the bicubic kernel.
    if not valid.all():
        valid = np.asarray(cv2.erode(valid, np.ones((5, 5), np.uint8), borderValue=255), np.uint8)
    return continue_smoothly(warp(image, matrix, size_px), valid), valid


def _validity(matrix: np.ndarray, size_px: int, width: int, height: int) -> np.ndarray:
    """Which pixels of a crop have their centres in a photo of ``width`` x ``height``: ``(S, S)`` uint8, 255 or 0."""
    ticks = np.arange(size_px) + 0.5
    # Row by column: not all points have to be written down first.
    x, y = (row[0] * ticks + (row[1] * ticks + row[2])[:, None] for row in inverse(matrix))
    inside = (x >= 0) & (x <= width) & (y >= 0) & (y <= height)
    return np.asarray(inside.astype(np.uint8) * np.uint8(255))


def photo_at(image: np.ndarray, crop: Crop, pixels: np.ndarray, valid: np.ndarray, size_px: int) -> np.ndarray:
    """Resample a photo into the crop at another size, as sharp as the photo is.

    Args:
        image: ``(H, W, 3)`` uint8, the photo.
        crop: where the portrait lies in it.
        pixels: ``(S, S, 3)`` uint8, the crop as `warp_with_validity` gives it.
        valid: ``(S, S)`` uint8 likewise; where it is 0, ``pixels`` is enlarged.
        size_px: side of the result.

    Returns:
        ``(size_px, size_px, 3)`` uint8.
    """
    result = warp(image, crop.matrix * (size_px / crop.size_px), size_px)
    if valid.all():
        return result
    known = cv2.resize(valid, (size_px, size_px), interpolation=cv2.INTER_LINEAR) == 255
    result[~known] = cv2.resize(pixels, (size_px, size_px), interpolation=cv2.INTER_LINEAR)[~known]
    return result


def continue_smoothly(image: np.ndarray, valid: np.ndarray) -> np.ndarray:
    """Fill what lies outside the photo with soft colour from its nearest parts.

    Nothing is mirrored: a coarse-to-fine pyramid of averages over the valid
    pixels gives each empty pixel the mean of what lies near it.

    Source: the pull-push interpolation of Gortler et al., The Lumigraph,
    SIGGRAPH 1996, section 3.4.

    Args:
        image: ``(H, W, 3)`` uint8.
        valid: ``(H, W)`` uint8, 255 where ``image`` holds the photo.

    Returns:
        ``(H, W, 3)`` uint8, unchanged where valid.
    """
    weight = (valid > 0).astype(np.float32)
    if weight.all() or not weight.any():
        return image
    height, width = weight.shape
    sigma = max(height / 40, 1.0)
    # What will be blurred so widely needs no fine grid.
    factor = max(1, int(sigma / 3))
    size = (-(-width // factor), -(-height // factor))
    weighted, share = (
        np.asarray(cv2.resize(field, size, interpolation=cv2.INTER_AREA), np.float32)
        for field in (image * cv2.merge([weight] * 3), weight)
    )
    soft = cv2.GaussianBlur(_pull_push(weighted, share), (0, 0), sigma / factor)
    soft = cv2.resize(soft, (width, height), interpolation=cv2.INTER_LINEAR)
    result: np.ndarray = image.copy()
    missing = weight == 0
    result[missing] = np.clip(soft[missing], 0, 255).astype(np.uint8)
    return result


def _pull_push(weighted: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """Dense float32 colours from colours that are known only where the weight is positive."""
    # What is merged is multiplied in a third of the time that `weight[..., None]` takes.
    colours: np.ndarray = weighted / cv2.merge([np.maximum(weight, np.float32(1e-6))] * 3)
    height, width = weight.shape
    if weight.min() > 0 or max(height, width) <= 1:
        return colours
    half = ((width + 1) // 2, (height + 1) // 2)
    coarse = _pull_push(
        cv2.resize(weighted, half, interpolation=cv2.INTER_AREA).reshape(half[1], half[0], 3),
        cv2.resize(weight, half, interpolation=cv2.INTER_AREA),
    )
    up = cv2.resize(coarse, (width, height), interpolation=cv2.INTER_LINEAR).reshape(height, width, 3)
    share = np.minimum(weight, np.float32(1))
    colours *= cv2.merge([share] * 3)
    up *= cv2.merge([1 - share] * 3)
    colours += up
    return colours
