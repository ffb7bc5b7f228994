"""The sitter's own head in a crop: face, ears, hair, hat and beard, without clothes and shoulders."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from portraitify.costume.grown_hair import Crown, find_crown
from portraitify.costume.placement import neck_axis
from portraitify.faces.aligned_face import AlignedFace
from portraitify.imaging.cielab import to_lab
from portraitify.imaging.face_parts import FacePart, outline_of
from portraitify.imaging.filters import blur, smoothstep
from portraitify.imaging.guided_filter import guided_filter
from portraitify.imaging.head_areas import ear_areas, face_areas
from portraitify.imaging.morphology import disc
from portraitify.imaging.skin import mean_color

# Side at which head and clothes are told apart, pixels.
_COARSE_PX = 128
# How wide the outline's fading before an edge of the photo is, in parts of the crop.
_FADE = 0.06
# Along the crop's own edge the outline is not sure for so far, likewise.
_RIM = 0.01
# In heights of the face: how far a head may go on above a cut, and the least hair that must be seen to complete it.
_MOST_RISE, _LEAST_HAIR = 0.4, 0.06
# Number of the mesh's point at the chin.
_CHIN = 152
# Bins of colour: L*, a*, b*, and the widths of each.
_BINS, _WIDTHS = (20, 24, 24), (5.0, 4.0, 4.0)


@dataclass(frozen=True)
class Head:
    """A sitter's own head.

    Attributes:
        alpha: ``(S, S)`` float32 in 0 to 1, face, ears, hair, hat and beard.
        hair: ``(S, S)`` float32 in 0 to 1, what of it is rather hair or hat than skin, by colour.
        beside: ``(S, S)`` float32 in 0 to 1, where the photo shows what lies behind beside the jaw, so that no neck is
            there.
        neck: ``(S, S)`` float32 in 0 to 1, bare skin next to the jaw that the photo shows.
        complete: 0 to 1, how much of head and hair the photo shows; from 0.8 on :attr:`crown` hides what is missing.
        hair_length: how far hair or veil falls below the chin, in heights of the face.
        crown: what the upper edge of the photo cuts.
    """

    alpha: np.ndarray
    neck: np.ndarray
    hair: np.ndarray
    beside: np.ndarray
    complete: float
    hair_length: float
    crown: Crown

    def enlarged(self, size_px: int) -> Head:
        """The same in a crop of so many pixels a side."""
        zoom, size = size_px / len(self.alpha), (size_px, size_px)
        alpha, neck, hair, beside = (
            cv2.resize(field, size, interpolation=cv2.INTER_LINEAR)
            for field in (self.alpha, self.neck, self.hair, self.beside)
        )
        return Head(alpha, neck, hair, beside, self.complete, self.hair_length, self.crown.enlarged(zoom))


@dataclass(frozen=True)
class HeadFinder:
    """How head and clothes are told apart; lengths in heights of the face unless a name says otherwise.

    Attributes:
        level: from the forehead (0) to the chin (1), above which all of the outline is head.
        collar: how far below the chin clothes surely begin.
        beside: half the width of what counts as hair beside the neck, in widths of the face.
        spread: by how many cells hair may widen with each row downwards.
        fall: how far below the chin hair is kept at all.
        column: half the width of the neck, in widths of the face, where nothing that falls is hair before it has passed
            the chin.
        nape: how far below the chin that ends.
        passed: level from which on hair beside the neck is long.
        wide_column: half the width of what is neck for certain and not hair, in widths of the face.
        least_long: the least hair beyond that for it to be long, in squares of the face, on each side.
        longest_beard: how far below the chin one may reach.
        beard: half the width of what may be a beard there, likewise.
        gap: how wide a gap between head and neck is closed, in widths of the face.
        own_neck: distance from the face, likewise, between which the neck of the photo is lost.
        bearded: CIELAB distance of the chin's colour from the cheeks' from which on it is a beard.
        edge_radius, edge: of the guided filter; see `guided_filter`.
    """

    level: float = 0.62
    collar: float = 0.42
    beside: float = 1.25
    spread: int = 1
    fall: float = 1.3
    column: float = 0.42
    nape: float = 0.12
    passed: float = 0.74
    wide_column: float = 0.48
    least_long: float = 0.008
    beard: float = 0.22
    longest_beard: float = 0.5
    gap: float = 0.06
    own_neck: tuple[float, float] = (0.22, 0.06)
    bearded: float = 16.0
    edge_radius: float = 0.012
    edge: float = 3e-4

    def find(self, face: AlignedFace, subject_mask: np.ndarray) -> Head:
        """See :func:`head_of`."""
        size, scale = (_COARSE_PX, _COARSE_PX), _COARSE_PX / len(face.pixels)
        small = cv2.resize(face.pixels, size, interpolation=cv2.INTER_AREA)
        outline = cv2.resize(subject_mask, size, interpolation=cv2.INTER_AREA)
        mesh = face.meshes[:1] * scale
        frame = _Frame.of(mesh[0])
        skin_and_hair, hair, neck = self._told_apart(to_lab(small), outline, mesh, frame)
        guide = cv2.cvtColor(face.pixels, cv2.COLOR_RGB2GRAY).astype(np.float32) * np.float32(1 / 255)
        full = face.pixels.shape[1::-1]
        alpha = cv2.resize(skin_and_hair, full, interpolation=cv2.INTER_LINEAR)
        alpha = smoothstep(guided_filter(guide, alpha, self.edge_radius, self.edge), 0.25, 0.75)
        surely = cv2.resize(face_areas(mesh, _COARSE_PX, 0.97), full, interpolation=cv2.INTER_LINEAR)
        alpha = np.maximum(np.minimum(alpha, subject_mask), surely).astype(np.float32)
        hair = np.minimum(cv2.resize(hair, full, interpolation=cv2.INTER_LINEAR), alpha)
        neck = np.minimum(cv2.resize(neck, full, interpolation=cv2.INTER_LINEAR), 1 - alpha)
        rows = np.flatnonzero(skin_and_hair.max(1) > 0.5)
        length = (rows[-1] + 1 - frame.chin) / frame.height if len(rows) else 0.0
        crown, complete = _cut(face, alpha, hair)
        level = (np.arange(len(alpha))[:, None] + 0.5) * scale
        beside = (1 - np.maximum(subject_mask, alpha)) * smoothstep((frame.chin - level) / frame.height, 0.0, 0.15)
        beside = np.asarray(beside * (face.valid > 0), np.float32)
        return Head(alpha, neck, hair, beside, complete, max(float(length), 0.0), crown)

    def _told_apart(
        self, lab: np.ndarray, outline: np.ndarray, mesh: np.ndarray, frame: _Frame
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Head, what of it is hair, and neck."""
        rows, columns = np.arange(_COARSE_PX)[:, None] + 0.5, np.arange(_COARSE_PX) + 0.5
        below = (rows - frame.top) / frame.height
        aside = np.abs(columns - frame.middle) / frame.width
        within = face_areas(mesh, _COARSE_PX, 1.0)
        ears = ear_areas(mesh, _COARSE_PX)
        upper = outline * (below < self.level) * (aside < self.beside)
        cheeks = cv2.erode(within, np.ones((5, 5), np.uint8)) * (below > 0.35) * (below < 0.7)
        chin = within * (below > 0.86)
        bearded = float(np.linalg.norm(mean_color(lab, chin + 1e-6) - mean_color(lab, cheeks + 1e-6))) > self.bearded
        skin = _Colours.of(lab, cheeks if bearded else cv2.erode(within, np.ones((5, 5), np.uint8)) * (below > 0.35))
        hair = _Colours.of(lab, upper * (below < 0.3) * (1 - within) + (chin if bearded else 0))
        cloth = _Colours.of(lab, outline * (below > 1 + self.collar))
        like_hair, like_skin, like_cloth = hair.density(lab), skin.density(lab), cloth.density(lab)
        total = like_hair + like_skin + like_cloth + 1e-6
        of_hair = blur(like_hair / total, 1.0) * outline * (aside < self.beside) * (below < 1 + self.fall)
        column = (np.abs(columns - frame.neck) < self.column * frame.width) & (below < 1 + self.nape)
        falling = self._fallen(of_hair > 0.5, np.maximum(upper, within) > 0.5, column, below, columns, frame)
        if bearded:
            strip = (np.abs(columns - frame.point) < self.beard * frame.width) & (below < 1 + self.longest_beard)
            falling |= self._falling(within > 0.5, (of_hair > 0.5) & strip)
        head = np.maximum.reduce([upper, within, ears * outline, blur(falling.astype(np.float32), 0.7)])
        of_skin = smoothstep(blur(like_skin / total, 1.0), 0.35, 0.65) * outline * (below > self.level)
        away = cv2.distanceTransform((within < 0.5).astype(np.uint8), cv2.DIST_L2, 5) / frame.width
        shown = np.maximum(of_skin, head)
        # Between jaw and shoulder nothing is but neck.
        closed = cv2.morphologyEx(shown, cv2.MORPH_CLOSE, disc(self.gap * frame.width)) * outline
        neck = closed * (1 - head) * (below > self.level) * smoothstep(away, *self.own_neck)
        of_head = smoothstep(blur(like_hair / (like_hair + like_skin + 1e-6), 1.0), 0.35, 0.65) * (1 - within) * head
        return np.asarray(head, np.float32), np.asarray(of_head, np.float32), np.asarray(neck, np.float32)

    def _fallen(
        self,
        hair: np.ndarray,
        start: np.ndarray,
        column: np.ndarray,
        below: np.ndarray,
        columns: np.ndarray,
        frame: _Frame,
    ) -> np.ndarray:
        """Hair that falls beside the neck, and then against it too."""
        falling = self._falling(start, hair & ~column)
        aside = np.abs(columns - frame.neck) > self.wide_column * frame.width
        passed = falling & (below > self.passed) & (below < 1 + self.nape) & aside
        least = self.least_long * frame.width * frame.height
        long = np.where(columns < frame.neck, *(passed[:, half].sum() > least for half in frame.halves()))
        return self._falling(start, hair & long)

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
    """The face as an upright rectangle, and the middles of neck and chin, in cells."""

    top: float
    chin: float
    middle: float
    width: float
    neck: float
    point: float

    def halves(self) -> tuple[slice, slice]:
        """The columns on either side of the neck."""
        middle = int(np.clip(round(self.neck), 1, _COARSE_PX - 1))
        return slice(0, middle), slice(middle, _COARSE_PX)

    @property
    def height(self) -> float:
        return self.chin - self.top

    @classmethod
    def of(cls, mesh: np.ndarray) -> _Frame:
        outline = outline_of(mesh, FacePart.FACE)
        (left, top), (right, chin) = outline.min(0), outline.max(0)
        middle, width = float((left + right) / 2), max(float(right - left), 1.0)
        return cls(float(top), float(chin), middle, width, float(neck_axis(mesh)[0]), float(mesh[_CHIN, 0]))


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


