"""A face set into the skin of a master's picture: its border, the light on it, the shadows of what lies over it."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from portraitify.costume.bare_face import TOE, BareFace, mouth_to_chin
from portraitify.imaging.channels import gray_to_rgb
from portraitify.imaging.cielab import to_lab
from portraitify.imaging.face_parts import FacePart, expression_parts, outline_width, part_mask
from portraitify.imaging.filters import blur, normalized_blur, smoothstep, weighted_mean
from portraitify.imaging.morphology import disc
from portraitify.imaging.skin import skin_likeness

# Side at which broad tones are worked out, pixels.
_BROAD_PX = 128
# Numbers of the mesh's points: chin, forehead, cheeks, and what of a chin is bare unless there is a beard.
_CHIN, _TOP = 152, 10
_CHEEKS, _BARE_CHIN = [50, 280, 205, 425, 187, 411, 101, 330], [200, 199, 208, 428, 18]
# Share of skin on the chin below which, and above which, there is and is no beard.
_BEARD = (0.55, 0.25)
# Half a square whose colour is a point's, in widths of the face.
_PATCH = 0.015


@dataclass(frozen=True)
class Scene:
    """What a canvas shows of a master's picture, and the sitter's face in it.

    Attributes:
        mesh: ``(468, 3)`` of the sitter's face as it is to be, pixels.
        like: ``(C, C)`` float32 in 0 to 1, how much the sitter's photo looks like skin.
        shown: ``(C, C)`` float32 in 0 to 1, where the photo reaches, faded before its edges.
        empty: the master's picture.
        hair: ``(C, C)`` float32 in 0 to 1, the master's hair and headdress.
        before: ``(C, C)`` float32 in 0 to 1, what else passes before a face.
    """

    mesh: np.ndarray
    like: np.ndarray
    shown: np.ndarray
    empty: BareFace
    hair: np.ndarray
    before: np.ndarray

    @property
    def width(self) -> float:
        """Of the face, pixels."""
        return outline_width(self.mesh)

    @property
    def inside(self) -> np.ndarray:
        """The sitter's face, ``(C, C)`` float32 in 0 to 1."""
        return part_mask(self.mesh[None], (FacePart.FACE,), self.like.shape, 0)

    @property
    def skin(self) -> np.ndarray:
        """Skin of the sitter's face that the photo shows, ``(C, C)`` float32 in 0 to 1."""
        known = self.like * self.shown * self.inside
        return np.asarray(known * (1 - expression_parts(self.mesh[None], self.like.shape)))

    @property
    def covered(self) -> np.ndarray:
        """What of the master's lies over a face, ``(C, C)`` float32 in 0 to 1."""
        return np.asarray(np.maximum(self.before, self.hair * (1 - self.empty.face)))


