"""Brows as a pen draws them: dark where the sitter's own hairs are, and not all over a shape that a mesh gives."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from portraitify.imaging.face_parts import FacePart, outline_of, part_mask
from portraitify.imaging.filters import blur, smoothstep
from portraitify.imaging.morphology import disc
from portraitify.media.scene import Scene
from portraitify.media.surfaces.canvas_patch import CanvasPatch

_BROWS = ((FacePart.LEFT_BROW, FacePart.LEFT_EYE), (FacePart.RIGHT_BROW, FacePart.RIGHT_EYE))
# Of the values of a mask, 0 to 1: from which on a place is inside.
_INSIDE = 0.5
# How far the blur of a brow reaches, in standard deviations.
_REACH = 3.0
# A part with fewer pixels says nothing.
_LEAST = 8


@dataclass(frozen=True)
class DrawnBrows:
    """How dark brows are drawn; lengths are in parts of the brow's length.

    The sketch's own tone of a brow is compared with all of the sitter, beside which a brow above a lit or a fair face
    is pale; what counts is the skin around it.

    Attributes:
        sigma: standard deviation of the blur of a mesh's brow, whose shape is a little too small and too low.
        reach: values of that blur, 0 to 1, between which a brow ends.
        around: how far the skin lies around it that it is compared with.
        shades: of the brightness in the brow the share that is drawn darkest, and of that of the skin around it the
            share that is bare.
        contrast: between both, as a fraction of the skin's, at which a brow begins to be drawn, and at which it is
            drawn darkest.
        darkest: darkness, 0 to 1, of a dark brow.
        strands: darkness, 0 to 1, between which a place turns from skin into hair.
        black: darkness, 0 to 1, from which on a place is black all over: single hairs would let too much paper through
            so thin a shape.
        slope: of the ink there by darkness.
    """

    sigma: float = 0.06
    reach: tuple[float, float] = (0.08, 0.4)
    around: float = 0.14
    shades: tuple[float, float] = (0.15, 0.5)
    contrast: tuple[float, float] = (0.03, 0.5)
    darkest: float = 1.0
    strands: tuple[float, float] = (0.3, 0.55)
    black: float = 0.86
    slope: float = 8.0

    def draw(self, scene: Scene, luma: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Tone of brows of faces with known geometry.

        Args:
            scene: the picture.
            luma: ``(S, S)`` float32 brightness, 0 to 1.

        Returns:
            Where brows are drawn in strands, and how dark: ``(S, S)`` float32 in 0 to 1 each.
        """
        tone: np.ndarray = np.zeros_like(luma)
        # The painting's brows are paler than their sitter's.
        brightness = luma if scene.photo_luma is None else scene.photo_luma
        for mesh, shown in zip(scene.meshes, scene.eyes_shown, strict=True):
            for patch, dark in self._tones(mesh, brightness):
                np.maximum(patch.of(tone), shown * dark, out=patch.of(tone))
        return np.asarray(smoothstep(tone, *self.strands), np.float32), tone

    def ink(self, tone: np.ndarray) -> np.ndarray:
        """Signed strength of what is black, positive where there is ink, of a tone as `draw` gives it."""
        return np.asarray((tone - self.black) * self.slope)

    def _tones(self, mesh: np.ndarray, brightness: np.ndarray) -> list[tuple[CanvasPatch, np.ndarray]]:
        """Each brow that can be told from the skin: where it lies, and its darkness there, float32 in 0 to 1."""
        found = [brow for brow in (self._found(mesh, *parts, brightness) for parts in _BROWS) if brow]
        if not found:
            return []
        # One may lie in shade, or below a strand of hair; both are of one colour.
        apart = float(np.mean([contrast for *_, contrast in found]))
        share = self.darkest * np.clip((apart - self.contrast[0]) / (self.contrast[1] - self.contrast[0]), 0, 1)
        return [(patch, np.asarray(share * dark, np.float32)) for patch, dark, _ in found]

    def _found(
        self, mesh: np.ndarray, brow: FacePart, eye: FacePart, brightness: np.ndarray
    ) -> tuple[CanvasPatch, np.ndarray, float] | None:
        """Where a brow lies, how dark each place is beside its darkest, 0 to 1, and how far that is from the skin."""
        outline = outline_of(mesh, brow)
        length_px = float(np.ptp(outline[:, 0]))
        sigma_px = max(self.sigma * length_px, 0.5)
        patch = CanvasPatch.around(outline, len(brightness), _REACH * sigma_px + self.around * length_px)
        shown, local = patch.of(brightness), patch.local(mesh)[None]
        inside = part_mask(local, (brow,), shown.shape, 0)
        near = smoothstep(blur(inside, sigma_px), *self.reach)
        wide = cv2.dilate(near, disc(self.around * length_px))
        skin = (wide > _INSIDE) & (near < _INSIDE) & (part_mask(local, (eye,), shown.shape, 1) <= 0)
        hairs = inside > _INSIDE
        if min(hairs.sum(), skin.sum()) < _LEAST:
            return None
        deep, bare = np.quantile(shown[hairs], self.shades[0]), np.quantile(shown[skin], self.shades[1])
        dark = np.clip((bare - shown) / max(bare - deep, 1e-3), 0, 1)
        return patch, dark * near, float((bare - deep) / max(bare, 1e-6))
