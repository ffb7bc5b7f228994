"""The sitter's face under a master's own hair line, hat or veil."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

import cv2
import numpy as np

from portraitify.costume.bare_face import TOE, BareFace, mouth_to_chin
from portraitify.costume.bust import Canvas
from portraitify.costume.dressing import Dressed
from portraitify.costume.face_setting import FaceSetter, Scene, likeness
from portraitify.costume.face_turning import Turning
from portraitify.costume.master import Master
from portraitify.faces.aligned_face import AlignedFace
from portraitify.imaging.affine import composed, inverse, scale_of, transform_points
from portraitify.imaging.channels import to_uint8
from portraitify.imaging.distances import squared_distances
from portraitify.imaging.face_parts import FacePart, outline_width, part_mask
from portraitify.imaging.filters import blur, smoothstep, weighted_mean
from portraitify.imaging.thin_plate import warp_map
from portraitify.painting.color import match_skin_tone

# Hue of the generator's skin that may stay; see `match_skin_tone`.
_HUE_TOLERANCE = 2.5
# Points of the mesh that carry any other point, and what is added to their distance, pixels.
_CARRIERS, _NEAR_PX = 4, 1e-3


@dataclass(frozen=True)
class UnderHair(Dressed):
    """A sitter whose face lies in a master's own picture.

    The plate of its master is the picture as it was painted, in the sitter's skin and without the master's features.

    Attributes:
        before: ``(468, 2)`` float64, points of the face in the crop.
        after: ``(468, 3)`` float64, the same points on the canvas.
    """

    before: np.ndarray = field(kw_only=True)
    after: np.ndarray = field(kw_only=True)

    def points(self, in_crop: np.ndarray) -> np.ndarray:
        """Landmarks ``(..., 2)`` or meshes ``(..., 3)`` of the crop in pixels of the canvas, carried by the face."""
        flat = np.asarray(in_crop, np.float64).reshape(-1, in_crop.shape[-1])
        away = squared_distances(flat, self.before)
        near = np.argsort(away, 1)[:, :_CARRIERS]
        weight = 1 / (np.take_along_axis(away, near, 1) + _NEAR_PX**2)
        weight /= weight.sum(1, keepdims=True)
        moved = (self.after[:, :2] - self.before)[near]
        carried = flat.copy()
        carried[:, :2] += (moved * weight[..., None]).sum(1)
        if flat.shape[1] == 3:
            carried[:, 2] = (self.after[near, 2] * weight).sum(1)
        return np.asarray(carried.reshape(in_crop.shape))


@dataclass(frozen=True)
class HairBorrower:
    """How a face is brought under another's hair; lengths in widths of the face.

    Attributes:
        turning: how it is turned.
        setter: how it is set.
        margin: how much of the picture the canvas shows around the face.
        seam, skin_seam: how far the finish goes on beyond the face, over hair and over skin.
        photo_end: distances from the photo's edge between which the face is lost in the master's skin.
    """

    turning: Turning = field(default_factory=Turning)
    setter: FaceSetter = field(default_factory=FaceSetter)
    margin: float = 0.5
    seam: float = 0.03
    skin_seam: float = 0.14
    photo_end: tuple[float, float] = (0.01, 0.1)

    def dress(
        self, painted: np.ndarray, face: AlignedFace, master: Master, bare: BareFace, matrix: np.ndarray
    ) -> UnderHair:
        """See :func:`dress_under_hair`."""
        own = face.meshes[0]
        offset, size_px = self._canvas(master.mesh, matrix, len(painted))
        matrix = composed(matrix, np.column_stack([np.eye(2), -offset]))
        goal = _moved(master.mesh, inverse(matrix))
        mesh = self.turning.led(self.turning.turned(own, goal), goal)
        within = part_mask(own[None], (FacePart.FACE,), painted.shape, 0)
        painted = match_skin_tone(painted, face.pixels, within, face.landmarks, _HUE_TOLERANCE)
        where = warp_map(own[:, :2], mesh[:, :2], size_px)
        head, shot = (_warped(picture, where) for picture in (painted, face.pixels))
        show = Canvas(size_px, matrix).show
        scene = self._scene(mesh, likeness(shot, mesh), self._within_photo(face.valid, where, mesh), bare, master, show)
        colour = _log_colour(shot, scene.skin)
        under = scene.empty.in_skin(colour)
        lit = self.setter.relit(head, under, scene)
        border = self.setter.border(lit, under, scene)
        done = self.setter.set(lit, under, border, scene)
        photo = self.setter.set(shot, under, border, scene)
        changed = np.maximum(border, scene.empty.face * (1 - scene.covered))
        subject = np.maximum.reduce([changed, show(master.masks.head) / 255, show(master.masks.body) / 255])
        return UnderHair(
            to_uint8(done),
            to_uint8(photo),
            self._mask(changed, scene),
            changed,
            subject,
            np.zeros_like(changed),
            offset,
            matrix,
            replace(master, plate=to_uint8(bare.in_skin(colour))),
            before=own[:, :2],
            after=mesh,
        )

    def _canvas(self, master: np.ndarray, matrix: np.ndarray, side: int) -> tuple[np.ndarray, int]:
        """Where the crop's corner lies on a canvas that shows enough around the face, ``(2,)``, and its side."""
        goal = transform_points(inverse(matrix), master[:, :2])
        around = self.margin * float(np.ptp(goal[:, 0]))
        low, high = goal.min(0) - around, goal.max(0) + around
        pad = max(0, int(np.ceil(max(float(-low.min()), float(high.max()) - side))))
        return np.full(2, float(pad)), side + 2 * pad

    def _scene(
        self,
        mesh: np.ndarray,
        like: np.ndarray,
        shown: np.ndarray,
        bare: BareFace,
        master: Master,
        show: Callable[[np.ndarray], np.ndarray],
    ) -> Scene:
        empty = BareFace(*(show(part) for part in (bare.picture, bare.relief, bare.face, bare.skin, bare.even)))
        # Around jaw and neck the outline of the head has a margin that is none of it.
        level = smoothstep(mouth_to_chin(mesh, len(like)), 0.6, 0.0)
        hair = np.maximum(show(master.masks.hair), show(master.masks.head) * level) / 255
        return Scene(mesh, like, shown, empty, hair.astype(np.float32), show(master.masks.before) * np.float32(1 / 255))

    def _within_photo(self, valid: np.ndarray, where: np.ndarray, mesh: np.ndarray) -> np.ndarray:
        """Where the photo shows the face, faded before its edges: ``(C, C)`` float32 in 0 to 1."""
        shown = _warped((valid > 0).astype(np.float32), where, cv2.INTER_LINEAR, cv2.BORDER_CONSTANT)
        away = cv2.distanceTransform((shown > 0.5).astype(np.uint8), cv2.DIST_L2, 5)
        return np.asarray(smoothstep(away / outline_width(mesh), *self.photo_end), np.float32)

    def _mask(self, changed: np.ndarray, scene: Scene) -> np.ndarray:
        """Where the finish is seen: it fades slowly on skin, where it must not end at once."""
        narrow = smoothstep(blur(changed, self.seam * scene.width / 2), 0.15, 0.85)
        wide = smoothstep(blur(changed, self.skin_seam * scene.width), 0.0, 0.5)
        return np.asarray(np.maximum(narrow, wide * scene.empty.skin * (1 - scene.covered)), np.float32)


