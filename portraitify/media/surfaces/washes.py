"""Washes of watercolor: their colours, their steps of tone, and where they end."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from portraitify.imaging.channels import gray_to_rgb
from portraitify.imaging.filters import blur, smoothstep
from portraitify.imaging.noise import fractal_noise
from portraitify.media.scene import Scene

# Distance inside a wash, in parts of the side, that no wandering border takes away again.
_FAR_INSIDE = 0.4
# Of a place from the edge of the picture, in parts of the side; it is divided by.
_MIN_DISTANCE = 1e-3


@dataclass(frozen=True)
class Simplification:
    """Even colours such as a broad brush lays, with outlines that stray a little.

    Attributes:
        bilateral_px: diameter of the bilateral filter that evens colours out, pixels of the plan.
        bilateral_range: standard deviation of that filter in colour, 0 to 255.
        bilateral_sigma_px: standard deviation of that filter in the plane, pixels of the plan.
        wobble: standard deviation by which outlines stray, in parts of the side.
        wobble_cells: bends along the picture's side in the coarsest octave.
        wobble_octaves: of the bends; each has twice as many of half the size as the one before.
        sharpening: how much of the difference from the surroundings is added.
        sharpening_sigma_px: standard deviation of the Gaussian over the surroundings, pixels of the plan.
    """

    bilateral_px: int = 9
    bilateral_range: float = 30.0
    bilateral_sigma_px: float = 4.0
    wobble: float = 0.0016
    wobble_cells: float = 40
    wobble_octaves: int = 3
    sharpening: float = 0.7
    sharpening_sigma_px: float = 1.3

    def apply(self, scene: Scene, looseness: np.ndarray, random: np.random.Generator) -> np.ndarray:
        """The painting in simple colours.

        Args:
            scene: the picture.
            looseness: ``(S, S)`` float32, 0 to 1, how freely a place is painted.
            random: where outlines stray.

        Returns:
            ``(S, S, 3)`` float32 in 0 to 1.
        """
        even = cv2.bilateralFilter(scene.even, self.bilateral_px, self.bilateral_range, self.bilateral_sigma_px)
        colour = self._stray(even, looseness, random) / 255
        detail = colour - blur(colour, self.sharpening_sigma_px)
        return np.asarray(np.clip(colour + self.sharpening * detail, 0, 1))

    def _stray(self, image: np.ndarray, looseness: np.ndarray, random: np.random.Generator) -> np.ndarray:
        side = len(looseness)
        y, x = np.mgrid[:side, :side].astype(np.float32)
        reach = np.float32(self.wobble * side) * looseness
        right, down = (reach * fractal_noise(random, side, self.wobble_cells, self.wobble_octaves) for _ in range(2))
        return cv2.remap(image, x + right, y + down, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT_101)


@dataclass(frozen=True)
class FormContrast:
    """How forms stand out where white paper is the light, and how it shines through the darks.

    Attributes:
        sigma: standard deviation of the Gaussian over the surroundings of a form, in parts of the side.
        subject: how much of the difference from the surroundings is added to the subject.
        face: how much more of it is added in faces.
        glow: brightness, 0 to 1, that black gains from the paper below it; not in eyes and mouth.
    """

    sigma: float = 0.023
    subject: float = 0.2
    face: float = 0.2
    glow: float = 0.13

    def apply(self, scene: Scene, colour: np.ndarray) -> np.ndarray:
        """Change colours ``(S, S, 3)`` float32 in 0 to 1; a new array of that kind."""
        form = colour - blur(colour, self.sigma * len(colour))
        colour = np.clip(colour + gray_to_rgb(self.subject * scene.subject_mask + self.face * scene.face) * form, 0, 1)
        clear = 1 - colour
        clear *= clear
        return np.asarray(colour + gray_to_rgb(self.glow * (1 - scene.features)) * clear * clear)


@dataclass(frozen=True)
class WashSteps:
    """Washes that are laid over each other, each a step of tone with a dark border.

    Attributes:
        count: steps from black to white.
        unevenness: how far their borders stray, in steps, by a standard deviation of the flow of the water.
        tooth: how far their borders stray, in steps, by a standard deviation of the paper's height.
        transition: parts of a step, 0 to 1, between which its tone changes over.
        border: parts of a step, 0 to 1, at which the dark line along it begins, is darkest and ends.
        border_depth: darkness of that line, 0 to 1.
        share: 0 to 1, how far washes stand apart from each other; not in eyes and mouth.
        depths: darkness, 0 to 1, between which they begin to stand apart.
        density: of the pigment by the darkness of a step.
        border_density: of the pigment by the darkness of the line.
    """

    count: float = 6.0
    unevenness: float = 0.30
    tooth: float = 0.05
    transition: tuple[float, float] = (0.42, 0.58)
    border: tuple[float, float, float] = (0.30, 0.42, 0.50)
    border_depth: float = 0.35
    share: float = 0.55
    depths: tuple[float, float] = (0.04, 0.25)
    density: float = 0.9
    border_density: float = 0.55

    def level(self, luma: np.ndarray, looseness: np.ndarray, flow: np.ndarray) -> np.ndarray:
        """Brightness in steps, uneven as hands are; all ``(S, S)`` float32."""
        return np.asarray(luma * self.count + looseness * (self.unevenness * flow))

    def apart(self, luma: np.ndarray, looseness: np.ndarray) -> np.ndarray:
        """How far washes stand apart from each other, 0 to 1; all ``(S, S)`` float32."""
        return np.asarray(self.share * looseness * smoothstep(1 - luma, *self.depths))

    def added_density(self, level: np.ndarray, height: np.ndarray) -> np.ndarray:
        """What steps add to the density of the pigment.

        Args:
            level: ``(n, m)`` float32, brightness in steps.
            height: ``(n, m)`` float32, the paper's.

        Returns:
            ``(n, m)`` float32: how much darker the nearest wash is than the smooth tone, and its border.
        """
        level = level + self.tooth * height
        part = level - np.floor(level)
        step = (part - smoothstep(part, *self.transition)) * np.float32(1 / self.count)
        begin, darkest, end = self.border
        line = smoothstep(part, begin, darkest) * smoothstep(part, end, darkest) * np.float32(self.border_depth)
        return np.asarray(self.density * step + self.border_density * line)


@dataclass(frozen=True)
class WashBorder:
    """The wandering line at which the wash of a light background ends, before the picture does.

    Attributes:
        margin: mean distance of the line from the edge of the picture, in parts of the side.
        wander: standard deviation of its slow bends, in parts of the side.
        wander_cells: slow bends along the picture's side in the coarsest octave.
        tremor: standard deviation of its quick bends, in parts of the side.
        tremor_cells: quick bends along the picture's side in the coarsest octave.
        octaves: of the bends; each has twice as many of half the size as the one before.
        dark: brightness of a background, 0 to 1, above which its wash ends at the line, and below which it runs on to
            the edge of the picture.
        mask_sigma: standard deviation of the blur of the subject mask, in parts of the side.
        mask_range: values of the blurred subject mask, 0 to 1, below which washes end at the line, and above which
            they run on.
        softness: half the width over which the wash ends, in parts of the side.
        density: of the pigment that gathers just inside it.
        density_width: how far inside that reaches, in parts of the side.
    """

    margin: float = 0.045
    wander: float = 0.030
    wander_cells: float = 4
    tremor: float = 0.006
    tremor_cells: float = 36
    octaves: int = 2
    dark: tuple[float, float] = (0.62, 0.42)
    mask_sigma: float = 0.012
    mask_range: tuple[float, float] = (0.05, 0.6)
    softness: float = 0.0012
    density: float = 0.45
    density_width: float = 0.006

    def inside(self, scene: Scene, luma: np.ndarray, random: np.random.Generator) -> np.ndarray:
        """Distance inside the line.

        Args:
            scene: the picture.
            luma: ``(S, S)`` float32 brightness of the washes, 0 to 1.
            random: where the line wanders.

        Returns:
            ``(S, S)`` float32 in parts of the side, above 0 where there is paint; large where washes run on.
        """
        side, window = len(luma), scene.window
        across, down = (
            np.maximum(np.minimum(place, 1 - place) * length, _MIN_DISTANCE)
            for place, length in zip(scene.window_position, (window.width, window.height), strict=True)
        )
        # Rounded at the corners, as a brush goes round.
        distance = 1 / np.sqrt(down[:, None] ** -2 + across**-2)
        wander = fractal_noise(random, side, self.wander_cells, self.octaves)
        hand = self.wander * wander + self.tremor * fractal_noise(random, side, self.tremor_cells, self.octaves)
        dark = smoothstep(luma, *self.dark)
        subject = smoothstep(blur(scene.subject_mask, self.mask_sigma * side), *self.mask_range)
        return np.asarray(distance - self.margin + hand + _FAR_INSIDE * dark + _FAR_INSIDE * subject)

    def added_density(self, inside: np.ndarray) -> np.ndarray:
        """What the border adds to the density of the pigment, float32 of the shape of the distance inside it."""
        return np.asarray(self.density * smoothstep(inside, self.density_width, 0.0) * (inside > 0))

    def covered(self, inside: np.ndarray) -> np.ndarray:
        """Share of the paper that is painted, 0 to 1, float32 of the shape of the distance inside the line."""
        return smoothstep(inside, -self.softness, self.softness)


@dataclass(frozen=True)
class DryBrush:
    """How far a brush with little water leaves hollows of the paper white where a wash ends, in parts of the side.

    All lengths are by a standard deviation of the paper's height.

    Attributes:
        wet: where the brush is wet.
        dry: what is added where it is dry.
        cells: places along the picture's side where it can be dry, in the coarsest octave.
        octaves: of these places; each has twice as many of half the effect as the one before.
        noise_range: values of the noise of mean 0 and standard deviation 1 between which the brush goes dry.
    """

    wet: float = 0.0012
    dry: float = 0.012
    cells: float = 5
    octaves: int = 1
    noise_range: tuple[float, float] = (0.3, 1.5)

    def of(self, side_px: int, random: np.random.Generator) -> np.ndarray:
        """How far hollows stay white, ``(side_px, side_px)`` float32 in parts of the side."""
        noise = fractal_noise(random, side_px, self.cells, self.octaves)
        return np.asarray(self.wet + self.dry * smoothstep(noise, *self.noise_range))
