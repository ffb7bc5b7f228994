"""Where in the portrait crop the sitter is."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from portraitify.models.blocks import upsample
from portraitify.models.trunk import TRUNK_CHANNELS, Trunk

# Blocks of the trunk whose maps are used, at 1/2, 1/4, 1/8 and 1/16 of the size, and the channels of the first.
_TAPS, _HALF_CHANNELS = (0, 2, 4, 10), 16
# Of four pixels as one, beside the trunk's own first map, which knows no finer lines than two pixels.
_FINE_CHANNELS = 16
_GROUPS = 4


class _Stage(nn.Module):
    """Two convolutions with group normalisation; the crop is always seen whole, so its statistics may count."""

    def __init__(self, in_channels: int, out_channels: int):
        super().__init__()
        self.first = nn.Conv2d(in_channels, out_channels, 3, 1, 1, bias=False)
        self.first_norm = nn.GroupNorm(_GROUPS, out_channels)
        self.second = nn.Conv2d(out_channels, out_channels, 3, 1, 1, bias=False)
        self.second_norm = nn.GroupNorm(_GROUPS, out_channels)

    def forward(self, x: Tensor) -> Tensor:
        x = F.relu(self.first_norm(self.first(x)))
        return F.relu(self.second_norm(self.second(x)))


class _Around(nn.Module):
    """What lies farther away, added to each place: a dilated convolution channel by channel, then one by pixels."""

    def __init__(self, channels: int, dilation: int):
        super().__init__()
        self.around = nn.Conv2d(channels, channels, 3, 1, dilation, dilation, groups=channels, bias=False)
        self.mixed = nn.Conv2d(channels, channels, 1, bias=False)
        self.norm = nn.GroupNorm(_GROUPS, channels)

    def forward(self, x: Tensor) -> Tensor:
        return x + F.relu(self.norm(self.mixed(self.around(x))))


class SubjectMask(nn.Module):
    """U-Net (Ronneberger et al., MICCAI 2015) on a whole crop shrunk to ``input_px``.

    On the way down it is EfficientNet-Lite0, which knew a thousand kinds of
    things before it learned to tell sitters from them. At 1/16 it also sees
    each pixel's position, because an aligned sitter always sits in the same
    place (Liu et al., CoordConv, NeurIPS 2018).

    Args:
        channels: on the way up, at 1/2, 1/4, 1/8 and 1/16 of the size; multiples of 4.
        dilations: of the convolutions at 1/16.
        input_px: side to which crops are brought; a multiple of 16.
    """

    def __init__(
        self,
        channels: tuple[int, int, int, int] = (16, 32, 48, 64),
        dilations: tuple[int, ...] = (1, 2, 4),
        input_px: int = 320,
    ):
        super().__init__()
        half, quarter, eighth, sixteenth = channels
        at_quarter, at_eighth, at_sixteenth = TRUNK_CHANNELS
        self.input_px = input_px
        self.trunk = Trunk()
        self.fine = nn.Conv2d(12, _FINE_CHANNELS, 3, 1, 1)
        self.deep = nn.Conv2d(at_sixteenth + 2, sixteenth, 1)
        self.around = nn.Sequential(*(_Around(sixteenth, dilation) for dilation in dilations))
        self.up_eighth = _Stage(sixteenth + at_eighth, eighth)
        self.up_quarter = _Stage(eighth + at_quarter, quarter)
        self.up_half = _Stage(quarter + _HALF_CHANNELS + _FINE_CHANNELS, half)
        self.out = nn.Conv2d(half, 1, 1)

    def forward(self, image: Tensor) -> Tensor:
        """``(B, 3, input_px, input_px)`` in -1 to 1 to logits ``(B, 1, input_px / 2, input_px / 2)``."""
        half, quarter, eighth, x = self.trunk.maps(image, _TAPS)
        ticks = torch.linspace(-1, 1, x.shape[2], dtype=x.dtype, device=x.device)
        down = ticks.view(1, 1, -1, 1).expand(len(x), 1, len(ticks), len(ticks))
        x = self.around(F.relu(self.deep(torch.cat([x, down, down.transpose(2, 3)], 1))))
        x = self.up_eighth(torch.cat([upsample(x), eighth], 1))
        x = self.up_quarter(torch.cat([upsample(x), quarter], 1))
        fine = F.relu(self.fine(F.pixel_unshuffle(image, 2)))
        logits: Tensor = self.out(self.up_half(torch.cat([upsample(x), half, fine], 1)))
        return logits

    def find(self, image: Tensor) -> Tensor:
        """Subject probability ``(B, 1, H, W)`` of crops ``(B, 3, H, W)`` in -1 to 1."""
        # In float32, because shrinking with anti-aliasing has no half-precision kernel everywhere.
        small = F.interpolate(image.float(), (self.input_px,) * 2, mode="bilinear", antialias=True)
        mask = torch.sigmoid(self.forward(small.to(image.dtype)))
        return F.interpolate(mask, image.shape[2:], mode="bilinear", align_corners=False)
