"""Hair, skin, cloth and ground of a sitter told apart by their colours."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from portraitify.costume.head_frame import HeadFrame
from portraitify.imaging.filters import blur, smoothstep
from portraitify.imaging.skin import mean_color

# Bins of colour: L*, a*, b*, and the widths of each.
_BINS, _WIDTHS = (20, 24, 24), (5.0, 4.0, 4.0)
_SMALL, _LARGE = np.ones((3, 3), np.uint8), np.ones((5, 5), np.uint8)
_TINY = 1e-6


@dataclass(frozen=True)
class HeadAreas:
    """Where the parts of a sitter may be, ``(C, C)`` float32 in 0 to 1 each.

    Attributes:
        outline: the sitter.
        ground: what the photo shows around.
        face: inside the mesh.
        ears: where ears may be.
        upper: what of the outline is beside and above the face.
        near: where hair may be.
        roots: around the face, so near that hair surely is hair, and in it.
    """

    outline: np.ndarray
    ground: np.ndarray
    face: np.ndarray
    ears: np.ndarray
    upper: np.ndarray
    near: np.ndarray
    roots: np.ndarray


@dataclass(frozen=True)
class HeadColours:
    """What colours say, ``(C, C)`` float32 in 0 to 1 where nothing else is said.

    Attributes:
        hair: hair's share, where doubt is unlikely.
        skin: skin's share.
        cloth: cloth's share.
        hair_not_skin: hair's share of both.
        strange: share of skin and cloth beside the face.
        behind: share of the ground around the head.
        bearded: whether the chin has another colour than the cheeks.
        astray: 0 to 1, how much of one side of the face has rather the colours of the ground.
    """

    hair: np.ndarray
    skin: np.ndarray
    cloth: np.ndarray
    hair_not_skin: np.ndarray
    strange: np.ndarray
    behind: np.ndarray
    bearded: bool
    astray: float


@dataclass(frozen=True)
class ColourTelling:
    """How colours are learnt; levels are 0 at the top of the face and 1 at the chin.

    Attributes:
        crown: level above which hair is learnt from whatever is there, as hats and veils count as hair.
        other: density of skin's and the ground's colours, as a share of their mean density, below which hair is learnt
            beside the face too; below a hat there is no other.
        cheeks: levels between which skin is.
        chin: level from which on a beard would be.
        bearded: CIELAB distance of the chin's colour from the cheeks' from which on there is one.
        collar: level below which cloth is.
        shoulders: half the width, in widths of the face, and level, from which on cloth counts fully, and what it
            counts elsewhere, where long hair may lie over it.
        around: level above which the ground is learnt.
        least_hair, least_cloth: cells of either that are needed to learn its colours well.
        doubt: density of colours below which nothing is told, as a share of the mean density of hair.
        far_side: levels between which it is seen whether the face's sides belong to it.
        inner, rim: parts of the face that surely do, and beyond which its sides begin.
        contrast: CIELAB distance of hair and ground from which on it is told where one is seen through the other.
        even: CIELAB distance that their mixture may be off.
        mixed: share of the ground from which on it is no hair.
        ear_gone, unlike: the ground's shares between which an ear is none, and CIELAB distance of ground and face from
            which on that is looked for.
        dark: L* below which ground and the shadow of a face look alike.
        loud: distance of hue and chroma from those of face and roots, CIELAB units, from which on something is strange.
        most_strange: area below which it is no hat, in squares of the face.
        black: L* between which hair and ground begin to be told apart; what is darker stays with the head.
    """

    crown: float = 0.3
    other: float = 0.15
    cheeks: tuple[float, float] = (0.35, 0.7)
    chin: float = 0.86
    bearded: float = 16.0
    collar: float = 1.42
    shoulders: tuple[float, float, float] = (0.95, 2.0, 0.25)
    around: float = 0.62
    least_hair: float = 40.0
    least_cloth: float = 100.0
    doubt: float = 0.12
    far_side: tuple[float, float] = (0.25, 0.8)
    inner: float = 0.6
    rim: float = 0.75
    contrast: float = 45.0
    even: float = 14.0
    mixed: float = 0.55
    ear_gone: tuple[float, float] = (0.75, 0.95)
    unlike: float = 15.0
    dark: float = 20.0
    black: tuple[float, float] = (8.0, 20.0)
    loud: float = 24.0
    most_strange: float = 0.25

    def tell(self, lab: np.ndarray, areas: HeadAreas, frame: HeadFrame) -> HeadColours:
        """Learn the colours of a sitter, and tell them apart.

        Args:
            lab: ``(C, C, 3)`` float32, CIELAB.
            areas: of the sitter.
            frame: the face.
        """
        skin, bearded, chin = self._skin(lab, areas, frame)
        inner = np.minimum(areas.upper, cv2.erode(areas.outline, _SMALL))
        outside = (1 - areas.face) * (1 - areas.ears)
        ground = areas.ground * (frame.below < self.around)
        like_ground = ColourCounts.of(lab, ground, self.least_hair).density(lab)
        crown = inner * (frame.below < self.crown) * (1 - areas.face)
        beside = self._hanging(inner, frame) * outside
        for density, known in ((skin, areas.face), (like_ground, ground)):
            beside = beside * (density < self.other * _mean(density, known))
        # Apart, as below a hat there is little of the one and much of the other.
        grown = (crown + (chin if bearded else 0), beside)
        hair = np.maximum(*(ColourCounts.of(lab, where, self.least_hair).density(lab) for where in grown))
        cloth = ColourCounts.of(lab, self._dressed(areas, frame)).density(lab)
        # What an outline takes of the ground lies farther out than the roots of the hair.
        within = cv2.erode(crown, _SMALL)
        roots = within * areas.roots
        core = ColourCounts.of(lab, within, self.least_hair).density(lab)
        total = hair + skin + cloth + _TINY
        # A colour that none of them has is not hair only because it is even less like the rest.
        doubt = self.doubt * _mean(hair, crown)
        return HeadColours(
            hair / (total + doubt),
            blur(skin / total, 1.0),
            blur(cloth / total, 1.0),
            blur(hair / (hair + skin + _TINY), 1.0),
            blur((skin + cloth) / (total + doubt), 1.0) * outside,
            np.maximum.reduce(
                [
                    self._through(like_ground / (like_ground + core + skin + doubt + _TINY), lab, areas),
                    self._shining_through(lab, areas, roots, ground) * (1 - blur(skin / total, 1.0)),
                    self._worn_by_none(lab, areas, roots, frame),
                ]
            )
            * smoothstep(lab[..., 0], *self.black),
            bearded,
            self._astray(lab, like_ground, areas, frame),
        )

    def _through(self, share: np.ndarray, lab: np.ndarray, areas: HeadAreas) -> np.ndarray:
        """The ground's share outside the face; of ears only where it is nearly all, and no skin looks like it."""
        apart = np.linalg.norm(mean_color(lab, areas.face + _TINY) - mean_color(lab, areas.ground + _TINY))
        of_ears = smoothstep(share, *self.ear_gone) * (apart > self.unlike)
        return np.asarray(blur(share * (1 - areas.ears) + of_ears * areas.ears, 0.7) * (1 - areas.face))

    def _hanging(self, inner: np.ndarray, frame: HeadFrame) -> np.ndarray:
        """What of a field beside the face reaches down from the crown without a break; a raised shoulder does not."""
        first = int(np.argmax(frame.below[:, 0] >= self.crown))
        hanging = np.zeros_like(inner)
        hanging[first:] = np.minimum.accumulate(inner[first:], 0)
        return hanging

    def _worn_by_none(self, lab: np.ndarray, areas: HeadAreas, roots: np.ndarray, frame: HeadFrame) -> np.ndarray:
        """Leaves, lamps and the like that an outline took for the top of a head: small, colourful, at its edge."""
        hues = [mean_color(lab, where + _TINY)[1:] for where in (roots, areas.face)]
        strange = np.min([np.linalg.norm(lab[..., 1:] - hue, axis=-1) for hue in hues], axis=0) > self.loud
        upper = (areas.upper > 0.5) & (areas.face < 0.5) & (areas.ears < 0.5)
        found = cv2.morphologyEx((strange & upper).astype(np.uint8), cv2.MORPH_OPEN, _SMALL)
        count, parts, sizes, _ = cv2.connectedComponentsWithStats(found, connectivity=4)
        edge = cv2.dilate((areas.outline < 0.5).astype(np.uint8), _LARGE) > 0
        most = self.most_strange * frame.width * frame.height
        kept = [n for n in range(1, count) if sizes[n, cv2.CC_STAT_AREA] < most and (edge & (parts == n)).any()]
        return blur(cv2.dilate(np.isin(parts, kept).astype(np.uint8), _SMALL).astype(np.float32), 0.7)

    def _shining_through(self, lab: np.ndarray, areas: HeadAreas, roots: np.ndarray, ground: np.ndarray) -> np.ndarray:
        """Where an even ground is seen through loose hair that is much darker or lighter."""
        hair, behind = (mean_color(lab, weight + _TINY) for weight in (roots, ground))
        apart = behind - hair
        length = max(float(np.linalg.norm(apart)), 1.0)
        mixed = (lab - hair) @ apart / length**2
        off = np.linalg.norm(lab - hair - mixed[..., None] * apart, axis=-1)
        if length < self.contrast or _mean(off, ground) > self.even:
            return np.zeros_like(areas.face)
        # Highlights within the hair are not open to the ground.
        open_to_it = (mixed > self.mixed) & (off < self.even) & (areas.face < 0.5) | (areas.outline < 0.5)
        _, parts = cv2.connectedComponents(open_to_it.astype(np.uint8), connectivity=4)
        reached = np.isin(parts, np.unique(parts[areas.outline < 0.5])) & open_to_it & (areas.outline >= 0.5)
        return blur(reached.astype(np.float32), 0.7)

    def _skin(self, lab: np.ndarray, areas: HeadAreas, frame: HeadFrame) -> tuple[np.ndarray, bool, np.ndarray]:
        """Density of skin, whether there is a beard, and where it would be."""
        inside, (first, last) = cv2.erode(areas.face, _LARGE) * (frame.below > self.cheeks[0]), self.cheeks
        cheeks, chin = inside * (frame.below > first) * (frame.below < last), areas.face * (frame.below > self.chin)
        apart = np.linalg.norm(mean_color(lab, chin + _TINY) - mean_color(lab, cheeks + _TINY))
        bearded = bool(apart > self.bearded)
        return ColourCounts.of(lab, cheeks if bearded else inside).density(lab), bearded, chin

    def _dressed(self, areas: HeadAreas, frame: HeadFrame) -> np.ndarray:
        """How much each cell counts as cloth."""
        half_width, level, elsewhere = self.shoulders
        sure = (frame.aside > half_width) | (frame.below > level)
        found = areas.outline * (frame.below > self.collar) * np.where(sure, 1.0, elsewhere)
        if found.sum() < self.least_cloth:
            found = np.maximum(found, areas.outline * (1 - areas.near))
        return np.asarray(found)

    def _astray(self, lab: np.ndarray, ground: np.ndarray, areas: HeadAreas, frame: HeadFrame) -> float:
        """The larger share of a side of the face whose colours the ground has, and the face's middle has not."""
        level, across = (frame.below - 0.5) * 2, (frame.columns - frame.middle) / frame.width * 2
        radius = np.hypot(level, across)
        skin = ColourCounts.of(lab, areas.face * (radius < self.inner)).density(lab)
        first, last = self.far_side
        side = (areas.face > 0.5) & (radius > self.rim) & (frame.below > first) & (frame.below < last)
        other = (ground > 2 * skin) & (lab[..., 0] > self.dark)
        halves = (side & (across < 0), side & (across >= 0))
        return max(float((other & half).sum() / max(half.sum(), 1)) for half in halves)


