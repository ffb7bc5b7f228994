"""Watercolor's pigment, which water carries about before it settles.

Sources: Bousseau, Kaplan, Thollot and Sillion, Interactive Watercolor
Rendering with Temporal Coherence and Abstraction, NPAR 2006; Curtis, Anderson,
Seims, Fleischer and Salesin, Computer-Generated Watercolor, SIGGRAPH 1997.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from portraitify.imaging.channels import channel_range, gray_to_rgb
from portraitify.imaging.filters import blur, smoothstep


@dataclass(frozen=True)
class Pigment:
    """How unevenly pigment lies, as what is added to a density of 1; skin stays clean.

    Attributes:
        flow: standard deviation of the density by the flow of the water.
        skin: 0 to 1, how much of all unevenness is left in faces.
        depths: darkness, 0 to 1, between which unevenness comes in.
        light: 0 to 1, how much of it there is in the lightest washes.
        ground: 0 to 1, the same behind the subject.
        black: brightness, 0 to 1, between which blooms come in: what is darker has no room for them.
        drift: by what share red gains, and blue loses, by a standard deviation of the flow: mixed pigments part.
        streaks: standard deviation of the density by the hairs of the brush, in darks.
        gather_sigma_px: standard deviation of the Gaussian over the surroundings of an edge, pixels of the plan.
        gather_range: brightness, 0 to 1, by which its dark side is darker than the surroundings, from which on pigment
            gathers there, and up to which more does.
        gather: density by the brightness between both.
        settled: what a standard deviation of the paper's height takes away, because pigment settles in the hollows.
    """

    flow: float = 0.12
    skin: float = 0.5
    depths: tuple[float, float] = (0.15, 0.6)
    light: float = 0.35
    ground: float = 0.7
    black: tuple[float, float] = (0.02, 0.3)
    drift: float = 0.03
    streaks: float = 0.13
    gather_sigma_px: float = 3.5
    gather_range: tuple[float, float] = (0.015, 0.12)
    gather: float = 1.8
    settled: float = 0.14

    def freedom(self, luma: np.ndarray, skin: np.ndarray, subject: np.ndarray) -> np.ndarray:
        """How freely water moves pigment, 0 to 1: in darks and in the ground; all ``(S, S)`` float32."""
        deep = self.light + (1 - self.light) * smoothstep(1 - luma, *self.depths)
        return np.asarray((self.ground + subject * (deep - self.ground)) * (1 - (1 - self.skin) * skin))

    def density(
        self, luma: np.ndarray, free: np.ndarray, flow: np.ndarray, blooms: np.ndarray, streaks: np.ndarray
    ) -> np.ndarray:
        """Density of the pigment, around 1.

        Args:
            luma: ``(S, S)`` float32 brightness of the washes, 0 to 1.
            free: ``(S, S)`` float32 in 0 to 1, how freely water moves pigment.
            flow: ``(S, S)`` float32 of mean 0 and standard deviation 1, how the water flowed.
            blooms: ``(S, S)`` float32, what these add.
            streaks: ``(S, S)`` float32 of mean 0 and standard deviation 1, along the forms.
        """
        low, high = self.gather_range
        gathered = np.clip(blur(luma, self.gather_sigma_px) - luma - low, 0, high - low)
        uneven = self.flow * flow + smoothstep(luma, *self.black) * blooms + self.streaks * streaks
        return np.asarray(1 + self.gather * gathered + free * uneven)

    def parted(self, colour: np.ndarray, flow: np.ndarray, free: np.ndarray | float = 1.0) -> np.ndarray:
        """Colours ``(h, h, 3)`` float32 whose pigments part as water flows, ``(h, h)`` float32; a new array."""
        warm = np.float32(self.drift) * free * flow
        return np.asarray(colour * cv2.merge([1 + warm, np.ones_like(warm), 1 - warm]))

    def granulation(self, height: np.ndarray, free: np.ndarray) -> np.ndarray:
        """What the paper's height takes away, all ``(n, m)`` float32."""
        return np.asarray(np.float32(self.settled) * free * height)


@dataclass(frozen=True)
class Darks:
    """How light pigment in water leaves the darks of hair and cloth, which it cannot make black.

    Attributes:
        lift: brightness, 0 to 1, that is added to darks that have a hue; ``1 - hue`` of it to black.
        uneven: the same by a standard deviation of the flow: where more water was, less pigment is left.
        most_flow: standard deviations of it that count at the most.
        until: brightness, 0 to 1, below which all of that is added, and from which on nothing is.
        hue: share of the added light that has the colour's own hue; the rest is the paper's.
        toe: added to brightness, so that black has a hue of grey.
        warm: factors of red, green and blue by which that differs where least pigment is left, the less the more colour
            a place has of its own: a painter mixes blacks of a brown and a blue, which part in water.
        cool: the same where most is left.
        calm: 0 to 1, how much less of the paper's grain is seen in black than in light washes.
    """

    lift: float = 0.12
    uneven: float = 0.08
    most_flow: float = 1.5
    until: tuple[float, float] = (0.05, 0.5)
    hue: float = 0.8
    toe: float = 0.05
    warm: tuple[float, float, float] = (1.18, 0.98, 0.8)
    cool: tuple[float, float, float] = (0.82, 0.98, 1.22)
    calm: float = 0.6

    def lifted(self, colour: np.ndarray, skin: np.ndarray, flow: np.ndarray) -> np.ndarray:
        """Colours ``(S, S, 3)`` float32 in 0 to 1 with lighter darks; skin and flow ``(S, S)`` float32."""
        luma = cv2.cvtColor(colour, cv2.COLOR_RGB2GRAY)
        flow = np.clip(flow, -self.most_flow, self.most_flow)
        lift = np.maximum(self.lift + self.uneven * flow, 0) * (1 - skin) * self._depth(luma)
        own = colour / gray_to_rgb(luma + np.float32(self.toe))
        neutral = np.maximum(1 - channel_range(own), 0)
        warmth = np.float32(0.5) + flow * np.float32(0.5 / self.most_flow)
        pairs = zip(self.warm, self.cool, strict=True)
        parted = cv2.merge([1 + neutral * (cool - 1 + (warm - cool) * warmth) for warm, cool in pairs])
        return np.asarray(colour + gray_to_rgb(lift) * parted * (1 - self.hue + self.hue * own), np.float32)

    def grain(self, luma: np.ndarray, where: np.ndarray) -> np.ndarray:
        """How much of the paper's grain is seen, 0 to 1: less in darks; all ``(S, S)`` float32, ``where`` in 0 to 1."""
        return np.asarray(1 - self.calm * where * self._depth(luma))

    def _depth(self, luma: np.ndarray) -> np.ndarray:
        return smoothstep(luma, *self.until[::-1])


def thicken(colour: np.ndarray, density: np.ndarray) -> np.ndarray:
    """Colour under more or less pigment (Bousseau et al. 2006, equation 1).

    Args:
        colour: ``(n, m, 3)`` float32 in 0 to 1.
        density: ``(n, m)`` float32; 1 leaves the colour.

    Returns:
        ``(n, m, 3)`` float32.
    """
    left = 1 - colour
    left *= gray_to_rgb(1 - density)
    left += 1
    left *= colour
    return left
