"""The grain of a panel under thin paint, and the linen that was glued on it."""

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
        thread_sigma: half the width of the threads of the linen that was glued on the panel under its ground.
        thread_length_sigma: half their length, before they dip below others.
        threads: deviation of brightness by them.
        face_reduction: 0 to 1, how much less of all of it is felt in faces.
        shine: brightness, 0 to 255, that is added to the paint's before shares of it are taken, since darks shine too.
    """

    fibre_sigma: float = 0.0012
    fibre_length_sigma: float = 0.02
    fibres: float = 0.0045
    thread_sigma: float = 0.0016
    thread_length_sigma: float = 0.005
    threads: float = 0.007
    face_reduction: float = 0.45
    shine: float = 40.0

    def plan(self, scene: Scene, stream: str) -> np.ndarray:
        """What is added to a brightness of 1, ``(S, S)`` float32.

        Args:
            scene: the picture.
            stream: of random numbers, see `Scene.random`.
        """
        side = scene.subject_mask.shape[0]
        white = scene.random(stream).standard_normal((side, side), np.float32)
        across, along = max(self.thread_sigma * side, _LEAST_SIGMA_PX), self.thread_length_sigma * side
        # What lies level is upright noise turned over.
        upright = cv2.GaussianBlur(white, (0, 0), across, sigmaY=along)
        linen = upright + cv2.GaussianBlur(np.ascontiguousarray(white.T[::-1]), (0, 0), along, sigmaY=across)
        fibres = _drawn_out(white, self.fibre_sigma * side, self.fibre_length_sigma * side)
        grain = linen * np.float32(self.threads / linen.std()) + fibres * np.float32(self.fibres / fibres.std())
        return np.asarray(grain * (1 - self.face_reduction * scene.face))


def _drawn_out(white: np.ndarray, across_px: float, along_px: float) -> np.ndarray:
    """Noise blurred sideways, and further upwards and downwards on a coarser grid of rows."""
    side, factor = len(white), max(int(along_px / 2), 1)
    rows = cv2.resize(white, (side, max(side // factor, 1)), interpolation=cv2.INTER_AREA)
    soft = cv2.GaussianBlur(rows, (0, 0), max(across_px, _LEAST_SIGMA_PX), sigmaY=along_px / factor)
    return cv2.resize(soft, (side, side), interpolation=cv2.INTER_CUBIC)
