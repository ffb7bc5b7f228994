"""Layers that the networks share."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from portraitify.models.rectifier import GAIN, LEAK


def activate(x: Tensor) -> Tensor:
    """Leaky rectifier that preserves variance."""
    return F.leaky_relu(x, LEAK) * GAIN


class Conv(nn.Module):
    """Plain convolution with bias, padded to keep the size (divided by the stride)."""

    def __init__(self, in_channels: int, out_channels: int, kernel: int = 3, stride: int = 1, dilation: int = 1):
        super().__init__()
        self.stride, self.dilation = stride, dilation
        self.padding = dilation * (kernel // 2)
        scale = 1 / math.sqrt(in_channels * kernel**2)
        self.weight = nn.Parameter(torch.randn(out_channels, in_channels, kernel, kernel) * scale)
        self.bias = nn.Parameter(torch.zeros(out_channels))

    def forward(self, x: Tensor) -> Tensor:
        """``(B, in, H, W)`` to ``(B, out, H / stride, W / stride)``."""
        return F.conv2d(x, self.weight, self.bias, self.stride, self.padding, self.dilation)


class ModulatedConv(nn.Module):
    """Convolution whose input channels are scaled by a style code, with demodulation.

    The scale and the demodulation are applied to the activations, which is
    the same as scaling the kernel and lets one kernel serve a whole batch.

    Source: Karras et al., Analyzing and Improving the Image Quality of
    StyleGAN, CVPR 2020, section 2.2.

    Args:
        in_channels: channels of the input.
        out_channels: channels of the output.
        code_size: length of the style code.
        kernel: side of the kernel.
        demodulate: restore unit variance of the output.
    """

    def __init__(self, in_channels: int, out_channels: int, code_size: int, kernel: int = 3, demodulate: bool = True):
        super().__init__()
        self.padding, self.demodulate = kernel // 2, demodulate
        scale = 1 / math.sqrt(in_channels * kernel**2)
        self.weight = nn.Parameter(torch.randn(out_channels, in_channels, kernel, kernel) * scale)
        self.bias = nn.Parameter(torch.zeros(out_channels))
        self.to_scale = nn.Linear(code_size, in_channels)
        self.to_bias = nn.Linear(code_size, out_channels)
        # With a smaller spread the style codes stay without effect for thousands of steps.
        nn.init.normal_(self.to_scale.weight, std=0.08)
        nn.init.ones_(self.to_scale.bias)
        nn.init.normal_(self.to_bias.weight, std=0.02)
        nn.init.zeros_(self.to_bias.bias)

    def forward(self, x: Tensor, style_code: Tensor) -> Tensor:
        """``(B, in, H, W)`` and ``(B, code_size)`` to ``(B, out, H, W)``."""
        scale = self.to_scale(style_code)
        y = F.conv2d(x * scale[:, :, None, None], self.weight, padding=self.padding)
        if self.demodulate:
            energy = self.weight.float().square().sum((2, 3))
            norm = torch.rsqrt(scale.float().square() @ energy.t() + 1e-6)
            y = y * norm[:, :, None, None].to(y.dtype)
        bias: Tensor = self.to_bias(style_code) + self.bias
        return y + bias[:, :, None, None].to(y.dtype)


class Noise(nn.Module):
    """Adds one map of noise to all channels, each as strongly as the style code says.

    Without it a convolutional network can only paint flat on what is flat in
    the photo: strokes, grain and hatching need something to start from.

    Source: Karras et al., A Style-Based Generator Architecture, CVPR 2019, section 2.
    """

    def __init__(self, channels: int, code_size: int):
        super().__init__()
        self.to_strength = nn.Linear(code_size, channels)
        nn.init.zeros_(self.to_strength.weight)
        nn.init.normal_(self.to_strength.bias, std=0.1)

    def forward(self, x: Tensor, noise: Tensor, style_code: Tensor) -> Tensor:
        """Keep the shape ``(B, C, H, W)``; ``noise`` is ``(B or 1, 1, H, W)``."""
        strength: Tensor = self.to_strength(style_code)
        return x + strength[:, :, None, None].to(x.dtype) * noise.to(x.dtype)


class ModulatedResidual(nn.Module):
    """Two modulated convolutions around which the input is carried."""

    def __init__(self, channels: int, code_size: int):
        super().__init__()
        self.first = ModulatedConv(channels, channels, code_size)
        self.second = ModulatedConv(channels, channels, code_size)

    def forward(self, x: Tensor, style_code: Tensor) -> Tensor:
        """Keep the shape ``(B, C, H, W)``."""
        y: Tensor = self.second(activate(self.first(x, style_code)), style_code)
        return (x + y) * math.sqrt(0.5)


def shrink_to(x: Tensor, like: Tensor) -> Tensor:
    """Average ``(B, C, H, W)`` over the coarser grid of ``like`` ``(B, D, h, w)``."""
    if x.shape[2:] == like.shape[2:]:
        return x
    return F.adaptive_avg_pool2d(x, (like.shape[2], like.shape[3]))


def smooth(x: Tensor) -> Tensor:
    """Binomial filter 1-2-1 in both directions, which removes what alternates from pixel to pixel.

    Source: Zhang, Making Convolutional Networks Shift-Invariant Again, ICML 2019.
    """
    padded = F.pad(x, (1, 1, 1, 1), mode="replicate")
    rows = padded[:, :, :-2] + 2 * padded[:, :, 1:-1] + padded[:, :, 2:]
    return (rows[..., :-2] + 2 * rows[..., 1:-1] + rows[..., 2:]) / 16


def upsample(x: Tensor) -> Tensor:
    """Double height and width bilinearly."""
    return F.interpolate(x, scale_factor=2, mode="bilinear", align_corners=False)
