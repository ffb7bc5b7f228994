"""The networks on ONNX Runtime, for CPUs: begins in a tenth of the time that torch needs to be imported."""

from __future__ import annotations

import functools
import os
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property

import cv2
import numpy as np
import onnxruntime

from portraitify.errors import WeightsMismatchError
from portraitify.faces.mtcnn import CascadeDetector
from portraitify.weights import WeightsFolder

ERRORS_ONLY = 3
DETECTOR_STAGES = ("pnet", "rnet", "onet")
# In the order in which a photo needs them.
NETWORKS = (*DETECTOR_STAGES, "sitter_mask", "classifier", "generator")


class OnnxEngine:
    """See :class:`portraitify.engines.base.Engine`.

    Args:
        weights: checked files, with graphs.

    Raises:
        WeightsError: a file is missing or wrong; raised at first use.
    """

    device = "cpu"
    # One by one is as fast on a CPU and takes the least memory.
    batch_size = 1

    def __init__(self, weights: WeightsFolder):
        _share_memory()
        # While the first ones find the face, the others begin.
        pool = ThreadPoolExecutor(2, "begin")
        self._begun = {name: pool.submit(_Network, weights, name) for name in NETWORKS}
        pool.shutdown(wait=False)

    @cached_property
    def detector(self) -> CascadeDetector:
        """Finds upright faces."""
        propose, refine, conclude = (self._begun[stage].result() for stage in DETECTOR_STAGES)
        return CascadeDetector(propose, refine, conclude)

    def classify(self, frame: np.ndarray) -> np.ndarray:
        """Style probabilities ``(4,)`` float32 of a frame ``(S, S, 3)`` uint8."""
        network = self._begun["classifier"].result()
        (probabilities,) = network(_shrunk(frame, network.input_px))
        return probabilities[0]

    def sitter_mask(self, frame: np.ndarray) -> np.ndarray:
        """Sitter probability ``(S, S)`` float32 of a frame ``(S, S, 3)`` uint8."""
        network = self._begun["sitter_mask"].result()
        (mask,) = network(_shrunk(frame, network.input_px))
        return cv2.resize(mask[0, 0], frame.shape[1::-1], interpolation=cv2.INTER_LINEAR)

    def paint(self, frames: np.ndarray, masks: np.ndarray, codes: np.ndarray, noise: np.ndarray) -> np.ndarray:
        """Paint frames ``(N, S, S, 3)`` uint8; see :meth:`portraitify.engines.base.Engine.paint`."""
        (painted,) = self._begun["generator"].result()(frames, masks, codes, noise)
        return painted


class _Network:
    """A graph of a weights folder as a function from its inputs, in their order, to its outputs.

    Raises:
        WeightsError: a file is missing or wrong.
    """

    def __init__(self, weights: WeightsFolder, name: str):
        graph, tensors = weights.graph(name)
        # The session reads the arrays where they are, so they must live as long as it does.
        self._values = [onnxruntime.OrtValue.ortvalue_from_numpy(value) for value in tensors.values()]
        options = _options()
        options.add_external_initializers(list(tensors), self._values)
        try:
            self._session = onnxruntime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])
        except Exception as error:
            # What onnxruntime raises has no base class of its own.
            raise WeightsMismatchError(f"{name}.onnx cannot be run with its weights: {error}") from error
        self._inputs = self._session.get_inputs()

    @property
    def input_px(self) -> int:
        """Side of the pictures that it takes."""
        return int(self._inputs[0].shape[2])

    def __call__(self, *arrays: np.ndarray) -> list[np.ndarray]:
        feed = {value.name: array for value, array in zip(self._inputs, arrays, strict=True)}
        return self._session.run(None, feed)


@functools.cache
def _share_memory() -> None:
    """Let all networks of the process use one store of memory: they run in turn, and what one leaves the next takes."""
    kind, purpose = onnxruntime.OrtAllocatorType.ORT_ARENA_ALLOCATOR, onnxruntime.OrtMemType.DEFAULT
    onnxruntime.create_and_register_allocator(onnxruntime.OrtMemoryInfo("Cpu", kind, 0, purpose), None)


def _options() -> onnxruntime.SessionOptions:
    options = onnxruntime.SessionOptions()
    options.add_session_config_entry("session.use_env_allocators", "1")
    options.intra_op_num_threads = _usable_cores()
    options.log_severity_level = ERRORS_ONLY
    # A plan of all memory gains no time here and takes a third more of it from the second picture on.
    options.enable_mem_pattern = False
    # Threads that wait by spinning gain nothing on an idle machine and double the time on a busy one.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    return options


def _usable_cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _shrunk(frame: np.ndarray, side: int) -> np.ndarray:
    """Shrink a frame ``(S, S, 3)`` uint8 to ``(1, 3, side, side)`` float32 in -1 to 1, as torch with antialiasing."""
    small = frame.astype(np.float32)
    for axis in (0, 1):
        if frame.shape[axis] != side:
            small = _resampled(small, axis, side)
    return np.ascontiguousarray(small.transpose(2, 0, 1)[None] / np.float32(127.5) - 1)


def _resampled(picture: np.ndarray, axis: int, side: int) -> np.ndarray:
    """A picture ``(H, W, 3)`` float32 brought to ``side`` pixels along one axis."""
    places, weights = _triangle_filter(picture.shape[axis], side)
    shape = [1, 1, 1]
    shape[axis] = side
    parts = (
        np.take(picture, place, axis) * weight.reshape(shape) for place, weight in zip(places, weights, strict=True)
    )
    return functools.reduce(np.add, parts)


@functools.lru_cache(maxsize=16)
def _triangle_filter(size: int, side: int) -> tuple[np.ndarray, np.ndarray]:
    """Resampling bilinearly, over more pixels the more it shrinks.

    Returns:
        For each of ``side`` results the places of the pixels that it is a mean of, ``(N, side)`` integers, and
        their weights, ``(N, side)`` float32, which sum to 1.
    """
    scale = size / side
    reach = max(scale, 1.0)
    centres = (np.arange(side) + 0.5) * scale
    places = np.floor(centres - reach).astype(int) + np.arange(int(np.ceil(2 * reach)) + 1)[:, None]
    weights = np.clip(1 - np.abs(places + 0.5 - centres) / reach, 0, None)
    weights[(places < 0) | (places >= size)] = 0
    return np.clip(places, 0, size - 1), (weights / weights.sum(0)).astype(np.float32)
