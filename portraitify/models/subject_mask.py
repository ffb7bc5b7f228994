"""Where in the portrait crop the sitter is."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from portraitify.models.blocks import upsample


class _Stage(nn.Module):
    """Two convolutions with group normalisation; the crop is always seen whole, so its statistics may count."""

    def __init__(self, in_channels: int, out_channels: int, stride: int = 1, dilation: int = 1):
        super().__init__()
        self.first = nn.Conv2d(in_channels, out_channels, 3, stride, 1, bias=False)
        self.first_norm = nn.GroupNorm(4, out_channels)
        self.second = nn.Conv2d(out_channels, out_channels, 3, 1, dilation, dilation, bias=False)
        self.second_norm = nn.GroupNorm(4, out_channels)

    def forward(self, x: Tensor) -> Tensor:
        x = F.relu(self.first_norm(self.first(x)))
        return F.relu(self.second_norm(self.second(x)))


class SubjectMask(nn.Module):
    """Small U-Net (Ronneberger et al., MICCAI 2015) on a whole crop shrunk to ``input_px``.

    It also sees each pixel's position, because an aligned sitter always sits
    in the same place (Liu et al., CoordConv, NeurIPS 2018).

    Args:
        channels: at 1/2, 1/4, 1/8 and 1/16 of the size; multiples of 4.
        input_px: side to which crops are brought; a multiple of 16.
    """

    def __init__(self, channels: tuple[int, int, int, int] = (16, 32, 64, 96), input_px: int = 192):
        super().__init__()
        half, quarter, eighth, sixteenth = channels
        self.input_px = input_px
        self.stem = _Stage(14, half)
        self.down_quarter = _Stage(half, quarter, stride=2)
        self.down_eighth = _Stage(quarter, eighth, stride=2)
        self.down_sixteenth = _Stage(eighth, sixteenth, stride=2, dilation=2)
        self.wide = _Stage(sixteenth, sixteenth, dilation=3)
        self.up_eighth = _Stage(sixteenth + eighth, eighth)
        self.up_quarter = _Stage(eighth + quarter, quarter)
        self.up_half = _Stage(quarter + half, half)
        self.out = nn.Conv2d(half, 1, 1)

    def forward(self, image: Tensor) -> Tensor:
        """``(B, 3, input_px, input_px)`` in -1 to 1 to logits ``(B, 1, input_px / 2, input_px / 2)``."""
        x = F.pixel_unshuffle(image, 2)
        ticks = torch.linspace(-1, 1, x.shape[2], dtype=x.dtype, device=x.device)
        down = ticks.view(1, 1, -1, 1).expand(len(x), 1, len(ticks), len(ticks))
        half = self.stem(torch.cat([x, down, down.transpose(2, 3)], 1))
        quarter = self.down_quarter(half)
        eighth = self.down_eighth(quarter)
        x = self.down_sixteenth(eighth)
        x = x + self.wide(x)
        x = self.up_eighth(torch.cat([upsample(x), eighth], 1))
        x = self.up_quarter(torch.cat([upsample(x), quarter], 1))
        logits: Tensor = self.out(self.up_half(torch.cat([upsample(x), half], 1)))
        return logits

    def find(self, image: Tensor) -> Tensor:
        """Subject probability ``(B, 1, H, W)`` of crops ``(B, 3, H, W)`` in -1 to 1."""
        # In float32, because shrinking with anti-aliasing has no half-precision kernel everywhere.
        small = F.interpolate(image.float(), (self.input_px,) * 2, mode="bilinear", antialias=True)
        mask = torch.sigmoid(self.forward(small.to(image.dtype)))
        return F.interpolate(mask, image.shape[2:], mode="bilinear", align_corners=False)
