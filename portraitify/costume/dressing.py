"""The sitter's painted head over the master's bust, collar before the neck, hair over the dress."""

from __future__ import annotations

from concurrent.futures import Executor
from dataclasses import dataclass
from functools import partial

import cv2
import numpy as np

from portraitify.costume.bust import Bust, Canvas, skin_colour, with_hands_of
from portraitify.costume.grown_hair import grow_crown, grow_tails
from portraitify.costume.head import Head
from portraitify.costume.master import Master
from portraitify.costume.neck import Neck, face_width
from portraitify.faces.aligned_face import AlignedFace
from portraitify.imaging.affine import composed, inverse, transform_points
from portraitify.imaging.channels import gray_to_rgb, to_uint8
from portraitify.imaging.face_parts import FacePart, part_mask
from portraitify.imaging.filters import blur, smoothstep
from portraitify.media.registry import medium_of
from portraitify.painting.background import composite_background
from portraitify.painting.color import match_skin_tone
from portraitify.painting.grounds import Sitting
from portraitify.painting.lost_edges import LostEdges
from portraitify.painting.relight import Relighting

# Number of the mesh's point at the chin.
_CHIN = 152
# Half the height of a head, hair included, in heights of the face.
_HALF_HEAD = 0.75
# The light of a bust is the master's already: what is left for the head alone. The photo's own is taken back.
_LAMP = Relighting(undone=0.85, ambient=0.15, broad=0.35, lower=0.0, least=-0.8)
# How far below the chin the canvas reaches at the least, in widths of the face.
_BUST = 0.9
# How far below the chin long hair begins to be lost in the dress, and is lost, in heights of the face; and how far from
# the sides of the photo, in parts of the crop.
_FALL, _EDGE = (0.35, 0.95), 0.07
# How far skin may stay from the photo's hue before the finish, CIELAB units.
_HUE_TOLERANCE = 2.5
# Standard deviations of Gaussians in parts of the canvas: of the border of skin to hair, and of the mask.
_SKIN_SIGMA, _MASK_SIGMA = 0.004, 0.0015
# How far from the edge of the canvas the mask has faded, likewise.
_RIM = 0.02


@dataclass(frozen=True)
class Dressed:
    """A dressed sitter on a canvas that may be larger than the crop.

    Attributes:
        painted: ``(C, C, 3)`` uint8, the head over the bust.
        photo: ``(c, c, 3)`` uint8, the same of the photo's own pixels, by which tones are held to the sitter's.
        mask: ``(C, C)`` float32 in 0 to 1, where it differs from the plate.
        own: ``(C, C)`` float32 in 0 to 1, head, neck and chest.
        subject_mask: ``(C, C)`` float32 in 0 to 1, the same and the dress.
        hair: ``(C, C)`` float32 in 0 to 1, hair and hat.
        offset: ``(2,)`` float64, where the crop's corner lies on the canvas.
        matrix: ``(2, 3)`` float64 from pixels of the canvas to pixels of the plate.
        master: the picture, with hands of the sitter's skin.
    """

    painted: np.ndarray
    photo: np.ndarray
    mask: np.ndarray
    own: np.ndarray
    subject_mask: np.ndarray
    hair: np.ndarray
    offset: np.ndarray
    matrix: np.ndarray
    master: Master

    def points(self, in_crop: np.ndarray) -> np.ndarray:
        """Landmarks ``(..., 2)`` or meshes ``(..., 3)`` of the crop in pixels of the canvas."""
        return np.asarray(in_crop + np.pad(self.offset, (0, in_crop.shape[-1] - 2)))


