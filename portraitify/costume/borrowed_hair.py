"""The sitter's face under a master's own hair line, hat or veil."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

import cv2
import numpy as np

from portraitify.costume.bare_face import TOE, BareFace, empty_face
from portraitify.costume.dressing import Dressed
from portraitify.costume.face_turning import Turning
from portraitify.costume.master import Master
from portraitify.costume.thin_plate import warp_map
from portraitify.faces.aligned_face import AlignedFace
from portraitify.imaging.affine import between_pixel_centres, inverse, scale_of, transform_points
from portraitify.imaging.channels import gray_to_rgb, to_uint8
from portraitify.imaging.cielab import to_lab
from portraitify.imaging.face_parts import FacePart, expression_parts, outline_of, part_mask
from portraitify.imaging.filters import blur, normalized_blur, smoothstep, weighted_mean
from portraitify.imaging.morphology import disc
from portraitify.imaging.skin import skin_likeness
from portraitify.painting.color import match_skin_tone

# Side at which broad tones are worked out, pixels.
_BROAD_PX = 128
# Hue of the generator's skin that may stay; see `match_skin_tone`.
_HUE_TOLERANCE = 2.5
# Points of the mesh that carry any other point, and what is added to their distance, pixels.
_CARRIERS, _NEAR_PX = 4, 1e-3
_CHIN, _TOP = 152, 10
_CHEEKS = [50, 280, 205, 425, 187, 411, 101, 330]


@dataclass(frozen=True)
class UnderHair(Dressed):
    """A sitter whose face lies in a master's own picture.

    Attributes:
        plate: ``(H, W, 3)`` uint8, the master's picture in the sitter's skin, without the master's features: what
            is seen wherever ``mask`` is 0.
        before: ``(468, 2)`` float64, points of the face in the crop.
        after: ``(468, 3)`` float64, the same points on the canvas.
    """

    plate: np.ndarray = field(kw_only=True)
    before: np.ndarray = field(kw_only=True)
    after: np.ndarray = field(kw_only=True)

    def points(self, in_crop: np.ndarray) -> np.ndarray:
        """Landmarks ``(..., 2)`` or meshes ``(..., 3)`` of the crop in pixels of the canvas, carried by the face."""
        flat = np.asarray(in_crop, np.float64).reshape(-1, in_crop.shape[-1])
        away = ((flat[:, None, :2] - self.before) ** 2).sum(-1)
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
    """How a face is set under another's hair; lengths in widths of the face.

    Attributes:
        turning: how it is turned.
        edge: width of the border of the face.
        inset: how far within the outline the border lies.
        brows: how far above the brows what is no skin begins to be left out, from 0 at the brows to 1 at the top of
            the forehead.
        sides: how far within the outline likewise, at temples and cheeks.
        lowest: down to where, in the same heights as ``brows``: lower down there are beards.
        top: between which of the same the forehead becomes the master's.
        light: share of the broad light that is the master's.
        light_sigma: how broad that is.
        most_light: by how much brightness changes at the most, as a logarithm.
        tone_sigma: how far the tone of the sitter's skin is followed where the master's goes on.
        seam: how far the finish goes beyond the face.
    """

    turning: Turning = field(default_factory=Turning)
    edge: float = 0.03
    inset: float = 0.025
    brows: tuple[float, float] = (0.12, 0.35)
    sides: tuple[float, float] = (0.14, 0.06)
    lowest: tuple[float, float] = (-1.2, -0.8)
    top: tuple[float, float] = (0.95, 0.6)
    light: float = 0.65
    light_sigma: float = 0.09
    most_light: float = 0.5
    tone_sigma: float = 0.12
    seam: float = 0.03

    def dress(self, painted: np.ndarray, face: AlignedFace, master: Master, matrix: np.ndarray) -> UnderHair:
        """See :func:`dress_under_hair`."""
        own, bare = face.meshes[0], empty_face(master)
        goal = _moved(master.mesh, inverse(matrix))
        mesh = self.turning.led(self.turning.turned(own, goal), goal)
        width = float(np.ptp(outline_of(mesh, FacePart.FACE)[:, 0]))
        within = part_mask(own[None], (FacePart.FACE,), painted.shape, 0)
        painted = match_skin_tone(painted, face.pixels, within, face.landmarks, _HUE_TOLERANCE)
        where = warp_map(own[:, :2], mesh[:, :2], len(painted))
        head, shot = (_warped(picture, where) for picture in (painted, face.pixels))
        show = _shower(matrix, len(painted))
        empty = BareFace(*(show(part) for part in (bare.picture, bare.relief, bare.face, bare.skin, bare.even)))
        like = self._like_skin(shot, mesh)
        skin = like * part_mask(mesh[None], (FacePart.FACE,), like.shape, 0)
        skin *= 1 - expression_parts(mesh[None], skin.shape)
        colour = _log_colour(shot, skin)
        under = empty.in_skin(colour)
        alpha = self._alpha(mesh, like, empty, master, show, width)
        lit = head * np.exp(gray_to_rgb(self._light(head, under, skin, empty, width)))
        done, photo = (self._set(on, under, skin * alpha, empty.face, alpha, width) for on in (lit, shot))
        changed = np.maximum(alpha, empty.face * (1 - show(master.masks.before) / 255))
        mask = smoothstep(blur(changed, self.seam * width / 2), 0.15, 0.85).astype(np.float32)
        subject = np.maximum.reduce([show(part) / 255 for part in (master.masks.head, master.masks.body)])
        plate = to_uint8(bare.in_skin(colour))
        return UnderHair(
            to_uint8(done),
            to_uint8(photo),
            mask,
            np.asarray(changed, np.float32),
            np.maximum(subject, changed).astype(np.float32),
            np.zeros_like(mask),
            1.0,
            np.zeros(2),
            matrix,
            replace(master, plate=plate),
            plate=plate,
            before=own[:, :2],
            after=mesh,
        )

    def _like_skin(self, photo: np.ndarray, mesh: np.ndarray) -> np.ndarray:
        """How much the photo looks like the skin of its cheeks, ``(S, S)`` float32 in 0 to 1."""
        lab = to_lab(blur(photo, 1.0))
        places = np.clip(mesh[_CHEEKS, :2].astype(int), 3, len(photo) - 4)
        usual = np.median([lab[y - 3 : y + 4, x - 3 : x + 4].reshape(-1, 3) for x, y in places], (0, 1))
        return skin_likeness(lab, usual)

    def _alpha(
        self,
        mesh: np.ndarray,
        like: np.ndarray,
        empty: BareFace,
        master: Master,
        show: Callable[[np.ndarray], np.ndarray],
        width: float,
    ) -> np.ndarray:
        """Where the sitter's own face is seen, ``(S, S)`` float32 in 0 to 1."""
        inside = part_mask(mesh[None], (FacePart.FACE,), like.shape, 0)
        inside = cv2.erode(inside, disc(self.inset * width))
        inside = smoothstep(blur(inside, self.edge * width), 0.1, 0.9)
        up = _height_above_brows(mesh, like.shape)
        rim = cv2.distanceTransform((inside > 0.5).astype(np.uint8), cv2.DIST_L2, 5) / width
        sides = smoothstep(rim, *self.sides) * smoothstep(up, *self.lowest)
        hair = np.maximum(smoothstep(up, *self.brows), sides)
        hair = hair * (1 - smoothstep(blur(like, 0.015 * width), 0.5, 0.9))
        hair = blur(np.asarray(hair, np.float32), 0.02 * width)
        hidden = np.maximum(show(master.masks.before) / 255, self._headdress(mesh, empty, master, show))
        return np.asarray(
            inside * (1 - np.minimum(1.5 * hair, 1)) * smoothstep(up, *self.top) * (1 - hidden), np.float32
        )

    def _headdress(
        self, mesh: np.ndarray, empty: BareFace, master: Master, show: Callable[[np.ndarray], np.ndarray]
    ) -> np.ndarray:
        """The master's hair and headdress before the face."""
        rows = np.arange(len(empty.face))[:, None] + 0.5
        mouth = mesh[list(FacePart.LIPS.value), 1].mean()
        level = smoothstep((rows - mouth) / max(mesh[_CHIN, 1] - mouth, 1e-6), 0.6, 0.0)
        head = np.maximum(show(master.masks.hair) / 255, show(master.masks.head) / 255 * level)
        return np.asarray(head * (1 - empty.face))

    def _light(
        self, head: np.ndarray, under: np.ndarray, skin: np.ndarray, empty: BareFace, width: float
    ) -> np.ndarray:
        """What brings the master's broad light onto the face, ``(S, S)`` float32, a logarithm."""
        own, goal = (np.log(cv2.cvtColor(on.astype(np.float32), cv2.COLOR_RGB2GRAY) + TOE) for on in (head, under))
        sigma = self.light_sigma * width
        seen, known = _broad(own * skin, skin, sigma)
        lit, _ = _broad(goal * empty.face, empty.face, sigma)
        change = lit - seen
        change -= weighted_mean(change, skin)
        change = np.clip(self.light * change, -self.most_light, self.most_light)
        return np.asarray(blur(change * np.minimum(known * 4, 1), 0.5 * sigma), np.float32)

    def _set(
        self, face: np.ndarray, under: np.ndarray, skin: np.ndarray, bare: np.ndarray, alpha: np.ndarray, width: float
    ) -> np.ndarray:
        """The face over the master's skin, which takes its tone near by."""
        away = np.log(np.maximum(face, 0) + TOE) - np.log(np.maximum(under, 0) + TOE)
        mean, known = _broad(away * gray_to_rgb(skin), skin, self.tone_sigma * width)
        wide, reached = _broad(away * gray_to_rgb(skin), skin, 3 * self.tone_sigma * width)
        mean = wide + (mean - wide) * gray_to_rgb(np.minimum(known * 4, 1))
        mean *= gray_to_rgb(np.minimum(reached * 8, 1) * bare)
        ground = (under + TOE) * np.exp(mean) - TOE
        return np.asarray(ground + (face - ground) * gray_to_rgb(alpha))


