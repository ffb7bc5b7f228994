"""Colours of an earth palette: hair in its own hue, warm transparent darks, neutral half-tones, ivory lights."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from portraitify.imaging.cielab import to_lab, to_rgb
from portraitify.imaging.face_regions import HEAD_WITH_HAIR, face_mask
from portraitify.imaging.filters import blur
from portraitify.media.scene import Scene
from portraitify.media.surfaces.ramp import Ramp

# Colours, 0 to 255, that count for nothing where colours are compared as ratios: black has no hue.
_TOE = 6.0


@dataclass(frozen=True)
class Harmony:
    """How hues change with lightness, in CIELAB.

    Attributes:
        photo_sigma: blur of the photo that hues are compared with, in parts of the side.
        colder: by how much b* may be less than the photo's.
        redder: by how much a* may be more.
        held_share: 0 to 1, of what is beyond that taken back.
        darks: L* between darks, which are warm, and the rest.
        dark_warmth: what is added to b* there.
        dark_redness: what is added to a* there.
        coloured: chroma between what has no colour of its own and what has.
        least_warmth: b* by a* below which hair and skin are mauve.
        warmed_share: 0 to 1, of what is missing there that is added.
        half_tones: L* of shadows that half-tones rise from.
        half_tone_lights: L* of lights that they rise to.
        half_tone_chroma: factor of chroma in half-tones.
        lights: L* between half-tones and lights.
        light_warmth: what is added to b* in lights.
    """

    photo_sigma: float = 0.012
    colder: float = 2.0
    redder: float = 5.0
    held_share: float = 0.85
    darks: Ramp = field(default_factory=lambda: Ramp(34.0, 8.0))
    dark_warmth: float = 4.5
    dark_redness: float = 1.0
    coloured: Ramp = field(default_factory=lambda: Ramp(36.0, 16.0))
    least_warmth: float = 0.55
    warmed_share: float = 0.8
    half_tones: Ramp = field(default_factory=lambda: Ramp(22.0, 38.0))
    half_tone_lights: Ramp = field(default_factory=lambda: Ramp(68.0, 50.0))
    half_tone_chroma: float = 0.92
    lights: Ramp = field(default_factory=lambda: Ramp(62.0, 85.0))
    light_warmth: float = 2.5

    def factor(self, scene: Scene) -> np.ndarray:
        """What the colours of a painting are multiplied by, ``(S, S, 3)`` float32 around 1."""
        lab = to_lab(scene.painting)
        if scene.photo is not None:
            self._hold(scene, lab, scene.photo)
        light, chroma = lab[..., 0], np.hypot(lab[..., 1], lab[..., 2])
        dark = self.darks(light) * self.coloured(chroma)
        middle = self.half_tones(light) * self.half_tone_lights(light)
        lab[..., 1:] *= (1 + (self.half_tone_chroma - 1) * middle)[..., None]
        # Irises and painted lips keep theirs.
        head = face_mask(scene.landmarks, light.shape, HEAD_WITH_HAIR) * (1 - scene.features) * self.coloured(chroma)
        mauve = np.maximum(self.least_warmth * np.maximum(lab[..., 1], 0) - lab[..., 2], 0)
        lab[..., 2] += self.warmed_share * head * mauve
        lab[..., 1] += self.dark_redness * dark
        lab[..., 2] += self.dark_warmth * dark + self.light_warmth * self.lights(light)
        factor: np.ndarray = (to_rgb(lab) + np.float32(_TOE)) / (scene.painting + np.float32(_TOE))
        return factor

    def _hold(self, scene: Scene, lab: np.ndarray, photo: np.ndarray) -> None:
        """Take back what the subject has become colder or redder than in the photo."""
        side, seen = len(lab), to_lab(photo)
        ours, theirs = (blur(each[..., 1:], self.photo_sigma * side) for each in (lab, seen))
        redder = np.maximum(ours[..., 0] - theirs[..., 0] - self.redder, 0)
        colder = np.maximum(theirs[..., 1] - ours[..., 1] - self.colder, 0)
        lab[..., 1] -= self.held_share * scene.subject_mask * redder
        lab[..., 2] += self.held_share * scene.subject_mask * colder
