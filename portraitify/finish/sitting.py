"""What is done to a frame before it is painted; the same in training and in use."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from portraitify.finish.ground import soften_ground
from portraitify.finish.simplify import simplify


@dataclass(frozen=True)
class Sitting:
    """How a photo is made ready for the painter; lengths are in parts of the frame's side.

    Attributes:
        ground_blur: standard deviation of the blur behind the sitter.
        ground_calm: 0 to 1, how far the ground is drawn to its mean colour.
        patch: radius of the patches of even colour.
    """

    ground_blur: float = 0.06
    ground_calm: float = 0.5
    patch: float = 0.0

    def arrange(self, frame: np.ndarray, sitter: np.ndarray, side_px: float) -> np.ndarray:
        """Make a frame, or a part of one, ready.

        Args:
            frame: ``(H, W, 3)`` uint8.
            sitter: ``(H, W)`` float32 in 0 to 1.
            side_px: side of the whole frame at this scale.

        Returns:
            ``(H, W, 3)`` uint8.
        """
        softened = soften_ground(frame, sitter, self.ground_blur * side_px, self.ground_calm)
        return simplify(softened, self.patch * side_px)


# By eye, on sheets of 0, 0.003, 0.006 and 0.009: ink needs its lines, oil and watercolor broad touches.
SITTINGS = {
    "renaissance": Sitting(patch=0.004),
    "oil": Sitting(patch=0.0065),
    "watercolor": Sitting(patch=0.007),
    "ink": Sitting(patch=0.003),
}