def dress_under_hair(painted: np.ndarray, face: AlignedFace, master: Master, matrix: np.ndarray) -> UnderHair:
    """Set a painted face under a master's own hair, hat or veil.

    The sitter's face, turned as the master's is, takes its place and its broad light; forehead, temples, ears, neck
    and hands are the master's in the sitter's skin.

    Args:
        painted: ``(S, S, 3)`` uint8, from the generator.
        face: in its crop, with its mesh.
        master: the picture.
        matrix: ``(2, 3)`` crop pixels to plate pixels, see
            :func:`portraitify.costume.face_turning.place_on_face`.

    Returns:
        The canvas for the finish, and the plate on which it is to be hung.
    """
    return HairBorrower().dress(painted, face, master, matrix)


def _warped(picture: np.ndarray, where: np.ndarray) -> np.ndarray:
    columns, rows = np.ascontiguousarray(where[..., 0]), np.ascontiguousarray(where[..., 1])
    moved = cv2.remap(picture, columns, rows, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(moved, np.float32)


def _moved(mesh: np.ndarray, matrix: np.ndarray) -> np.ndarray:
    return np.column_stack([transform_points(matrix, mesh[:, :2]), mesh[:, 2] * scale_of(matrix)])


def _shower(matrix: np.ndarray, size_px: int) -> Callable[[np.ndarray], np.ndarray]:
    """A function that gives what of a field of the plate a canvas shows, as float32."""
    flags, centres = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP, between_pixel_centres(matrix)

    def show(field: np.ndarray) -> np.ndarray:
        moved = cv2.warpAffine(field, centres, (size_px, size_px), flags=flags, borderMode=cv2.BORDER_REPLICATE)
        return np.asarray(moved, np.float32)

    return show


def _broad(weighted: np.ndarray, weight: np.ndarray, sigma_px: float) -> tuple[np.ndarray, np.ndarray]:
    """As :func:`portraitify.imaging.filters.normalized_blur`, on a coarser grid."""
    zoom, full = min(_BROAD_PX / len(weight), 1.0), weight.shape[::-1]
    size = (max(round(zoom * full[0]), 1), max(round(zoom * full[1]), 1))
    small, known = (cv2.resize(on, size, interpolation=cv2.INTER_AREA) for on in (weighted, weight))
    found = normalized_blur(small, known, sigma_px * zoom)
    mean, near = (cv2.resize(on, full, interpolation=cv2.INTER_LINEAR) for on in found)
    return np.asarray(mean), np.asarray(near)


def _log_colour(photo: np.ndarray, skin: np.ndarray) -> np.ndarray:
    """Means of the logarithms of red, green and blue of skin, ``(3,)``."""
    return np.array([weighted_mean(np.log(np.maximum(photo[..., k], 0) + np.float32(TOE)), skin) for k in range(3)])


def _height_above_brows(mesh: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """0 at the upper edge of the brows, 1 at the top of the forehead, ``(S, S)`` float32."""
    rows, columns = np.arange(shape[0])[:, None] + 0.5, np.arange(shape[1]) + 0.5
    brows = mesh[[*FacePart.LEFT_BROW.value[:5], *FacePart.RIGHT_BROW.value[:5]], :2].mean(0)
    up = mesh[_TOP, :2] - mesh[_CHIN, :2]
    up /= max(float(np.linalg.norm(up)), 1e-6)
    height = max(float((mesh[_TOP, :2] - brows) @ up), 1.0)
    return np.asarray(((columns - brows[0]) * up[0] + (rows - brows[1]) * up[1]) / height, np.float32)
