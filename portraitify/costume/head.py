"""The sitter's own head in a crop: face, ears, hair, hat and beard, without clothes and shoulders."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from portraitify.faces.aligned_face import AlignedFace
from portraitify.imaging.cielab import to_lab
from portraitify.imaging.face_parts import FacePart, outline_of
from portraitify.imaging.filters import blur, smoothstep
from portraitify.imaging.guided_filter import guided_filter
from portraitify.imaging.head_areas import ear_areas, face_areas

# Side at which head and clothes are told apart, pixels.
_COARSE_PX = 128
# Bins of colour: L*, a*, b*, and the widths of each.
_BINS, _WIDTHS = (20, 24, 24), (5.0, 4.0, 4.0)


@dataclass(frozen=True)
class Head:
    """A sitter's own head.

    Attributes:
        alpha: ``(S, S)`` float32 in 0 to 1, face, ears, hair, hat and beard.
        neck: ``(S, S)`` float32 in 0 to 1, bare skin of the neck that the photo shows.
        complete: 0 to 1, how much of head and hair the photo shows, as far as its edge tells.
        hair_length: how far hair or veil falls below the chin, in heights of the face.
    """

    alpha: np.ndarray
    neck: np.ndarray
    complete: float
    hair_length: float


@dataclass(frozen=True)
class HeadFinder:
    """How head and clothes are told apart; lengths in heights of the face unless a name says otherwise.

    Attributes:
        level: from the forehead (0) to the chin (1), above which all of the outline is head.
        collar: how far below the chin clothes surely begin.
        beside: half the width of what counts as hair beside the neck, in widths of the face.
        spread: by how many cells hair may widen with each row downwards.
        fall: how far below the chin hair is kept at all.
        edge_radius, edge: of the guided filter; see `guided_filter`.
    """

    level: float = 0.62
    collar: float = 0.42
    beside: float = 1.25
    spread: int = 1
    fall: float = 1.3
    edge_radius: float = 0.012
    edge: float = 3e-4

    def find(self, face: AlignedFace, subject_mask: np.ndarray) -> Head:
        """See :func:`head_of`."""
        size, scale = (_COARSE_PX, _COARSE_PX), _COARSE_PX / len(face.pixels)
        small = cv2.resize(face.pixels, size, interpolation=cv2.INTER_AREA)
        outline = cv2.resize(subject_mask, size, interpolation=cv2.INTER_AREA)
        mesh = face.meshes[:1] * scale
        frame = _Frame.of(mesh[0])
        skin_and_hair, neck = self._told_apart(to_lab(small), outline, mesh, frame)
        guide = cv2.cvtColor(face.pixels, cv2.COLOR_RGB2GRAY).astype(np.float32) * np.float32(1 / 255)
        full = face.pixels.shape[1::-1]
        alpha = cv2.resize(skin_and_hair, full, interpolation=cv2.INTER_LINEAR)
        alpha = smoothstep(guided_filter(guide, alpha, self.edge_radius, self.edge), 0.25, 0.75)
        surely = cv2.resize(face_areas(mesh, _COARSE_PX, 0.97), full, interpolation=cv2.INTER_LINEAR)
        alpha = np.maximum(np.minimum(alpha, subject_mask), surely).astype(np.float32)
        neck = np.minimum(cv2.resize(neck, full, interpolation=cv2.INTER_LINEAR), 1 - alpha)
        rows = np.flatnonzero(skin_and_hair.max(1) > 0.5)
        length = (rows[-1] + 1 - frame.chin) / frame.height if len(rows) else 0.0
        return Head(alpha, neck, _completeness(face, alpha), max(float(length), 0.0))

    def _told_apart(
        self, lab: np.ndarray, outline: np.ndarray, mesh: np.ndarray, frame: _Frame
    ) -> tuple[np.ndarray, np.ndarray]:
        rows, columns = np.arange(_COARSE_PX)[:, None] + 0.5, np.arange(_COARSE_PX) + 0.5
        below = (rows - frame.top) / frame.height
        aside = np.abs(columns - frame.middle) / frame.width
        within = face_areas(mesh, _COARSE_PX, 1.0)
        ears = ear_areas(mesh, _COARSE_PX)
        upper = outline * (below < self.level) * (aside < self.beside)
        skin = _Colours.of(lab, cv2.erode(within, np.ones((5, 5), np.uint8)) * (below > 0.35))
        hair = _Colours.of(lab, upper * (below < 0.3) * (1 - within))
        cloth = _Colours.of(lab, outline * (below > 1 + self.collar))
        like_hair, like_skin, like_cloth = hair.density(lab), skin.density(lab), cloth.density(lab)
        total = like_hair + like_skin + like_cloth + 1e-6
        of_hair = blur(like_hair / total, 1.0) * outline * (aside < self.beside) * (below < 1 + self.fall)
        falling = self._falling(np.maximum(upper, within) > 0.5, of_hair > 0.5)
        head = np.maximum.reduce([upper, within, ears * outline, blur(falling.astype(np.float32), 0.7)])
        of_skin = blur(like_skin / total, 1.0) * outline * (below > self.level) * (below < 1 + self.fall)
        return np.asarray(head, np.float32), np.asarray(smoothstep(of_skin, 0.35, 0.65) * (1 - head), np.float32)

    def _falling(self, head: np.ndarray, hair: np.ndarray) -> np.ndarray:
        """What falls from the head without a break, row by row downwards."""
        wide = np.ones((1, 2 * self.spread + 1), np.uint8)
        kept = head.copy()
        for row in range(1, len(kept)):
            above = cv2.dilate(kept[row - 1 : row].astype(np.uint8), wide)[0] > 0
            kept[row] |= above & hair[row]
        return np.asarray(kept & (hair | head))


def head_of(face: AlignedFace, subject_mask: np.ndarray) -> Head:
    """Find a sitter's own head.

    Args:
        face: in its crop, with its mesh.
        subject_mask: ``(S, S)`` float32 in 0 to 1, the outline in which it was painted.

    Returns:
        Head and hair, and how much of them the photo shows.
    """
    return HeadFinder().find(face, subject_mask)


@dataclass(frozen=True)
class _Frame:
    """The face as an upright rectangle, in cells."""

    top: float
    chin: float
    middle: float
    width: float

    @property
    def height(self) -> float:
        return self.chin - self.top

    @classmethod
    def of(cls, mesh: np.ndarray) -> _Frame:
        outline = outline_of(mesh, FacePart.FACE)
        (left, top), (right, chin) = outline.min(0), outline.max(0)
        return cls(float(top), float(chin), float((left + right) / 2), max(float(right - left), 1.0))


@dataclass(frozen=True)
class _Colours:
    """How often each colour occurs, a smoothed histogram of CIELAB that sums to 1 over what was counted."""

    shares: np.ndarray

    @classmethod
    def of(cls, lab: np.ndarray, weight: np.ndarray) -> _Colours:
        counted = np.bincount(_cells(lab).ravel(), weight.ravel(), int(np.prod(_BINS)))
        shares: np.ndarray = counted.reshape(_BINS).astype(np.float32)
        for axis in range(3):
            first = np.moveaxis(shares, axis, 0)
            padded = np.concatenate([first[:1], first, first[-1:]])
            shares = np.moveaxis(0.25 * padded[:-2] + 0.5 * padded[1:-1] + 0.25 * padded[2:], 0, axis)
        return cls(shares / max(float(weight.sum()), 1.0))

    def density(self, lab: np.ndarray) -> np.ndarray:
        return np.asarray(self.shares.ravel()[_cells(lab)], np.float32)


def _cells(lab: np.ndarray) -> np.ndarray:
    scaled = lab / np.array(_WIDTHS, np.float32) + np.array([0, _BINS[1] / 2, _BINS[2] / 2], np.float32)
    cells = np.clip(scaled.astype(int), 0, np.array(_BINS) - 1)
    return np.asarray((cells[..., 0] * _BINS[1] + cells[..., 1]) * _BINS[2] + cells[..., 2])


def _completeness(face: AlignedFace, alpha: np.ndarray) -> float:
    """1 less the length along which the photo's edge cuts the head, in widths of the face."""
    frame = _Frame.of(face.meshes[0])
    shown = face.valid > 0
    shown[[0, -1]] = False
    shown[:, [0, -1]] = False
    rim = shown & (cv2.erode(shown.astype(np.uint8), np.ones((5, 5), np.uint8)) == 0)
    rim[max(int(frame.chin), 0) :] = False
    # The rim is two pixels wide.
    return float(np.clip(1 - (alpha * rim).sum() / 2 / frame.width, 0, 1))
