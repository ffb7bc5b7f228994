"""Tells paintings of a style from what the generator paints."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F
from torch.nn.utils.parametrizations import spectral_norm

# Of the loss on what must be turned down; the rest is for what the generator painted.
MISMATCHED_SHARE = 0.35


class _Head(nn.Module):
    """Logit map with a projection on the style, from one feature map."""

    def __init__(self, channels: int, styles: int, width: int):
        super().__init__()
        self.first = spectral_norm(nn.Conv2d(channels, width, 1))
        self.second = spectral_norm(nn.Conv2d(width, width, 3, padding=1))
        self.out = spectral_norm(nn.Conv2d(width, 1, 1))
        self.style = spectral_norm(nn.Embedding(styles, width))

    def forward(self, features: Tensor, style_index: Tensor) -> Tensor:
        x = F.leaky_relu(self.first(features), 0.2)
        x = F.leaky_relu(self.second(x), 0.2)
        projection = (x * self.style(style_index)[:, :, None, None]).sum(1, keepdim=True)
        logits: Tensor = self.out(x) + projection
        return logits.flatten(1)


class Discriminator(nn.Module):
    """Heads on frozen features, and one on pixels for fine texture.

    Sources: Sauer et al., Projected GANs Converge Faster, NeurIPS 2021;
    Miyato and Koyama, cGANs with Projection Discriminator, ICLR 2018;
    Miyato et al., Spectral Normalization, ICLR 2018.

    Args:
        feature_channels: channels of each frozen feature map.
        styles: number of styles.
        width: channels inside a head.
    """

    def __init__(self, feature_channels: tuple[int, ...], styles: int = 4, width: int = 64):
        super().__init__()
        self.heads = nn.ModuleList(_Head(channels, styles, width) for channels in feature_channels)
        self.pixels = nn.ModuleList(
            [
                spectral_norm(nn.Conv2d(12, 32, 3, padding=1)),
                spectral_norm(nn.Conv2d(32, 64, 4, stride=2, padding=1)),
                spectral_norm(nn.Conv2d(64, 64, 3, padding=1)),
            ]
        )
        self.pixel_head = _Head(64, styles, width)

    def forward(self, image: Tensor, features: list[Tensor], style_index: Tensor) -> list[Tensor]:
        """Judge pictures.

        Args:
            image: ``(B, 3, H, W)`` in -1 to 1.
            features: frozen feature maps ``(B, C_i, h_i, w_i)``.
            style_index: ``(B,)`` int64.

        Returns:
            One ``(B, n_i)`` map of logits a head; larger is more like a painting.
        """
        logits = [head(x, style_index) for head, x in zip(self.heads, features, strict=True)]
        x = F.pixel_unshuffle(image, 2)
        for layer in self.pixels:
            x = F.leaky_relu(layer(x), 0.2)
        return [*logits, self.pixel_head(x, style_index)]


def hinge_discriminator(real: list[Tensor], fake: list[Tensor], mismatched: list[Tensor]) -> Tensor:
    """Hinge loss of the discriminator, averaged over heads.

    Real paintings under the name of another style count as wrong too, so
    that the styles are learned and not only what tells paint from photo.

    Sources: Lim and Ye, Geometric GAN, 2017; Reed et al., Generative
    Adversarial Text to Image Synthesis, ICML 2016, section 4.2.
    """
    terms = [
        F.relu(1 - r).mean() + (1 - MISMATCHED_SHARE) * F.relu(1 + f).mean() + MISMATCHED_SHARE * F.relu(1 + m).mean()
        for r, f, m in zip(real, fake, mismatched, strict=True)
    ]
    return torch.stack(terms).mean()


def hinge_generator(fake: list[Tensor]) -> Tensor:
    """What the generator gains when its paintings are taken for real, averaged over heads."""
    return torch.stack([-f.mean() for f in fake]).mean()
