"""A neck for the sitter's head: of the sitter's skin, as wide as the jaw needs, lit as the picture is."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from portraitify.costume.master import Master
from portraitify.costume.placement import joint_of, neck_axis
from portraitify.imaging.affine import transform_points
from portraitify.imaging.channels import gray_to_rgb
from portraitify.imaging.face_parts import FacePart, outline_of
from portraitify.imaging.filters import blur, normalized_blur, smoothstep

# Numbers of the mesh's points: in front of the ears, and the chin.
_LEFT, _RIGHT, _CHIN = 234, 454, 152
# How even the edge of a collar's peak is, in widths of the face.
_PEAK = 0.02
# Smoothness of the shade that is taken for light and not for paint, in widths of the face, on a grid so many times
# coarser.
_SHADE, _COARSER = 0.06, 4
# How far a head is moved towards its collar's middle, 0 to 1, and by how much at the most, in widths of the face.
_TOWARDS_COLLAR, _MOST_ASIDE = 0.8, 0.25
# Fractional bits of what is drawn.
_SHIFT = 4


@dataclass(frozen=True)
class Collar:
    """Where a neck goes into a dress.

    Attributes:
        foot: ``(2,)`` float64, the lowest point of the opening, pixels.
        half_width: of the opening, pixels.
    """

    foot: np.ndarray
    half_width: float


@dataclass(frozen=True)
class Neck:
    """How a neck is built; lengths in widths of the face, measured in space, unless a name says otherwise.

    Attributes:
        half_width: of the neck under the jaw.
        narrowest, widest: bounds of half its width at the collar.
        filled: share of the collar's opening that it fills.
        level: how near to the collar's lowest point its edge still counts as the opening.
        slit, slit_width: the same where half the opening is narrower than that.
        bare: how far below the chin a master's neck must be bare for its own paint to be used.
        beside: how far from the neck's axis.
        below: how far below the collar's edge it goes on, hidden.
        longest: how far below the chin it reaches at the most.
        side: how much darker the side away from the light is, as a logarithm.
        rim: how much darker both edges are, likewise.
        cast: how much darker it is under the jaw, likewise.
        cast_reach: how far down the jaw's shadow reaches.
        inside: how much darker it is in the collar, likewise.
    """

    half_width: float = 0.37
    narrowest: float = 0.37
    widest: float = 0.48
    filled: float = 0.96
    level: float = 0.22
    slit: float = 0.35
    slit_width: float = 0.3
    bare: float = 0.3
    beside: float = 0.3
    below: float = 0.12
    longest: float = 0.9
    side: float = 0.36
    rim: float = 0.22
    cast: float = 0.31
    cast_reach: float = 0.3
    inside: float = 0.18

    def collar_of(self, master: Master) -> Collar:
        """The opening of a master's dress, in pixels of the plate."""
        width, mesh = face_width(master.mesh), master.mesh
        bare = self._bare_at(master, width)
        if bare is not None:
            return bare
        covered = np.maximum(master.masks.before, master.masks.body) > 127
        centre, start = float(neck_axis(mesh)[0]), max(int(mesh[_CHIN, 1] - 0.35 * width), 0)
        edge = start + np.argmax(covered[start:], 0).astype(np.float64)
        edge[~covered[start:].any(0)] = len(covered)
        before = master.masks.before > 127
        rows = np.minimum(edge + 0.03 * width, len(before) - 1).astype(int)
        collar = before[rows, np.arange(len(edge))]
        first, end = np.clip([centre - 0.3 * width, centre + 0.3 * width], 0, len(edge)).astype(int)
        # Beside the collar there may be a shoulder, which is lower.
        near = np.where(collar[first:end], edge[first:end], 0) if collar[first:end].any() else edge[first:end]
        at = first + int(near.argmax())
        foot = float(edge[at])
        # Only a collar tells how wide a neck it is made for; of a slit what lies higher does.
        left, right = at, at
        for level in (self.level, self.slit):
            left, right = _opening(edge, (np.abs(edge - foot) < level * width) & collar, at, _PEAK * width)
            if right - left > 2 * self.slit_width * width:
                break
        half = (right - left) / 2
        # A narrow opening is the bottom of a slit, and says little about where the neck is.
        trust = float(smoothstep(np.array(half / width), 0.2, 0.4))
        aside = centre + trust * ((left + right) / 2 - centre)
        return Collar(np.array([aside, foot]), half)

    def _bare_at(self, master: Master, width: float) -> Collar | None:
        """Where the neck goes into a chest that the master has painted; None where that is covered."""
        row = round(float(master.mesh[_CHIN, 1]) + self.bare * width)
        if row >= len(master.masks.skin):
            return None
        skin, axis = master.masks.skin[row] > 127, float(neck_axis(master.mesh)[0])
        near = np.flatnonzero(skin)
        if not len(near) or np.abs(near - axis).min() > self.beside * width:
            return None
        middle = int(near[np.abs(near - axis).argmin()])
        left = middle - int(np.argmin(skin[middle::-1])) if not skin[: middle + 1].all() else 0
        right = middle + int(np.argmin(skin[middle:])) if not skin[middle:].all() else len(skin)
        half = min((right - left) / 2, self.widest * width)
        return Collar(np.array([np.clip(middle, left + half, right - half), row], np.float64), half)

    def chest_end(self, master: Master) -> float | None:
        """Where a bare chest ends, row of the plate; None where the neck is covered."""
        collar = self._bare_at(master, face_width(master.mesh))
        if collar is None:
            return None
        reach = self.widest * face_width(master.mesh)
        first, end = np.clip(collar.foot[0] + np.array([-reach, reach]), 0, len(master.masks.skin[0])).astype(int)
        below: np.ndarray = np.any(master.masks.skin[int(collar.foot[1]) :, first:end] > 127, 1)
        return float(collar.foot[1] + (len(below) if below.all() else np.argmin(below)))

    def shape(self, mesh: np.ndarray, collar: Collar, size_px: int) -> np.ndarray:
        """Where the neck is.

        Args:
            mesh: ``(468, 3)`` in pixels of the canvas.
            collar: in pixels of the canvas.
            size_px: side of the canvas.

        Returns:
            ``(size_px, size_px)`` float32 in 0 to 1; behind head and collar too.
        """
        width = face_width(mesh)
        start, chin = neck_axis(mesh), mesh[_CHIN, :2]
        bottom = min(collar.foot[1] + self.below * width, chin[1] + self.longest * width)
        end = np.array([collar.foot[0], max(bottom, chin[1])])
        ticks = np.linspace(0, 1, 32)
        middle = start + (end - start) * ticks[:, None]
        wide = np.clip(self.filled * collar.half_width / width, self.narrowest, self.widest)
        half = width * (self.half_width + (wide - self.half_width) * smoothstep(ticks, 0.35, 1.05))
        outline = np.concatenate([middle - np.c_[half, 0 * half], (middle + np.c_[half, 0 * half])[::-1]])
        drawn = np.zeros((size_px, size_px), np.uint8)
        cv2.fillPoly(drawn, [np.rint((outline - 0.5) * 2**_SHIFT).astype(np.int32)], 255, cv2.LINE_AA, _SHIFT)
        return blur(drawn.astype(np.float32) * np.float32(1 / 255), 0.008 * width)

    def shading(self, shape: np.ndarray, hidden: np.ndarray, mesh: np.ndarray, light: np.ndarray) -> np.ndarray:
        """The light on it.

        Args:
            shape: see :meth:`shape`.
            hidden: ``(S, S)`` float32 in 0 to 1, the dress before it.
            mesh: ``(468, 3)`` in the same pixels.
            light: ``(2,)`` towards the light, to the right and downwards.

        Returns:
            ``(S, S)`` float32, a logarithm.
        """
        width = face_width(mesh)
        columns = np.arange(shape.shape[1], dtype=np.float32) + 0.5
        total = np.maximum(shape.sum(1), 1e-3)
        middle = (shape * columns).sum(1) / total
        across = np.clip((columns - middle[:, None]) / np.maximum(total[:, None] / 2, 1), -1, 1)
        jaw = np.zeros(shape.shape, np.uint8)
        cv2.fillPoly(jaw, [np.rint(outline_of(mesh, FacePart.FACE)).astype(np.int32)], 1)
        # The shadow falls away from the light.
        shift = np.array([[1, 0, -0.1 * width * light[0]], [0, 1, 0.12 * width]])
        fallen = cv2.warpAffine(jaw.astype(np.float32), shift, shape.shape[::-1])
        cast = smoothstep(blur(fallen, self.cast_reach * width / 2.5), 0.0, 0.7)
        side = across * np.sign(light[0]) * min(abs(float(light[0])) * 1.4, 1)
        turned = self.side * (np.minimum(side, 0.4) - 0.4) - self.rim * across**4
        return np.asarray(turned - self.cast * cast - self.inside * blur(hidden, 0.05 * width), np.float32)