@dataclass(frozen=True)
class ColourCounts:
    """How often each colour occurs, a smoothed histogram of CIELAB that sums to 1 over what was counted."""

    shares: np.ndarray

    @classmethod
    def of(cls, lab: np.ndarray, weight: np.ndarray, least: float = 1.0) -> ColourCounts:
        """Count colours.

        Args:
            lab: ``(H, W, 3)`` float32, CIELAB.
            weight: ``(H, W)``, how much each pixel counts.
            least: sum of weights below which everything counts for less, as little is known.
        """
        counted = np.bincount(_cells(lab).ravel(), weight.ravel(), int(np.prod(_BINS)))
        shares: np.ndarray = counted.reshape(_BINS).astype(np.float32)
        for axis in range(3):
            first = np.moveaxis(shares, axis, 0)
            padded = np.concatenate([first[:1], first, first[-1:]])
            shares = np.moveaxis(0.25 * padded[:-2] + 0.5 * padded[1:-1] + 0.25 * padded[2:], 0, axis)
        return cls(shares / max(float(weight.sum()), least))

    def density(self, lab: np.ndarray) -> np.ndarray:
        """How often the colour of each pixel occurs, ``(H, W)`` float32."""
        return np.asarray(self.shares.ravel()[_cells(lab)], np.float32)


def _mean(field: np.ndarray, weight: np.ndarray) -> float:
    return float((field * weight).sum() / max(float(weight.sum()), 1.0))


def _cells(lab: np.ndarray) -> np.ndarray:
    scaled = lab / np.array(_WIDTHS, np.float32) + np.array([0, _BINS[1] / 2, _BINS[2] / 2], np.float32)
    cells = np.clip(scaled.astype(int), 0, np.array(_BINS) - 1)
    return np.asarray((cells[..., 0] * _BINS[1] + cells[..., 1]) * _BINS[2] + cells[..., 2])
