"""Which places get a stroke of a layer.

Source: Hertzmann, Painterly Rendering with Curved Brush Strokes of Multiple
Sizes, SIGGRAPH 1998: each layer is laid only where the layers below miss the
picture.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from portraitify.imaging.channels import max_channel
from portraitify.imaging.filters import blur
from portraitify.media.scene import Scene
from portraitify.media.surfaces.ramp import Ramp


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

    def over(self, scene: Scene, width: float) -> np.ndarray:
        """What a broader brush would miss, ``(S, S)`` float32 in 0 to 255.

        Args:
            scene: the picture.
            width: of the brush, in parts of the side.
        """
        even = scene.even
        sigma = max(self.brush_sigma * width * even.shape[0], self.min_sigma_px)
        return blur(max_channel(np.abs(even - blur(even, self.broader * sigma))), self.smoothing * sigma)


@dataclass(frozen=True)
class Coverage:
    """How likely a place is to get a stroke of a layer; all but the error in 0 to 1.

    The chance rises with the error; each region has a share of that chance, and a least chance whatever the error.

    Attributes:
        error: of broader brushes, 0 to 255, between no stroke and a full chance.
        background: share of that chance behind the subject.
        subject: share of it on hair and clothes.
        face: share of it on faces, no less than on the subject.
        features: share of it in eyes and mouth, where that is more than the face's.
        least_background: least chance behind the subject.
        least_subject: least chance on the subject.
        least_face: least chance on faces, where that is more than the subject's.
        least_features: least chance in eyes and mouth, where that is more than the face's.
        features_edge: mask of eyes and mouth, between no least chance and the full one.
    """

    error: Ramp
    background: float = 1.0
    subject: float = 1.0
    face: float = 1.0
    features: float = 1.0
    least_background: float = 0.0
    least_subject: float = 0.0
    least_face: float = 0.0
    least_features: float = 0.0
    features_edge: Ramp = field(default_factory=lambda: Ramp(0.2, 0.6))

    def chance(self, scene: Scene, missed: np.ndarray) -> np.ndarray:
        """The chance of each place, ``(S, S)`` float32.

        Args:
            scene: the picture.
            missed: ``(S, S)`` float32, the error; see `MissedDetail`.
        """
        mask, face, features = scene.subject_mask, scene.face, scene.features
        share = self.background + (self.subject - self.background) * mask
        share += np.maximum((self.face - self.subject) * face, (self.features - self.subject) * features)
        least = self.least_background + (self.least_subject - self.least_background) * mask
        least = np.maximum(least, self.least_face * face)
        least = np.maximum(least, self.least_features * self.features_edge(features))
        chance: np.ndarray = np.maximum(self.error(missed) * share, least)
        return chance
