"""A sitter in their own hues: the generator paints some dark hair violet, and flesh in green and red blotches."""

from __future__ import annotations

from dataclasses import dataclass, field

import cv2
import numpy as np

from portraitify.imaging.bands import resample
from portraitify.imaging.cielab import to_lab
from portraitify.imaging.filters import blur, smoothstep
from portraitify.media.surfaces.ramp import Ramp

# Side at which hues are compared, pixels.
_PLAN_PX = 256
# What is added to lightness so that chroma does not vanish in black at once, L*.
_TOE = 8.0


@dataclass(frozen=True)
class OwnHue:
    """How far the hues of a subject may stray from the photo's; all in CIELAB.

    Attributes:
        reach_darks: distance in a* and b* that is left to the painter in darks.
        reach_lights: the same in lights.
        reach_face: the same in faces, where the mean distance does not count.
        darks: L* between lights and darks.
        warmth: what the painter's colours may be warmer by, in b*, beyond these distances.
        sigma: standard deviation of the Gaussian that gives the hue, in parts of the side.
        muted: chroma from which on a colour is held back, because no old pigment had it.
        muted_share: 0 to 1, how much of the chroma beyond that is taken away.
        blue_turn: 0 to 1, by what share of that a blue loses a* besides, which keeps it from turning violet.
        coloured: chroma of the photo's subject, between a photo without colours to hold to and one with.
    """

    reach_darks: float = 3.0
    reach_lights: float = 9.0
    reach_face: float = 1.5
    darks: Ramp = field(default_factory=lambda: Ramp(55.0, 20.0))
    warmth: float = 4.0
    sigma: float = 0.008
    muted: float = 38.0
    muted_share: float = 0.6
    blue_turn: float = 0.8
    coloured: Ramp = field(default_factory=lambda: Ramp(2.5, 6.0))

    def hold(self, lab: np.ndarray, photo: np.ndarray, subject_mask: np.ndarray, face: np.ndarray) -> None:
        """Bring hues back to the photo's.

        Args:
            lab: ``(S, S, 3)`` float32 CIELAB of the painting, changed in place.
            photo: ``(h, h, 3)`` uint8, the same crop.
            subject_mask: ``(S, S)`` float32 in 0 to 1.
            face: ``(S, S)`` float32 in 0 to 1, the faces in it.
        """
        side, size = len(lab), (_PLAN_PX, _PLAN_PX)
        sigma_px = self.sigma * _PLAN_PX
        seen, painted = blur(to_lab(resample(photo, size)), sigma_px), blur(resample(lab, size), sigma_px)
        where, flesh = resample(subject_mask, size), resample(face, size)
        # A colour that is painted darker has less chroma.
        darker = np.minimum((painted[..., 0] + _TOE) / (np.maximum(seen[..., 0], 0) + _TOE), 1)[..., None]
        away = painted[..., 1:] - darker * self._muted(seen[..., 1:])
        away[..., 1] -= self.warmth * smoothstep(painted[..., 0], 0, 50) * (1 - flesh)
        # The painter's mean colour of flesh is held elsewhere; here its blotches go.
        away -= flesh[..., None] * _mean(away, flesh * where)
        far = np.hypot(away[..., 0], away[..., 1])
        reach = self.reach_lights + (self.reach_darks - self.reach_lights) * self.darks(painted[..., 0])
        reach += (self.reach_face - reach) * flesh
        excess = np.maximum(1 - reach / np.maximum(far, 1e-3), 0) * (where * self._colour_known(seen, where))
        change = cv2.merge([np.zeros_like(far), away[..., 0] * excess, away[..., 1] * excess])
        lab -= cv2.resize(change, (side, side), interpolation=cv2.INTER_LINEAR)

    def _muted(self, ab: np.ndarray) -> np.ndarray:
        chroma = np.hypot(ab[..., 0], ab[..., 1])
        beyond = np.maximum(chroma - self.muted, 0) / np.maximum(chroma, 1)
        muted = ab * (1 - self.muted_share * beyond)[..., None]
        # In CIELAB a blue that loses chroma turns violet.
        muted[..., 0] *= 1 - self.blue_turn * beyond * (ab[..., 1] < 0) * (ab[..., 0] > 0)
        return np.asarray(muted)

    def _colour_known(self, seen: np.ndarray, where: np.ndarray) -> float:
        """How far the photo tells hues, 0 to 1: one without colour does not."""
        mean = _mean(np.hypot(seen[..., 1], seen[..., 2])[..., None], where)
        return float(self.coloured(mean.astype(np.float32))[0])


def _mean(field: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Weighted mean of ``(H, W, C)``: ``(C,)`` float64."""
    return np.asarray((field * weights[..., None]).sum((0, 1), dtype=np.float64) / max(float(weights.sum()), 1.0))
