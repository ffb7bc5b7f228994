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
# Red, 0 to 255, up to which a hue is noise; and brightness, 0 to 1, up to which a contrast is.
_DARK, _NOISE = 8.0, 0.05
# Of a part of the picture around what is drawn in it, pixels.
_MARGIN_PX = 3
# Points of the mesh on the cheeks.
_CHEEKS = (50, 280)
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
class _Patch:
    """A part of the picture: its first column and row, and those after the last."""

    left: int
    top: int
    right: int
    bottom: int

    @classmethod
    def around(cls, points: np.ndarray, side: int) -> _Patch:
        """The part of a picture around points ``(n, 2)`` in pixels."""
        first = np.clip(np.floor(points.min(0)).astype(int) - _MARGIN_PX, 0, side - 1)
        last = np.clip(np.ceil(points.max(0)).astype(int) + _MARGIN_PX, first + 1, side)
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
class EyesAndTeeth:
    """What is drawn anew inside lids and lips.

    Attributes:
        iris: how an iris is drawn.
        open_eye: height of an eye's opening by its width, from which on its iris is drawn.
        contrast: between the lightest and the darkest of an eye, as a fraction of the lightest, from which on it is an
            eye and not a dark lens.
        dark_iris: darkness of an iris between that of the lightest and of the darkest of the eye, 0 to 1, between
            which it turns from a light one to a dark one.
        white: brightness of the white of an eye, 0 to 1, between which it turns from black to bare paper.
        open_mouth: height of the mouth's opening by its width, between which teeth begin to be seen.
        teeth: brightness, 0 to 1, of a place between the darkest and the lightest in the mouth, between which teeth
            begin.
        red: redness above the cheeks', as a fraction of the red, at which a place is tongue or gum, and up to which
            it may be teeth.
        gaps: places of the lines between teeth, in parts of the mouth's width from its middle.
        gap: breadth of those lines, in parts of the mouth's width.
        gap_length: their length, in parts of the height of the opening.
        sigma: standard deviation of the blur of the masks, in parts of the mouth's width.
    """

    iris: Iris = Iris()
    open_eye: float = 0.13
    contrast: float = 0.35
    dark_iris: tuple[float, float] = (0.4, 0.95)
    white: tuple[float, float] = (0.05, 0.36)
    open_mouth: tuple[float, float] = (0.06, 0.12)
    teeth: tuple[float, float] = (0.15, 0.4)
    red: tuple[float, float] = (0.2, 0.06)
    gaps: tuple[float, ...] = (-0.12, 0.02)
    gap: float = 0.009
    gap_length: float = 0.55
    sigma: float = 0.02

    def draw(self, scene: Scene, luma: np.ndarray, canvas: np.ndarray) -> np.ndarray:
        """Draw irises and the lines between teeth.

        Args:
            scene: the picture.
            luma: ``(S, S)`` float32 brightness, 0 to 1.
            canvas: ``(2 S, 2 S)`` uint8, on which it is drawn.

        Returns:
            Where nothing else is drawn, ``(S, S)`` float32 in 0 to 1.
        """
        clear = np.zeros_like(luma)
        for mesh in scene.meshes:
            for eye in _EYES:
                around = _Patch.around(outline_of(mesh, eye), len(luma))
                photo = None if scene.photo is None else around.of(scene.photo)
                drawn = self._eye(around.local(mesh), eye, around.of(luma), photo, around.on(canvas))
                np.maximum(around.of(clear), drawn, out=around.of(clear))
            points = np.concatenate([outline_of(mesh, FacePart.MOUTH), mesh[list(_CHEEKS), :2]])
            around = _Patch.around(points, len(luma))
            photo = None if scene.photo is None else around.of(scene.photo)
            chance = scene.numbered_uniforms("ink.teeth", np.arange(len(self.gaps)), 2)
            drawn = self._teeth(around.local(mesh), around.of(luma), photo, chance, around.on(canvas))
            np.maximum(around.of(clear), drawn, out=around.of(clear))
        return clear

    def _eye(
        self,
        mesh: np.ndarray,
        eye: FacePart,
        luma: np.ndarray,
        photo: np.ndarray | None,
        canvas: np.ndarray,
    ) -> np.ndarray:
        """Draw an iris; what comes back is where nothing else is drawn, of the shape of ``luma``."""
        outline = outline_of(mesh, eye)
        width_px = float(np.linalg.norm(np.subtract(*outline[list(_CORNERS)])))
        height_px = float(np.linalg.norm(np.subtract(*outline[list(_LIDS)])))
        inside = part_mask(mesh[None], (eye,), luma.shape, 0)
        if height_px < self.open_eye * width_px or inside.sum() < 4:
            return np.zeros_like(inside)
        if photo is not None:
            # A shaded eye is lost in the painting sooner than in the photo.
            luma = cv2.cvtColor(photo, cv2.COLOR_RGB2GRAY).astype(np.float32) * np.float32(1 / 255)
        rows, columns = np.nonzero(inside > 0.5)
        light = luma[rows, columns]
        deepest, lightest = np.quantile(light, [0.08, 0.92])
        if lightest - deepest < self.contrast * (lightest + _NOISE):
            return np.zeros_like(inside)
        weight = np.clip((0.5 * (deepest + lightest) - light) / (lightest - deepest), 0, 0.5)
        # Near the corners lies the shadow of lids and lashes.
        middle = outline[list(_CORNERS)].mean(0)
        along = np.hypot(columns + 0.5 - middle[0], rows + 0.5 - middle[1]) / width_px
        weight = weight * smoothstep(along, 0.5, 0.25) + 1e-6
        centre = np.array([np.average(columns + 0.5, weights=weight), np.average(rows + 0.5, weights=weight)])
        radius_px = self.iris.radius * width_px
        near = np.hypot(columns + 0.5 - centre[0], rows + 0.5 - centre[1]) < 0.8 * radius_px
        share = np.clip((lightest - light) / (lightest - deepest), 0, 1)
        mean = share[near].mean() if near.any() else share.mean()
        tone = float(smoothstep(np.asarray(mean), *self.dark_iris))
        drawn = np.zeros_like(canvas)
        self.iris.draw(drawn, centre * CANVAS_SCALE, radius_px * CANVAS_SCALE, tone)
        window = part_mask(mesh[None] * CANVAS_SCALE, (eye,), canvas.shape, 0)
        np.maximum(canvas, (drawn * window).astype(np.uint8), out=canvas)
        return np.asarray(inside * float(smoothstep(np.float64(lightest), *self.white)), np.float32)

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
        calm = blur(luma, self.sigma * width_px)
        teeth = smoothstep((calm - deepest) / max(lightest - deepest, 0.1), *self.teeth) * inside
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
