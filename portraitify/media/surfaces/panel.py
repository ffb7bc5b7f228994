"""The grain of a panel under thin paint."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from portraitify.media.scene import Scene

# Deviations of blurs are no less, pixels of the plan.
_LEAST_SIGMA_PX = 0.3


@dataclass(frozen=True)
class Grain:
    """How an even panel shows; lengths are in parts of the side, brightness is a share of the paint's.

    Attributes:
        fibre_sigma: half the width of the wood's fibres.
        fibre_length_sigma: half their length, upwards and downwards.
        fibres: deviation of brightness by them.
        tooth_sigma: half the width of what brushes and ground leave.
        tooth: deviation of brightness by it.
    """

    fibre_sigma: float = 0.0012
    fibre_length_sigma: float = 0.02
    fibres: float = 0.0045
    tooth_sigma: float = 0.0012
    tooth: float = 0.008

    def plan(self, scene: Scene, stream: str) -> np.ndarray:
        """What is added to a brightness of 1, ``(S, S)`` float32.

        Args:
            scene: the picture.
            stream: of random numbers, see `Scene.random`.
        """
        side = scene.subject_mask.shape[0]
        white = scene.random(stream).standard_normal((side, side), np.float32)
        tooth = cv2.GaussianBlur(white, (0, 0), max(self.tooth_sigma * side, _LEAST_SIGMA_PX))
        fibres = _drawn_out(white, self.fibre_sigma * side, self.fibre_length_sigma * side)
        grain = tooth * np.float32(self.tooth / tooth.std()) + fibres * np.float32(self.fibres / fibres.std())
        return np.asarray(grain)


def _drawn_out(white: np.ndarray, across_px: float, along_px: float) -> np.ndarray:
    """Noise blurred sideways, and further upwards and downwards on a coarser grid of rows."""
    side, factor = len(white), max(int(along_px / 2), 1)
    rows = cv2.resize(white, (side, max(side // factor, 1)), interpolation=cv2.INTER_AREA)
    soft = cv2.GaussianBlur(rows, (0, 0), max(across_px, _LEAST_SIGMA_PX), sigmaY=along_px / factor)
    return cv2.resize(soft, (side, side), interpolation=cv2.INTER_CUBIC)
