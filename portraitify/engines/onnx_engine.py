"""The networks on ONNX Runtime, for CPUs: begins in a tenth of the time that torch needs to be imported."""

from __future__ import annotations

import ctypes
import functools
import os
import threading
import weakref
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from typing import Any

import cv2
import numpy as np
import onnxruntime

from portraitify.engines.folding import fold_code
from portraitify.engines.regions import painting_regions
from portraitify.engines.threads import at_work, closed, computing_threads
from portraitify.errors import WeightsMismatchError
from portraitify.faces.face_mesh import FaceMesh
from portraitify.faces.mtcnn import CascadeDetector
from portraitify.weights import WeightsFolder

ERRORS_ONLY = 3
DETECTOR_STAGES = ("pnet", "rnet", "onet")
# In the order in which they are needed.
FRAME_NETWORKS = ("face_mesh", "subject_mask", "classifier")
# A large painting needs two sizes, a whole photo with small faces too. Each takes 20 MB, and is made in the
# tenth part of the time that it paints.
PAINTERS_KEPT = 3


# All that are in use.
_networks: weakref.WeakSet[_Network] = weakref.WeakSet()


class OnnxEngine:
    """See :class:`portraitify.engines.base.Engine`.

    In a forked process it begins anew, since networks have threads, which do
    not live on there.

    Args:
        weights: checked files, with graphs.

    Raises:
        WeightsError: a file is missing or wrong; raised at first use.
        PortraitifyError: it was closed; raised at any use.
    """

    name = "onnx"
    device = "cpu"
    # One by one is as fast on a CPU and takes the least memory.
    batch_size = 1
    concurrent = True

    def __init__(self, weights: WeightsFolder):
        self._weights, self._closed = weights, False
        self._begin(weights)

    def _begin(self, weights: WeightsFolder) -> None:
        _share_memory()
        self._process, self._beginning = os.getpid(), threading.Lock()
        # While the first ones find the face, the others begin.
        pool = ThreadPoolExecutor(2, "begin")
        self._detector = pool.submit(_open_detector, weights)
        self._begun = {name: pool.submit(_open, weights, name) for name in FRAME_NETWORKS}
        self._painters = pool.submit(_Painters, weights)
        pool.shutdown(wait=False)

    def _check(self) -> None:
        """Begin anew in a forked process.

        Raises:
            PortraitifyError: it was closed.
        """
        if self._closed:
            raise closed("engine")
        if self._process != os.getpid():
            self._begin(self._weights)

    def close(self) -> None:
        """Let go of networks and threads; may be called again."""
        if self._closed:
            return
        self._closed = True
        begun: list[Future[Any]] = [self._detector, *self._begun.values(), self._painters]
        if self._process == os.getpid():
            wait(begun)
            if self._painters.exception() is None:
                self._painters.result().close()
        del self._detector, self._begun, self._painters

    def __reduce__(self) -> tuple[Any, ...]:
        # Networks cannot be sent to another process, which loads its own.
        return type(self), (WeightsFolder(self._weights.folder.absolute()),)

    @property
    def detector(self) -> CascadeDetector:
        """Finds upright faces."""
        self._check()
        return self._detector.result()

    @property
    def face_mesh(self) -> FaceMesh:
        """Looks for the geometry of faces."""
        self._check()
        return FaceMesh(self._begun["face_mesh"].result())

    def classify(self, image: np.ndarray) -> np.ndarray:
        """Style probabilities ``(4,)`` float32 of a crop ``(S, S, 3)`` uint8."""
        self._check()
        network = self._begun["classifier"].result()
        (probabilities,) = network(_shrunk(image, network.input_px))
        return np.asarray(probabilities[0])

    def classify_painting(self, image: np.ndarray) -> np.ndarray:
        """Style probabilities ``(4,)`` float32 of a painting's crop ``(S, S, 3)`` uint8."""
        self._check()
        network = self._rare("painting_classifier")
        (probabilities,) = network(_shrunk(image, network.input_px))
        return np.asarray(probabilities[0])

    def encode_style(self, image: np.ndarray, masks: np.ndarray, styles: Sequence[int]) -> np.ndarray:
        """Style codes of a painting; see :meth:`portraitify.engines.base.Engine.encode_style`."""
        self._check()
        trunk, encoder = self._rare("trunk"), self._rare("style_encoder")
        view = image.transpose(2, 0, 1)[None] * np.float32(1 / 127.5) - 1
        (statistics,) = trunk(view, painting_regions(masks))
        return np.concatenate([encoder(statistics, np.array([style]))[0] for style in styles])

    def _rare(self, name: str) -> _Network:
        """A network that few paintings need, and that begins when it is first asked for."""
        with self._beginning:
            if name not in self._begun:
                begun: Future[_Network] = Future()
                begun.set_result(_open(self._weights, name))
                self._begun[name] = begun
        return self._begun[name].result()

    def subject_mask(self, image: np.ndarray) -> np.ndarray:
        """Subject probability ``(S, S)`` float32 of a crop ``(S, S, 3)`` uint8."""
        self._check()
        network = self._begun["subject_mask"].result()
        (mask,) = network(_shrunk(image, network.input_px))
        return np.asarray(cv2.resize(mask[0, 0], image.shape[1::-1], interpolation=cv2.INTER_LINEAR))

    def prepare(self, style_code: np.ndarray, side_px: int) -> None:
        """Begin the generator for a style code; see :meth:`portraitify.engines.base.Engine.prepare`."""
        self._check()
        self._painters.result().begin(style_code, side_px)

    def paint(self, images: np.ndarray, masks: np.ndarray, style_codes: np.ndarray, noise: np.ndarray) -> np.ndarray:
        """Paint crops ``(N, S, S, 3)`` uint8; see :meth:`portraitify.engines.base.Engine.paint`."""
        self._check()
        painters, painted = self._painters.result(), []
        for number, style_code in enumerate(style_codes):
            one = slice(number, number + 1)
            network = painters.begin(style_code, images.shape[1]).result()
            painted += network(images[one], masks[one], noise)
        return np.concatenate(painted)


