"""Which of the styles a picture of a person looks like."""

from __future__ import annotations

import itertools

import torch
from torch import Tensor, nn
from torch.nn import functional as F


class _Residual(nn.Module):
    def __init__(self, in_channels: int, out_channels: int, stride: int):
        super().__init__()
        self.first = nn.Conv2d(in_channels, out_channels, 3, stride, 1, bias=False)
        self.first_norm = nn.BatchNorm2d(out_channels)
        self.second = nn.Conv2d(out_channels, out_channels, 3, 1, 1, bias=False)
        self.second_norm = nn.BatchNorm2d(out_channels)
        self.carry = nn.Conv2d(in_channels, out_channels, 1, bias=False)
        self.stride = stride

    def forward(self, x: Tensor) -> Tensor:
        y = F.relu(self.first_norm(self.first(x)))
        y = self.second_norm(self.second(y))
        return F.relu(y + self.carry(F.avg_pool2d(x, self.stride) if self.stride > 1 else x))


class StyleClassifier(nn.Module):
    """Small residual network (He et al., CVPR 2016) on a picture shrunk to ``input_px``.

    Args:
        styles: number of styles.
        channels: of the stages.
        input_px: side to which pictures are brought.

    Attributes:
        photo_bias: ``(styles,)`` added to the logits of photographs, which would
            otherwise all resemble the most photographic style.
        photo_scale: ``()`` by which the logits of photographs are multiplied after that.
    """

    def __init__(self, styles: int = 4, channels: tuple[int, ...] = (32, 64, 96, 128), input_px: int = 128):
        super().__init__()
        self.input_px = input_px
        self.stem = nn.Conv2d(3, channels[0], 5, 2, 2)
        widths = (channels[0], *channels)
        self.stages = nn.Sequential(
            *(_Residual(a, b, 1 if i == 0 else 2) for i, (a, b) in enumerate(itertools.pairwise(widths)))
        )
        self.drop = nn.Dropout(0.3)
        self.out = nn.Linear(2 * channels[-1], styles)
        self.photo_bias: Tensor
        self.photo_scale: Tensor
        self.register_buffer("photo_bias", torch.zeros(styles))
        self.register_buffer("photo_scale", torch.ones(()))

    def features(self, image: Tensor) -> Tensor:
        """``(B, 3, H, W)`` in -1 to 1 to pooled features ``(B, 2 * channels[-1])``."""
        if image.shape[2:] != (self.input_px, self.input_px):
            image = F.interpolate(image, (self.input_px,) * 2, mode="bilinear", antialias=True, align_corners=False)
        x = self.stages(F.max_pool2d(F.relu(self.stem(image)), 2))
        return torch.cat([x.mean((2, 3)), x.amax((2, 3))], 1)

    def painting_logits(self, image: Tensor) -> Tensor:
        """``(B, 3, H, W)`` in -1 to 1 to uncalibrated logits ``(B, styles)``.

        Outside training the picture and its mirror image are judged together,
        so that both get the same answer.
        """
        logits = self.out(self.drop(self.features(image)))
        return logits if self.training else (logits + self.out(self.features(image.flip(3)))) / 2

    def forward(self, image: Tensor) -> Tensor:
        """Logits ``(B, styles)`` of photographs ``(B, 3, H, W)`` in -1 to 1."""
        return (self.painting_logits(image) + self.photo_bias) * self.photo_scale
