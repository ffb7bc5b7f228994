"""A picture in planes: what a painter sees with half-closed eyes, before any brush is taken up."""

from __future__ import annotations

from dataclasses import dataclass, field

import cv2
import numpy as np

from portraitify.imaging.channels import gray_to_rgb
from portraitify.imaging.filters import blur
from portraitify.media.scene import Scene
from portraitify.media.surfaces.ramp import Ramp

# Side of the picture on which planes are worked out: a stipple of single pixels of the plan is gone there already.
_SIDE_PX = 256


@dataclass(frozen=True)
class Planes:
    """How a picture is simplified; edges between forms stay, speckle and stipple go.

    Brightness is smoothed by a bilateral filter (Tomasi and Manduchi, ICCV 1998), colour by a guided filter under that
    brightness (He, Sun and Tang, IEEE TPAMI 35(6), 2013): spots of colour that brightness does not share vanish.

    Attributes:
        window_px: side of the bilateral filter's window, pixels of a picture of side 256.
        tone_range: deviation of the values that it mixes, 0 to 255.
        tone_sigma_px: deviation of the distance over which it mixes, pixels of that picture.
        passes: 1 or more, how often.
        colour_radius_px: half the window in which colour follows brightness, pixels of that picture.
        colour_edge: contrast, 0 to 255, of what counts as an edge to colour.
        outline_step: how much lighter the subject counts than its background, 0 to 255, so that colours keep apart.
        kept: contrast, 0 to 255, of what was smoothed, between stipple and form; form is brought back.
        form_sigma: blur over which that contrast is measured, in parts of the side.
        features_share: 0 to 1, of the picture as it was that is kept in eyes and mouth.
        fine_px: side of the bilateral filter's window in eyes and mouth, pixels of the plan.
        fine_range: deviation of the colours that it mixes there, 0 to 255.
        fine_sigma_px: deviation of the distance, pixels of the plan.
        crispness: how far their contrast is raised, as a share.
        features: mask of eyes and mouth, from where nothing is kept to where that share is.
        clarity: how far the planes of faces are set off from each other, as a share.
        clarity_sigma: blur from which they are set off, in parts of the side.
    """

    window_px: int = 9
    tone_range: float = 22.0
    tone_sigma_px: float = 3.0
    passes: int = 2
    colour_radius_px: int = 5
    colour_edge: float = 10.0
    outline_step: float = 50.0
    kept: Ramp = field(default_factory=lambda: Ramp(2.5, 8.0))
    form_sigma: float = 2.5 / 512
    features_share: float = 0.85
    fine_px: int = 5
    fine_range: float = 30.0
    fine_sigma_px: float = 1.6
    crispness: float = 0.5
    features: Ramp = field(default_factory=lambda: Ramp(0.45, 1.0))
    clarity: float = 0.45
    clarity_sigma: float = 0.009

    def of(self, scene: Scene) -> np.ndarray:
        """``(S, S, 3)`` float32 in 0 to 255."""
        even = scene.even
        side = min(_SIDE_PX, len(even))
        small = cv2.resize(even, (side, side), interpolation=cv2.INTER_AREA)
        mask = cv2.resize(scene.subject_mask, (side, side), interpolation=cv2.INTER_AREA)
        calm = cv2.resize(self._calm(small, mask), even.shape[1::-1], interpolation=cv2.INTER_CUBIC)
        # Contrast that neighbours share is form; a stipple's signs cancel. Its colour is left to the guided filter.
        sigma = self.form_sigma * len(even)
        missed = blur(cv2.transform(even, _LUMA) - cv2.transform(calm, _LUMA), sigma / 2)
        missed *= self.kept(blur(np.abs(missed), sigma))
        calm += gray_to_rgb(missed)
        self._bring_features(scene, calm)
        self._set_off(scene, calm)
        return np.asarray(np.clip(calm, 0, 255, out=calm))

    def _set_off(self, scene: Scene, calm: np.ndarray) -> None:
        """Raise the contrast between neighbouring planes of faces, in place: brushes take it away again."""
        tone = cv2.transform(calm, _LUMA)
        tone -= blur(tone, self.clarity_sigma * len(calm))
        calm += gray_to_rgb(self.clarity * scene.face * tone)

    def _bring_features(self, scene: Scene, calm: np.ndarray) -> None:
        """Bring eyes and mouth back, in place, in planes of their own."""
        left, top, width, height = cv2.boundingRect((scene.features > 0).astype(np.uint8))
        if not width:
            return
        box = slice(top, top + height), slice(left, left + width)
        known = cv2.medianBlur(scene.even[box], 3)
        fine = np.asarray(cv2.bilateralFilter(known, self.fine_px, self.fine_range, self.fine_sigma_px), np.float32)
        # Brushes take contrast away again.
        fine += self.crispness * (fine - cv2.GaussianBlur(fine, (0, 0), self.fine_sigma_px))
        share = self.features_share * self.features(scene.features[box])
        calm[box] += (fine - calm[box]) * gray_to_rgb(share)

    def _calm(self, small: np.ndarray, mask: np.ndarray) -> np.ndarray:
        planes = cv2.cvtColor(small, cv2.COLOR_RGB2YCrCb)
        tone, red, blue = cv2.split(planes)
        for _ in range(self.passes):
            tone = cv2.bilateralFilter(tone, self.window_px, self.tone_range, self.tone_sigma_px)
        return cv2.cvtColor(
            cv2.merge([tone, *self._follow(tone + self.outline_step * mask, red, blue)]), cv2.COLOR_YCrCb2RGB
        )

    def _follow(self, tone: np.ndarray, *colours: np.ndarray) -> list[np.ndarray]:
        """Colour planes as linear functions, near by, of brightness."""
        size = (2 * self.colour_radius_px + 1,) * 2
        level = cv2.blur(tone, size)
        varies = cv2.blur(tone * tone, size) - level * level + np.float32(self.colour_edge**2)
        followed = []
        for colour in colours:
            mean = cv2.blur(colour, size)
            slope = (cv2.blur(tone * colour, size) - level * mean) / varies
            followed.append(cv2.blur(slope, size) * tone + cv2.blur(mean - slope * level, size))
        return followed


_LUMA = np.array([[0.299, 0.587, 0.114]], np.float32)
