"""Subject masks for training, from MediaPipe's selfie segmentation network.

At run time :class:`portraitify.models.subject_mask.SubjectMask` does this work;
the network here only teaches it. LiteRT comes with the extra ``train``, the
network in the mediapipe wheel, which has to be installed by itself.
"""

from __future__ import annotations

import importlib.util
from pathlib import Path

import cv2
import numpy as np

from portraitify.errors import ConfigError
from portraitify.extras import INSTALL_JUDGES, install_hint

_MODEL = "modules/selfie_segmentation/selfie_segmentation.tflite"


class SubjectSegmenter:
    """Runs ``selfie_segmentation.tflite`` of the mediapipe wheel on LiteRT.

    Raises:
        ConfigError: LiteRT or mediapipe is not installed.
    """

    def __init__(self) -> None:
        try:
            from ai_edge_litert.interpreter import Interpreter
        except ImportError as error:
            raise ConfigError(f"Masks need LiteRT. Run: {install_hint('train')}") from error
        spec = importlib.util.find_spec("mediapipe")
        if spec is None or not spec.submodule_search_locations:
            raise ConfigError(f"Masks need the mediapipe wheel. Run: {INSTALL_JUDGES}")
        path = Path(spec.submodule_search_locations[0]) / _MODEL
        self._network = Interpreter(str(path), num_threads=1)
        self._network.allocate_tensors()
        self._input = self._network.get_input_details()[0]["index"]
        self._output = self._network.get_output_details()[0]["index"]

    def segment(self, image: np.ndarray) -> np.ndarray:
        """Subject mask: ``(H, W, 3)`` uint8 RGB to ``(H, W)`` uint8, 255 on the sitter."""
        small = cv2.resize(image, (256, 256), interpolation=cv2.INTER_AREA).astype(np.float32) / 255
        self._network.set_tensor(self._input, small[None])
        self._network.invoke()
        mask = self._network.get_tensor(self._output)[0, :, :, 0]
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
