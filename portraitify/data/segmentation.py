"""Subject masks for training, from MediaPipe's selfie segmentation network.

At run time :class:`portraitify.models.subject_mask.SubjectMask` does this work;
the network here only teaches it. LiteRT comes with the extra ``train``, the
network in the mediapipe wheel, which has to be installed by itself.
"""

from __future__ import annotations

import cv2
import numpy as np

from portraitify.data.litert import MediaPipeNetwork
from portraitify.imaging.channels import to_uint8
from portraitify.imaging.face_regions import BROWS_TO_CHIN, face_mask
from portraitify.imaging.filters import smoothstep

# Values of a mask between which something becomes the sitter: white cloth before a white wall is seen by halves.
_SEEN = (0.3, 0.7)
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


def agreement(one: np.ndarray, other: np.ndarray, valid: np.ndarray) -> float:
    """Intersection over union of two masks.

    Args:
        one: ``(S, S)`` uint8, 255 on the sitter.
        other: likewise.
        valid: ``(S, S)`` uint8, 0 where nothing counts.
    """
    first, second = (one > 127) & (valid > 0), (other > 127) & (valid > 0)
    return float((first & second).sum() / max((first | second).sum(), 1))


def firm(mask: np.ndarray, landmarks: np.ndarray) -> np.ndarray:
    """A mask that is sure of what it half sees, and of the face.

    Args:
        mask: ``(S, S)`` uint8, 255 on the sitter.
        landmarks: ``(5, 2)`` in pixels.

    Returns:
        ``(S, S)`` uint8.
    """
    sure = smoothstep(mask.astype(np.float32) * np.float32(1 / 255), *_SEEN)
    return to_uint8(255 * np.maximum(sure, face_mask(landmarks, mask.shape, BROWS_TO_CHIN)))
