"""Lines of the pen that a form needs where the light takes its edges away: its outline and the jaw before the neck."""

from __future__ import annotations

from dataclasses import dataclass, replace

import cv2
import numpy as np

from portraitify.imaging.face_parts import eye_distance
from portraitify.imaging.filters import blur, smoothstep
from portraitify.imaging.morphology import runs
from portraitify.imaging.noise import fractal_noise
from portraitify.media.scene import PLAN_PX, Scene

# Pixels of the canvas a pixel of the plan, and fractional bits of drawn outlines.
CANVAS_SCALE, _SHIFT = 2, 4
# Distance of the points of a line, and the least half of a breadth that is drawn; pixels of the plan.
_STEP_PX, _THIN_PX = 1.5, 0.12
# Standard deviation of the Gaussian over lines that are drawn already, pixels of the plan.
_NEAR_PX = 3.0
# A line needs as many points.
_LEAST_POINTS = 5
# The jaw from below one ear to below the other: numbers of the mesh's points in order.
_JAW = (58, 172, 136, 150, 149, 176, 148, 152, 377, 400, 378, 379, 365, 397, 288)


@dataclass(frozen=True)
class PenLines:
    """Long lines of varied breadth.

    Attributes:
        outline: half the breadth of the outline in shadow, in parts of the side.
        outline_light: that breadth in full light, as a fraction.
        outline_sigma_px: standard deviation of the Gaussian that smooths the outline, pixels of the plan.
        jaw: breadth of the jaw's line at its broadest, in parts of the distance between the eyes.
        jaw_light: that breadth in full light, as a fraction.
        pressure: standard deviation of the breadth, as a fraction.
        pressure_cells: of that along the picture's side.
        tremble: standard deviation by which lines stray, in parts of the side.
        drawn: share of ink near by, 0 to 1, between which a line is left out, so that none is doubled.
        edge_sigma_px: standard deviation of the Gaussian before the gradient that shows a jaw, pixels of the plan.
        edge: brightness a pixel of the plan between which a jaw begins to be seen before the neck.
        shade_sigma_px: standard deviation of the Gaussian over the tone beside a line, pixels of the plan.
    """

    outline: float = 0.0011
    outline_light: float = 0.4
    outline_sigma_px: float = 3.0
    jaw: float = 0.02
    jaw_light: float = 0.5
    pressure: float = 0.35
    pressure_cells: float = 22.0
    tremble: float = 0.0007
    drawn: tuple[float, float] = (0.3, 0.08)
    edge_sigma_px: float = 3.0
    edge: tuple[float, float] = (0.004, 0.015)
    shade_sigma_px: float = 4.0

    def draw(
        self,
        scene: Scene,
        luma: np.ndarray,
        shape: np.ndarray,
        dark: np.ndarray,
        drawn: np.ndarray,
        skin: np.ndarray,
    ) -> np.ndarray:
        """Draw the lines.

        Args:
            scene: the picture.
            luma: ``(S, S)`` float32 brightness, 0 to 1.
            shape: ``(S, S)`` float32 in 0 to 1, the subject.
            dark: ``(S, S)`` float32 darkness, 0 to 1.
            drawn: ``(S, S)`` float32 in 0 to 1, ink of other contours.
            skin: ``(S, S)`` float32 in 0 to 1, where a jaw is drawn: no beard hides it.

        Returns:
            ``(2 S, 2 S)`` uint8, 0 paper to 255 ink.
        """
        side = len(shape)
        canvas = np.zeros((CANVAS_SCALE * side,) * 2, np.uint8)
        shade = blur(dark, self.shade_sigma_px)
        free = smoothstep(blur(drawn, _NEAR_PX), *self.drawn)
        noise = fractal_noise(scene.random("ink.lines"), side, self.pressure_cells, 2)
        hand = _Hand(canvas, shade, free, noise, self)
        for points in _outlines(shape, self.outline_sigma_px):
            hand.draw(points, self.outline * side, self.outline_light, tapered=False)
        edges = smoothstep(_edges(luma, self.edge_sigma_px), *self.edge)
        jaw = replace(hand, free=free * skin * edges)
        for mesh in scene.meshes:
            jaw.draw(_smooth_curve(mesh[list(_JAW), :2]), self.jaw * eye_distance(mesh) / 2, self.jaw_light)
        return canvas

    def ink(self, drawn: np.ndarray, size_px: int) -> np.ndarray:
        """Ink of rows of the canvas in a picture of a size, 0 paper to 1 ink, float32 of that shape."""
        sharper = np.float32(max(1.0, size_px / (CANVAS_SCALE * PLAN_PX)))
        return np.asarray(np.clip((drawn * np.float32(1 / 255) - 0.5) * sharper + 0.5, 0, 1))


