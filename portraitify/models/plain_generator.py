"""The generator for one style code, of plain convolutions, as the CPU engine runs it."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from portraitify.models.blocks import Noise, upsample
from portraitify.models.generator import Generator, coarse_noise, shrunk_noise
from portraitify.models.rectifier import LEAK


class PlainGenerator(nn.Module):
    """What :class:`portraitify.models.generator.Generator` becomes once a style code is folded into its kernels.

    Its tensors are those of :func:`portraitify.engines.folding.fold_code`.
    Sums come before the rectifier, which convolutions of one pixel and one
    channel (``same_...``) do, because ONNX Runtime keeps its fastest layout
    only from one convolution to the next.

    Args:
        network: gives the sizes.
    """

    def __init__(self, network: Generator):
        super().__init__()
        self.stem = _plain(network.stem)
        self.down_quarter = _plain(network.down_quarter)
        self.encode_quarter = _plain(network.encode_quarter)
        self.down_eighth = _plain(network.down_eighth)
        self.encode_eighth = _plain(network.encode_eighth)
        channels = len(network.with_mask.bias)
        self.with_eighth = nn.Conv2d(channels, channels, 3, padding=1)
        self.with_mask = nn.Conv2d(2, channels, 3, padding=1, bias=False)
        self.same_eighth = _same(network.noise_eighth)
        self.blocks = nn.ModuleList(_PlainResidual(block) for block in network.blocks)
        self.up_quarter = _plain(network.up_quarter)
        self.skip_quarter = _plain(network.skip_quarter)
        self.noise_quarter = _added(network.noise_quarter)
        self.same_quarter = _same(network.noise_quarter)
        self.paint_quarter = _plain(network.paint_quarter)
        self.up_half = _plain(network.up_half)
        self.skip_half = _plain(network.skip_half)
        self.noise_half = _added(network.noise_half)
        self.same_half = _same(network.noise_half)
        self.paint_half = _plain(network.paint_half)
        self.out = _plain(network.out)

    def forward(self, photo: Tensor, mask: Tensor, noise: Tensor) -> Tensor:
        """Paint one photo.

        Args:
            photo: ``(1, 3, H, W)`` in -1 to 1.
            mask: ``(1, 1, H / 8, W / 8)`` subject probability in 0 to 1.
            noise: ``(1, 1, H / 2, W / 2)``, standard normal.

        Returns:
            ``(1, 3, H, W)`` in -1 to 1.
        """
        half = _rectified(self.stem(F.pixel_unshuffle(photo, 2)))
        quarter = _rectified(self.encode_quarter(_rectified(self.down_quarter(half))))
        eighth = _rectified(self.encode_eighth(_rectified(self.down_eighth(quarter))))
        beside = self.with_mask(torch.cat([mask * 2 - 1, coarse_noise(noise)], 1))
        x = _rectified(self.same_eighth(self.with_eighth(eighth) + beside))
        for block in self.blocks:
            x = block(x)
        x = self.skip_quarter(quarter) + self.up_quarter(upsample(x))
        x = _rectified(self.same_quarter(self.noise_quarter(shrunk_noise(noise, 2)) + x))
        x = _rectified(self.paint_quarter(x))
        x = self.skip_half(half) + self.up_half(upsample(x))
        x = _rectified(self.same_half(self.noise_half(noise) + x))
        x = _rectified(self.paint_half(x))
        return torch.tanh(_smooth(F.pixel_shuffle(self.out(x), 2)))


class _PlainResidual(nn.Module):
    """Two convolutions around which the input is carried."""

    def __init__(self, block: Any):
        super().__init__()
        self.first, self.second = _plain(block.first), _plain(block.second)

    def forward(self, x: Tensor) -> Tensor:
        """Keep the shape ``(1, C, H, W)``."""
        y: Tensor = self.second(_rectified(self.first(x)))
        return y + x


def _plain(module: Any) -> nn.Conv2d:
    """A plain convolution of another one's sizes."""
    outputs, inputs, side, _ = module.weight.shape
    return nn.Conv2d(inputs, outputs, side, getattr(module, "stride", 1), side // 2)


def _added(noise: Noise) -> nn.Conv2d:
    """Noise in all channels."""
    return nn.Conv2d(1, noise.to_strength.out_features, 1, bias=False)


def _same(noise: Noise) -> nn.Conv2d:
    """Each channel by itself."""
    channels = noise.to_strength.out_features
    return nn.Conv2d(channels, channels, 1, groups=channels, bias=False)


def _rectified(x: Tensor) -> Tensor:
    return F.leaky_relu(x, LEAK)


def _smooth(x: Tensor) -> Tensor:
    """What :func:`portraitify.models.blocks.smooth` gives: 1-2-1 is a mean of two after a mean of two.

    ONNX Runtime is quicker with two means than with six sums, torch takes four times as long to train with them.
    """
    return F.avg_pool2d(F.avg_pool2d(F.pad(x, (1, 1, 1, 1), mode="replicate"), 2, 1), 2, 1)
