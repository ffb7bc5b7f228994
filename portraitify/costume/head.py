"""The sitter's own head in a crop: face, ears, hair, hat and beard, without clothes and shoulders."""

from __future__ import annotations

from dataclasses import dataclass, field

import cv2
import numpy as np

from portraitify.costume.grown_hair import Crown, find_crown
from portraitify.costume.head_colours import ColourTelling, HeadAreas, HeadColours
from portraitify.costume.head_frame import COARSE_PX, HeadFrame
from portraitify.costume.outgrowth import Outgrowth, least_distance, usual_colours
from portraitify.faces.aligned_face import AlignedFace
from portraitify.imaging.cielab import to_lab
from portraitify.imaging.filters import blur, smoothstep
from portraitify.imaging.guided_filter import guided_filter
from portraitify.imaging.head_areas import ear_areas, face_areas
from portraitify.imaging.morphology import disc
from portraitify.imaging.random_walk import random_walk

# How wide the outline's fading before an edge of the photo is, in parts of the crop.
_FADE = 0.06
# Along the crop's own edge the outline is not sure for so far, likewise.
_RIM = 0.01
# Smallest lock of hair beside the neck, cells.
_LOCK = np.ones((3, 3), np.uint8)
# In heights of the face: how far a head may go on above a cut, and the least hair that must be seen to complete it.
_MOST_RISE, _LEAST_HAIR = 0.4, 0.06
# Likewise, how much of the chin the lower edge of the photo may cut; below it nothing but a block of neck would be.
_CUT_CHIN = 0.04


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
        astray: 0 to 1, how much of one side of the face has the colours of the ground, as where its mesh is not turned
            as far as the face is.
        severed: how wide what ends straight beside the face is, though the sitter goes on below, as where a scarf has
            the colours of the dress; the wider side, in widths of the face.
    """

    alpha: np.ndarray
    neck: np.ndarray
    hair: np.ndarray
    beside: np.ndarray
    complete: float
    hair_length: float
    crown: Crown
    astray: float = 0.0
    severed: float = 0.0


@dataclass(frozen=True)
class HeadFinder:
    """How head and clothes are told apart; lengths in heights of the face unless a name says otherwise.

    Attributes:
        level: from the forehead (0) to the chin (1), above which all of the outline is head.
        beside: half the width of what counts as hair beside the neck, in widths of the face.
        spread: by how many cells hair may widen with each row downwards.
        fall: how far below the chin hair is kept at all.
        column: half the width of the neck, in widths of the face, where nothing that falls is hair before it has passed
            the chin.
        nape: how far below the chin that ends.
        passed: level from which on hair beside the neck is long.
        wide_column: half the width of what is neck for certain and not hair, in widths of the face.
        least_long: the least hair beyond that for it to be long, in squares of the face, on each side.
        other_side: the same where it is long on the other side.
        longest_beard: how far below the chin one may reach.
        cut_beard: the same of one that the photo's lower edge cuts, which ends rounded.
        link, bulge: how narrow hair is where something else begins, and how wide that is, in widths of the face.
        beard: half the width of what may be a beard there, likewise.
        colours: how strongly a cell's own colour says what it is, against those around; see
            :func:`portraitify.imaging.random_walk.random_walk`.
        difference: of neighbouring colours that tells parts from one another, CIELAB units.
        throat: half the width of what is rather neck than hair below the chin, in widths of the face.
        lower, dressed: levels between which cloth becomes likelier by itself, and by how much.
        temple: level below which other things than hair may lie beside the face.
        strange: shares of skin and cloth between which something there belongs to the head no more.
        behind: shares of the ground's colours between which an outline has taken it for hair.
        spreading: by how much hair below may be wider than above, in widths of the face, and more for each height.
        gap: how wide a gap between head and neck is closed, in widths of the face.
        clothed: shares of cloth by colour between which such a gap is no neck.
        own_neck: distance from the face, likewise, between which the neck of the photo is lost.
        neck_end: distances from the photo's lower edge between which it is lost there.
        roots, most_behind: how far around the face hair surely is, in widths of the face, and the share of it that may
            have the ground's colours before those say nothing.
        ear: share of skin by colour from which on something beside the face may be an ear.
        other_hair: CIELAB distance of what falls beside the neck from the hair above, from which on it is none.
        outgrowth: tells what sticks out of a head and is no hair.
        edge_radius, edge: of the guided filter; see `guided_filter`.
        telling: tells parts by their colours.
    """

    level: float = 0.62
    beside: float = 1.25
    spread: int = 1
    fall: float = 1.3
    column: float = 0.42
    nape: float = 0.12
    passed: float = 0.74
    wide_column: float = 0.48
    least_long: float = 0.008
    other_side: float = 0.002
    beard: float = 0.22
    link: float = 0.1
    bulge: float = 0.25
    longest_beard: float = 0.5
    cut_beard: float = 0.1
    colours: float = 0.05
    difference: float = 8.0
    throat: float = 0.36
    lower: tuple[float, float] = (0.8, 1.2)
    dressed: float = 0.2
    temple: float = 0.3
    strange: tuple[float, float] = (0.6, 0.85)
    behind: tuple[float, float] = (0.6, 0.8)
    spreading: tuple[float, float] = (0.08, 0.35)
    gap: float = 0.06
    clothed: tuple[float, float] = (0.6, 0.3)
    own_neck: tuple[float, float] = (0.22, 0.06)
    neck_end: tuple[float, float] = (0.01, 0.1)
    roots: float = 0.2
    most_behind: float = 0.12
    ear: float = 0.3
    other_hair: float = 30.0
    outgrowth: Outgrowth = field(default_factory=Outgrowth)
    edge_radius: float = 0.012
    edge: float = 3e-4
    telling: ColourTelling = field(default_factory=ColourTelling)

    def find(self, face: AlignedFace, subject_mask: np.ndarray) -> Head:
        """See :func:`head_of`."""
        size, scale = (COARSE_PX, COARSE_PX), COARSE_PX / len(face.pixels)
        small = cv2.resize(face.pixels, size, interpolation=cv2.INTER_AREA)
        outline, seen = (
            cv2.resize(shown.astype(np.float32), size, interpolation=cv2.INTER_AREA)
            for shown in (subject_mask, face.valid > 0)
        )
        mesh = face.meshes[:1] * scale
        frame = HeadFrame.of(mesh[0])
        skin_and_hair, hair, neck, astray = self._told_apart(to_lab(small), (outline, seen), mesh, frame)
        guide = cv2.cvtColor(face.pixels, cv2.COLOR_RGB2GRAY).astype(np.float32) * np.float32(1 / 255)
        full = face.pixels.shape[1::-1]
        alpha = cv2.resize(skin_and_hair, full, interpolation=cv2.INTER_LINEAR)
        alpha = smoothstep(guided_filter(guide, alpha, self.edge_radius, self.edge), 0.25, 0.75)
        surely = cv2.resize(face_areas(mesh, COARSE_PX, 0.97), full, interpolation=cv2.INTER_LINEAR)
        alpha = np.maximum(np.minimum(alpha, subject_mask), surely).astype(np.float32)
        hair = np.minimum(cv2.resize(hair, full, interpolation=cv2.INTER_LINEAR), alpha)
        neck = np.minimum(cv2.resize(neck, full, interpolation=cv2.INTER_LINEAR), 1 - alpha)
        # A neck goes on below the photo in its own way, and must not end in a straight line there.
        left = (_last_row(face.valid) - np.arange(len(neck))[:, None]) * scale / frame.height
        neck = np.asarray(neck * smoothstep(left, *self.neck_end), np.float32)
        rows = np.flatnonzero(skin_and_hair.max(1) > 0.5)
        length = (rows[-1] + 1 - frame.chin) / frame.height if len(rows) else 0.0
        crown, complete = _cut(face, alpha, hair)
        level = (np.arange(len(alpha))[:, None] + 0.5) * scale
        beside = (1 - np.maximum(subject_mask, alpha)) * smoothstep((frame.chin - level) / frame.height, 0.0, 0.15)
        beside = np.asarray(beside * (face.valid > 0), np.float32)
        severed = self._severed(skin_and_hair > 0.5, outline > 0.5, frame)
        return Head(alpha, neck, hair, beside, complete, max(float(length), 0.0), crown, astray, severed)

    def _told_apart(
        self, lab: np.ndarray, shown: tuple[np.ndarray, np.ndarray], mesh: np.ndarray, frame: HeadFrame
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray, float]:
        """Head, what of it is hair, neck, and how far the mesh is astray."""
        areas = self._areas(*shown, mesh, frame)
        told = self.telling.tell(lab, areas, frame)
        shut = self._shut(told.behind, areas, frame)
        upper = areas.upper * areas.near * shut
        upper *= 1 - smoothstep(told.strange, *self.strange) * (frame.below > self.temple)
        ears = areas.ears * areas.outline * shut
        # Ears have the colours of skin, or of hair over them.
        spared = areas.face, areas.ears * (told.skin > self.ear)
        whole = np.maximum.reduce([upper, areas.face, ears])
        outgrown = self.outgrowth.find(whole, lab, told.skin, spared, areas.roots, frame)
        upper, ears = upper * (1 - outgrown), ears * (1 - outgrown)
        falling = self._fallen(told.bearded, self._headlike(lab, told, areas, frame), areas, upper, lab, frame)
        falling &= outgrown < 0.5
        head = np.maximum.reduce([upper, areas.face, ears, blur(falling.astype(np.float32), 0.7)])
        of_head = smoothstep(told.hair_not_skin, 0.35, 0.65) * (1 - areas.face) * head
        neck = self._neck(told, areas, head, frame)
        return np.asarray(head, np.float32), np.asarray(of_head, np.float32), np.asarray(neck, np.float32), told.astray

    def _shut(self, behind: np.ndarray, areas: HeadAreas, frame: HeadFrame) -> np.ndarray:
        """Where an outline has not taken ground for hair."""
        shut = 1 - smoothstep(behind, *self.behind)
        grown = areas.upper * areas.near * areas.roots * (1 - areas.face) * (frame.below < self.temple)
        # Where even the roots would be ground, hair has its colours.
        alike = float((grown * (1 - shut)).sum()) > self.most_behind * max(float(grown.sum()), 1.0)
        return np.ones_like(shut) if alike else np.asarray(shut)

    def _areas(self, outline: np.ndarray, seen: np.ndarray, mesh: np.ndarray, frame: HeadFrame) -> HeadAreas:
        """What the mesh says about where everything is."""
        face, ears = face_areas(mesh, COARSE_PX, 1.0), ear_areas(mesh, COARSE_PX)
        upper = outline * (frame.below < self.level) * (frame.aside < self.beside)
        ground = seen * (1 - cv2.dilate(outline, np.ones((3, 3), np.uint8)))
        roots = cv2.dilate(face, disc(self.roots * frame.width))
        return HeadAreas(outline, ground, face, ears, upper, self._near(np.maximum(face, upper), frame), roots)

    def _neck(self, told: HeadColours, areas: HeadAreas, head: np.ndarray, frame: HeadFrame) -> np.ndarray:
        """Bare skin next to the jaw."""
        away = cv2.distanceTransform((areas.face < 0.5).astype(np.uint8), cv2.DIST_L2, 5) / frame.width
        lower = frame.below > self.level
        shown = np.maximum(smoothstep(told.skin, 0.35, 0.65) * areas.outline * lower, head)
        # Between jaw and shoulder nothing is but neck.
        closed = cv2.morphologyEx(shown, cv2.MORPH_CLOSE, disc(self.gap * frame.width)) * areas.outline
        closed = closed * smoothstep(told.cloth, *self.clothed)
        return np.asarray(closed * (1 - head) * lower * smoothstep(away, *self.own_neck))

    def _headlike(self, lab: np.ndarray, told: HeadColours, areas: HeadAreas, frame: HeadFrame) -> np.ndarray:
        """How surely each cell is of the head, by its colour and by what lies around."""
        crown = np.minimum(areas.upper, cv2.erode(areas.outline, _LOCK)) * (frame.below < self.temple)
        surely = np.maximum(areas.face, crown)
        unsure = self.colours * (1 - surely)
        # A throat in shadow has a colour that nothing else has.
        throat = (np.abs(frame.columns - frame.neck) < self.throat * frame.width) & (frame.below > 1)
        # What has no known colour is rather cloth the lower it is.
        lower = self.dressed * smoothstep(frame.below, *self.lower)
        other = unsure * ((told.strange + told.behind) * (1 - areas.ears) + throat * (not told.bearded) + lower)
        return random_walk(lab, areas.outline > 0.5, surely + unsure * told.hair, other, self.difference)

    def _fallen(
        self,
        bearded: bool,
        headlike: np.ndarray,
        areas: HeadAreas,
        upper: np.ndarray,
        lab: np.ndarray,
        frame: HeadFrame,
    ) -> np.ndarray:
        """Hair and beard below the level."""
        below, kept = frame.below, (frame.aside < self.beside) & (frame.below < 1 + self.fall)
        hair = headlike * areas.outline * kept > 0.5
        # Single strands are not worth their gaps.
        locks = cv2.morphologyEx((hair & (areas.near > 0.5)).astype(np.uint8), cv2.MORPH_OPEN, _LOCK) > 0
        falling = self._long(locks, np.maximum(upper, areas.face) > 0.5, frame)
        falling = self._as_above(falling, areas, upper, lab, frame)
        if bearded:
            aside = np.abs(frame.columns - frame.point) / (self.beard * frame.width)
            face = areas.face > 0.5
            beard = self._falling(face, hair & (aside < 1) & (below < 1 + self.longest_beard))
            # What goes on beyond the photo is a throat in shadow more often than a beard.
            if beard[-1].any():
                beard &= face | (below < 1 + self.cut_beard * np.sqrt(np.maximum(1 - aside**2, 0)))
            falling |= beard
        return falling

    def _long(self, hair: np.ndarray, start: np.ndarray, frame: HeadFrame) -> np.ndarray:
        """Hair that falls beside the neck, and then against it too."""
        away, below = np.abs(frame.columns - frame.neck) / frame.width, frame.below
        falling = self._falling(start, hair & ~((away < self.column) & (below < 1 + self.nape)))
        passed = falling & (below > self.passed) & (below < 1 + self.nape) & (away > self.wide_column)
        found = [float(passed[:, half].sum()) / (frame.width * frame.height) for half in frame.halves()]
        least = self.other_side if max(found) > self.least_long else self.least_long
        long = np.where(frame.columns < frame.neck, *(share > least for share in found))
        return self._unlinked(self._falling(start, hair & long), start, frame)

    def _as_above(
        self, falling: np.ndarray, areas: HeadAreas, upper: np.ndarray, lab: np.ndarray, frame: HeadFrame
    ) -> np.ndarray:
        """The same without a side whose colour the hair above has not: a coat or a shirt."""
        bare = (areas.face < 0.5) & (areas.ears < 0.5)
        hair = (upper > 0.5) & bare
        usual = usual_colours(lab, (hair & (frame.below < self.temple), hair & (frame.below >= self.temple)))
        kept: np.ndarray = falling.copy()
        for half in frame.halves():
            side = (falling & bare & (frame.below > self.passed))[:, half]
            if usual and side.any():
                own = np.median(lab[:, half][side], 0)
                kept[:, half] &= least_distance(own, usual) < self.other_hair
        return kept

    def _unlinked(self, falling: np.ndarray, start: np.ndarray, frame: HeadFrame) -> np.ndarray:
        """The same without what only hangs on a few strands: cloth of the hair's colour."""
        kept: np.ndarray = falling.copy()
        first = int(np.argmax(frame.below[:, 0] > self.level))
        for half in frame.halves():
            widths = (falling & ~start)[first:, half].sum(1)
            narrow = np.minimum.accumulate(widths)
            linked = (narrow < self.link * frame.width) & (widths > self.bulge * frame.width)
            if linked.any():
                end = int(np.argmin(widths[: int(np.argmax(linked))]))
                kept[first + end :, half] = False
        return kept

    def _severed(self, head: np.ndarray, outline: np.ndarray, frame: HeadFrame) -> float:
        """How wide what ends at the level is, though the outline goes on; see :class:`Head`."""
        row = int(np.argmax(frame.below[:, 0] >= self.level))
        ends = head[max(row - 2, 0) : row].any(0) & ~head[row + 1 : row + 4].any(0) & outline[row + 1 : row + 4].all(0)
        ends &= frame.aside > self.column
        return max(float(ends[half].sum()) for half in frame.halves()) / frame.width

    def _near(self, head: np.ndarray, frame: HeadFrame) -> np.ndarray:
        """Where hair may fall: hardly farther to the sides than it reaches above."""
        found = np.flatnonzero(((head > 0.5) & (frame.below < self.temple)).any(0))
        if not len(found):
            return np.ones_like(head)
        more = frame.width * (self.spreading[0] + self.spreading[1] * np.maximum(frame.below - self.temple, 0))
        within = (frame.columns > found[0] - more) & (frame.columns < found[-1] + 1 + more)
        return np.asarray(within | (frame.below < self.temple), np.float32)

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


