"""Open mouths as a pen draws them: teeth as white as the paper, with the sitter's own darks in and around them."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from portraitify.imaging.face_parts import FacePart, outline_of, part_mask
from portraitify.imaging.filters import blur, smoothstep
from portraitify.media.scene import Scene
from portraitify.media.surfaces.canvas_patch import CanvasPatch

# A mouth of fewer pixels says nothing.
_LEAST = 4
# Red, 0 to 255, up to which a hue is noise; and brightness, 0 to 1, up to which a contrast is.
_DARK, _NOISE = 8.0, 0.05
# Shares of the mouth's brightness, 0 to 1, that are taken for its darkest and for its lightest.
_DEEPEST, _LIGHTEST, _TEETH = 0.03, 0.85, 0.9
# Between both, brightness 0 to 1, at the least.
_LEAST_CONTRAST = 0.15
# Points of the mesh: corners of the mouth, and the middle of its upper and lower edge.
_ENDS = (78, 308, 13, 14)


@dataclass(frozen=True)
class DrawnMouth:
    """What is drawn between lips; lengths are in parts of the mouth's width.

    Attributes:
        opened: height of the opening, between which it begins to be drawn.
        lighter: brightness of the lightest in the mouth by that of the lips, between which that may be teeth and the
            mouth open.
        paler: redness below the lips', as a fraction of the red, between which a place may be teeth: tongues and gums
            are as red as lips are, and so is what a mesh takes of lips for the opening.
        hued: redness of lips between which a photo begins to say so; that of a gray one says nothing.
        black: darkness, 0 to 1, between which a place turns black.
        power: exponent of the darkness of what is hatched.
        hatched: factor of that darkness.
        gums: darkness, 0 to 1, of what is as red as the lips at the least.
        sharpening: how much of the difference from the surroundings is added before.
        sharp_sigma: standard deviation of the Gaussian over them.
        sigma: standard deviation of the blur of colours and masks.
    """

    opened: tuple[float, float] = (0.03, 0.07)
    lighter: tuple[float, float] = (1.05, 1.25)
    paler: tuple[float, float] = (0.08, 0.14)
    hued: tuple[float, float] = (0.06, 0.12)
    black: tuple[float, float] = (0.7, 0.9)
    power: float = 1.6
    hatched: float = 0.6
    gums: float = 0.6
    sharpening: float = 0.5
    sharp_sigma: float = 0.04
    sigma: float = 0.02

    def draw(self, scene: Scene, luma: np.ndarray, canvas: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Draw the blacks in open mouths of faces with known geometry.

        Args:
            scene: the picture.
            luma: ``(S, S)`` float32 brightness, 0 to 1.
            canvas: ``(2 S, 2 S)`` uint8, on which they are drawn.

        Returns:
            Where teeth are seen and nothing else is drawn: ``(S, S)`` float32 in 0 to 1.
        """
        where, tone = np.zeros((2, *luma.shape), np.float32)
        for mesh in scene.meshes:
            patch = CanvasPatch.around(outline_of(mesh, FacePart.LIPS), len(luma))
            mouth = _Mouth.of(patch.local(mesh), patch.of(luma))
            if mouth is None:
                continue
            seen = self._seen(mouth)
            brightness = mouth.luma if scene.photo_luma is None else patch.of(scene.photo_luma)
            shown = seen * blur(mouth.inside, self.sigma * mouth.width_px)
            dark = self._dark(mouth, brightness)
            patch.blacken(canvas, dark, shown, self.black)
            if scene.photo is not None:
                dark = dark + (1 - self._pale(mouth, patch.of(scene.photo))) * np.maximum(self.gums - dark, 0)
            np.maximum(patch.of(tone), self.hatched * dark**self.power * shown, out=patch.of(tone))
            np.maximum(patch.of(where), shown, out=patch.of(where))
        return where, tone

    def _seen(self, mouth: _Mouth) -> float:
        """How surely teeth are seen, 0 to 1."""
        opened = float(smoothstep(np.float64(mouth.height_px / mouth.width_px), *self.opened))
        lighter = mouth.shade(mouth.luma, _TEETH) / max(mouth.usual(mouth.luma), _NOISE)
        return opened * float(smoothstep(np.float64(lighter), *self.lighter))

    def _pale(self, mouth: _Mouth, photo: np.ndarray) -> np.ndarray:
        """What is less red than the lips, 0 to 1."""
        red, green, _ = cv2.split(blur(photo, self.sigma * mouth.width_px).astype(np.float32))
        redness = (red - green) / (red + _DARK)
        lips = mouth.usual(redness)
        trust = float(smoothstep(np.float64(lips), *self.hued))
        return np.asarray(1 - trust * (1 - smoothstep(lips - redness, *self.paler)), np.float32)

    def _dark(self, mouth: _Mouth, brightness: np.ndarray) -> np.ndarray:
        """Darkness between the lightest and the darkest of the mouth, 0 to 1."""
        sharp = brightness + self.sharpening * (brightness - blur(brightness, self.sharp_sigma * mouth.width_px))
        deepest, lightest = mouth.shade(sharp, _DEEPEST), mouth.shade(sharp, _LIGHTEST)
        return np.asarray(np.clip((lightest - sharp) / max(lightest - deepest, _LEAST_CONTRAST), 0, 1), np.float32)


@dataclass(frozen=True)
class _Mouth:
    """A mouth's part of the picture.

    Attributes:
        luma: ``(h, w)`` float32 brightness, 0 to 1.
        inside: ``(h, w)`` float32 in 0 to 1, between the lips.
        lips: ``(h, w)`` float32 in 0 to 1, the lips without what lies between them.
        width_px: from corner to corner.
        height_px: of the opening.
    """

    luma: np.ndarray
    inside: np.ndarray
    lips: np.ndarray
    width_px: float
    height_px: float

    @classmethod
    def of(cls, mesh: np.ndarray, luma: np.ndarray) -> _Mouth | None:
        """The mouth of a face ``(468, 3)`` in pixels of the part; nothing if it is too small."""
        left, right, top, bottom = mesh[list(_ENDS), :2]
        inside = part_mask(mesh[None], (FacePart.MOUTH,), luma.shape, 0)
        lips = part_mask(mesh[None], (FacePart.LIPS,), luma.shape, 0) * (1 - inside)
        if min((inside > 0.5).sum(), (lips > 0.5).sum()) < _LEAST:
            return None
        width_px = max(float(np.linalg.norm(right - left)), 1.0)
        return cls(luma, inside, lips, width_px, float(np.linalg.norm(bottom - top)))

    def usual(self, field: np.ndarray) -> float:
        """Median of a field on the lips."""
        return float(np.median(field[self.lips > 0.5]))

    def shade(self, field: np.ndarray, share: float) -> float:
        """The value below which a share of a field between the lips lies."""
        return float(np.quantile(field[self.inside > 0.5], share))
