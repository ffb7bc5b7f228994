"""Networks of the mediapipe wheel on LiteRT: they teach, and they are what copies are held against."""

from __future__ import annotations

import numpy as np

from portraitify.errors import ConfigError
from portraitify.extras import INSTALL_JUDGES, install_hint, package_folder


class MediaPipeNetwork:
    """A network of one input.

    Args:
        model: path of a ``.tflite`` file below mediapipe's ``modules``.

    Raises:
        ConfigError: LiteRT or the mediapipe wheel is not installed.
    """

    def __init__(self, model: str):
        try:
            from ai_edge_litert.interpreter import Interpreter
        except ImportError as error:
            raise ConfigError(f"This needs LiteRT. Run: {install_hint('train')}") from error
        self.path = package_folder("mediapipe", INSTALL_JUDGES) / "modules" / model
        self._network = Interpreter(str(self.path), num_threads=1)
        self._network.allocate_tensors()
        self._input = self._network.get_input_details()[0]["index"]
        self._outputs = [output["index"] for output in self._network.get_output_details()]

    def __call__(self, image: np.ndarray) -> list[np.ndarray]:
        """All outputs for ``(H, W, 3)`` float32 in 0 to 1, in the network's own order, with a batch of one."""
        self._network.set_tensor(self._input, np.ascontiguousarray(image[None]))
        self._network.invoke()
        return [self._network.get_tensor(index) for index in self._outputs]
