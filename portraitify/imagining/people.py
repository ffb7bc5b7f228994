"""People who do not exist, drawn from a statistical model of faces.

Source: sampling from the model of Cootes, Edwards and Taylor, Active
Appearance Models, IEEE TPAMI 23(6), 2001, under linear conditions as in
Rasmussen and Williams, Gaussian Processes for Machine Learning, 2006, A.2.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import cv2
import numpy as np

from portraitify.face_space.space import DIRECTIONS, FaceSpace
from portraitify.imaging.channels import to_uint8
from portraitify.imaging.cielab import to_rgb
from portraitify.imaging.face_parts import FacePart, expression_parts, part_mask
from portraitify.imaging.filters import blur, normalized_blur, weighted_mean
from portraitify.imaging.morphology import disc
from portraitify.imaging.thin_plate import warp_map

# Side of a person's picture, pixels; the face is nearly as high.
PICTURE_PX = 384
# How far within the outline of a face its colour is looked for, in its widths.
_RIM = 0.12


@dataclass(frozen=True)
class Person:
    """A face from the front.

    Attributes:
        picture: ``(PICTURE_PX, PICTURE_PX, 3)`` uint8 RGB; around the face nothing of it is clear.
        mesh: ``(468, 3)`` float64 in its pixels.
    """

    picture: np.ndarray
    mesh: np.ndarray


@dataclass(frozen=True)
class Imagination:
    """How people are made up.

    Attributes:
        space: of faces.
        spread: how much people differ, of how much those of the photos do.
        most: deviations that no component goes beyond; what lies there is no face.
        hues: bounds of the hue of skin, degrees in a* and b*: lamps colour skin beyond them.
        chroma: likewise of its chroma.
        light: likewise of its L*: what is lighter is burnt out.
        brows: how much darker than the skin around them brows are at the least, L*: of the few who are old, of whom
            some have white ones, the model makes bars of light.
        crisp: how much finer detail is strengthened, which a model of means has lost.
        crisp_px: up to which size, pixels of the picture.
    """

    space: FaceSpace
    spread: float = 1.0
    most: float = 2.4
    hues: tuple[float, float] = (44.0, 60.0)
    chroma: tuple[float, float] = (15.0, 27.0)
    light: tuple[float, float] = (30.0, 64.0)
    brows: float = 6.0
    crisp: float = 0.6
    crisp_px: float = 3.75

    def person(self, rng: np.random.Generator, traits: Mapping[str, float]) -> Person:
        """Make somebody up.

        Args:
            rng: decides who it is.
            traits: what labels of photos would say of the face, by names of
                :data:`portraitify.face_space.space.DIRECTIONS`; whatever is not named is left to chance.
        """
        components = self._components(rng, traits)
        shape, looks = np.split(components, [len(self.space.shape_components)])
        points = self.space.points + np.tensordot(shape, self.space.shape_components, 1)
        mesh = np.asarray(points * PICTURE_PX, np.float64)
        light = self.space.light + np.tensordot(looks, self.space.light_components, 1)
        chroma = self.space.chroma + np.tensordot(looks, self.space.chroma_components, 1)
        size = (PICTURE_PX, PICTURE_PX)
        flat = [cv2.resize(part.astype(np.float32), size, interpolation=cv2.INTER_CUBIC) for part in (light, chroma)]
        where = warp_map(self.space.points[:, :2] * PICTURE_PX, mesh[:, :2], PICTURE_PX)
        x, y = np.ascontiguousarray(where[..., 0]), np.ascontiguousarray(where[..., 1])
        lab = cv2.remap(np.dstack(flat), x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
        inside = part_mask(mesh[None], (FacePart.FACE,), lab.shape, 0)
        lab = self._in_daylight(np.asarray(lab), mesh, inside)
        lab = self._with_brows(lab, mesh, inside)
        fine = lab[..., 0] - blur(np.ascontiguousarray(lab[..., 0]), self.crisp_px)
        lab[..., 0] += np.float32(self.crisp) * fine
        return Person(to_uint8(to_rgb(np.clip(lab, [0, -128, -128], [100, 127, 127]).astype(np.float32))), mesh)

    def _components(self, rng: np.random.Generator, traits: Mapping[str, float]) -> np.ndarray:
        covariance = self.space.covariance.astype(np.float64)
        root = np.linalg.cholesky(covariance + 1e-3 * np.eye(len(covariance)))
        drawn: np.ndarray = self.spread * root @ rng.standard_normal(len(covariance))
        numbers = [DIRECTIONS.index(name) for name in traits]
        if numbers:
            reading = self.space.readings[numbers].astype(np.float64)
            wanted = np.array(list(traits.values()), np.float64) - self.space.usual[numbers, 0] - reading @ drawn
            drawn = drawn + covariance @ reading.T @ np.linalg.solve(reading @ covariance @ reading.T, wanted)
        return np.asarray(np.clip(drawn, -self.most, self.most))

    def _in_daylight(self, lab: np.ndarray, mesh: np.ndarray, inside: np.ndarray) -> np.ndarray:
        """The same ``(S, S, 3)`` with skin of a colour that skin has."""
        # Hair begins at the outline.
        within = cv2.erode(inside, disc(_RIM * float(np.ptp(mesh[:, 0]))))
        skin = (within * (1 - expression_parts(mesh[None], lab.shape))).astype(np.float32)
        light, a, b = (weighted_mean(np.ascontiguousarray(lab[..., k]), skin) for k in range(3))
        chroma = np.clip(np.hypot(a, b), *self.chroma)
        hue = np.radians(np.clip(np.degrees(np.arctan2(b, a)), *self.hues))
        lab[..., 0] += np.clip(light, *self.light) - light
        lab[..., 1] += chroma * np.cos(hue) - a
        lab[..., 2] += chroma * np.sin(hue) - b
        return lab

    def _with_brows(self, lab: np.ndarray, mesh: np.ndarray, inside: np.ndarray) -> np.ndarray:
        """The same ``(S, S, 3)`` without brows that are as light as skin."""
        width = float(np.ptp(mesh[:, 0]))
        drawn = part_mask(mesh[None], (FacePart.LEFT_BROW, FacePart.RIGHT_BROW), lab.shape, 0)
        near = cv2.dilate(drawn, disc(0.015 * width))
        free = inside * (1 - near)
        light = np.ascontiguousarray(lab[..., 0])
        around, _ = normalized_blur(light * free, free, 0.05 * width)
        most = around - np.float32(self.brows)
        lab[..., 0] -= blur(near, 0.015 * width) * np.maximum(light - most, 0)
        return lab
