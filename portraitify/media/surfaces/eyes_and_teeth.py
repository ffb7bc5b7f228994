"""Eyes and teeth as a pen draws them: an iris as a ring about its pupil, teeth as one white shape."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from portraitify.imaging.face_parts import FacePart, outline_of, part_mask
from portraitify.imaging.filters import blur, smoothstep
from portraitify.media.scene import Scene
from portraitify.media.surfaces.pen_lines import CANVAS_SCALE

_EYES = (FacePart.LEFT_EYE, FacePart.RIGHT_EYE)
_SHIFT = 4
# Brightness of teeth by that of the cheeks, at which they are surely no tongue.
_CHEEKS = 0.8
# Inner edges of the lips from corner to corner.
_UPPER_LIP = (78, 191, 80, 81, 82, 13, 312, 311, 310, 415, 308)
_LOWER_LIP = (78, 95, 88, 178, 87, 14, 317, 402, 318, 324, 308)
# Corners, and the middle of upper and lower lid, within an eye's outline.
_CORNERS, _LIDS = (0, 8), (4, 12)


@dataclass(frozen=True)
class Iris:
    """An iris in ink.

    Attributes:
        radius: in parts of the eye's width.
        ring: breadth of its ring, in parts of the radius.
        pupil: radius of the pupil, in parts of the iris's.
        catchlight: radius of the catchlight, in parts of the iris's.
        catchlight_place: from the centre, right and down, in parts of the iris's radius.
        spokes: lines between pupil and ring.
        least: share of the iris that they cover in a light eye, 0 to 1.
        most: share that they cover in a dark eye, 0 to 1.
        shade: how much more they cover under the upper lid, and less above the lower one.
    """

    radius: float = 0.21
    ring: float = 0.14
    pupil: float = 0.4
    catchlight: float = 0.2
    catchlight_place: tuple[float, float] = (-0.32, -0.36)
    spokes: int = 19
    least: float = 0.25
    most: float = 0.95
    shade: float = 0.55

    def draw(self, canvas: np.ndarray, centre: np.ndarray, radius_px: float, dark: float) -> None:
        """Draw an iris of a darkness, 0 to 1; centre ``(2,)`` and radius in pixels of the canvas."""
        inner, outer = self.pupil * radius_px, radius_px * (1 - 0.5 * self.ring)
        covered = self.least + (self.most - self.least) * dark
        turns = np.arange(self.spokes) * (2 * np.pi / self.spokes)
        half = np.pi / self.spokes * np.clip(covered - self.shade * np.sin(turns), 0.1, 1.1)
        for turn, breadth in zip(turns, half, strict=True):
            angles = np.array([turn - 0.6 * breadth, turn + 0.6 * breadth, turn + breadth, turn - breadth])
            reach = np.array([inner, inner, outer, outer])
            wedge = centre + reach[:, None] * np.stack([np.cos(angles), np.sin(angles)], 1)
            cv2.fillConvexPoly(canvas, _fixed(wedge), 255, cv2.LINE_AA, _SHIFT)
        middle = tuple(int(value) for value in _fixed(centre))
        breadth_px = max(1, round(self.ring * radius_px))
        cv2.circle(canvas, middle, int(outer * 2**_SHIFT), 255, breadth_px, cv2.LINE_AA, _SHIFT)
        cv2.circle(canvas, middle, int(inner * 2**_SHIFT), 255, -1, cv2.LINE_AA, _SHIFT)
        light = _fixed(centre + radius_px * np.array(self.catchlight_place))
        place = tuple(int(value) for value in light)
        cv2.circle(canvas, place, int(self.catchlight * radius_px * 2**_SHIFT), 0, -1, cv2.LINE_AA, _SHIFT)


@dataclass(frozen=True)
class EyesAndTeeth:
    """What is drawn anew inside lids and lips.

    Attributes:
        iris: how an iris is drawn.
        open_eye: height of an eye's opening by its width, from which on its iris is drawn.
        contrast: brightness, 0 to 1, between the lightest and darkest of an eye, from which on it is one and not a
            lens.
        open_mouth: height of the mouth's opening by its width, between which teeth begin to be seen.
        teeth: brightness, 0 to 1, of a place between the darkest and the lightest in the mouth, between which teeth
            begin.
        gaps: places of the lines between teeth, in parts of the mouth's width from its middle.
        gap: breadth of those lines, in parts of the mouth's width.
        gap_length: their length, in parts of the height of the opening.
        sigma: standard deviation of the blur of the masks, in parts of the mouth's width.
    """

    iris: Iris = Iris()
    open_eye: float = 0.16
    contrast: float = 0.15
    open_mouth: tuple[float, float] = (0.06, 0.12)
    teeth: tuple[float, float] = (0.3, 0.6)
    gaps: tuple[float, ...] = (-0.12, 0.02)
    gap: float = 0.009
    gap_length: float = 0.55
    sigma: float = 0.02

    def draw(self, scene: Scene, luma: np.ndarray, dark: np.ndarray, canvas: np.ndarray) -> np.ndarray:
        """Draw irises and the lines between teeth.

        Args:
            scene: the picture.
            luma: ``(S, S)`` float32 brightness, 0 to 1.
            dark: ``(S, S)`` float32 darkness, 0 to 1.
            canvas: ``(2 S, 2 S)`` uint8, on which it is drawn.

        Returns:
            Where nothing else is drawn, ``(S, S)`` float32 in 0 to 1.
        """
        clear = np.zeros_like(dark)
        for mesh in scene.meshes:
            for eye in _EYES:
                clear = np.maximum(clear, self._eye(mesh, eye, luma, dark, canvas))
            clear = np.maximum(clear, self._teeth(scene, mesh, luma, canvas))
        return clear

    def _eye(
        self, mesh: np.ndarray, eye: FacePart, luma: np.ndarray, dark: np.ndarray, canvas: np.ndarray
    ) -> np.ndarray:
        outline = outline_of(mesh, eye)
        width_px = float(np.linalg.norm(np.subtract(*outline[list(_CORNERS)])))
        height_px = float(np.linalg.norm(np.subtract(*outline[list(_LIDS)])))
        inside = part_mask(mesh[None], (eye,), luma.shape, 0)
        if height_px < self.open_eye * width_px or inside.sum() < 4:
            return np.zeros_like(inside)
        rows, columns = np.nonzero(inside > 0.5)
        light = luma[rows, columns]
        deepest, lightest = np.quantile(light, [0.08, 0.92])
        if lightest - deepest < self.contrast:
            return np.zeros_like(inside)
        weight = np.clip((0.5 * (deepest + lightest) - light) / (lightest - deepest), 0, 0.5)
        # Near the corners lies the shadow of lids and lashes.
        middle = outline[list(_CORNERS)].mean(0)
        along = np.hypot(columns + 0.5 - middle[0], rows + 0.5 - middle[1]) / width_px
        weight = weight * smoothstep(along, 0.5, 0.25) + 1e-6
        centre = np.array([np.average(columns + 0.5, weights=weight), np.average(rows + 0.5, weights=weight)])
        radius_px = self.iris.radius * width_px
        near = np.hypot(columns + 0.5 - centre[0], rows + 0.5 - centre[1]) < 0.8 * radius_px
        tone = float(dark[rows[near], columns[near]].mean()) if near.any() else 0.5
        drawn = np.zeros_like(canvas)
        self.iris.draw(drawn, centre * CANVAS_SCALE, radius_px * CANVAS_SCALE, tone)
        window = part_mask(mesh[None] * CANVAS_SCALE, (eye,), canvas.shape, 0)
        np.maximum(canvas, (drawn * window).astype(np.uint8), out=canvas)
        return inside

    def _teeth(self, scene: Scene, mesh: np.ndarray, luma: np.ndarray, canvas: np.ndarray) -> np.ndarray:
        left, right, top, bottom = mesh[[78, 308, 13, 14], :2]
        width_px, height_px = float(np.linalg.norm(right - left)), float(np.linalg.norm(bottom - top))
        seen = float(smoothstep(np.float64(height_px / max(width_px, 1e-6)), *self.open_mouth))
        inside = part_mask(mesh[None], (FacePart.MOUTH,), luma.shape, 0)
        if seen <= 0 or inside.sum() < 4:
            return np.zeros_like(inside)
        deepest, lightest = np.quantile(luma[inside > 0.5], [0.05, 0.9])
        cheeks = mesh[[50, 280], :2].astype(int).clip(0, len(luma) - 1)
        # A tongue is darker than the cheeks; teeth are not.
        lightest = max(lightest, _CHEEKS * float(luma[cheeks[:, 1], cheeks[:, 0]].mean()))
        calm = blur(luma, self.sigma * width_px)
        teeth = smoothstep((calm - deepest) / max(lightest - deepest, 0.1), *self.teeth) * inside
        self._gaps(scene, mesh, width_px, teeth, canvas)
        return np.asarray(seen * teeth, np.float32)

    def _gaps(self, scene: Scene, mesh: np.ndarray, width_px: float, teeth: np.ndarray, canvas: np.ndarray) -> None:
        """Draw short lines between teeth, from the upper lip downwards, where teeth are seen."""
        upper, lower = mesh[list(_UPPER_LIP), :2], mesh[list(_LOWER_LIP), :2]
        drawn, ticks = np.zeros_like(canvas), np.linspace(0, 1, len(upper))
        moved, long = scene.numbered_uniforms("ink.teeth", np.arange(len(self.gaps)), 2)
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
