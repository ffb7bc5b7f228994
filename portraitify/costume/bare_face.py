"""A master's picture with an empty face in the middle of its hair: where skin is, and how light falls on it."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from portraitify.costume.master import Master
from portraitify.costume.membrane import broad_tone
from portraitify.imaging.channels import gray_to_rgb, max_channel
from portraitify.imaging.cielab import to_lab
from portraitify.imaging.face_parts import FacePart, expression_parts, outline_of, outline_width, part_mask
from portraitify.imaging.filters import blur, normalized_blur, smoothstep, weighted_mean
from portraitify.imaging.guided_filter import guided_filter
from portraitify.imaging.morphology import disc
from portraitify.imaging.skin import skin_likeness

# Longer side at which skin and hair are told apart, pixels.
_COARSE_PX = 400
# Numbers of the mesh's points round the nose, and at the chin.
_NOSE = [168, 193, 245, 129, 98, 2, 327, 358, 465, 417]
_CHIN = 152
# Bins of L*, a* and b* of OpenCV, by which colours are compared, and first and last value of each.
_BINS, _RANGES = [16, 24, 24], [0, 256, 64, 192, 64, 192]
# How often a colour has to occur to count: what occurs less is skin within the face, and none beyond it.
_PRIOR = 3e-4
# Added to colours, in levels of 255, before logarithms.
TOE = 6.0
# Of three channels to one; `mean` over an axis of three takes ten times as long.
_MEAN = np.full((1, 3), 1 / 3, np.float32)


@dataclass(frozen=True)
class BareFace:
    """A master's picture without the features of its own sitter.

    Attributes:
        picture: ``(H, W, 3)`` float32 in 0 to 255; eyes, brows, nose and mouth are even skin.
        relief: ``(H, W, 3)`` float32, light on the skin: logarithms of its colours, less their means over the face.
        face: ``(H, W)`` float32 in 0 to 1, where skin of face and ears is seen.
        skin: ``(H, W)`` float32 in 0 to 1, all skin, neck, chest and hands too.
        even: ``(H, W)`` float32 in 0 to 1, what of the face has its own colour and light: no features.
    """

    picture: np.ndarray
    relief: np.ndarray
    face: np.ndarray
    skin: np.ndarray
    even: np.ndarray

    def in_skin(self, colour: np.ndarray) -> np.ndarray:
        """The picture in a skin whose logarithms have the means ``(3,)`` over the face: ``(H, W, 3)`` float32."""
        result = self.picture.copy()
        rows, columns = np.flatnonzero(self.skin.max(1) > 0), np.flatnonzero(self.skin.max(0) > 0)
        if len(rows):
            part = (slice(rows[0], rows[-1] + 1), slice(columns[0], columns[-1] + 1))
            painted = cv2.exp(self.relief[part] + colour.astype(np.float32)) - np.float32(TOE)
            result[part] += (painted - result[part]) * gray_to_rgb(self.skin[part])
        return np.asarray(result)


@dataclass(frozen=True)
class FaceEmptier:
    """How a face is emptied; lengths in widths of the face.

    Attributes:
        surely: how much smaller the face is of which all is skin, as a factor.
        around: how far beyond its mesh skin may go on: forehead, ears, temples.
        features: by how much features are widened before they are painted away.
        smooth: how far what is known of the light on the face is smoothed.
        hue: share of the skin's own changes of hue that stay.
        rim, alike: how far beyond the face what has the hue of its skin is recoloured too, so that no rim of the
            master's skin stays along hair and hat, and how near that hue is, as a logarithm.
        below: how much darker and lighter than the face neck and hands are at the most, as logarithms.
        edge_radius, edge: of the guided filter; see `guided_filter`.
    """

    surely: float = 0.86
    around: float = 0.16
    features: float = 0.035
    smooth: float = 0.05
    hue: float = 0.2
    rim: float = 0.04
    alike: float = 0.25
    below: tuple[float, float] = (-0.08, -0.02)
    edge_radius: float = 0.006
    edge: float = 3e-4

    def empty(self, master: Master) -> BareFace:
        """Paint the features of a master's own sitter away."""
        small = _Small.of(master)
        features = self._features(small)
        cheeks = (small.inside(0.8) > 0.5) & (features < 0.1)
        coarse = self._face(small, cheeks)
        luma = cv2.cvtColor(master.picture, cv2.COLOR_RGB2GRAY).astype(np.float32) * np.float32(1 / 255)

        def full(field: np.ndarray) -> np.ndarray:
            return np.asarray(cv2.resize(field, luma.shape[::-1], interpolation=cv2.INTER_LINEAR), np.float32)

        face = smoothstep(guided_filter(luma, full(coarse), self.edge_radius, self.edge), 0.1, 0.65)
        below = self._below(small, coarse, cheeks)
        gone = full(np.minimum(features, cv2.dilate(coarse, disc(0.02 * small.width))))
        even = face * (1 - full(features))
        picture = self._without(master.picture.astype(np.float32), even, gone, small.width / small.zoom)
        bands = cv2.split(cv2.log(np.maximum(picture, 0) + np.float32(TOE)))
        logs = cv2.merge([band - np.float32(weighted_mean(band, even)) for band in bands])
        light = cv2.transform(logs, _MEAN)
        rim = full(blur(cv2.dilate(coarse, disc(self.rim * small.width)), 0.3 * self.rim * small.width))
        rim *= np.exp(-((max_channel(np.abs(logs - gray_to_rgb(light))) / self.alike) ** 2))
        relief = self._relief(logs, light, below * (1 - coarse), small.width)
        return BareFace(picture, relief, face, np.maximum.reduce([face, full(below), rim]), even)

    def _face(self, small: _Small, cheeks: np.ndarray) -> np.ndarray:
        """Where skin of the face is: it looks more like the cheeks than like hair and headdress."""
        inside, surely = small.inside(1.0), small.inside(self.surely)
        away = cv2.distanceTransform((inside < 0.5).astype(np.uint8), cv2.DIST_L2, 5) / small.width
        lab = np.asarray(cv2.cvtColor(small.picture, cv2.COLOR_RGB2LAB))
        like_skin = _density(lab, cheeks)
        like_hair = _density(lab, (small.head > 0.5) & (away > 0.05))
        share = blur((like_skin + _PRIOR * inside) / (like_skin + like_hair + _PRIOR), 1.0)
        share = smoothstep(share, 0.3, 0.7) * np.maximum(small.head, inside) * (away < self.around)
        below_brows = smoothstep(np.arange(len(share))[:, None] + 0.5, *small.brows_and_eyes())
        free = 1 - small.hair * (1 - surely * below_brows)
        found = _joined(np.maximum(share, surely) * free)
        closed = cv2.morphologyEx(found, cv2.MORPH_CLOSE, disc(0.05 * small.width))
        return np.asarray(closed * free, np.float32)

    def _below(self, small: _Small, face: np.ndarray, cheeks: np.ndarray) -> np.ndarray:
        """Where skin of neck, chest and hands is, and the shadow under the jaw."""
        lab = to_lab(small.picture)
        like = skin_likeness(lab, np.median(lab[cheeks], 0) if cheeks.any() else lab.reshape(-1, 3).mean(0))
        # What of a head is no hair is neck where it lies lower than the mouth, unless it was outlined as one.
        neck = small.head * (1 - np.maximum(small.hair, small.before))
        neck *= smoothstep(mouth_to_chin(small.mesh, len(neck)), 0.0, 1.0)
        bare = np.maximum(small.skin, neck) * np.minimum(1.6 * blur(like, 0.03 * small.width), 1)
        jaw = cv2.morphologyEx(np.maximum(bare, face), cv2.MORPH_CLOSE, disc(0.15 * small.width))
        return np.asarray(np.maximum(bare, jaw * (1 - np.maximum(small.hair, small.before))), np.float32)

    def _features(self, small: _Small) -> np.ndarray:
        """Eyes, brows, nose and mouth, ``(h, w)`` float32 in 0 to 1."""
        drawn = (expression_parts(small.mesh[None], small.head.shape) > 0.3).astype(np.uint8)
        nose = cv2.convexHull(np.rint(small.mesh[_NOSE, :2]).astype(np.int32))
        cv2.fillConvexPoly(drawn, nose, (1,))
        wide = cv2.dilate(drawn, disc(self.features * small.width)).astype(np.float32)
        return np.asarray(blur(wide, 0.4 * self.features * small.width))

    def _without(self, picture: np.ndarray, known: np.ndarray, gone: np.ndarray, width: float) -> np.ndarray:
        """The picture with even skin where features were."""
        rows, columns = np.flatnonzero(known.max(1) > 0.5), np.flatnonzero(known.max(0) > 0.5)
        if not len(rows):
            return picture
        part = (slice(rows[0], rows[-1] + 1), slice(columns[0], columns[-1] + 1))
        even = cv2.erode(known[part], disc(0.02 * width))
        # Paint is never quite even.
        grain = np.random.default_rng(0).standard_normal(even.shape, np.float32) * np.float32(1.5)
        tone = broad_tone(picture[part], even, self.smooth * width) + gray_to_rgb(grain)
        picture[part] += (tone - picture[part]) * gray_to_rgb(gone[part])
        return picture

    def _relief(self, logs: np.ndarray, light: np.ndarray, below: np.ndarray, width: float) -> np.ndarray:
        """See :attr:`BareFace.relief`; skin below the face differs from it no more than light makes it differ."""
        size = below.shape[::-1]
        broad, _ = normalized_blur(cv2.resize(light, size, interpolation=cv2.INTER_AREA) * below, below, 0.15 * width)
        off = (np.clip(broad, *self.below) - broad) * below
        shade = light + cv2.resize(off, light.shape[::-1], interpolation=cv2.INTER_LINEAR)
        return np.asarray(gray_to_rgb(shade) + self.hue * (logs - gray_to_rgb(light)), np.float32)