def dress_under_hair(
    painted: np.ndarray, face: AlignedFace, master: Master, bare: BareFace, matrix: np.ndarray
) -> UnderHair:
    """Set a painted face under a master's own hair, hat or veil.

    The sitter's face, turned as the master's is, takes its place and its broad light; forehead, temples, ears, neck
    and hands are the master's in the sitter's skin.

    Args:
        painted: ``(S, S, 3)`` uint8, from the generator, as large as the crop.
        face: in its crop, with its mesh.
        master: the picture.
        bare: the same without its sitter's features, see :func:`portraitify.costume.bare_face.empty_face`.
        matrix: ``(2, 3)`` crop pixels to plate pixels, see
            :func:`portraitify.costume.face_turning.place_on_face`.

    Returns:
        The canvas for the finish, with the plate on which it is to be hung.
    """
    return HairBorrower().dress(painted, face, master, bare, matrix)


def _warped(
    picture: np.ndarray, where: np.ndarray, between: int = cv2.INTER_CUBIC, beyond: int = cv2.BORDER_REPLICATE
) -> np.ndarray:
    columns, rows = np.ascontiguousarray(where[..., 0]), np.ascontiguousarray(where[..., 1])
    moved = cv2.remap(picture, columns, rows, between, borderMode=beyond)
    return np.asarray(moved, np.float32)


def _moved(mesh: np.ndarray, matrix: np.ndarray) -> np.ndarray:
    return np.column_stack([transform_points(matrix, mesh[:, :2]), mesh[:, 2] * scale_of(matrix)])


def _log_colour(photo: np.ndarray, skin: np.ndarray) -> np.ndarray:
    """Means of the logarithms of red, green and blue of skin, ``(3,)``."""
    return np.array([weighted_mean(np.log(np.maximum(photo[..., k], 0) + np.float32(TOE)), skin) for k in range(3)])
