"""Where the sitter is in crops that the mask's network does not know: faces that fill them, and company."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np

from portraitify.faces.alignment import Crop, eye_line, warp_with_validity
from portraitify.faces.framing import to_square, unit_matrix
from portraitify.imaging.affine import between_pixel_centres, composed, inverse
from portraitify.imaging.face_regions import HEAD, face_mask

MaskOf = Callable[[np.ndarray], np.ndarray]

# Faces larger than this in the crop, by the distance between the eyes, are looked at from further away, at these.
CLOSE_IOD, FURTHER_IODS = 0.34, (0.34, 0.27, 0.12)
_VIEW_PX = 256
# The part of the head that is the sitter's, whatever the network says.
_SURE = HEAD.scaled(0.9)


def mask_of_close_up(upright: np.ndarray, landmarks: np.ndarray, crop: Crop, mask_of: MaskOf) -> np.ndarray:
    """The subject mask of a crop that is filled by a face, which leaves holes in the mask that the network finds.

    Args:
        upright: ``(H, W, 3)`` uint8.
        landmarks: ``(5, 2)`` in its pixels.
        crop: to which the mask belongs.
        mask_of: gives the subject mask ``(S, S)`` float32 of a crop ``(S, S, 3)`` uint8.

    Returns:
        ``(S, S)`` float32 in 0 to 1: what most of three wider views show.
    """
    size = (crop.size_px, crop.size_px)
    # As the photo lies: its edge is no slanted line then, which the network takes for the sitter's outline.
    units = unit_matrix(landmarks, 0.0, np.pi)
    masks = []
    for iod in FURTHER_IODS:
        side = 1 / iod
        matrix = to_square(units, -side / 2, -eye_line(iod) * side, side, _VIEW_PX)
        mask = mask_of(warp_with_validity(upright, matrix, _VIEW_PX)[0])
        onto_crop = between_pixel_centres(composed(crop.matrix, inverse(matrix)))
        masks.append(cv2.warpAffine(mask, onto_crop, size, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE))
    crop_landmarks = landmarks @ crop.matrix[:, :2].T + crop.matrix[:, 2]
    return np.asarray(np.maximum(np.median(masks, 0), face_mask(crop_landmarks, size, _SURE)), np.float32)
