"""Eyes as a pen draws them: the sitter's own darks, so that lids, gaze and size of the irises are theirs."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from portraitify.imaging.face_parts import FacePart, outline_of, part_mask
from portraitify.imaging.filters import blur, smoothstep
from portraitify.media.scene import Scene
from portraitify.media.surfaces.canvas_patch import CanvasPatch
from portraitify.media.surfaces.pen_lines import CANVAS_SCALE

# How surely eyes are to be seen, 0 to 1, from which on they are drawn.
_SHOWN = 0.5
_EYES = (FacePart.LEFT_EYE, FacePart.RIGHT_EYE)
_SHIFT = 4
# Brightness, 0 to 1, up to which a contrast is noise.
_NOISE = 0.05
# Corners within an eye's outline.
_CORNERS = (0, 8)


@dataclass(frozen=True)
class DrawnEyes:
    """Eyes as dark and light as the sitter's own.

    Attributes:
        shades: brightness, 0 to 1, of the share of an eye's surroundings that is drawn darkest, and of the share of
            its inside from which on paper stays bare.
        contrast: between both, as a fraction of the lighter one, from which on it is an eye and not a dark lens.
        alike: 0 to 1, how far the two eyes are drawn with one scale of tones.
        black: darkness, 0 to 1, between which hatching turns into solid black.
        power: exponent of the darkness of what is hatched.
        hatched: factor of that darkness.
        reach: 0 to 1, of the blurred inside of the lids between which an eye ends.
        sigma: standard deviation of that blur, in parts of the eye's width.
        sharpening: how much of the difference from the surroundings is added.
        sharp_sigma: standard deviation of the Gaussian over them, in parts of the eye's width.
        iris: darkness, 0 to 1, from which on a place may be of the iris.
        pupil: radius of the pupil, in parts of the eye's width.
    """

    shades: tuple[float, float] = (0.03, 0.9)
    contrast: float = 0.3
    alike: float = 0.35
    black: tuple[float, float] = (0.43, 0.6)
    power: float = 1.1
    hatched: float = 0.95
    reach: tuple[float, float] = (0.12, 0.4)
    sigma: float = 0.09
    sharpening: float = 0.5
    sharp_sigma: float = 0.08
    iris: float = 0.35
    pupil: float = 0.07

    def draw(self, scene: Scene, luma: np.ndarray, canvas: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Draw the blacks of the eyes of faces with known geometry.

        Args:
            scene: the picture.
            luma: ``(S, S)`` float32 brightness, 0 to 1.
            canvas: ``(2 S, 2 S)`` uint8, on which they are drawn.

        Returns:
            Where eyes lie, and what is to be hatched there; ``(S, S)`` float32 in 0 to 1 each.
        """
        where, tone = np.zeros((2, *luma.shape), np.float32)
        # A shaded eye is lost in the painting sooner than in the photo.
        brightness = luma if scene.photo_luma is None else scene.photo_luma
        for mesh, shown in zip(scene.meshes, scene.eyes_shown, strict=True):
            if shown > _SHOWN:
                self._draw_pair(mesh, brightness, canvas, (where, tone))
        return where, tone

    def _draw_pair(
        self, mesh: np.ndarray, brightness: np.ndarray, canvas: np.ndarray, fields: tuple[np.ndarray, np.ndarray]
    ) -> None:
        """Draw both eyes of a face, and note in the fields what `draw` returns."""
        where, tone = fields
        views = [_Eye.of(mesh, eye, brightness, self) for eye in _EYES]
        common = np.mean([eye.shades for eye in views], axis=0)
        for eye in views:
            deepest, lightest = eye.shades + self.alike * (common - eye.shades)
            if eye.shades[1] - eye.shades[0] < self.contrast * (eye.shades[1] + _NOISE):
                continue
            dark = np.clip((lightest - eye.brightness) / max(lightest - deepest, _NOISE), 0, 1)
            eye.patch.blacken(canvas, dark, eye.mask, self.black)
            self._pupil(eye, dark, eye.patch.on(canvas))
            hatched = eye.patch.of(tone)
            np.maximum(hatched, self.hatched * dark**self.power * eye.mask, out=hatched)
            np.maximum(eye.patch.of(where), eye.mask, out=eye.patch.of(where))

    def _pupil(self, eye: _Eye, dark: np.ndarray, canvas: np.ndarray) -> None:
        """Draw the pupil in the middle of what is darkest between the corners, which shows in light eyes only."""
        rows, columns = np.nonzero(eye.inside > 0.5)
        x, y = columns + 0.5, rows + 0.5
        # Near the corners lies the shadow of lids and lashes.
        along = np.hypot(x - eye.middle[0], y - eye.middle[1]) / eye.width_px
        weight = np.clip(dark[rows, columns] - self.iris, 0, None) * smoothstep(along, 0.45, 0.2) + 1e-6
        centre = np.array([np.average(x, weights=weight), np.average(y, weights=weight)]) * CANVAS_SCALE
        drawn = np.zeros_like(canvas)
        middle = tuple(int(value) for value in _fixed(centre))
        cv2.circle(
            drawn, middle, int(self.pupil * eye.width_px * CANVAS_SCALE * 2**_SHIFT), 255, -1, cv2.LINE_AA, _SHIFT
        )
        window = cv2.resize(eye.inside, canvas.shape[::-1], interpolation=cv2.INTER_LINEAR)
        np.maximum(canvas, (drawn * window).astype(np.uint8), out=canvas)


@dataclass(frozen=True)
class _Eye:
    """An eye's part of the picture.

    Attributes:
        patch: where it lies.
        middle: ``(2,)`` of the eye, pixels of the part.
        width_px: between the corners.
        brightness: ``(h, w)`` float32.
        inside: ``(h, w)`` float32 in 0 to 1, between the lids.
        mask: ``(h, w)`` float32 in 0 to 1, the same with the lids.
        shades: ``(2,)`` brightness of the darkest and of the lightest.
    """

    patch: CanvasPatch
    middle: np.ndarray
    width_px: float
    brightness: np.ndarray
    inside: np.ndarray
    mask: np.ndarray
    shades: np.ndarray

    @classmethod
    def of(cls, mesh: np.ndarray, eye: FacePart, brightness: np.ndarray, look: DrawnEyes) -> _Eye:
        outline = outline_of(mesh, eye)
        width_px = max(float(np.linalg.norm(np.subtract(*outline[list(_CORNERS)]))), 1.0)
        patch = CanvasPatch.around(outline, len(brightness), 0.3 * width_px)
        part = patch.of(brightness)
        inside = part_mask(patch.local(mesh)[None], (eye,), part.shape, 0)
        mask = smoothstep(blur(inside, look.sigma * width_px), *look.reach)
        sharp = part + look.sharpening * (part - blur(part, look.sharp_sigma * width_px))
        seen, lids = sharp[mask > 0.5], sharp[inside > 0.5]
        shades = np.zeros(2)
        if len(lids):
            shades = np.array([np.quantile(seen, look.shades[0]), np.quantile(lids, look.shades[1])])
        middle = outline[list(_CORNERS)].mean(0) - np.array([patch.left, patch.top])
        return cls(patch, middle, width_px, sharp, inside, mask, shades)


def _fixed(points: np.ndarray) -> np.ndarray:
    return np.asarray(np.rint((points - 0.5) * 2**_SHIFT).astype(np.int32))
