"""Gradient ascent on the features of a frozen network, from coarse to fine.

Source: Mordvintsev, Olah and Tyka, Inceptionism, 2015, with their octaves and
random shifts. The network is the one that reads paintings, EfficientNet-Lite0.
Needs torch.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import cv2
import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from portraitify.dreaming.options import LAYERS, DreamOptions
from portraitify.models.trunk import Trunk

if TYPE_CHECKING:
    from portraitify.weights import WeightsFolder

# Longer side at which is dreamt, pixels.
MOST_PX = 768
# From one octave to the next.
_GROWTH = 1.4
# A step's size in levels of 1 at strength 1, and the largest shift in pixels.
_STEP, _SHIFT = 0.05, 16
# What is finer than this, pixels, is taken out of gradients: the network answers to noise that nobody sees.
_SMOOTH_PX = 1.0
_MULTIPLE = 16


@dataclass(frozen=True)
class Dreamer:
    """Dreams into pictures.

    Attributes:
        network: frozen.
        options: how.
    """

    network: Trunk
    options: DreamOptions

    def dream(
        self, picture: np.ndarray, where: np.ndarray, on_step: Callable[[int, int], None] = lambda done, total: None
    ) -> np.ndarray:
        """Draw into a picture what the network sees in it.

        Args:
            picture: ``(H, W, 3)`` uint8 RGB. Larger ones than ``MOST_PX`` are dreamt into at that size; what is added
                is stretched.
            where: ``(H, W)`` float32 in 0 to 1, how much may change.
            on_step: called with steps done and in all.

        Returns:
            ``(H, W, 3)`` uint8; the same for the same seed.
        """
        options = self.options
        random = np.random.default_rng(options.seed)
        sizes = _sizes(picture.shape[:2], options.octaves)
        full = _tensor(picture, sizes[-1])
        weight = torch.from_numpy(np.ascontiguousarray(where))[None, None].float()
        dreamt, total = None, options.octaves * options.steps
        for number, size in enumerate(sizes):
            base = F.interpolate(full, size, mode="area") if size != full.shape[2:] else full
            added = torch.zeros_like(base) if dreamt is None else F.interpolate(dreamt, size, mode="bicubic")
            share = F.interpolate(weight, size, mode="bilinear")
            for step in range(options.steps):
                shift = [int(each) for each in random.integers(-_SHIFT, _SHIFT + 1, 2)]
                added = added + share * _STEP * options.strength * self._uphill(base + added, shift)
                on_step(number * options.steps + step + 1, total)
            dreamt = added
        assert dreamt is not None
        change = F.interpolate(dreamt, picture.shape[:2], mode="bicubic")[0].permute(1, 2, 0).numpy()
        return np.asarray(np.clip(picture + 127.5 * change + 0.5, 0, 255), np.uint8)

    def _uphill(self, image: Tensor, shift: list[int]) -> Tensor:
        """The direction in which the layer sees more, of mean size 1, smoothed."""
        moved = torch.roll(image, shift, (2, 3)).clamp(-1, 1)
        moved = moved.contiguous(memory_format=torch.channels_last).requires_grad_(True)
        seen = self._features(moved)
        (gradient,) = torch.autograd.grad(seen.square().mean(), moved)
        gradient = torch.roll(gradient, [-each for each in shift], (2, 3))
        smooth = sum(_blurred(gradient, _SMOOTH_PX * scale) for scale in (1.0, 2.0, 4.0))
        assert isinstance(smooth, Tensor)
        return smooth / (smooth.abs().mean() + 1e-8)

    def _features(self, image: Tensor) -> Tensor:
        x = F.relu6(self.network.stem(image))
        for block in self.network.blocks[: LAYERS[self.options.layer] + 1]:
            x = block(x)
        return x


def open_dreamer(weights: WeightsFolder, options: DreamOptions) -> Dreamer:
    """A dreamer with the network of a folder of weights.

    Raises:
        WeightsError: it is missing or damaged.
    """
    network = Trunk()
    network.load_state_dict({name: torch.from_numpy(value) for name, value in weights.load("trunk").items()})
    # In this layout the CPU takes two thirds of the time.
    return Dreamer(network.eval().requires_grad_(False).to(memory_format=torch.channels_last), options)


def _sizes(shape: tuple[int, ...], octaves: int) -> list[tuple[int, int]]:
    """Heights and widths from the coarsest octave to the finest, multiples of 16."""

    shrunk = min(1.0, MOST_PX / max(shape))

    def fitted(length: float) -> int:
        return max(round(length / _MULTIPLE), 4) * _MULTIPLE

    scales = [shrunk / _GROWTH**number for number in reversed(range(octaves))]
    return [(fitted(shape[0] * scale), fitted(shape[1] * scale)) for scale in scales]


def _tensor(picture: np.ndarray, size: tuple[int, int]) -> Tensor:
    """``(H, W, 3)`` uint8 to ``(1, 3, *size)`` in -1 to 1."""
    fitted = cv2.resize(picture, size[::-1], interpolation=cv2.INTER_AREA)
    return torch.from_numpy(fitted).permute(2, 0, 1)[None].float() / 127.5 - 1


def _blurred(field: Tensor, sigma: float) -> Tensor:
    radius = max(int(2.5 * sigma + 0.5), 1)
    ticks = torch.arange(-radius, radius + 1, dtype=field.dtype)
    kernel = torch.exp(-ticks.square() / (2 * sigma**2))
    kernel = (kernel / kernel.sum()).repeat(field.shape[1], 1)
    padded = F.pad(field, (radius,) * 4, mode="reflect")
    across = F.conv2d(padded, kernel[:, None, None], groups=field.shape[1])
    return F.conv2d(across, kernel[:, None, :, None], groups=field.shape[1])
