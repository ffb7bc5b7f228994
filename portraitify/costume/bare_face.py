"""A master's picture with an empty face in the middle of its hair: where skin is, and how light falls on it."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from portraitify.costume.master import Master
from portraitify.costume.membrane import broad_tone
from portraitify.imaging.channels import gray_to_rgb
from portraitify.imaging.cielab import to_lab
from portraitify.imaging.face_parts import FacePart, expression_parts, outline_of, part_mask
from portraitify.imaging.filters import blur, smoothstep
from portraitify.imaging.guided_filter import guided_filter
from portraitify.imaging.morphology import disc
from portraitify.imaging.skin import skin_likeness

# Longer side at which skin and hair are told apart, pixels.
_COARSE_PX = 480
# Numbers of the mesh's points round the nose.
_NOSE = [168, 193, 245, 129, 98, 2, 327, 358, 465, 417]
# Bins of L*, a* and b* of OpenCV, 0 to 255, by which colours are compared.
_BINS = [16, 24, 24]
# How often a colour has to occur to count: what occurs less is skin within the face, and none beyond it.
_PRIOR = 3e-4


@dataclass(frozen=True)
class BareFace:
    """A master's picture without the features of its own sitter.

    Attributes:
        picture: ``(H, W, 3)`` float32 in 0 to 255; eyes, brows, nose and mouth are even skin.
        face: ``(H, W)`` float32 in 0 to 1, where skin of face and ears is seen.
        skin: ``(H, W)`` float32 in 0 to 1, all skin, neck, chest and hands too.
        even: ``(H, W)`` float32 in 0 to 1, what of the face has its own colour and light: no features.
    """

    picture: np.ndarray
    face: np.ndarray
    skin: np.ndarray
    even: np.ndarray


@dataclass(frozen=True)
class FaceEmptier:
    """How a face is emptied; lengths in widths of the face.

    Attributes:
        surely: how much smaller the face is of which all is skin, as a factor.
        around: how far beyond its mesh skin may go on: forehead, ears, temples.
        features: by how much features are widened before they are painted away.
        smooth: how far what is known of the light on the face is smoothed.
        edge_radius, edge: of the guided filter; see `guided_filter`.
    """

    surely: float = 0.86
    around: float = 0.16
    features: float = 0.035
    smooth: float = 0.05
    edge_radius: float = 0.006
    edge: float = 3e-4

    def empty(self, master: Master) -> BareFace:
        """Paint the features of a master's own sitter away."""
        picture = master.picture.astype(np.float32)
        width = float(np.ptp(outline_of(master.mesh, FacePart.FACE)[:, 0]))
        face = self._face(master, width)
        below = self._below(master, face, width)
        features = self._features(master, width)
        even = face * (1 - features)
        clean = self._without(picture, even, np.minimum(features, cv2.dilate(face, disc(0.01 * width))), width)
        return BareFace(clean, face, np.maximum(face, below), even)

    def _face(self, master: Master, width: float) -> np.ndarray:
        """Where skin of the face is: it looks more like the cheeks than like hair and headdress."""
        zoom = min(_COARSE_PX / max(master.picture.shape[:2]), 1.0)
        small = cv2.resize(master.picture, None, fx=zoom, fy=zoom, interpolation=cv2.INTER_AREA)
        size = small.shape[1::-1]
        inside, surely = (
            cv2.resize(self._inside(master, factor), size, interpolation=cv2.INTER_AREA)
            for factor in (1.0, self.surely)
        )
        head = cv2.resize(master.masks.head, size, interpolation=cv2.INTER_AREA) * np.float32(1 / 255)
        reach = cv2.dilate(inside, disc(self.around * width * zoom))
        lab = np.asarray(cv2.cvtColor(small, cv2.COLOR_RGB2LAB))
        cheeks = cv2.resize(self._cheeks(master, width), size, interpolation=cv2.INTER_AREA)
        hair = head * (1 - cv2.dilate(inside, disc(0.05 * width * zoom)))
        like_skin, like_hair = (_density(lab, weight > 0.5) for weight in (cheeks, hair))
        share = blur((like_skin + _PRIOR * inside) / (like_skin + like_hair + _PRIOR), 1.0)
        share = smoothstep(share, 0.3, 0.7) * np.maximum(head, inside) * reach
        covered = cv2.resize(master.masks.hair, size, interpolation=cv2.INTER_AREA) * np.float32(1 / 255)
        covered *= 1 - surely * smoothstep(np.arange(size[1])[:, None] + 0.5, *(self._brows(master) * zoom))
        found = self._joined(np.maximum(share, surely) * (1 - covered))
        found = cv2.morphologyEx(found, cv2.MORPH_CLOSE, disc(0.05 * width * zoom)) * (1 - covered)
        luma = cv2.cvtColor(master.picture, cv2.COLOR_RGB2GRAY).astype(np.float32) * np.float32(1 / 255)
        full = cv2.resize(found, luma.shape[::-1], interpolation=cv2.INTER_LINEAR)
        return np.asarray(smoothstep(guided_filter(luma, full, self.edge_radius, self.edge), 0.2, 0.8), np.float32)

    def _brows(self, master: Master) -> np.ndarray:
        """Rows of brows and eyes, ``(2,)``: lower down a face is never covered."""
        brows = master.mesh[[*FacePart.LEFT_BROW.value, *FacePart.RIGHT_BROW.value], 1].mean()
        eyes = master.mesh[[*FacePart.LEFT_EYE.value, *FacePart.RIGHT_EYE.value], 1].mean()
        return np.array([brows, eyes])

    def _below(self, master: Master, face: np.ndarray, width: float) -> np.ndarray:
        """Where skin of neck, chest and hands is, and the shadow under the jaw."""
        lab = to_lab(cv2.resize(master.picture, None, fx=0.25, fy=0.25, interpolation=cv2.INTER_AREA))
        small = lab.shape[1::-1]
        cheeks = cv2.resize(self._cheeks(master, width), small, interpolation=cv2.INTER_AREA)
        usual = np.median(lab[cheeks > 0.9], 0) if (cheeks > 0.9).any() else lab.reshape(-1, 3).mean(0)
        like = np.minimum(blur(skin_likeness(lab, usual), 0.01 * width) * 1.6, 1)
        bare = cv2.resize(master.masks.skin, small, interpolation=cv2.INTER_AREA) * np.float32(1 / 255) * like
        seen = cv2.resize(face, small, interpolation=cv2.INTER_AREA)
        jaw = cv2.morphologyEx(np.maximum(bare, seen), cv2.MORPH_CLOSE, disc(0.06 * width))
        covered = np.maximum(master.masks.hair, master.masks.before)
        free = 1 - cv2.resize(covered, small, interpolation=cv2.INTER_AREA) * np.float32(1 / 255)
        below = cv2.resize(np.maximum(bare, jaw * free), face.shape[::-1], interpolation=cv2.INTER_LINEAR)
        return np.asarray(below, np.float32)

    def _joined(self, share: np.ndarray) -> np.ndarray:
        """What hangs together with the middle of the face."""
        count, labels, statistics, _ = cv2.connectedComponentsWithStats((share > 0.4).astype(np.uint8))
        if count < 2:
            return share
        largest = 1 + int(np.argmax(statistics[1:, cv2.CC_STAT_AREA]))
        return share * cv2.dilate((labels == largest).astype(np.float32), disc(1))

    def _cheeks(self, master: Master, width: float) -> np.ndarray:
        return np.asarray((self._inside(master, 0.8) > 0.5) & (self._features(master, width) < 0.1), np.float32)

    def _features(self, master: Master, width: float) -> np.ndarray:
        """Eyes, brows, nose and mouth, ``(H, W)`` float32 in 0 to 1."""
        shape = master.picture.shape[:2]
        drawn = (expression_parts(master.mesh[None], shape) > 0.3).astype(np.uint8)
        nose = cv2.convexHull(np.rint(master.mesh[_NOSE, :2]).astype(np.int32))
        cv2.fillConvexPoly(drawn, nose, 1)
        wide = cv2.dilate(drawn, disc(self.features * width)).astype(np.float32)
        return np.asarray(blur(wide, 0.4 * self.features * width))

    def _inside(self, master: Master, factor: float) -> np.ndarray:
        middle = outline_of(master.mesh, FacePart.FACE).mean(0)
        mesh = master.mesh.copy()
        mesh[:, :2] = middle + (mesh[:, :2] - middle) * factor
        return part_mask(mesh[None], (FacePart.FACE,), master.picture.shape, 0)

    def _without(self, picture: np.ndarray, known: np.ndarray, gone: np.ndarray, width: float) -> np.ndarray:
        """The picture with even skin where features were."""
        columns, rows = np.flatnonzero(known.max(0) > 0.5), np.flatnonzero(known.max(1) > 0.5)
        part = (slice(rows[0], rows[-1] + 1), slice(columns[0], columns[-1] + 1))
        even = cv2.erode(known[part], disc(0.02 * width))
        result = picture.copy()
        # Paint is never quite even.
        grain = np.random.default_rng(0).normal(0, 1.5, even.shape).astype(np.float32)
        tone = broad_tone(picture[part], even, self.smooth * width) + gray_to_rgb(grain)
        result[part] += (tone - picture[part]) * gray_to_rgb(gone[part])
        return result


def _density(lab: np.ndarray, counted: np.ndarray) -> np.ndarray:
    """How often colours like each occur among those that are counted: ``(H, W)`` float32, 0 to 1."""
    ranges = [0, 256, 64, 192, 64, 192]
    shares = cv2.calcHist([lab], [0, 1, 2], counted.astype(np.uint8), _BINS, ranges)
    for axis in range(3):
        first = np.moveaxis(shares, axis, 0)
        padded = np.concatenate([first[:1], first, first[-1:]])
        shares = np.moveaxis(0.25 * padded[:-2] + 0.5 * padded[1:-1] + 0.25 * padded[2:], 0, axis)
    shares = shares / max(float(counted.sum()), 1.0)
    cells = [
        np.clip((lab[..., k].astype(int) - low) * bins // (high - low), 0, bins - 1)
        for k, (bins, low, high) in enumerate(zip(_BINS, ranges[::2], ranges[1::2], strict=True))
    ]
    return np.asarray(shares[cells[0], cells[1], cells[2]], np.float32)


def empty_face(master: Master) -> BareFace:
    """See :meth:`FaceEmptier.empty`."""
    return FaceEmptier().empty(master)
