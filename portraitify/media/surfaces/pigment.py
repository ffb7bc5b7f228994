"""Watercolor's pigment, which water carries about before it settles.

Sources: Bousseau, Kaplan, Thollot and Sillion, Interactive Watercolor
Rendering with Temporal Coherence and Abstraction, NPAR 2006; Curtis, Anderson,
Seims, Fleischer and Salesin, Computer-Generated Watercolor, SIGGRAPH 1997.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from portraitify.imaging.channels import gray_to_rgb


@dataclass(frozen=True)
class Pigment:
    """How unevenly pigment lies, as what is added to a density of 1; pairs are for the rest and for faces.

    Attributes:
        flow: standard deviation of the density by the flow of the water, outside faces and in them.
        settled: what a standard deviation of the paper's height takes away, because pigment settles in the hollows.
    """

    flow: tuple[float, float] = (0.15, 0.03)
    settled: tuple[float, float] = (0.05, 0.012)

    def flowed(self, face: np.ndarray, flow: np.ndarray) -> np.ndarray:
        """Density of the pigment, around 1.

        Args:
            face: ``(S, S)`` float32, 0 to 1, the faces.
            flow: ``(S, S)`` float32 of mean 0 and standard deviation 1, how the water flowed.
        """
        rest, inside = self.flow
        return np.asarray(1 + (rest + (inside - rest) * face) * flow)

    def granulation(self, height: np.ndarray, face: np.ndarray) -> np.ndarray:
        """What the paper's height takes away, all ``(n, m)`` float32."""
        rest, inside = self.settled
        return np.asarray((rest + (inside - rest) * face) * height)


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
