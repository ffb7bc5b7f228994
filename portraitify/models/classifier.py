"""Which of the styles a picture of a person looks like."""

from __future__ import annotations

import itertools
from typing import cast

import torch
from torch import Tensor, nn
from torch.nn import functional as F

# Outputs of these stages, from 0, stand for textures and forms; their sizes are 1/8 and 1/16 of the input's.
TEXTURE_STAGES = (1, 2)


class _Norm(nn.BatchNorm2d):
    """Batch normalisation with statistics of photographs, and others of paintings.

    Source: Chang et al., Domain-Specific Batch Normalization, CVPR 2019; scale and shift are shared here.
    """

    def __init__(self, channels: int):
        super().__init__(channels)
        self.painting_mean: Tensor
        self.painting_var: Tensor
        self.register_buffer("painting_mean", torch.zeros(channels))
        self.register_buffer("painting_var", torch.ones(channels))

    def normalise(self, x: Tensor, painting: bool) -> Tensor:
        mean, variance = self.running_mean, self.running_var
        if painting:
            mean, variance = self.painting_mean, self.painting_var
        return F.batch_norm(x, mean, variance, self.weight, self.bias, self.training, self.momentum or 0.1, self.eps)


class _Residual(nn.Module):
    def __init__(self, in_channels: int, out_channels: int, stride: int):
        super().__init__()
        self.first = nn.Conv2d(in_channels, out_channels, 3, stride, 1, bias=False)
        self.first_norm = _Norm(out_channels)
        self.second = nn.Conv2d(out_channels, out_channels, 3, 1, 1, bias=False)
        self.second_norm = _Norm(out_channels)
        same = stride == 1 and in_channels == out_channels
        self.carry = nn.Identity() if same else nn.Conv2d(in_channels, out_channels, 1, bias=False)
        self.stride = stride

    def forward(self, x: Tensor, painting: bool) -> Tensor:
        y = F.relu(self.first_norm.normalise(self.first(x), painting))
        y = self.second_norm.normalise(self.second(y), painting)
        return F.relu(y + self.carry(F.avg_pool2d(x, self.stride) if self.stride > 1 else x))


class StyleClassifier(nn.Module):
    """Small residual network (He et al., CVPR 2016) on a picture shrunk to ``input_px``.

    Paintings and photographs have a linear layer each on the same features:
    one says what a painting is, the other what suits a photograph.

    Args:
        styles: number of styles.
        channels: of the stages.
        blocks: residual blocks of each stage.
        input_px: side to which pictures are brought.
    """

    def __init__(
        self,
        styles: int = 4,
        channels: tuple[int, ...] = (32, 64, 96, 96),
        blocks: tuple[int, ...] = (1, 1, 2, 1),
        input_px: int = 160,
    ):
        super().__init__()
        self.input_px, self.channels = input_px, tuple(channels)
        # Four pixels as one of twelve channels: the first convolution costs a fifth of one on single pixels.
        self.stem = nn.Conv2d(12, channels[0], 3, 2, 1)
        widths = (channels[0], *channels)
        self.stages = nn.ModuleList(
            nn.ModuleList(
                [_Residual(a, b, 1 if stage == 0 else 2), *(_Residual(b, b, 1) for _ in range(blocks[stage] - 1))]
            )
            for stage, (a, b) in enumerate(itertools.pairwise(widths))
        )
        self.drop = nn.Dropout(0.3)
        size = 2 * (sum(channels[stage] for stage in TEXTURE_STAGES) + channels[-1])
        self.out = nn.Linear(size, styles)
        self.photo_out = nn.Linear(size, styles)

    def maps(self, image: Tensor, painting: bool = False) -> list[Tensor]:
        """Maps of all stages, at 1/4, 1/8, 1/16 and 1/32 of ``input_px``.

        Args:
            image: ``(B, 3, H, W)`` in -1 to 1.
            painting: whether these are paintings.
        """
        if image.shape[2:] != (self.input_px, self.input_px):
            image = F.interpolate(image, (self.input_px,) * 2, mode="bilinear", antialias=True, align_corners=False)
        x, maps = F.relu(self.stem(F.pixel_unshuffle(image, 2))), []
        for stage in self.stages:
            for block in cast(nn.ModuleList, stage):
                x = block(x, painting)
            maps.append(x)
        return maps

    def pooled(self, maps: list[Tensor]) -> Tensor:
        """Means and deviations of textures and forms, means and maxima of the last stage: ``(B, D)``."""
        parts = []
        for x in (maps[stage].float() for stage in TEXTURE_STAGES):
            mean = x.mean((2, 3))
            variance = (x * x).mean((2, 3)) - mean * mean
            parts += [mean, (variance.clamp(min=0) + 1e-4).sqrt()]
        last = maps[-1].float()
        return torch.cat([*parts, last.mean((2, 3)), last.amax((2, 3))], 1)

    def painting_logits(self, image: Tensor) -> Tensor:
        """Logits ``(B, styles)`` of what paintings ``(B, 3, H, W)`` in -1 to 1 are."""
        logits: Tensor = self.out(self._features(image, painting=True))
        return logits

    def forward(self, image: Tensor) -> Tensor:
        """Logits ``(B, styles)`` of what suits photographs ``(B, 3, H, W)`` in -1 to 1."""
        logits: Tensor = self.photo_out(self.features(image))
        return logits

    def features(self, image: Tensor) -> Tensor:
        """Features ``(B, D)`` of photographs, from which :attr:`photo_out` gives the logits."""
        return self._features(image, painting=False)

    def _features(self, image: Tensor, painting: bool) -> Tensor:
        """Features ``(B, D)`` of a picture and its mirror image, averaged, so that both get the same answer."""
        return (self.pooled(self.maps(image, painting)) + self.pooled(self.maps(image.flip(3), painting))) / 2