def _opening(edge: np.ndarray, level: np.ndarray, at: int, rise_px: float) -> tuple[int, int]:
    """First and last column of an opening around a column, at whose edge ``(W,)`` a collar ``(W,)`` bool is level."""
    left, right = at, at
    while left > 0 and level[left - 1]:
        left -= 1
    while right < len(level) - 1 and level[right + 1]:
        right += 1
    # Beyond a collar's peaks it falls again, outside.
    left += int(np.flatnonzero(edge[left : at + 1] <= edge[left : at + 1].min() + rise_px)[0])
    right = at + int(np.flatnonzero(edge[at : right + 1] <= edge[at : right + 1].min() + rise_px)[-1])
    return left, right


def over_collar(matrix: np.ndarray, mesh: np.ndarray, master: Master) -> np.ndarray:
    """A placement that brings a head nearer to where its neck goes into the dress.

    A master's head may be turned or lean to one side of its collar; on one that faces us such a neck is crooked.

    Args:
        matrix: ``(2, 3)`` crop pixels to plate pixels, see :func:`portraitify.costume.placement.place`.
        mesh: ``(468, 3)`` of the sitter in crop pixels.
        master: the picture.
    """
    aside = float(Neck().collar_of(master).foot[0] - transform_points(matrix, joint_of(mesh))[0])
    most = _MOST_ASIDE * face_width(master.mesh)
    moved: np.ndarray = matrix.copy()
    moved[0, 2] += float(np.clip(_TOWARDS_COLLAR * aside, -most, most))
    return moved


def opened(flesh: np.ndarray, skin: np.ndarray, neck: np.ndarray, width: float) -> np.ndarray:
    """A neck whose broad shadows are open, as masters paint them; strokes, folds and the line of the jaw stay.

    Args:
        flesh: ``(C, C, 3)`` float32 in 0 to 255.
        skin: ``(3,)``, the colour of the face.
        neck: ``(C, C)`` float32 in 0 to 1, where it is seen.
        width: of the face, pixels.
    """
    side = max(len(neck) // _COARSER, 1)
    small, share = (
        cv2.resize(field, (side, side), interpolation=cv2.INTER_AREA) for field in (flesh * gray_to_rgb(neck), neck)
    )
    broad, _ = normalized_blur(small, share, _SHADE * width * side / len(neck))
    more = np.where(share[..., None] > 0, np.maximum(skin, 1) / np.maximum(broad, 1), 1).astype(np.float32)
    return np.asarray(flesh * cv2.resize(more, neck.shape[::-1], interpolation=cv2.INTER_LINEAR), np.float32)


def face_width(mesh: np.ndarray) -> float:
    """From ear to ear in space, pixels."""
    return float(np.linalg.norm(mesh[_RIGHT] - mesh[_LEFT]))