def dress(
    painted: np.ndarray,
    head: Head,
    face: AlignedFace,
    master: Master,
    matrix: np.ndarray,
    beside: Executor | None = None,
) -> Dressed:
    """Set a painted head on a master's bust.

    Args:
        painted: ``(S, S, 3)`` uint8, from the generator, as large as the crop, best without a new background or light.
        head: the sitter's own.
        face: in its crop.
        master: the picture.
        matrix: ``(2, 3)`` crop pixels to plate pixels, see :func:`portraitify.costume.placement.place`.
        beside: brings skin to its tone meanwhile, if there is one; it changes nothing in the picture.

    Returns:
        The canvas for the finish, see :mod:`portraitify.media.finish`.
    """
    toned = partial(_toned, painted, head, face, master)
    coming = beside.submit(toned) if beside else None
    above, below = _margins(face, head, master, matrix)
    offset = np.array([(above + below) // 2, above], float)
    canvas = Canvas(len(painted) + above + below, composed(matrix, np.column_stack([np.eye(2), -offset])))
    mesh = face.meshes[0] + [*offset, 0]
    bust = Bust.of(master, canvas, mesh, _padded(head.neck, above, below), _padded(head.beside, above, below))
    # What has not begun yet waits behind the next photo.
    lit = toned() if coming is None or coming.cancel() else coming.result()
    own, shown, alpha = _whole_heads((lit, face.pixels), head, mesh, bust, (above, below))
    edge = LostEdges().soften(own, alpha, _sitting(mesh, canvas.size_px, master))
    skin = skin_colour(own, mesh)
    done = composite_background(own, edge, bust.under(own, skin) * np.float32(1 / 255))
    photo = _photo_of(shown, alpha, bust)
    changed = np.maximum(edge, bust.painted)
    flesh = np.maximum(part_mask(mesh[None], (FacePart.FACE,), alpha.shape, 0), bust.bare)
    return Dressed(
        done,
        to_uint8(photo),
        # The finish lets colours run over an outline; what runs into the plate is left out.
        _inside(smoothstep(blur(changed, _MASK_SIGMA * len(changed)), 0.0, 0.7)),
        changed,
        np.maximum(changed, canvas.show(master.masks.body) * np.float32(1 / 255)),
        alpha * (1 - blur(flesh, _SKIN_SIGMA * len(flesh))),
        offset,
        canvas.matrix,
        with_hands_of(master, skin),
    )


def _photo_of(shown: np.ndarray, alpha: np.ndarray, bust: Bust) -> np.ndarray:
    """The photo's head on the bust, half as large, which is enough to compare tones."""
    half = bust.halved()
    size = half.neck.shape[::-1]
    small, share = (cv2.resize(field, size, interpolation=cv2.INTER_AREA) for field in (shown, alpha))
    photo = half.under(small, skin_colour(small, half.mesh))
    photo += (small - photo) * gray_to_rgb(share)
    return photo


def _whole_heads(
    pictures: tuple[np.ndarray, np.ndarray], head: Head, mesh: np.ndarray, bust: Bust, margins: tuple[int, int]
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Two pictures of one head on the canvas, with the hair that the photo cuts, and their outline."""
    above, side = margins[0], len(pictures[0])
    alpha = _padded(head.alpha, *margins)
    face = part_mask(mesh[None], (FacePart.FACE,), alpha.shape, 0)
    skin = np.maximum(face, bust.bare)
    left = sum(margins) // 2
    lost = np.maximum(_lost(alpha, mesh, (left, left + side)), face)
    crown, hair = head.crown.moved(np.array([left, above])), _padded(head.hair, *margins)
    done, whole = [], alpha
    for picture in pictures:
        grown, whole = grow_crown(_padded(picture, *margins), alpha, hair, crown)
        grown, whole = grow_tails(grown, whole, skin, above + side, margins[1])
        done.append(grown)
    return done[0], done[1], whole * lost


def _toned(painted: np.ndarray, head: Head, face: AlignedFace, master: Master) -> np.ndarray:
    """A painted head in the light of the picture, and in the sitter's own skin."""
    lit = _in_light_of(painted, face, master)
    return match_skin_tone(lit, face.pixels, head.alpha, face.landmarks, _HUE_TOLERANCE)


def _in_light_of(painted: np.ndarray, face: AlignedFace, master: Master) -> np.ndarray:
    luma = cv2.cvtColor(painted, cv2.COLOR_RGB2GRAY).astype(np.float32) * np.float32(1 / 255)
    sitting = _sitting(face.meshes[0], len(painted), master)
    return _LAMP.apply(painted, luma, face.meshes[:1], sitting, medium_of(master.style).relighting)


def _sitting(mesh: np.ndarray, size_px: int, master: Master) -> Sitting:
    """How a head sits on a canvas of which it knows the mesh, in the light of the picture."""
    low, high = mesh[:, :2].min(0), mesh[:, :2].max(0)
    x, y = ((low + high) / 2 / size_px).tolist()
    light = (float(master.light[0]), float(master.light[1]))
    return Sitting((x, y), _HALF_HEAD * float(high[1] - low[1]) / size_px, light)


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
    chin, height, reach = mesh[_CHIN, 1], float(np.ptp(mesh[:, 1])), _EDGE * (sides[1] - sides[0])
    shown = smoothstep((rows - chin) / height, _FALL[1], _FALL[0]) * np.ones_like(columns)
    for column, away in ((sides[0], columns - sides[0]), (sides[1] - 1, sides[1] - columns)):
        touched = blur(np.repeat((alpha[:, column : column + 1] > 0.3).astype(np.float32), 4, 1), 0.02 * len(alpha))
        shown *= 1 - touched[:, :1] * (1 - smoothstep(away / reach, 0.0, 1.0))
    return np.asarray(shown, np.float32)


def _margins(face: AlignedFace, head: Head, master: Master, matrix: np.ndarray) -> tuple[int, int]:
    """By how much the canvas must be larger than the crop to hold crown, neck and chest, pixels above and below."""
    foot = face.meshes[0][_CHIN, 1] + _BUST * face_width(face.meshes[0])
    chest = Neck().chest_end(master)
    if chest is not None:
        foot = max(foot, float(transform_points(inverse(matrix), np.array([matrix[0, 2], chest]))[1]))
    above = max(0, int(np.ceil(1.1 * head.crown.rise - head.crown.row)))
    below = max(0, int(np.ceil(foot - len(face.pixels))))
    return above, below + (above + below) % 2


def _padded(field: np.ndarray, above: int, below: int) -> np.ndarray:
    edge, left = cv2.BORDER_REPLICATE if field.ndim == 3 else cv2.BORDER_CONSTANT, (above + below) // 2
    return cv2.copyMakeBorder(field, above, below, left, above + below - left, edge)


def _inside(mask: np.ndarray) -> np.ndarray:
    """The same, faded where the canvas ends."""
    ramp = np.clip((np.arange(len(mask)) + 0.5) / (_RIM * len(mask)), 0, 1)
    ramp = np.minimum(ramp, ramp[::-1]).astype(np.float32)
    return np.asarray(mask * ramp * ramp[:, None], np.float32)
