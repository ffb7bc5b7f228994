"""Which places get a stroke of a layer.

Source: Hertzmann, Painterly Rendering with Curved Brush Strokes of Multiple
Sizes, SIGGRAPH 1998: each layer is laid only where the layers below miss the
picture.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import cv2
import numpy as np

from portraitify.imaging.channels import max_channel
from portraitify.imaging.cielab import to_lab
from portraitify.imaging.face_regions import HEAD_WITH_HAIR, face_mask
from portraitify.imaging.filters import LEAST_KNOWN, blur
from portraitify.imaging.skin import mean_color, skin_likeness
from portraitify.media.scene import Scene
from portraitify.media.surfaces.ramp import Ramp

# Side of the picture on which flesh is looked for, and the deviation of its mask's blur, in parts of the side.
_FLESH_PX, _FLESH_SIGMA = 128, 0.008


@dataclass(frozen=True)
class MissedDetail:
    """How the error that broader brushes leave is measured.

    Attributes:
        brush_sigma: standard deviation of the Gaussian that stands for a brush, in the brush's width.
        min_sigma_px: the least that it may be, pixels of the plan.
        broader: sigma of the brush that leaves the error, in that of the layer's own.
        smoothing: standard deviation of the error's blur, likewise.
    """

    brush_sigma: float = 0.3
    min_sigma_px: float = 0.5
    broader: float = 2.5
    smoothing: float = 2.0

    def over(self, picture: np.ndarray, width: float) -> np.ndarray:
        """What a broader brush would miss, ``(S, S)`` float32 in 0 to 255.

        Args:
            picture: ``(S, S, 3)`` float32 in 0 to 255.
            width: of the brush, in parts of the side.
        """
        sigma = max(self.brush_sigma * width * len(picture), self.min_sigma_px)
        return blur(max_channel(np.abs(picture - blur(picture, self.broader * sigma))), self.smoothing * sigma)


@dataclass(frozen=True)
class Regions:
    """Parts of a picture that are painted differently; ``(s, s)`` float32 masks in 0 to 1.

    Attributes:
        subject: the subject.
        head: heads and their hair.
        face: faces, with the forehead under thin hair, ears and neck as far as they have a face's colour.
        features: eyes and mouth.
    """

    subject: np.ndarray
    head: np.ndarray
    face: np.ndarray
    features: np.ndarray

    @classmethod
    def of(cls, scene: Scene, picture: np.ndarray) -> Regions:
        """The regions of a scene.

        Args:
            scene: the scene.
            picture: ``(s, s, 3)`` float32 in 0 to 255, the scene's picture at the size of the masks.
        """
        side = len(picture)
        subject, face, features = (
            cv2.resize(each, (side, side), interpolation=cv2.INTER_AREA)
            for each in (scene.subject_mask, scene.face, scene.features)
        )
        landmarks = scene.landmarks * (side / len(scene.subject_mask))
        head = face_mask(landmarks, (side, side), HEAD_WITH_HAIR) * subject
        return cls(subject, head, np.maximum(face, head * _flesh(picture, face * (1 - features))), features)


def _flesh(picture: np.ndarray, face: np.ndarray) -> np.ndarray:
    """Where colours are like a face's, ``(s, s)`` float32 in 0 to 1."""
    side = min(_FLESH_PX, len(picture))
    small, where = (cv2.resize(each, (side, side), interpolation=cv2.INTER_AREA) for each in (picture, face))
    lab = to_lab(small)
    alike = skin_likeness(lab, mean_color(lab, where + np.float32(LEAST_KNOWN)))
    return cv2.resize(blur(alike, _FLESH_SIGMA * side), picture.shape[1::-1], interpolation=cv2.INTER_LINEAR)


@dataclass(frozen=True)
class Coverage:
    """How likely a place is to get a stroke of a layer; all but the error in 0 to 1.

    The chance rises with the error; each region has a share of that chance, and a least chance whatever the error.
    Regions lie one in the other: subject, head, face, eyes and mouth; without a number of its own, one takes that of
    the region around it.

    Attributes:
        error: of broader brushes, 0 to 255, between no stroke and a full chance.
        background: share of that chance behind the subject.
        subject: share of it on hair and clothes.
        face: share of it on faces.
        features: share of it in eyes and mouth.
        least_background: least chance behind the subject.
        least_subject: least chance on the subject.
        least_face: least chance on faces.
        least_features: least chance in eyes and mouth.
        head: share of the chance on heads and their hair.
        least_head: least chance there.
        features_edge: mask of eyes and mouth, from where nothing is theirs to where all is.
    """

    error: Ramp
    background: float = 1.0
    subject: float = 1.0
    face: float | None = None
    features: float | None = None
    least_background: float = 0.0
    least_subject: float = 0.0
    least_face: float | None = None
    least_features: float | None = None
    head: float | None = None
    least_head: float | None = None
    features_edge: Ramp = field(default_factory=lambda: Ramp(0.4, 0.8))

    def chance(self, regions: Regions, missed: np.ndarray) -> np.ndarray:
        """The chance of each place, ``(s, s)`` float32.

        Args:
            regions: of the picture.
            missed: ``(s, s)`` float32, the error; see `MissedDetail`.
        """
        share = self._spread(regions, self.background, self.subject, (self.head, self.face, self.features))
        least = self._spread(
            regions, self.least_background, self.least_subject, (self.least_head, self.least_face, self.least_features)
        )
        chance: np.ndarray = np.maximum(self.error(missed) * share, least)
        return chance

    def _spread(
        self, regions: Regions, background: float, subject: float, inner: tuple[float | None, ...]
    ) -> np.ndarray:
        level: np.ndarray = background + np.float32(subject - background) * regions.subject
        masks = regions.head, regions.face, self.features_edge(regions.features)
        for value, mask in zip(inner, masks, strict=True):
            if value is not None:
                level += (value - level) * mask
        return level
