"""The networks on torch: on a GPU in half precision, on a CPU in float32."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from functools import cached_property
from typing import Any, TypeVar

import numpy as np
import torch
from torch import nn

from portraitify.devices import resolve_device
from portraitify.engines.regions import painting_regions
from portraitify.engines.threads import closed
from portraitify.errors import DeviceError, WeightsMismatchError
from portraitify.faces.face_mesh import FaceMesh
from portraitify.faces.mtcnn import CascadeDetector
from portraitify.faces.torch_mtcnn import torch_detector
from portraitify.models.classifier import StyleClassifier
from portraitify.models.face_mesh import FaceMeshNetwork
from portraitify.models.generator import Generator
from portraitify.models.style_encoder import StyleEncoder
from portraitify.models.subject_mask import SubjectMask
from portraitify.models.trunk import Trunk, pooled
from portraitify.weights import WeightsFolder

Network = TypeVar("Network", bound=nn.Module)
_IMPORTED_IN = os.getpid()
# Attributes of an engine that hold networks once they are asked for.
_NETWORKS = ("_detector", "_face_mesh", "_generator", "_subject_mask", "_classifier", "_trunk", "_style_encoder")


def build(kind: Callable[..., Network], weights: WeightsFolder, name: str) -> Network:
    """Make a network as the manifest says, and load its file.

    Raises:
        WeightsError: the manifest or the file does not fit.
    """
    try:
        network = kind(**weights.arguments(name))
    except (TypeError, ValueError, RuntimeError) as error:
        raise WeightsMismatchError(f"{name}: the manifest describes no such network ({error}).") from error
    return load_network(network, weights, name)


def load_network(network: Network, weights: WeightsFolder, name: str) -> Network:
    """Load a file's tensors into a network, for use and not for training.

    Raises:
        WeightsError: the file is missing, damaged, or belongs to another network.
    """
    tensors = {key: torch.from_numpy(value) for key, value in weights.load(name).items()}
    try:
        network.load_state_dict(tensors)
    except RuntimeError as error:
        raise WeightsMismatchError(f"{name}.safetensors does not fit its network: {error}") from error
    return network.eval().requires_grad_(False)


def load_face_mesh(weights: WeightsFolder) -> FaceMeshNetwork:
    """The network of a face's geometry of a weights folder."""
    return build(FaceMeshNetwork, weights, "face_mesh")


def load_classifier(weights: WeightsFolder) -> StyleClassifier:
    """The style classifier of a weights folder."""
    return build(StyleClassifier, weights, "classifier")


def load_subject_mask(weights: WeightsFolder) -> SubjectMask:
    """The network that finds the sitter, of a weights folder."""
    return build(SubjectMask, weights, "subject_mask")


