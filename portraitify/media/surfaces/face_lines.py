"""Lines that the sitter's own face asks for: lids, nostrils, the parting of the lips, folds and wrinkles.

Sources: Kang, Lee and Chui, Coherent Line Drawing, NPAR 2007 (difference of Gaussians smoothed along the flow);
Winnemöller, Kyprianidis and Olsen, XDoG, Computers & Graphics 36(6), 2012.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from portraitify.imaging.face_parts import FacePart, eye_distance, outline_of, part_mask
from portraitify.imaging.filters import blur, smoothstep
from portraitify.imaging.flow import line_integral_convolution, structure_orientation
from portraitify.imaging.head_areas import face_areas
from portraitify.imaging.morphology import disc, touching
from portraitify.media.scene import Scene
from portraitify.media.surfaces.pen_lines import CANVAS_SCALE

# Distance between the eyes in the view in which lines are looked for, pixels, and in the plan up to which it is that:
# larger faces have finer lines for their size, as on any sheet.
_EYES_PX, _USUAL_PX, _MOST_PX = 112.0, 80.0, 190.0
_EYES_AND_BROWS = (FacePart.LEFT_EYE, FacePart.RIGHT_EYE, FacePart.LEFT_BROW, FacePart.RIGHT_BROW)
# Standard deviation of the blur of a part's mask, in distances between the eyes, and what it is multiplied with.
_AROUND_EYES, _AROUND_LIPS, _AROUND_NOSE = (0.12, 5.0), (0.04, 2.0), (0.06, 2.0)
# Standard deviation of the Gaussian before the gradient, pixels of the view.
_GRADIENT_PX = 1.0
# Standard deviation of the blur before a photo is seen from farther away, pixels of the view.
_SMALLER_PX = 0.4
# More than the strength of any line.
_NOWHERE = 9.0
# Values of a mask, 0 to 1, between which lines are drawn.
_SHOWN = (0.3, 0.6)


@dataclass(frozen=True)
class FaceLines:
    """Lines where the photo of a face is darker than beside them; lengths are in distances between the eyes.

    What a mesh knows of a face is alike in all of them; these lines are the sitter's own.

    Attributes:
        even_sigma: standard deviation of the Gaussian over the light, by which brightness is divided.
        least_light: brightness, 0 to 1, that is added to it, or the noise of a dark photo would be lines.
        width_px: standard deviation of the narrow Gaussian, pixels of the view.
        fine: the same in eyes, brows and lips, as a factor.
        surround: standard deviation of the wide Gaussian, as a factor of the narrow one's.
        beside: how far to both sides a line must be darker than what lies there, as a factor of its width.
        ridge: 0 to 1, how much less what is darker than one side counts: the edge of a shadow is no line.
        tensor_sigma: standard deviation of the blur of the structure tensor.
        trust: gradient, in parts of the light a pixel of the view, below which lines lie level.
        steps: of the flow to each side along which lines are smoothed.
        step_px: their length, pixels of the view.
        features: darkness, as a part of the light, from which on a line is drawn in eyes, brows and lips.
        nose: the same along the nose, whose sides are edges of shadows and drawn as lines for all that.
        least_nose: 0 to 1, how much of a nose is drawn at the least, as far as its lines begin firmly.
        firm: how firmly that is, as a factor of ``nose``.
        faintest: darkness below which nothing of a nose is drawn for all that.
        elsewhere: darkness from which on a line is drawn in the rest of the face.
        gain: strength of ink by darkness.
        inner: the part of the face, as a factor of its size, in which beards, fringes and glasses have such lines too.
        outer: the part of the picture in which lines are looked for, as a factor of the face's size.
        outer_sigma_px: standard deviation of the blur of its border, pixels of the plan.
    """

    even_sigma: float = 0.3
    least_light: float = 0.08
    width_px: float = 1.4
    fine: float = 0.65
    surround: float = 1.6
    beside: float = 2.2
    ridge: float = 0.6
    tensor_sigma: float = 0.03
    trust: float = 0.004
    steps: int = 4
    step_px: float = 1.75
    features: float = 0.02
    nose: float = 0.026
    least_nose: float = 0.05
    firm: float = 0.75
    faintest: float = 0.01
    elsewhere: float = 0.035
    gain: float = 110.0
    inner: float = 0.85
    outer: float = 1.08
    outer_sigma_px: float = 2.0

    def area(self, scene: Scene, skin: np.ndarray) -> np.ndarray:
        """Where lines are drawn, ``(S, S)`` float32 in 0 to 1, of what is bare skin, of that shape."""
        side = len(skin)
        shown = np.maximum(skin, face_areas(scene.meshes, side, self.inner))
        return np.asarray(shown * blur(face_areas(scene.meshes, side, self.outer), self.outer_sigma_px))

    def draw(self, scene: Scene, area: np.ndarray) -> np.ndarray:
        """Draw the lines of faces with known geometry.

        Args:
            scene: the picture.
            area: ``(S, S)`` float32 in 0 to 1, where.

        Returns:
            ``(2 S, 2 S)`` uint8, 0 paper to 255 ink.
        """
        canvas = np.zeros((CANVAS_SCALE * len(area),) * 2, np.uint8)
        for mesh in scene.meshes:
            view = _View.of(mesh, self.outer)
            strength = self._strength(view.seen(scene.features_luma), view)
            strength -= _NOWHERE * smoothstep(view.seen(area), *_SHOWN[::-1])
            view.draw(strength, canvas)
        return canvas

    def _strength(self, brightness: np.ndarray, view: _View) -> np.ndarray:
        """Signed strength of lines in a view, positive where there is ink: float32 of the shape of ``brightness``."""
        even = brightness / (blur(brightness, self.even_sigma * view.eyes_px) + self.least_light)
        level = np.zeros_like(even)
        flow = structure_orientation(even, _GRADIENT_PX, self.tensor_sigma * view.eyes_px, level, self.trust)
        eyes, lips = view.around(_EYES_AND_BROWS, _AROUND_EYES), view.around((FacePart.LIPS,), _AROUND_LIPS)
        parts, nose = np.maximum(eyes, lips), view.around((FacePart.NOSE,), _AROUND_NOSE)
        darker = self._darker(even, self.width_px)
        darker += parts * np.maximum(self._darker(even, self.fine * self.width_px) - darker, 0)
        edges = np.minimum(np.maximum(self._ridges(even, flow), 0) - darker, 0)
        darker += (1 - np.maximum(parts, nose)) * self.ridge * edges
        lines = line_integral_convolution(darker.astype(np.float32), flow, self.steps, self.step_px)
        threshold = self.elsewhere + (self._along_nose(lines, nose * (1 - parts)) - self.elsewhere) * nose
        threshold += (self.features - threshold) * parts
        return np.asarray((lines - threshold) * self.gain, np.float32)

    def _along_nose(self, lines: np.ndarray, nose: np.ndarray) -> np.ndarray:
        """From which darkness on lines are drawn along this nose: of those that begin firmly also what is faint.

        So that nobody is drawn without a nose, as by a flash, and spots of skin are left out (hysteresis: Canny, A
        Computational Approach to Edge Detection, PAMI 1986).
        """
        threshold, inside = np.full(lines.shape, self.nose, np.float32), nose > 0.5
        if not inside.any():
            return threshold
        faint = float(np.clip(np.quantile(lines[inside], 1 - self.least_nose), self.faintest, self.nose))
        drawn = touching((lines > faint) & inside, inside & (lines > self.firm * self.nose), 0.0)
        threshold[cv2.dilate(drawn.astype(np.uint8), disc(2)) > 0] = faint
        return threshold

    def _darker(self, even: np.ndarray, width_px: float) -> np.ndarray:
        """How much darker places are than what lies around them."""
        return np.asarray(blur(even, self.surround * width_px) - blur(even, width_px))

    def _ridges(self, even: np.ndarray, flow: np.ndarray) -> np.ndarray:
        """How much darker places are than the darker of both their sides."""
        soft = blur(even, self.width_px)
        rows, columns = np.indices(even.shape, np.float32)
        across, down = (self.beside * self.width_px * way for way in (-np.sin(flow), np.cos(flow)))
        sides = (
            cv2.remap(soft, columns + sign * across, rows + sign * down, cv2.INTER_LINEAR, None, cv2.BORDER_REPLICATE)
            for sign in (1, -1)
        )
        return np.asarray(np.minimum(*sides) - soft)


@dataclass(frozen=True)
class _View:
    """A part of the picture around a face, as near as its lines need.

    Attributes:
        first: ``(2,)`` its first column and row in the plan.
        scale: pixels of the view for each of the plan.
        size: width and height, pixels of the view.
        eyes_px: distance between the eyes, pixels of the view.
        mesh: ``(468, 3)`` in pixels of the view.
    """

    first: np.ndarray
    scale: float
    size: tuple[int, int]
    eyes_px: float
    mesh: np.ndarray

    @classmethod
    def of(cls, mesh: np.ndarray, factor: float) -> _View:
        """The view of a face ``(468, 3)`` in pixels of the plan, so many times as large as that."""
        outline = outline_of(mesh, FacePart.FACE)
        middle, half = (outline.min(0) + outline.max(0)) / 2, factor * np.ptp(outline, axis=0) / 2
        apart = eye_distance(mesh)
        eyes_px = float(np.clip(_EYES_PX * (apart / _USUAL_PX) ** 0.5, _EYES_PX, _MOST_PX))
        scale, first = eyes_px / apart, middle - half
        width, height = np.ceil(2 * half * scale).astype(int).tolist()
        return cls(first, scale, (width, height), eyes_px, (mesh - np.append(first, 0)) * scale)

    def seen(self, field: np.ndarray) -> np.ndarray:
        """What of a field of the plan, ``(S, S)`` float32, lies in the view."""
        if self.scale < 1:
            field = blur(field, _SMALLER_PX / self.scale)
        step = 1 / self.scale
        matrix = np.column_stack([step * np.eye(2), self.first + 0.5 * step - 0.5])
        flags = cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP
        return np.asarray(cv2.warpAffine(field, matrix, self.size, flags=flags, borderMode=cv2.BORDER_REPLICATE))

    def around(self, parts: tuple[FacePart, ...], reach: tuple[float, float]) -> np.ndarray:
        """Parts of the face and what lies around them, float32 in 0 to 1 of the view's shape."""
        sigma, gain = reach
        mask = part_mask(self.mesh[None], parts, self.size[::-1], sigma * self.eyes_px)
        return np.asarray(np.minimum(gain * mask, 1), np.float32)

    def draw(self, strength: np.ndarray, canvas: np.ndarray) -> None:
        """Draw lines of a signed strength, of the view's shape, on the canvas ``(2 S, 2 S)``."""
        step = self.scale / CANVAS_SCALE
        matrix = np.column_stack([step * np.eye(2), 0.5 * step - 0.5 - self.first * self.scale])
        flags = cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP
        drawn = cv2.warpAffine(strength, matrix, canvas.shape[::-1], flags=flags, borderValue=-_NOWHERE)
        np.maximum(canvas, (255 * np.clip(0.5 + drawn, 0, 1)).astype(np.uint8), out=canvas)