@dataclass(frozen=True)
class FaceSetter:
    """How a face is set; lengths in widths of the face.

    Attributes:
        edge: width of the border of the face.
        inset: how far within the outline the border lies.
        brows: how far above the brows what is no skin begins to be left out, from 0 at the brows to 1 at the top of
            the forehead.
        sides: how far within the outline likewise, at temples and cheeks.
        glasses: half of how thick the frames of glasses are at the most.
        dark: how much darker than the master's skin in its light hair is, as a logarithm, from where on and surely.
        fringe: how far hair is felt beyond where it is seen.
        top: from where on, in the same heights as ``brows``, the forehead is the master's.
        light: share of the broad light that is the master's.
        light_sigma: how broad that is.
        darker, lighter: by how much brightness changes at the most, as logarithms.
        not_skin: how much what does not look like skin counts in the light, where there is no beard.
        tone_sigma: how far the tone of the sitter's skin is followed where the master's goes on.
        cast, under: shadows of the jaw on the neck and of hair and hat on the face, as logarithms.
        cast_reach, under_reach: how soft they are.
    """

    edge: float = 0.03
    inset: float = 0.025
    brows: tuple[float, float] = (0.12, 0.35)
    sides: tuple[float, float] = (0.2, 0.08)
    glasses: float = 0.035
    dark: tuple[float, float] = (0.3, 0.65)
    fringe: float = 0.03
    top: tuple[float, float] = (0.95, 0.6)
    light: float = 0.75
    light_sigma: float = 0.09
    darker: float = 0.7
    lighter: float = 1.0
    not_skin: float = 0.3
    tone_sigma: float = 0.12
    cast: float = 0.1
    under: float = 0.35
    cast_reach: float = 0.04
    under_reach: float = 0.03

    def border(self, lit: np.ndarray, under: np.ndarray, scene: Scene) -> np.ndarray:
        """Where the sitter's own face is seen.

        Args:
            lit: ``(C, C, 3)`` float32 in 0 to 255, the sitter's face in the master's light.
            under: ``(C, C, 3)`` float32, the master's in the sitter's skin.
            scene: both.

        Returns:
            ``(C, C)`` float32 in 0 to 1.
        """
        width = scene.width
        inside = cv2.erode(scene.inside, disc(self.inset * width))
        inside = smoothstep(blur(inside, self.edge * width), 0.1, 0.9)
        own, goal = (blur(_light(on), 0.01 * width) for on in (lit, under))
        bare = smoothstep(blur(scene.like, 0.015 * width), 0.5, 0.9) * smoothstep(goal - own, *self.dark[::-1])
        up = _height_above_brows(scene.mesh, inside.shape)
        other = ((1 - bare) * (1 - expression_parts(scene.mesh[None], inside.shape))).astype(np.float32)
        # Beside the eyes what is thin is glasses.
        thick = cv2.morphologyEx(other, cv2.MORPH_OPEN, disc(self.glasses * width))
        other += (thick - other) * (smoothstep(up, -1.5, -1.1) * smoothstep(up, 0.3, 0.1))
        hair = cv2.dilate((self._doubtful(inside, scene) * other).astype(np.float32), disc(self.fringe * width))
        hair = blur(hair, 0.5 * self.fringe * width)
        shown = (1 - np.minimum(1.5 * hair, 1)) * smoothstep(up, *self.top)
        return np.asarray(inside * shown * scene.shown * (1 - scene.covered), np.float32)

    def _doubtful(self, inside: np.ndarray, scene: Scene) -> np.ndarray:
        """Where hair may lie over the sitter's face, ``(C, C)`` in 0 to 1."""
        up = _height_above_brows(scene.mesh, inside.shape)
        rim = cv2.distanceTransform((inside > 0.5).astype(np.uint8), cv2.DIST_L2, 5) / scene.width
        sides = smoothstep(rim, *self.sides)
        # Lower down, with a beard, all belongs to the face.
        lowest = -1.0 - 4 * (1 - beard_of(scene.like, scene.mesh))
        return np.asarray(np.maximum(smoothstep(up, *self.brows), sides * smoothstep(up, lowest, lowest + 0.4)))

    def relit(self, head: np.ndarray, under: np.ndarray, scene: Scene) -> np.ndarray:
        """A face in the master's broad light.

        Args:
            head: ``(C, C, 3)`` float32 in 0 to 255, the sitter's painted.
            under: ``(C, C, 3)`` float32, the master's in the sitter's skin.
            scene: both.

        Returns:
            ``(C, C, 3)`` float32.
        """
        own, goal = _light(head), _light(under)
        sigma, inside = self.light_sigma * scene.width, scene.inside
        others = self.not_skin * (1 - beard_of(scene.like, scene.mesh)) * inside
        weight = np.maximum(scene.skin, others * (1 - expression_parts(scene.mesh[None], inside.shape)))
        weight = weight.astype(np.float32)
        seen, known = _broad(own * weight, weight, sigma)
        lit, _ = _broad(goal * scene.empty.face, scene.empty.face, sigma)
        change = lit - seen
        change -= weighted_mean(change, scene.skin)
        change = np.clip(self.light * change, -self.darker, self.lighter) * np.minimum(known * 4, 1)
        return np.asarray(head * np.exp(gray_to_rgb(blur(change.astype(np.float32), 0.5 * sigma))))

    def set(self, face: np.ndarray, under: np.ndarray, border: np.ndarray, scene: Scene) -> np.ndarray:
        """A face over the master's skin, which takes its tone near by.

        Args:
            face: ``(C, C, 3)`` float32 in 0 to 255.
            under: ``(C, C, 3)`` float32, the master's picture in the sitter's skin.
            border: see :meth:`border`.
            scene: both.

        Returns:
            ``(C, C, 3)`` float32.
        """
        away = np.log(np.maximum(face, 0) + TOE) - np.log(np.maximum(under, 0) + TOE)
        skin, sigma = scene.skin * border, self.tone_sigma * scene.width
        near, known = _broad(away * gray_to_rgb(skin), skin, sigma)
        wide, reached = _broad(away * gray_to_rgb(skin), skin, 3 * sigma)
        tone = wide + (near - wide) * gray_to_rgb(np.minimum(known * 4, 1))
        tone *= gray_to_rgb(np.minimum(reached * 8, 1) * scene.empty.face)
        ground = (under + TOE) * np.exp(tone + gray_to_rgb(self._jaw_shadow(scene))) - TOE
        done = ground + (face - ground) * gray_to_rgb(border)
        return np.asarray(done * np.exp(gray_to_rgb(self._hair_shadow(scene))))

    def _jaw_shadow(self, scene: Scene) -> np.ndarray:
        width, inside = scene.width, scene.inside
        moved = cv2.warpAffine(inside, np.array([[1, 0, 0], [0, 1, 0.05 * width]]), inside.shape[::-1])
        low = smoothstep(mouth_to_chin(scene.mesh, len(inside)), 0.0, 0.7)
        shade = blur(moved, self.cast_reach * width) * (1 - inside) * low * scene.empty.skin
        return np.asarray(-self.cast * shade, np.float32)

    def _hair_shadow(self, scene: Scene) -> np.ndarray:
        near = blur(scene.covered, self.under_reach * scene.width)
        return np.asarray(-self.under * near * scene.empty.face * (1 - scene.covered), np.float32)


