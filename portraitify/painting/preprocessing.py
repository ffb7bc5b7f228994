"""What is done to a frame before it is painted; the same in training and in use."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from portraitify.imaging.background import blur_background
from portraitify.imaging.face_regions import expression_mask
from portraitify.imaging.kuwahara import kuwahara_filter, kuwahara_filter_box

# Of the patch that the rest gets: likeness and expression live in eyes and mouth.
EXPRESSION_SHARE = 0.35


@dataclass(frozen=True)
class Sitting:
    """How a photo is made ready for the painter; lengths are in parts of the frame's side.

    Attributes:
        background_blur: standard deviation of the blur behind the sitter.
        background_flatness: 0 to 1, how far the ground is drawn to its mean colour.
        patch: radius of the patches of even colour.
    """

    background_blur: float = 0.06
    background_flatness: float = 0.5
    patch: float = 0.0

    def arrange(
        self, crop: np.ndarray, subject_mask: np.ndarray, side_px: float, landmarks: np.ndarray | None = None
    ) -> np.ndarray:
        """Make a frame, or a part of one, ready.

        Args:
            crop: ``(H, W, 3)`` uint8.
            subject_mask: ``(H, W)`` float32 in 0 to 1.
            side_px: side of the whole frame at this scale.
            landmarks: ``(5, 2)`` or ``(N, 5, 2)`` in pixels; around eyes and mouth most detail is kept.

        Returns:
            ``(H, W, 3)`` uint8.
        """
        softened = blur_background(crop, subject_mask, self.background_blur * side_px, self.background_flatness)
        simple = kuwahara_filter(softened, self.patch * side_px)
        if landmarks is None:
            return simple
        kept = expression_mask(landmarks, crop.shape)
        fine, box = kuwahara_filter_box(softened, EXPRESSION_SHARE * self.patch * side_px, kept)
        share = kept[box][..., None]
        result = simple.copy()
        result[box] = np.clip(simple[box] * (1 - share) + fine * share + 0.5, 0, 255).astype(np.uint8)
        return result


# By eye, on sheets of 0, 0.003, 0.006 and 0.009: ink needs its lines, oil and watercolor broad touches.
SITTINGS = {
    "renaissance": Sitting(patch=0.004),
    "oil": Sitting(patch=0.0065),
    "watercolor": Sitting(patch=0.007),
    "ink": Sitting(patch=0.003),
}
