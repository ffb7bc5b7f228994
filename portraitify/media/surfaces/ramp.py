"""A soft threshold, as a parameter."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from portraitify.imaging.filters import smoothstep


@dataclass(frozen=True)
class Ramp:
    """From 0 to 1 between two values of a field; falls where ``high`` is the smaller.

    Attributes:
        low: value at which it is 0, in the field's unit.
        high: value at which it is 1, likewise.
    """

    low: float
    high: float

    def __call__(self, field: np.ndarray) -> np.ndarray:
        """The ramp over a float32 field of any shape, in the field's shape and type."""
        return smoothstep(field, self.low, self.high)