class TorchEngine:
    """See :class:`portraitify.engines.base.Engine`.

    In a forked process it computes with one thread, since those of torch do
    not live on there; on a GPU it cannot be used there at all.

    Args:
        weights: checked files.
        device: one of ``portraitify.devices.DEVICES``.

    Raises:
        DeviceError: the device cannot be used here.
        WeightsError: a file is missing or wrong.
        PortraitifyError: it was closed; raised at any use.
    """

    name = "torch"
    concurrent = False

    def __init__(self, weights: WeightsFolder, device: str = "auto"):
        self.device = resolve_device(device)
        # As if torch had been used in the process that imported this.
        self._process, self._closed = _IMPORTED_IN, False
        if self.device != "cpu":
            self._process = os.getpid()
        # Eight crops fill a GPU; on a CPU one by one is as fast and takes the least memory.
        self.batch_size = 1 if self.device == "cpu" else 8
        self._weights = weights
        self._dtype = torch.float32 if self.device == "cpu" else torch.float16

    def _check(self) -> None:
        """Make ready for a forked process.

        Raises:
            DeviceError: the device cannot be used there.
            PortraitifyError: the engine was closed.
        """
        if self._closed:
            raise closed("engine")
        if self._process == os.getpid():
            return
        if self.device != "cpu":
            raise DeviceError(
                f"{self.device}: cannot be used in a forked process. Begin processes with the method `spawn` of "
                "multiprocessing, or paint with --device cpu."
            )
        torch.set_num_threads(1)
        self._process = os.getpid()

    def close(self) -> None:
        """Let go of networks; may be called again."""
        self._closed = True
        for name in _NETWORKS:
            self.__dict__.pop(name, None)

    def __reduce__(self) -> tuple[Any, ...]:
        # Networks are not sent to another process, which loads its own.
        return type(self), (WeightsFolder(self._weights.folder.absolute()), self.device)

    @property
    def detector(self) -> CascadeDetector:
        """Finds upright faces."""
        self._check()
        return self._detector

    @cached_property
    def _detector(self) -> CascadeDetector:
        """On the CPU where the device is MPS, which lacks an operation that it needs."""
        return torch_detector(device="cpu" if self.device == "mps" else self.device)

    @property
    def face_mesh(self) -> FaceMesh:
        """Looks for the geometry of faces."""
        self._check()
        return self._face_mesh

    @cached_property
    def _face_mesh(self) -> FaceMesh:
        network = self._placed(load_face_mesh(self._weights))

        def look(images: np.ndarray) -> list[np.ndarray]:
            with torch.inference_mode():
                return [found.cpu().numpy() for found in network(torch.from_numpy(images).to(self.device))]

        return FaceMesh(look)

    def classify(self, image: np.ndarray) -> np.ndarray:
        """Style probabilities ``(4,)`` float32 of a crop ``(S, S, 3)`` uint8."""
        self._check()
        with torch.inference_mode():
            logits: torch.Tensor = self._classifier(self._to_tensor(image[None]).float())[0]
            return logits.softmax(0).cpu().numpy()

    def classify_painting(self, image: np.ndarray) -> np.ndarray:
        """Style probabilities ``(4,)`` float32 of a painting's crop ``(S, S, 3)`` uint8."""
        self._check()
        with torch.inference_mode():
            logits = self._classifier.painting_logits(self._to_tensor(image[None]).float())[0]
            return logits.softmax(0).cpu().numpy()

    def encode_style(self, image: np.ndarray, masks: np.ndarray, styles: Sequence[int]) -> np.ndarray:
        """Style codes of a painting; see :meth:`portraitify.engines.base.Engine.encode_style`."""
        self._check()
        regions = torch.from_numpy(painting_regions(masks)).to(self.device)
        with torch.inference_mode():
            view = torch.from_numpy(image).to(self.device).permute(2, 0, 1)[None].float() / 127.5 - 1
            statistics = pooled(view, regions, self._trunk).expand(len(styles), -1)
            style_codes: torch.Tensor = self._style_encoder(statistics, torch.tensor(list(styles), device=self.device))
            return style_codes.cpu().numpy()

    def subject_mask(self, image: np.ndarray) -> np.ndarray:
        """Subject probability ``(S, S)`` float32 of a crop ``(S, S, 3)`` uint8."""
        self._check()
        with torch.inference_mode():
            return self._subject_mask.find(self._to_tensor(image[None]))[0, 0].float().cpu().numpy()

    def prepare(self, style_code: np.ndarray, side_px: int) -> None:
        """One network serves all codes and sizes; there is nothing to do."""

    def paint(self, images: np.ndarray, masks: np.ndarray, style_codes: np.ndarray, noise: np.ndarray) -> np.ndarray:
        """Paint crops ``(N, S, S, 3)`` uint8; see :meth:`portraitify.engines.base.Engine.paint`."""
        self._check()
        with torch.inference_mode():
            painted: torch.Tensor = self._generator(
                self._to_tensor(images),
                torch.from_numpy(masks)[:, None].to(self.device, self._dtype),
                torch.from_numpy(style_codes).to(self.device, self._dtype),
                torch.from_numpy(noise)[None, None].to(self.device, self._dtype),
            )
            painted = ((painted.float().clamp(-1, 1) + 1) * 127.5 + 0.5).byte()
            return painted.permute(0, 2, 3, 1).cpu().numpy()

    @cached_property
    def _generator(self) -> Generator:
        network = self._placed(build(Generator, self._weights, "generator"))
        return network.to(self._dtype).to(memory_format=torch.channels_last)

    @cached_property
    def _subject_mask(self) -> SubjectMask:
        return self._placed(load_subject_mask(self._weights)).to(self._dtype)

    @cached_property
    def _trunk(self) -> Trunk:
        return self._placed(build(Trunk, self._weights, "trunk"))

    @cached_property
    def _style_encoder(self) -> StyleEncoder:
        return self._placed(build(StyleEncoder, self._weights, "style_encoder"))

    @cached_property
    def _classifier(self) -> StyleClassifier:
        return self._placed(load_classifier(self._weights))

    def _placed(self, network: Network) -> Network:
        try:
            return network.to(self.device)
        except RuntimeError as error:
            raise DeviceError(f"{self.device}: cannot be used ({error}). Try --device cpu.") from error

    def _to_tensor(self, images: np.ndarray) -> torch.Tensor:
        tensor = torch.from_numpy(np.ascontiguousarray(images)).to(self.device)
        tensor = tensor.permute(0, 3, 1, 2).to(self._dtype) / 127.5 - 1
        return tensor.contiguous(memory_format=torch.channels_last)