def _cut(face: AlignedFace, alpha: np.ndarray, hair: np.ndarray) -> tuple[Crown, float]:
    """What the photo's upper edge cuts, and how much of the head above the chin the photo shows."""
    frame = _Frame.of(face.meshes[0])
    around = np.clip(frame.middle + np.array([-0.3, 0.3]) * frame.width, 0, len(alpha)).astype(int)
    reached = (face.valid[:, around[0] : max(around[1], around[0] + 1)] > 0).mean(1) > 0.5
    top = int(np.argmax(reached))
    # An outline fades before an edge of the photo that lies within the crop.
    row = top + round((_FADE if top > 1 else _RIM) * len(alpha))
    eyes = float(face.landmarks[:2, 1].mean())
    crown = find_crown(alpha, min(row, len(alpha) - 2), eyes, _MOST_RISE * frame.height)
    seen = float(hair[row : max(round(frame.top), row + 1), around[0] : max(around[1], around[0] + 1)].mean(1).sum())
    bare = seen < _LEAST_HAIR * frame.height and crown.rise > 0
    above = 0.0 if bare else 1 - crown.rise / frame.height
    rows = slice(row, max(round(frame.chin), row + 1))
    sides = [_reached_side(face.valid[rows][:, ::step], alpha[rows][:, ::step]) for step in (1, -1)]
    return crown, float(np.clip(above * (1 - 0.5 * max(sides)), 0, 1))


def _reached_side(valid: np.ndarray, alpha: np.ndarray) -> float:
    """Share of rows in which the photo's left edge cuts the head."""
    first = np.argmax(valid > 0, 1)
    inset = np.where(first > 1, first + round(_FADE * valid.shape[1]), 1)
    at = alpha[np.arange(len(alpha)), np.minimum(inset, alpha.shape[1] - 1)]
    return float((at > 0.5).mean())
