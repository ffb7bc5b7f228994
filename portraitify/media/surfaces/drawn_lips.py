"""Lips as dark beside the skin around them as the sitter's own, where a face in full light would lose them."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from portraitify.imaging.face_parts import FacePart, outline_of, part_mask
from portraitify.imaging.filters import blur
from portraitify.imaging.morphology import disc
from portraitify.media.scene import Scene
from portraitify.media.surfaces.canvas_patch import CanvasPatch

# Of the values of a mask, 0 to 1: from which on a place is inside; and pixels below which a part says nothing.
_INSIDE, _LEAST = 0.5, 8
# How far a blur reaches, in standard deviations.
_REACH = 3.0


@dataclass(frozen=True)
class DrawnLips:
    """How dark lips are hatched; lengths are in parts of the mouth's width.

    Attributes:
        around: how far the skin lies around them that they are compared with.
        sigma: standard deviation of the blur of their outline and of their brightness.
        contrast: how much darker than the skin, as a fraction of it, a place is that is drawn darkest.
        darkest: darkness, 0 to 1, of that.
    """

    around: float = 0.12
    sigma: float = 0.02
    contrast: float = 0.38
    darkest: float = 0.95

    def draw(self, scene: Scene) -> np.ndarray:
        """Least tone of the lips of faces with known geometry, ``(S, S)`` float32 in 0 to 1."""
        brightness = scene.features_luma
        tone: np.ndarray = np.zeros_like(brightness)
        for mesh in scene.meshes:
            outline = outline_of(mesh, FacePart.LIPS)
            width_px = float(np.ptp(outline[:, 0]))
            sigma_px = max(self.sigma * width_px, 0.5)
            patch = CanvasPatch.around(outline, len(tone), _REACH * sigma_px + self.around * width_px)
            shown, local = patch.of(brightness), patch.local(mesh)[None]
            whole, opening = (part_mask(local, (part,), shown.shape, 0) for part in (FacePart.LIPS, FacePart.MOUTH))
            skin = (cv2.dilate(whole, disc(self.around * width_px)) > _INSIDE) & (blur(whole, sigma_px) < 0.1)
            if min(skin.sum(), (whole > _INSIDE).sum()) < _LEAST:
                continue
            bare = max(float(np.median(shown[skin])), 1e-3)
            darker = np.clip((bare - blur(shown, sigma_px)) / (self.contrast * bare), 0, 1)
            lips = self.darkest * darker * np.clip(blur(whole, sigma_px / 2) - opening, 0, 1)
            np.maximum(patch.of(tone), lips.astype(np.float32), out=patch.of(tone))
        return tone