class _Network:
    """A graph as a function from its inputs, in their order, to its outputs.

    Args:
        name: for messages.
        graph: without weights.
        tensors: that belong into it, by name.
        sizes: that its inputs will always have, by the graph's names; some faster ways of computing need to know.

    Raises:
        WeightsMismatchError: they do not fit each other.
    """

    def __init__(
        self, name: str, graph: bytes, tensors: Mapping[str, np.ndarray], sizes: Mapping[str, int] | None = None
    ):
        # The session reads the arrays where they are, so they must live as long as it does.
        self._values = [onnxruntime.OrtValue.ortvalue_from_numpy(value) for value in tensors.values()]
        options = _options()
        options.add_external_initializers(list(tensors), self._values)
        for size, value in (sizes or {}).items():
            options.add_free_dimension_override_by_name(size, value)
        try:
            self._session = onnxruntime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])
        except Exception as error:
            # What onnxruntime raises has no base class of its own.
            raise WeightsMismatchError(f"{name}.onnx cannot be run with its weights: {error}") from error
        self._inputs = self._session.get_inputs()
        _networks.add(self)

    @property
    def input_px(self) -> int:
        """Side of the pictures that it takes."""
        return int(self._inputs[0].shape[2])

    def __call__(self, *arrays: np.ndarray) -> list[np.ndarray]:
        feed = {value.name: array for value, array in zip(self._inputs, arrays, strict=True)}
        results: list[np.ndarray] = self._session.run(None, feed)
        return results


