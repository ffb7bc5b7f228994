"""Subject masks for training, from MediaPipe's selfie segmentation network.

At run time :class:`portraitify.models.subject_mask.SubjectMask` does this work;
the network here only teaches it. LiteRT comes with the extra ``train``, the
network in the mediapipe wheel, which has to be installed by itself.
"""

from __future__ import annotations

import cv2
import numpy as np

from portraitify.data.litert import MediaPipeNetwork

_MODEL = "selfie_segmentation/selfie_segmentation.tflite"


class SubjectSegmenter:
    """Runs ``selfie_segmentation.tflite`` of the mediapipe wheel on LiteRT.

    Raises:
        ConfigError: LiteRT or mediapipe is not installed.
    """

    def __init__(self) -> None:
        self._network = MediaPipeNetwork(_MODEL)

    def segment(self, image: np.ndarray) -> np.ndarray:
        """Subject mask: ``(H, W, 3)`` uint8 RGB to ``(H, W)`` uint8, 255 on the sitter."""
        small = cv2.resize(image, (256, 256), interpolation=cv2.INTER_AREA).astype(np.float32) / 255
        mask = self._network(small)[0][0, :, :, 0]
        mask = cv2.resize(mask, image.shape[1::-1], interpolation=cv2.INTER_LINEAR)
        return np.asarray(np.clip(mask * 255 + 0.5, 0, 255), np.uint8)


def bust_mask(landmarks: np.ndarray, size_px: int) -> np.ndarray:
    """Outline of head and shoulders as the landmarks suggest them.

    Args:
        landmarks: ``(5, 2)`` in crop pixels.
        size_px: side of the crop.

    Returns:
        ``(size_px, size_px)`` uint8, 255 inside.
    """
    eyes = landmarks[:2].mean(0)
    unit = float(np.linalg.norm(landmarks[3:].mean(0) - eyes)) / 1.15
    mask = np.zeros((size_px, size_px), np.uint8)

    def ellipse(down: float, wide: float, high: float) -> None:
        centre = (round(eyes[0]), round(eyes[1] + down * unit))
        cv2.ellipse(mask, centre, (round(wide * unit), round(high * unit)), 0, 0, 360, 255, -1)

    ellipse(0.35, 1.25, 1.9)
    ellipse(4.2, 2.9, 2.2)
    return cv2.GaussianBlur(mask, (0, 0), max(0.08 * unit, 0.5))