def mouth_to_chin(mesh: np.ndarray, height: int) -> np.ndarray:
    """How far down rows lie, 0 at the mouth and 1 at the chin: ``(height, 1)`` float64.

    Args:
        mesh: ``(468, 3)`` in pixels.
        height: of the picture, pixels.
    """
    mouth, chin = mesh[list(FacePart.LIPS.value), 1].mean(), mesh[_CHIN, 1]
    return np.asarray((np.arange(height)[:, None] + 0.5 - mouth) / max(chin - mouth, 1.0))


def empty_face(master: Master) -> BareFace:
    """See :meth:`FaceEmptier.empty`."""
    return FaceEmptier().empty(master)


@dataclass(frozen=True)
class _Small:
    """A master's picture, its masks in 0 to 1 and its mesh on a coarser grid."""

    picture: np.ndarray
    head: np.ndarray
    hair: np.ndarray
    skin: np.ndarray
    before: np.ndarray
    mesh: np.ndarray
    zoom: float

    @classmethod
    def of(cls, master: Master) -> _Small:
        height, width = master.picture.shape[:2]
        zoom = min(_COARSE_PX / max(height, width), 1.0)
        size = (max(round(zoom * width), 1), max(round(zoom * height), 1))
        head, hair, skin, before = (
            cv2.resize(mask, size, interpolation=cv2.INTER_AREA).astype(np.float32) * np.float32(1 / 255)
            for mask in (master.masks.head, master.masks.hair, master.masks.skin, master.masks.before)
        )
        picture = np.asarray(cv2.resize(master.picture, size, interpolation=cv2.INTER_AREA))
        return cls(picture, head, hair, skin, before, master.mesh * zoom, zoom)

    @property
    def width(self) -> float:
        return outline_width(self.mesh)

    def inside(self, factor: float) -> np.ndarray:
        """The face, so many times as large."""
        middle, mesh = outline_of(self.mesh, FacePart.FACE).mean(0), self.mesh.copy()
        mesh[:, :2] = middle + (mesh[:, :2] - middle) * factor
        return part_mask(mesh[None], (FacePart.FACE,), self.head.shape, 0)

    def brows_and_eyes(self) -> tuple[float, float]:
        """Rows; lower down a face is never covered."""
        brows = self.mesh[[*FacePart.LEFT_BROW.value, *FacePart.RIGHT_BROW.value], 1].mean()
        eyes = self.mesh[[*FacePart.LEFT_EYE.value, *FacePart.RIGHT_EYE.value], 1].mean()
        return float(brows), float(eyes)


