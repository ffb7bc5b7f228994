"""The last layer: what a medium shows when one steps closer."""

from __future__ import annotations

from concurrent.futures import Executor
from dataclasses import dataclass, replace

import cv2
import numpy as np

from portraitify.errors import ConfigError
from portraitify.imaging.bands import bands, in_turns
from portraitify.imaging.calm_detail import calm_detail
from portraitify.imaging.channels import to_uint8
from portraitify.imaging.crop_window import WHOLE_CANVAS, CropWindow
from portraitify.imaging.despeckle import despeckle
from portraitify.imaging.enlarge import enlarge
from portraitify.imaging.face_light import light_of
from portraitify.media.base import Medium, RowPainter
from portraitify.media.features.painter import DRAFTSMAN, FeaturePainter
from portraitify.media.scene import PLAN_PX, make_scene

# Of the spots in skin; the surface that faces lose by it comes from the medium.
_DESPECKLED = 0.6
# Rows that are painted at a time; two threads then need no more memory than one with the usual band.
_BAND_PX = 256


@dataclass(frozen=True)
class FinishRequest:
    """A generator's picture, and all that its finish depends on.

    Attributes:
        painting: ``(S, S, 3)`` uint8.
        subject_mask: float32 in 0 to 1, square and of any size.
        landmarks: ``(5, 2)`` or ``(N, 5, 2)`` in pixels of the painting.
        size_px: side of the square of which the window is kept.
        strength: 0 to 1; 0 gives `enlarge` and nothing else.
        seed: of everything random.
        window: the part that is kept; corners and margins lie where it ends.
        photo: ``(S, S, 3)`` uint8, the same crop. If it is given, ink hatches faces about as dark
            as they are there; other media are corrected afterwards, see `color.match_skin_tone`.
        meshes: ``(M, 468, 3)`` in pixels of the painting, of the faces whose geometry is known.

    Raises:
        ConfigError: the strength is outside 0 to 1.
    """

    painting: np.ndarray
    subject_mask: np.ndarray
    landmarks: np.ndarray
    size_px: int
    strength: float = 1.0
    seed: int = 0
    window: CropWindow = WHOLE_CANVAS
    photo: np.ndarray | None = None
    meshes: np.ndarray | None = None

    def __post_init__(self) -> None:
        if not 0 <= self.strength <= 1:
            raise ConfigError(f"The strength of the finish is {self.strength}; it must lie between 0 and 1.")


def finish(request: FinishRequest, medium: Medium, beside: Executor | None = None) -> np.ndarray:
    """Bring a painting to its output size in the terms of its medium.

    All features scale with the picture, so that a larger one shows the same
    strokes in finer detail. Pictures smaller than the plan are finished at the
    plan's size and then shrunk.

    Args:
        request: what is finished.
        medium: in whose terms.
        beside: does a half of the work, if there is one; it changes nothing in the picture.

    Returns:
        ``(H, W, 3)`` uint8, ``size_px`` at its longer side.
    """
    size_px, strength = request.size_px, request.strength
    left, top, right, bottom = request.window.box(size_px)
    plain = enlarge(request.painting, size_px)[top:bottom, left:right] if strength < 1 else None
    if plain is not None and strength == 0:
        return np.ascontiguousarray(plain)
    surface_px = max(size_px, PLAN_PX)
    paint = _plan(request, medium, surface_px)
    if surface_px != size_px:
        whole = np.clip(paint(0, surface_px), 0, 255).astype(np.float32)
        full = cv2.resize(whole, (size_px, size_px), interpolation=cv2.INTER_AREA)
        return _mix(plain, full[top:bottom, left:right], strength)
    result = np.empty((bottom - top, right - left, 3), np.uint8)

    def paint_band(rows: slice, above: int, below: int) -> None:
        part = None if plain is None else plain[rows]
        result[rows] = _mix(part, paint(top + above, top + below)[:, left:right], strength)

    in_turns(paint_band, bands(result.shape, _BAND_PX), beside)
    return result


def _plan(request: FinishRequest, medium: Medium, surface_px: int) -> RowPainter:
    painting, mask, landmarks, photo = request.painting, request.subject_mask, request.landmarks, request.photo
    if medium.palette:
        painting = medium.palette.mix(painting, mask, landmarks, photo)
    painting = despeckle(painting, landmarks, _DESPECKLED, medium.despeckle_share)
    if photo is not None and not medium.monochrome:
        painting = calm_detail(painting, photo, mask)
    painter = DRAFTSMAN if medium.monochrome else FeaturePainter()
    painting, plain = _paint_features(painting, request.meshes, surface_px, painter, photo)
    scene = make_scene(painting, mask, landmarks, plain, request.seed, request.window, photo, request.meshes)
    return medium.surface(scene)


def _paint_features(
    painting: np.ndarray,
    meshes: np.ndarray | None,
    size_px: int,
    painter: FeaturePainter,
    photo: np.ndarray | None,
) -> tuple[np.ndarray, np.ndarray]:
    """Paint eyes and mouths whose mesh is known: at the generator's size, and enlarged, where they are as crisp."""
    if meshes is None or not len(meshes):
        return painting, enlarge(to_uint8(painting), size_px)
    towards = light_of(cv2.cvtColor(painting * np.float32(1 / 255), cv2.COLOR_RGB2GRAY), meshes)
    painter = replace(painter, light=(float(towards[0]), float(towards[1])))
    features = painter.read(painting, meshes, painting if photo is None else photo)
    painting = painter.calm(painting, meshes, features)
    plain = enlarge(to_uint8(painting), size_px)
    painter.draw(plain, features, size_px / len(painting))
    painter.draw(painting, features, 1.0)
    return painting, plain


def _mix(plain: np.ndarray | None, full: np.ndarray, strength: float) -> np.ndarray:
    return to_uint8(full if plain is None else plain * np.float32(1 - strength) + full * np.float32(strength))