def _cut(face: AlignedFace, alpha: np.ndarray, hair: np.ndarray) -> tuple[Crown, float]:
    """What the photo's upper edge cuts, and how much of the head above the chin the photo shows."""
    frame = HeadFrame.of(face.meshes[0])
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
    if frame.chin - _last_row(face.valid[:, around[0] : max(around[1], around[0] + 1)]) > _CUT_CHIN * frame.height:
        return crown, 0.0
    rows = slice(row, max(round(frame.chin), row + 1))
    sides = [_reached_side(face.valid[rows][:, ::step], alpha[rows][:, ::step]) for step in (1, -1)]
    return crown, float(np.clip(above * (1 - 0.5 * max(sides)), 0, 1))


def _last_row(valid: np.ndarray) -> int:
    """First row below what the photo shows of some columns."""
    return len(valid) - int(np.argmax((valid > 0).mean(1)[::-1] > 0.5))


def _reached_side(valid: np.ndarray, alpha: np.ndarray) -> float:
    """Share of rows in which the photo's left edge cuts the head."""
    first = np.argmax(valid > 0, 1)
    inset = np.where(first > 1, first + round(_FADE * valid.shape[1]), 1)
    at = alpha[np.arange(len(alpha)), np.minimum(inset, alpha.shape[1] - 1)]
    return float((at > 0.5).mean())
