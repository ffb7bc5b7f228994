"""The sitter's painted head over the master's clean plate: ground, neck, collar, head, hair."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from portraitify.costume.grown_hair import grow_crown, grow_tails
from portraitify.costume.head import Head
from portraitify.costume.master import Master
from portraitify.costume.neck import Collar, Neck, face_width
from portraitify.faces.aligned_face import AlignedFace
from portraitify.imaging.affine import between_pixel_centres, composed, inverse, scale_of, transform_points
from portraitify.imaging.bands import coarse_size, resample
from portraitify.imaging.channels import gray_to_rgb, to_uint8
from portraitify.imaging.cielab import to_lab, to_rgb
from portraitify.imaging.face_parts import FacePart, part_mask
from portraitify.imaging.filters import blur, normalized_blur, smoothstep
from portraitify.media.registry import medium_of
from portraitify.painting.background import composite_background
from portraitify.painting.color import add_smoothly, match_skin_tone
from portraitify.painting.grounds import Sitting
from portraitify.painting.relight import Relighting

# Shadows on skin are warm: how much of a shade red, green and blue take.
_WARM_SHADE = np.array([0.8, 1.0, 1.1], np.float32)
# Longer side at which hair is compared with the photo's, pixels, the standard deviation of its tones in parts of that,
# and by how much its L* and its hue may differ.
_HAIR_PX, _HAIR_SIGMA, _HAIR_LIGHT, _HAIR_HUE = 256, 0.012, 9.0, 5.0
# Bare neck, in squares of the face's width, that tells its colour, how far it is followed, and the most it may differ
# from the cheeks, as a logarithm.
_ENOUGH_NECK, _OWN_NECK, _FAR_NECK = 0.05, 0.7, 0.3

# How far below the chin long hair begins to be lost in the dress, and is lost, in heights of the face; and how far from
# the sides of the photo, in parts of the crop.
_FALL, _EDGE = (0.35, 0.95), 0.07


@dataclass(frozen=True)
class Dressed:
    """A dressed sitter on a canvas that may be larger than the crop.

    Attributes:
        painted: ``(C, C, 3)`` uint8, the head over the plate.
        photo: ``(C, C, 3)`` uint8, the same of the photo's own pixels, by which skin is held to the sitter's.
        mask: ``(C, C)`` float32 in 0 to 1, where it differs from the plate.
        own: ``(C, C)`` float32 in 0 to 1, head and neck.
        subject_mask: ``(C, C)`` float32 in 0 to 1, head, neck and dress.
        hair: ``(C, C)`` float32 in 0 to 1, hair and hat.
        offset: ``(2,)`` float64, where the crop's corner lies on the canvas; add it to points of the crop.
        matrix: ``(2, 3)`` float64 from pixels of the canvas to pixels of the plate.
    """

    painted: np.ndarray
    photo: np.ndarray
    mask: np.ndarray
    own: np.ndarray
    subject_mask: np.ndarray
    hair: np.ndarray
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
    above, below = _margins(face, head)
    offset = np.array([(above + below) // 2, above], float)
    matrix = composed(matrix, np.column_stack([np.eye(2), -offset]))
    canvas = _Canvas(len(painted) + above + below, matrix)
    mesh = face.meshes[0] + [*offset, 0]
    bare, alpha = (_padded(field, above, below) for field in (head.neck, head.alpha))
    bald = part_mask(mesh[None], (FacePart.FACE,), alpha.shape, 0)
    lost = _lost(alpha, mesh, (int(offset[0]), int(offset[0]) + len(painted)))
    lost = np.maximum(lost, bald)
    plate = canvas.show(master.plate)
    shading, neck, hidden = _neck(mesh, master, canvas)
    coat, bare = np.maximum(neck, bare) * (1 - hidden), bare * (1 - hidden)
    crown, skin = head.crown.moved(offset), np.maximum(bald, blur((coat > 0.5).astype(np.float32), 0.01 * len(bald)))

    def over(own: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """The head with its crown, its outline, and what lies under both."""
        grown, whole = grow_crown(_padded(own, above, below), alpha, bald, crown)
        grown, whole = grow_tails(grown, whole, skin, above + len(own), below)
        return grown, whole * lost, _with_neck(plate, grown, mesh, shading, coat, bare)

    own, whole, under = over(lit)
    done = composite_background(own, whole, under * np.float32(1 / 255))
    shot, _, photo = over(face.pixels)
    photo += (shot - photo) * gray_to_rgb(whole)
    changed = np.maximum(whole, coat)
    # The finish lets colours run over an outline; what runs into the plate is left out.
    mask = _inside(smoothstep(blur(changed, 0.0015 * len(changed)), 0.0, 0.7))
    subject = np.maximum(changed, canvas.show(master.masks.body) * np.float32(1 / 255))
    hair = whole * (1 - blur(np.maximum(bald, np.minimum(bare, 1)), 0.004 * len(bald)))
    return Dressed(done, to_uint8(photo), mask, changed, subject, hair, offset, matrix)


def keep_tones(finished: np.ndarray, dressed: Dressed, face: AlignedFace, master: Master) -> np.ndarray:
    """Bring skin and hair of a finished canvas back to the tones that they have in the photo.

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
    skin = match_skin_tone(finished, dressed.photo, dressed.own, dressed.points(face.landmarks), tolerance)
    return _with_hair_of(skin, dressed)


