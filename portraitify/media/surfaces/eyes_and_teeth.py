"""Eyes and teeth as a pen draws them: eyes as the sitter's own darks, teeth as one white shape."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from portraitify.imaging.face_parts import FacePart, outline_of, part_mask
from portraitify.imaging.filters import blur, smoothstep
from portraitify.media.scene import Scene
from portraitify.media.surfaces.pen_lines import CANVAS_SCALE

# How surely eyes are to be seen, 0 to 1, from which on they are drawn.
_SHOWN = 0.5
_EYES = (FacePart.LEFT_EYE, FacePart.RIGHT_EYE)
_SHIFT = 4
# Red, 0 to 255, up to which a hue is noise; and brightness, 0 to 1, up to which a contrast is.
_DARK, _NOISE = 8.0, 0.05
# Of a part of the picture around what is drawn in it, pixels.
_MARGIN_PX = 3
# Points of the mesh on the cheeks.
_CHEEKS = (50, 280)
# Inner edges of the lips from corner to corner.
_UPPER_LIP = (78, 191, 80, 81, 82, 13, 312, 311, 310, 415, 308)
_LOWER_LIP = (78, 95, 88, 178, 87, 14, 317, 402, 318, 324, 308)
# Corners within an eye's outline.
_CORNERS = (0, 8)


@dataclass(frozen=True)
class _Patch:
    """A part of the picture: its first column and row, and those after the last."""

    left: int
    top: int
    right: int
    bottom: int

    @classmethod
    def around(cls, points: np.ndarray, side: int, margin_px: float = _MARGIN_PX) -> _Patch:
        """The part of a picture around points ``(n, 2)`` in pixels."""
        first = np.clip(np.floor(points.min(0) - margin_px).astype(int), 0, side - 1)
        last = np.clip(np.ceil(points.max(0) + margin_px).astype(int), first + 1, side)
        return cls(int(first[0]), int(first[1]), int(last[0]), int(last[1]))

    def of(self, field: np.ndarray) -> np.ndarray:
        return field[self.top : self.bottom, self.left : self.right]

    def on(self, canvas: np.ndarray) -> np.ndarray:
        rows = slice(CANVAS_SCALE * self.top, CANVAS_SCALE * self.bottom)
        return canvas[rows, CANVAS_SCALE * self.left : CANVAS_SCALE * self.right]

    def local(self, mesh: np.ndarray) -> np.ndarray:
        """Points ``(468, 3)`` in pixels of the part."""
        return np.asarray(mesh - np.array([self.left, self.top, 0.0]))


@dataclass(frozen=True)
class DrawnEyes:
    """Eyes as dark and light as the sitter's own, so that lids, gaze and size of the irises are theirs.

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
    black: tuple[float, float] = (0.5, 0.66)
    power: float = 1.3
    hatched: float = 0.95
    reach: tuple[float, float] = (0.12, 0.4)
    sigma: float = 0.09
    sharpening: float = 0.5
    sharp_sigma: float = 0.08
    iris: float = 0.35
    pupil: float = 0.07

    def draw(self, mesh: np.ndarray, brightness: np.ndarray, canvas: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Draw the blacks of a face's eyes.

        Args:
            mesh: ``(468, 3)`` in pixels.
            brightness: ``(S, S)`` float32, 0 to 1.
            canvas: ``(2 S, 2 S)`` uint8, on which they are drawn.

        Returns:
            Where eyes lie, and what is to be hatched there; ``(S, S)`` float32 in 0 to 1 each.
        """
        where, tone = np.zeros((2, *brightness.shape), np.float32)
        views = [_Eye.of(mesh, eye, brightness, self) for eye in _EYES]
        common = np.mean([eye.shades for eye in views], axis=0)
        for eye in views:
            deepest, lightest = eye.shades + self.alike * (common - eye.shades)
            if eye.shades[1] - eye.shades[0] < self.contrast * (eye.shades[1] + _NOISE):
                continue
            dark = np.clip((lightest - eye.brightness) / max(lightest - deepest, _NOISE), 0, 1)
            patch = eye.patch.on(canvas)
            fine, mask = (
                cv2.resize(part, patch.shape[::-1], interpolation=cv2.INTER_CUBIC) for part in (dark, eye.mask)
            )
            black = 255 * smoothstep(fine, *self.black) * np.clip(mask, 0, 1)
            np.maximum(patch, black.astype(np.uint8), out=patch)
            self._pupil(eye, dark, patch)
            hatched = eye.patch.of(tone)
            np.maximum(hatched, self.hatched * dark**self.power * eye.mask, out=hatched)
            np.maximum(eye.patch.of(where), eye.mask, out=eye.patch.of(where))
        return where, tone

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

    patch: _Patch
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
        patch = _Patch.around(outline, len(brightness), 0.3 * width_px)
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


@dataclass(frozen=True)
class EyesAndTeeth:
    """What is drawn anew inside lids and lips.

    Attributes:
        eyes: how eyes are drawn.
        open_mouth: height of the mouth's opening by its width, between which teeth begin to be seen.
        teeth: brightness, 0 to 1, of a place between the darkest and the lightest in the mouth, between which teeth
            begin.
        lighter: brightness of the lightest in the mouth by that of the lips, between which it may be teeth.
        corners: distance from the middle of the mouth, in parts of its width, between which teeth lie in shade.
        red: redness above the cheeks', as a fraction of the red, at which a place is tongue or gum, and up to which
            it may be teeth.
        gaps: places of the lines between teeth, in parts of the mouth's width from its middle.
        gap: breadth of those lines, in parts of the mouth's width.
        gap_length: their length, in parts of the height of the opening.
        sigma: standard deviation of the blur of the masks, in parts of the mouth's width.
    """

    eyes: DrawnEyes = DrawnEyes()
    open_mouth: tuple[float, float] = (0.06, 0.12)
    teeth: tuple[float, float] = (0.15, 0.4)
    lighter: tuple[float, float] = (1.05, 1.25)
    corners: tuple[float, float] = (0.46, 0.28)
    red: tuple[float, float] = (0.2, 0.06)
    gaps: tuple[float, ...] = (-0.2, -0.07, 0.06, 0.19)
    gap: float = 0.007
    gap_length: float = 0.35
    sigma: float = 0.02

    def draw(self, scene: Scene, luma: np.ndarray, canvas: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Draw the darks of eyes and the lines between teeth.

        Args:
            scene: the picture.
            luma: ``(S, S)`` float32 brightness, 0 to 1.
            canvas: ``(2 S, 2 S)`` uint8, on which it is drawn.

        Returns:
            Where nothing else is drawn; where eyes lie; and what is to be hatched there. ``(S, S)`` float32 in 0 to 1
            each.
        """
        clear, eyes, tone = np.zeros((3, *luma.shape), np.float32)
        # A shaded eye is lost in the painting sooner than in the photo.
        brightness = luma if scene.photo_luma is None else scene.photo_luma
        for mesh, shown in zip(scene.meshes, scene.eyes_shown, strict=True):
            if shown > _SHOWN:
                for field, drawn in zip((eyes, tone), self.eyes.draw(mesh, brightness, canvas), strict=True):
                    np.maximum(field, drawn, out=field)
            points = np.concatenate([outline_of(mesh, FacePart.MOUTH), mesh[list(_CHEEKS), :2]])
            around = _Patch.around(points, len(luma))
            photo = None if scene.photo is None else around.of(scene.photo)
            chance = scene.numbered_uniforms("ink.teeth", np.arange(len(self.gaps)), 2)
            teeth = self._teeth(around.local(mesh), around.of(luma), photo, chance, around.on(canvas))
            np.maximum(around.of(clear), teeth, out=around.of(clear))
        return clear, eyes, tone

    def _teeth(
        self, mesh: np.ndarray, luma: np.ndarray, photo: np.ndarray | None, chance: np.ndarray, canvas: np.ndarray
    ) -> np.ndarray:
        """Draw gaps; what comes back is where teeth are seen, of the shape of ``luma``."""
        left, right, top, bottom = mesh[[78, 308, 13, 14], :2]
        width_px, height_px = float(np.linalg.norm(right - left)), float(np.linalg.norm(bottom - top))
        seen = float(smoothstep(np.float64(height_px / max(width_px, 1e-6)), *self.open_mouth))
        inside = part_mask(mesh[None], (FacePart.MOUTH,), luma.shape, 0)
        if seen <= 0 or inside.sum() < 4:
            return np.zeros_like(inside)
        deepest, lightest = np.quantile(luma[inside > 0.5], [0.05, 0.9])
        lips = part_mask(mesh[None], (FacePart.LIPS,), luma.shape, 0) * (1 - inside)
        usual = float(np.median(luma[lips > 0.5])) if (lips > 0.5).any() else 0.0
        seen *= float(smoothstep(np.float64(lightest / max(usual, _NOISE)), *self.lighter))
        calm = blur(luma, self.sigma * width_px)
        teeth = smoothstep((calm - deepest) / max(lightest - deepest, 0.1), *self.teeth) * inside
        columns, rows = np.arange(luma.shape[1]) + 0.5, np.arange(luma.shape[0])[:, None] + 0.5
        along, middle = (right - left) / max(width_px, 1e-6), (left + right) / 2
        aside = np.abs((columns - middle[0]) * along[0] + (rows - middle[1]) * along[1]) / max(width_px, 1e-6)
        teeth = teeth * smoothstep(aside, *self.corners)
        if photo is not None:
            teeth = teeth * smoothstep(self._redder(photo, mesh, width_px), *self.red)
        self._gaps(mesh, width_px, teeth, chance, canvas)
        return np.asarray(seen * teeth, np.float32)

    def _redder(self, photo: np.ndarray, mesh: np.ndarray, width_px: float) -> np.ndarray:
        """How much redder places are than the cheeks, ``(S, S)`` float32: a tongue is, and teeth are not."""
        red, green, _ = cv2.split(blur(photo, self.sigma * width_px).astype(np.float32))
        redness = (red - green) / (red + _DARK)
        rows, columns = (mesh[list(_CHEEKS), axis].astype(int).clip(0, photo.shape[1 - axis] - 1) for axis in (1, 0))
        return np.asarray(redness - redness[rows, columns].mean())

    def _gaps(
        self, mesh: np.ndarray, width_px: float, teeth: np.ndarray, chance: np.ndarray, canvas: np.ndarray
    ) -> None:
        """Draw short lines between teeth, from the upper lip downwards, where teeth are seen."""
        upper, lower = mesh[list(_UPPER_LIP), :2], mesh[list(_LOWER_LIP), :2]
        drawn, ticks = np.zeros_like(canvas), np.linspace(0, 1, len(upper))
        moved, long = chance
        for place, length in zip(0.5 + np.array(self.gaps) + 0.08 * (moved - 0.5), long, strict=True):
            top, bottom = (
                np.stack([np.interp(place, ticks, lip[:, axis]) for axis in (0, 1)]) for lip in (upper, lower)
            )
            ends = top + np.array([[0.05], [0.05 + self.gap_length * (0.5 + length)]]) * (bottom - top)
            across = np.array([self.gap * width_px / 2, 0])
            wedge = np.array([ends[0] - across, ends[0] + across, ends[1]]) * CANVAS_SCALE
            cv2.fillConvexPoly(drawn, _fixed(wedge), 255, cv2.LINE_AA, _SHIFT)
        shown = cv2.resize(teeth.astype(np.float32), canvas.shape[::-1], interpolation=cv2.INTER_LINEAR)
        np.maximum(canvas, (drawn * shown).astype(np.uint8), out=canvas)


def _fixed(points: np.ndarray) -> np.ndarray:
    return np.asarray(np.rint((points - 0.5) * 2**_SHIFT).astype(np.int32))