def likeness(photo: np.ndarray, mesh: np.ndarray) -> np.ndarray:
    """How much a photo looks like the skin of its cheeks, ``(S, S)`` float32 in 0 to 1.

    Args:
        photo: ``(S, S, 3)`` in 0 to 255.
        mesh: ``(468, 3)`` in its pixels.
    """
    lab = to_lab(blur(photo, 1.0))
    return skin_likeness(lab, np.median(_at(lab, mesh, _CHEEKS), (0, 1)))


def beard_of(like: np.ndarray, mesh: np.ndarray) -> float:
    """Whether a chin is covered by a beard, 0 to 1.

    Args:
        like: see :func:`likeness`.
        mesh: ``(468, 3)`` in its pixels.
    """
    return float(smoothstep(np.float32(_at(like, mesh, _BARE_CHIN).mean()), *_BEARD))


def _light(picture: np.ndarray) -> np.ndarray:
    """Logarithms of brightness, ``(C, C)`` float32."""
    return np.asarray(np.log(np.maximum(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY), 0) + np.float32(TOE)))


def _at(field: np.ndarray, mesh: np.ndarray, numbers: list[int]) -> np.ndarray:
    """A field about some points of a mesh, ``(N, K)`` or ``(N, K, C)``."""
    reach = max(int(_PATCH * np.ptp(mesh[:, 0])), 1)
    places = np.clip(mesh[numbers, :2].astype(int), reach, len(field) - reach - 1)
    patches = [field[y - reach : y + reach + 1, x - reach : x + reach + 1] for x, y in places]
    return np.stack([patch.reshape(-1, *field.shape[2:]) for patch in patches])


def _broad(weighted: np.ndarray, weight: np.ndarray, sigma_px: float) -> tuple[np.ndarray, np.ndarray]:
    """As :func:`portraitify.imaging.filters.normalized_blur`, on a coarser grid."""
    zoom, full = min(_BROAD_PX / len(weight), 1.0), weight.shape[::-1]
    size = (max(round(zoom * full[0]), 1), max(round(zoom * full[1]), 1))
    small, known = (cv2.resize(on, size, interpolation=cv2.INTER_AREA) for on in (weighted, weight))
    found = normalized_blur(small, known, sigma_px * zoom)
    mean, near = (cv2.resize(on, full, interpolation=cv2.INTER_LINEAR) for on in found)
    return np.asarray(mean), np.asarray(near)


def _height_above_brows(mesh: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """0 at the upper edge of the brows, 1 at the top of the forehead, ``(C, C)`` float32."""
    rows, columns = np.arange(shape[0])[:, None] + 0.5, np.arange(shape[1]) + 0.5
    brows = mesh[[*FacePart.LEFT_BROW.value[:5], *FacePart.RIGHT_BROW.value[:5]], :2].mean(0)
    up = mesh[_TOP, :2] - mesh[_CHIN, :2]
    up = up / max(float(np.linalg.norm(up)), 1e-6)
    height = max(float((mesh[_TOP, :2] - brows) @ up), 1.0)
    return np.asarray(((columns - brows[0]) * up[0] + (rows - brows[1]) * up[1]) / height, np.float32)
