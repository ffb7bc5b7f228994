"""The sitter's painted head over the master's clean plate: ground, neck, collar, head, hair."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from portraitify.costume.head import Head
from portraitify.costume.master import Master
from portraitify.costume.neck import Collar, Neck
from portraitify.faces.aligned_face import AlignedFace
from portraitify.imaging.affine import between_pixel_centres, composed, inverse, scale_of, transform_points
from portraitify.imaging.channels import gray_to_rgb, to_uint8
from portraitify.imaging.filters import blur, smoothstep
from portraitify.media.registry import medium_of
from portraitify.painting.background import composite_background
from portraitify.painting.color import match_skin_tone
from portraitify.painting.grounds import Sitting
from portraitify.painting.relight import Relighting


@dataclass(frozen=True)
class Dressed:
    """A dressed sitter on a canvas that may be larger than the crop.

    Attributes:
        painted: ``(C, C, 3)`` uint8, the head over the plate.
        photo: ``(C, C, 3)`` uint8, the same of the photo's own pixels, by which skin is held to the sitter's.
        mask: ``(C, C)`` float32 in 0 to 1, where it differs from the plate.
        own: ``(C, C)`` float32 in 0 to 1, head and neck.
        subject_mask: ``(C, C)`` float32 in 0 to 1, head, neck and dress.
        offset: ``(2,)`` float64, where the crop's corner lies on the canvas; add it to points of the crop.
        matrix: ``(2, 3)`` float64 from pixels of the canvas to pixels of the plate.
    """

    painted: np.ndarray
    photo: np.ndarray
    mask: np.ndarray
    own: np.ndarray
    subject_mask: np.ndarray
    offset: np.ndarray
    matrix: np.ndarray

    def points(self, in_crop: np.ndarray) -> np.ndarray:
        """Landmarks ``(..., 2)`` or meshes ``(..., 3)`` of the crop in pixels of the canvas."""
        return np.asarray(in_crop + np.pad(self.offset, (0, in_crop.shape[-1] - 2)))


def dress(painted: np.ndarray, head: Head, face: AlignedFace, master: Master, matrix: np.ndarray) -> Dressed:
    """Set a painted head on a master's bust.

    Args:
        painted: ``(S, S, 3)`` uint8, from the generator.
        head: the sitter's own.
        face: in its crop.
        master: the picture.
        matrix: ``(2, 3)`` crop pixels to plate pixels, see :func:`portraitify.costume.placement.place`.

    Returns:
        The canvas for the finish, see :mod:`portraitify.media.finish`.
    """
    lit = _in_light_of(painted, face, master)
    lit = match_skin_tone(lit, face.pixels, head.alpha, face.landmarks, 2.5)
    margin = _margin(face)
    offset = np.array([margin // 2, 0.0])
    matrix = composed(matrix, np.column_stack([np.eye(2), -offset]))
    canvas = _Canvas(len(painted) + margin, matrix)
    mesh = face.meshes[0] + [*offset, 0]
    own, alpha = _padded(lit, margin), _padded(head.alpha, margin)
    plate = canvas.show(master.plate)
    shading, coat = _neck(mesh, master, canvas)
    under = _with_neck(plate, own, mesh, shading, coat)
    done = composite_background(own, alpha, under * np.float32(1 / 255))
    shot = _padded(face.pixels, margin)
    photo = _with_neck(plate, shot, mesh, shading, coat)
    photo += (shot - photo) * gray_to_rgb(alpha)
    changed = np.maximum(alpha, coat)
    # The finish lets colours run over an outline; what runs into the plate is left out.
    mask = _inside(smoothstep(blur(changed, 0.0015 * len(changed)), 0.0, 0.7))
    subject = np.maximum(changed, canvas.show(master.masks.body) * np.float32(1 / 255))
    return Dressed(done, to_uint8(photo), mask, changed, subject, offset, matrix)


def keep_skin(finished: np.ndarray, dressed: Dressed, face: AlignedFace, master: Master) -> np.ndarray:
    """Bring the skin of a finished canvas, face and neck alike, back to the tone that it has in the photo.

    Args:
        finished: ``(P, P, 3)`` uint8, the finished canvas.
        dressed: what was finished.
        face: the sitter in the crop.
        master: the picture.

    Returns:
        ``(P, P, 3)`` uint8.
    """
    tolerance = medium_of(master.style).hue_tolerance
    if tolerance is None:
        return finished
    return match_skin_tone(finished, dressed.photo, dressed.own, dressed.points(face.landmarks), tolerance)


@dataclass(frozen=True)
class _Canvas:
    size_px: int
    matrix: np.ndarray

    def show(self, field: np.ndarray) -> np.ndarray:
        """What of a field of the plate the canvas shows, as float32."""
        flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
        size, centres = (self.size_px, self.size_px), between_pixel_centres(self.matrix)
        return np.asarray(
            cv2.warpAffine(field, centres, size, flags=flags, borderMode=cv2.BORDER_REPLICATE), np.float32
        )


def _in_light_of(painted: np.ndarray, face: AlignedFace, master: Master) -> np.ndarray:
    amount = medium_of(master.style).relighting
    luma = cv2.cvtColor(painted, cv2.COLOR_RGB2GRAY).astype(np.float32) * np.float32(1 / 255)
    x, y = face.landmarks[:2].mean(0) / len(painted)
    unit = np.linalg.norm(face.landmarks[3:].mean(0) - face.landmarks[:2].mean(0)) / len(painted)
    light = (float(master.light[0]), float(master.light[1]))
    sitting = Sitting((float(x), float(y)), 1.7 * float(unit), light)
    return Relighting(undone=0.85, broad=0.12, lower=0.0).apply(painted, luma, face.meshes[:1], sitting, amount)


def _margin(face: AlignedFace) -> int:
    """By how much the canvas must be larger than the crop to hold the neck, pixels, an even number."""
    width = float(np.ptp(face.meshes[0][:, 0]))
    foot = face.meshes[0][152, 1] + 0.9 * width
    return 2 * max(0, int(np.ceil((foot - len(face.pixels)) / 2)))


def _neck(mesh: np.ndarray, master: Master, canvas: _Canvas) -> tuple[np.ndarray, np.ndarray]:
    """Light on the neck, as a logarithm, and where the neck is, seen or behind the head: ``(C, C)`` float32 both."""
    neck, back = Neck(), inverse(canvas.matrix)
    collar = neck.collar_of(master)
    on_canvas = Collar(transform_points(back, collar.foot), collar.half_width * scale_of(back))
    shape = neck.shape(mesh, on_canvas, canvas.size_px)
    hidden = np.maximum(canvas.show(master.masks.before), canvas.show(master.masks.body)) * np.float32(1 / 255)
    return neck.shading(shape, hidden, mesh, master.light), shape * (1 - hidden)


def _with_neck(
    plate: np.ndarray, own: np.ndarray, mesh: np.ndarray, shading: np.ndarray, coat: np.ndarray
) -> np.ndarray:
    skin = _cheeks(own, mesh) * np.exp(gray_to_rgb(shading) * np.array([0.8, 1.0, 1.1], np.float32))
    return np.asarray(plate + (skin - plate) * gray_to_rgb(coat), np.float32)


def _cheeks(own: np.ndarray, mesh: np.ndarray) -> np.ndarray:
    """Median colour of cheeks and jaw, ``(3,)``."""
    middle = (mesh[[50, 280, 205, 425, 187, 411], :2]).astype(int)
    reach = max(int(0.03 * np.ptp(mesh[:, 0])), 1)
    patches = [own[y - reach : y + reach + 1, x - reach : x + reach + 1].reshape(-1, 3) for x, y in middle]
    return np.asarray(np.median(np.concatenate(patches), 0), np.float32)


def _padded(field: np.ndarray, margin: int) -> np.ndarray:
    edge = cv2.BORDER_REPLICATE if field.ndim == 3 else cv2.BORDER_CONSTANT
    return cv2.copyMakeBorder(field, 0, margin, margin // 2, margin - margin // 2, edge)


def _inside(mask: np.ndarray) -> np.ndarray:
    """The same, fading out before the canvas ends, but for where the head does."""
    ramp = np.clip((np.arange(len(mask)) + 0.5) / (0.02 * len(mask)), 0, 1)
    ramp = np.minimum(ramp, ramp[::-1]).astype(np.float32)
    return np.asarray(mask * ramp * ramp[:, None], np.float32)