def _joined(share: np.ndarray) -> np.ndarray:
    """The largest of what hangs together."""
    count, labels, statistics, _ = cv2.connectedComponentsWithStats((share > 0.4).astype(np.uint8))
    if count < 2:
        return share
    largest = 1 + int(np.argmax(statistics[1:, cv2.CC_STAT_AREA]))
    return np.asarray(share * cv2.dilate((labels == largest).astype(np.float32), disc(1)))


def _density(lab: np.ndarray, counted: np.ndarray) -> np.ndarray:
    """How often colours like each occur among those that are counted: ``(h, w)`` float32, 0 to 1."""
    shares = np.asarray(cv2.calcHist([lab], [0, 1, 2], counted.astype(np.uint8), _BINS, _RANGES))
    for axis in range(3):
        first = np.moveaxis(shares, axis, 0)
        padded = np.concatenate([first[:1], first, first[-1:]])
        shares = np.moveaxis(0.25 * padded[:-2] + 0.5 * padded[1:-1] + 0.25 * padded[2:], 0, axis)
    cells = [
        np.clip((lab[..., k].astype(int) - low) * bins // (high - low), 0, bins - 1)
        for k, (bins, low, high) in enumerate(zip(_BINS, _RANGES[::2], _RANGES[1::2], strict=True))
    ]
    return np.asarray(shares[cells[0], cells[1], cells[2]] / max(float(counted.sum()), 1.0), np.float32)
