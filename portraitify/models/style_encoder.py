"""From the statistics of a painting to its style code."""

from __future__ import annotations

import torch
from torch import Tensor, nn


def region_statistics(features: Tensor, region: Tensor) -> Tensor:
    """Mean and standard deviation of features over a soft region.

    Args:
        features: ``(B, C, H, W)``.
        region: ``(B, 1, H, W)`` weights, 0 or more; an empty region gives zeros.

    Returns:
        ``(B, 2 C)``: means, then standard deviations.
    """
    features, region = features.float(), region.float()
    area = region.sum((2, 3)).clamp(min=1e-3)
    mean = (features * region).sum((2, 3)) / area
    variance = ((features - mean[:, :, None, None]).square() * region).sum((2, 3)) / area
    return torch.cat([mean, (variance + 1e-6).sqrt()], 1)


class StyleEncoder(nn.Module):
    """Multi-layer perceptron from pooled features of a painting to a style code.

    The code has unit mean square, so that interpolation and new ones stay
    in the range that the generator knows.

    Args:
        feature_size: length of the pooled statistics.
        styles: number of styles; each adds an embedding of its own.
        code_size: length of the style code.
        hidden: width of the two inner layers.
    """

    def __init__(self, feature_size: int, styles: int = 4, code_size: int = 128, hidden: int = 256):
        super().__init__()
        self.norm = nn.LayerNorm(feature_size)
        self.layers = nn.Sequential(
            nn.Linear(feature_size, hidden), nn.LeakyReLU(0.2), nn.Linear(hidden, hidden), nn.LeakyReLU(0.2)
        )
        self.out = nn.Linear(hidden, code_size)
        self.style = nn.Embedding(styles, code_size)

    def forward(self, statistics: Tensor, style_index: Tensor) -> Tensor:
        """``(B, feature_size)`` and ``(B,)`` int64 to style codes ``(B, code_size)``."""
        style_code: Tensor = self.out(self.layers(self.norm(statistics))) + self.style(style_index)
        return style_code * torch.rsqrt(style_code.square().mean(1, keepdim=True) + 1e-6)