@dataclass(frozen=True)
class _Hand:
    canvas: np.ndarray
    shade: np.ndarray
    free: np.ndarray
    noise: np.ndarray
    lines: PenLines

    def draw(self, points: np.ndarray, half_px: float, light: float, tapered: bool = True) -> None:
        """Draw a line through points ``(n, 2)``, of a half breadth in shadow and a fraction of it in light."""
        if len(points) < _LEAST_POINTS:
            return
        along = np.gradient(points, axis=0)
        across = np.stack([-along[:, 1], along[:, 0]], 1) / (np.linalg.norm(along, axis=1, keepdims=True) + 1e-6)
        shade, free, noise = (_sample(field, points) for field in (self.shade, self.free, self.noise))
        half = half_px * (light + (1 - light) * np.clip(2 * shade, 0, 1)) * free
        half *= np.clip(1 + self.lines.pressure * noise, 0, 2)
        if tapered:
            half *= np.sin(np.linspace(0, np.pi, len(points))) ** 0.6
        centre = points + across * (self.lines.tremble * len(self.shade) * noise)[:, None]
        visible = half > _THIN_PX
        for start, end in runs(visible):
            if end - start >= _LEAST_POINTS:
                self._fill(centre[start:end], across[start:end], half[start:end])

    def _fill(self, centre: np.ndarray, across: np.ndarray, half: np.ndarray) -> None:
        ends = np.minimum(1, np.minimum(np.arange(len(half)), np.arange(len(half))[::-1]) / 4)
        side = across * (half * ends)[:, None]
        border = np.concatenate([centre + side, (centre - side)[::-1]])
        places = np.rint((border * CANVAS_SCALE - 0.5) * 2**_SHIFT).astype(np.int32)
        cv2.fillPoly(self.canvas, [places], 255, cv2.LINE_AA, _SHIFT)


def _edges(luma: np.ndarray, sigma_px: float) -> np.ndarray:
    """Largest gradient near each place, in brightness a pixel: ``(S, S)`` float32."""
    soft = blur(luma, sigma_px)
    across, down = (cv2.Sobel(soft, cv2.CV_32F, *axes, scale=0.125) for axes in ((1, 0), (0, 1)))
    return np.asarray(cv2.dilate(np.hypot(across, down), np.ones((7, 7), np.uint8)))


def _sample(field: np.ndarray, points: np.ndarray) -> np.ndarray:
    """Values of a field at points ``(n, 2)`` in pixels: ``(n,)``."""
    places = (points - 0.5).astype(np.float32)
    x, y = places[None, :, 0], places[None, :, 1]
    return np.asarray(cv2.remap(field, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)[0])


def _smooth_curve(points: np.ndarray) -> np.ndarray:
    """A smooth curve near points ``(n, 2)``, with points at even distances.

    Source: Chaikin, An Algorithm for High-Speed Curve Generation, Computer Graphics and Image Processing 3(4), 1974.
    """
    for _ in range(3):
        first, last = 0.75 * points[:-1] + 0.25 * points[1:], 0.25 * points[:-1] + 0.75 * points[1:]
        cut = np.stack([first, last], 1).reshape(-1, 2)
        points = np.concatenate([points[:1], cut[1:-1], points[-1:]])
    return _even(points)


def _even(points: np.ndarray) -> np.ndarray:
    way = np.r_[0, np.cumsum(np.linalg.norm(np.diff(points, axis=0), axis=1))]
    places = np.arange(0, way[-1], _STEP_PX)
    return np.stack([np.interp(places, way, points[:, axis]) for axis in (0, 1)], 1)


def _smoothed(points: np.ndarray, sigma_px: float) -> np.ndarray:
    """Points ``(n, 2)`` smoothed along their line."""
    size = (1, 2 * int(3 * sigma_px) + 1)
    return cv2.GaussianBlur(points, size, sigmaX=1, sigmaY=sigma_px, borderType=cv2.BORDER_REPLICATE)


def _outlines(shape: np.ndarray, sigma_px: float) -> list[np.ndarray]:
    """Outlines of the subject inside the picture: points ``(n, 2)`` in pixels each, at even distances."""
    side = len(shape)
    # A border of one pixel outside closes what the picture's edge cuts.
    found, _ = cv2.findContours((shape > 0.5).astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    lines = []
    for contour in found:
        points = contour[:, 0].astype(np.float32) + 0.5
        if len(points) < 0.2 * side:
            continue
        inside = ((points > 3) & (points < side - 3)).all(1)
        # Begin where the edge of the picture cuts the outline, so that each run is whole.
        start = int(np.argmin(inside)) if not inside.all() else 0
        points, inside = np.roll(points, -start, 0), np.roll(inside, -start)
        for begin, end in runs(inside):
            if end - begin > 4 * sigma_px:
                lines.append(_even(_smoothed(points[begin:end], sigma_px)))
    return lines