def _with_hair_of(finished: np.ndarray, dressed: Dressed) -> np.ndarray:
    """Hold the colour of hair near the photo's."""
    size = coarse_size(finished, _HAIR_PX)
    sigma_px = _HAIR_SIGMA * _HAIR_PX
    hair = resample(dressed.hair, size)
    seen, painted = (to_lab(resample(picture, size)) for picture in (dressed.photo, finished))
    away, weight = normalized_blur((painted - seen) * gray_to_rgb(hair), hair, sigma_px)
    light = away[..., 0] - np.clip(away[..., 0], -_HAIR_LIGHT, _HAIR_LIGHT)
    far = np.hypot(away[..., 1], away[..., 2])
    hue = away[..., 1:] * np.maximum(1 - _HAIR_HUE / np.maximum(far, 1e-3), 0)[..., None]
    moved = painted - np.dstack([light, hue]) * (weight > 0.02)[..., None]
    return add_smoothly(finished, (to_rgb(moved) - to_rgb(painted)) * gray_to_rgb(hair))


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


def _lost(alpha: np.ndarray, mesh: np.ndarray, sides: tuple[int, int]) -> np.ndarray:
    """How far long hair is still seen: it is lost in the dress, and before the sides of the photo.

    Args:
        alpha: ``(C, C)`` float32 in 0 to 1, the head.
        mesh: ``(468, 3)`` in the same pixels.
        sides: first column of the crop, and first beyond it.

    Returns:
        ``(C, C)`` float32 in 0 to 1.
    """
    rows, columns = np.arange(len(alpha))[:, None] + 0.5, np.arange(len(alpha)) + 0.5
    chin, height, reach = mesh[152, 1], float(np.ptp(mesh[:, 1])), _EDGE * (sides[1] - sides[0])
    shown = smoothstep((rows - chin) / height, _FALL[1], _FALL[0]) * np.ones_like(columns)
    for column, away in ((sides[0], columns - sides[0]), (sides[1] - 1, sides[1] - columns)):
        touched = blur(np.repeat((alpha[:, column : column + 1] > 0.3).astype(np.float32), 4, 1), 0.02 * len(alpha))
        shown *= 1 - touched[:, :1] * (1 - smoothstep(away / reach, 0.0, 1.0))
    return np.asarray(shown, np.float32)


def _margins(face: AlignedFace, head: Head) -> tuple[int, int]:
    """By how much the canvas must be larger than the crop to hold crown and neck, pixels above and below."""
    foot = face.meshes[0][152, 1] + 0.9 * face_width(face.meshes[0])
    above = max(0, int(np.ceil(1.1 * head.crown.rise - head.crown.row)))
    below = max(0, int(np.ceil(foot - len(face.pixels))))
    return above, below + (above + below) % 2


def _neck(mesh: np.ndarray, master: Master, canvas: _Canvas) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Light on the neck, as a logarithm, where it is, and what of the dress hides it: ``(C, C)`` float32 each."""
    neck, back = Neck(), inverse(canvas.matrix)
    collar = neck.collar_of(master)
    on_canvas = Collar(transform_points(back, collar.foot), collar.half_width * scale_of(back))
    shape = neck.shape(mesh, on_canvas, canvas.size_px)
    hidden = np.maximum(canvas.show(master.masks.before), canvas.show(master.masks.body)) * np.float32(1 / 255)
    return neck.shading(shape, hidden, mesh, master.light), shape, hidden


def _with_neck(
    plate: np.ndarray, own: np.ndarray, mesh: np.ndarray, shading: np.ndarray, coat: np.ndarray, bare: np.ndarray
) -> np.ndarray:
    """The plate with a neck: made of the colour of the cheeks, and the sitter's own where that is ``bare``."""
    skin = _skin_colour(own, mesh, bare) * np.exp(gray_to_rgb(shading) * _WARM_SHADE)
    skin += (own - skin) * gray_to_rgb(bare)
    return np.asarray(plate + (skin - plate) * gray_to_rgb(coat), np.float32)


def _skin_colour(own: np.ndarray, mesh: np.ndarray, bare: np.ndarray) -> np.ndarray:
    """Colour of a neck, ``(3,)``: between that of the cheeks and, as far as it is seen, its own."""
    cheeks = _cheeks(own, mesh)
    seen = float(bare.sum()) / (_ENOUGH_NECK * face_width(mesh) ** 2)
    if seen < 1e-3:
        return cheeks
    colour = np.array([float((own[..., k] * bare).sum()) for k in range(3)]) / float(bare.sum())
    away = np.clip(np.log(np.maximum(colour, 1) / np.maximum(cheeks, 1)), -_FAR_NECK, _FAR_NECK)
    return np.asarray(cheeks * np.exp(min(seen, 1.0) * _OWN_NECK * away), np.float32)


def _cheeks(own: np.ndarray, mesh: np.ndarray) -> np.ndarray:
    """Median colour of cheeks and jaw, ``(3,)``."""
    middle = (mesh[[50, 280, 205, 425, 187, 411], :2]).astype(int)
    reach = max(int(0.03 * np.ptp(mesh[:, 0])), 1)
    patches = [own[y - reach : y + reach + 1, x - reach : x + reach + 1].reshape(-1, 3) for x, y in middle]
    return np.asarray(np.median(np.concatenate(patches), 0), np.float32)


def _padded(field: np.ndarray, above: int, below: int) -> np.ndarray:
    edge, left = cv2.BORDER_REPLICATE if field.ndim == 3 else cv2.BORDER_CONSTANT, (above + below) // 2
    return cv2.copyMakeBorder(field, above, below, left, above + below - left, edge)


def _inside(mask: np.ndarray) -> np.ndarray:
    """The same, fading out before the canvas ends, but for where the head does."""
    ramp = np.clip((np.arange(len(mask)) + 0.5) / (0.02 * len(mask)), 0, 1)
    ramp = np.minimum(ramp, ramp[::-1]).astype(np.float32)
    return np.asarray(mask * ramp * ramp[:, None], np.float32)