class _Painters:
    """The generator for some codes and sizes: a network for each, made when it is first asked for.

    Args:
        weights: checked files, with graphs.

    Raises:
        WeightsError: a file is missing or wrong.
    """

    def __init__(self, weights: WeightsFolder):
        self._graph, self._tensors = weights.graph("generator")
        if not weights.manifest["graphs"]["generator"].get("folded"):
            raise WeightsMismatchError(
                f"{weights.folder}: the generator's graph is of an older kind. Run `portraitify train graphs`."
            )
        self._begun: OrderedDict[tuple[bytes, int], Future[_Network]] = OrderedDict()
        self._changing = threading.Lock()
        self._pool = ThreadPoolExecutor(1, "prepare")

    def begin(self, style_code: np.ndarray, side_px: int) -> Future[_Network]:
        """The generator with a code ``(code_size,)`` float32, for square crops of a size."""
        key = style_code.tobytes(), side_px
        with self._changing:
            begun = self._begun.pop(key, None)
            # What failed once, for want of memory perhaps, is tried again.
            if begun is None or (begun.done() and begun.exception()):
                begun = self._pool.submit(self._make, style_code, side_px)
            while len(self._begun) >= PAINTERS_KEPT:
                self._begun.popitem(last=False)
            self._begun[key] = begun
        return begun

    def close(self) -> None:
        """Let go of all networks."""
        self._pool.shutdown()
        with self._changing:
            self._begun.clear()

    def _make(self, style_code: np.ndarray, side_px: int) -> _Network:
        try:
            folded = fold_code(self._tensors, style_code)
        except (KeyError, ValueError) as error:
            raise WeightsMismatchError(f"generator.safetensors does not fit its network: {error}") from error
        return _Network("generator", self._graph, folded, {"side": side_px, "half": side_px // 2})


def _open_detector(weights: WeightsFolder) -> CascadeDetector:
    with at_work(urgent=True):
        tensors = weights.load("detector")
        propose, refine, conclude = (_Network(stage, *weights.graph(stage, tensors)) for stage in DETECTOR_STAGES)
        return CascadeDetector(propose, refine, conclude)


def _open(weights: WeightsFolder, name: str) -> _Network:
    with at_work(urgent=True):
        return _Network(name, *weights.graph(name))


@functools.cache
def _share_memory() -> int:
    """Let all networks of the process use one store of memory: most run in turn, and what one leaves the next takes.

    Returns:
        The number of the process that has it.
    """
    kind, purpose = onnxruntime.OrtAllocatorType.ORT_ARENA_ALLOCATOR, onnxruntime.OrtMemType.DEFAULT
    onnxruntime.create_and_register_allocator(onnxruntime.OrtMemoryInfo("Cpu", kind, 0, purpose), None)
    return os.getpid()


def _keep_for_ever() -> None:
    """Let no network be taken apart: where its threads do not live on, it would wait for their end.

    A forked process would hang as it exits, even if it never painted.
    """
    for network in list(_networks):
        ctypes.pythonapi.Py_IncRef(ctypes.py_object(network))


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_keep_for_ever)


def _options() -> onnxruntime.SessionOptions:
    options = onnxruntime.SessionOptions()
    # In a forked process another thread may have held the store's lock, which then is never given back.
    shared = _share_memory() == os.getpid()
    options.add_session_config_entry("session.use_env_allocators", "1" if shared else "0")
    options.intra_op_num_threads = computing_threads()
    options.log_severity_level = ERRORS_ONLY
    # A plan of all memory gains no time here and takes a third more of it from the second picture on.
    options.enable_mem_pattern = False
    # Threads that wait by spinning gain nothing on an idle machine and double the time on a busy one.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    return options


def _shrunk(image: np.ndarray, side: int) -> np.ndarray:
    """Shrink a crop ``(S, S, 3)`` uint8 to ``(1, 3, side, side)`` float32 in -1 to 1, as torch with antialiasing."""
    # Whole rows are gathered in a fraction of the time that single pixels take, so that columns become rows.
    rows = _resampled(image, side)
    both = _resampled(np.ascontiguousarray(rows.transpose(1, 0, 2)), side)
    small = np.ascontiguousarray(both.transpose(2, 1, 0)[None])
    small *= np.float32(1 / 127.5)
    small -= 1
    return small


def _resampled(picture: np.ndarray, side: int) -> np.ndarray:
    """A picture ``(H, W, 3)`` brought to ``side`` rows, float32."""
    if len(picture) == side:
        return picture.astype(np.float32)
    places, weights = _triangle_filter(len(picture), side)
    total = np.zeros((side, *picture.shape[1:]), np.float32)
    for place, weight in zip(places, weights, strict=True):
        total += picture[place] * weight[:, None, None]
    return total


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
    used = weights.any(1)
    places, weights = places[used], weights[used]
    return np.clip(places, 0, size - 1), (weights / weights.sum(0)).astype(np.float32)
