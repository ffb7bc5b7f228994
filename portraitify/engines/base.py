"""What the pipeline asks of whatever runs the networks: NumPy in, NumPy out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np

from portraitify.faces.detection import FaceDetector
from portraitify.faces.face_mesh import FaceMesh


class Engine(Protocol):
    """Detection, classification and painting behind one interface.

    Attributes:
        name: one of ``portraitify.config.ENGINES``.
        device: name of the device it runs on, for people.
        batch_size: how many crops to paint at once.
        concurrent: whether several threads may ask at a time.
    """

    name: str
    device: str
    batch_size: int
    concurrent: bool

    @property
    def detector(self) -> FaceDetector:
        """Finds upright faces."""
        ...

    @property
    def face_mesh(self) -> FaceMesh:
        """Looks for the geometry of faces."""
        ...

    def classify(self, image: np.ndarray) -> np.ndarray:
        """Style probabilities ``(4,)`` float32 in the order of ``STYLES``, of a crop ``(S, S, 3)`` uint8."""
        ...

    def classify_painting(self, image: np.ndarray) -> np.ndarray:
        """How likely each of ``STYLES`` is, ``(4,)`` float32, of a painting's crop ``(S, S, 3)`` uint8."""
        ...

    def encode_style(self, image: np.ndarray, masks: np.ndarray, styles: Sequence[int]) -> np.ndarray:
        """The style code of a painting, read as one of each of some styles.

        Args:
            image: ``(V, V, 3)`` uint8 RGB, ``V`` as :data:`portraitify.style.painting_view.VIEW_PX`.
            masks: ``(V, V, 2)`` uint8: the subject, and where the picture reaches; 255 is inside.
            styles: places in ``STYLES``.

        Returns:
            ``(len(styles), code_size)`` float32, of unit mean square.

        Raises:
            WeightsError: the weights lack what encodes paintings.
        """
        ...

    def subject_mask(self, image: np.ndarray) -> np.ndarray:
        """Subject probability ``(S, S)`` float32 in 0 to 1, of a crop ``(S, S, 3)`` uint8."""
        ...

    def prepare(self, style_code: np.ndarray, side_px: int) -> None:
        """Say what will be painted next, so that an engine can make ready for it meanwhile.

        Args:
            style_code: ``(code_size,)`` float32.
            side_px: of the crop.
        """
        ...

    def paint(self, images: np.ndarray, masks: np.ndarray, style_codes: np.ndarray, noise: np.ndarray) -> np.ndarray:
        """Paint crops.

        Args:
            images: ``(N, S, S, 3)`` uint8 RGB; ``S`` is a multiple of 16.
            masks: ``(N, S, S)`` float32 in 0 to 1.
            style_codes: ``(N, code_size)`` float32.
            noise: ``(S / 2, S / 2)`` float32, standard normal, the same for all.

        Returns:
            ``(N, S, S, 3)`` uint8 RGB.
        """
        ...

    def close(self) -> None:
        """Let go of networks and threads; may be called again. Any other use of a closed engine is an error."""
        ...
