"""Changes that a discriminator sees on real and painted pictures alike, so that a few hundred real ones suffice."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F

# Saturation and contrast are multiplied by 1 and up to so much more or less.
_SATURATION, _CONTRAST = 0.5, 0.25
# Largest move, and side of the hidden square, in parts of the picture's side.
_MOVE, _HIDDEN = 0.125, 0.3


def augment(image: Tensor, rng: torch.Generator) -> Tensor:
    """Vary saturation and contrast, move, and hide a square; gradients flow through.

    Brightness is left alone: :func:`at_one_colour` takes it out anyway.

    Source: Zhao et al., Differentiable Augmentation for Data-Efficient GAN
    Training, NeurIPS 2020.

    Args:
        image: ``(B, 3, S, S)`` in -1 to 1.
        rng: on the picture's device; draws all choices.

    Returns:
        The same shape.
    """

    def draw() -> Tensor:
        return torch.rand(len(image), 1, 1, 1, generator=rng, device=image.device) * 2 - 1

    grey = image.mean(1, keepdim=True)
    image = grey + (image - grey) * (1 + _SATURATION * draw())
    mean = image.mean((1, 2, 3), keepdim=True)
    image = mean + (image - mean) * (1 + _CONTRAST * draw())
    moved = F.grid_sample(
        image, _moved_grid(image, _MOVE * draw(), _MOVE * draw()), padding_mode="reflection", align_corners=False
    )
    return moved * _hiding(image, draw(), draw())


def _moved_grid(image: Tensor, right: Tensor, down: Tensor) -> Tensor:
    identity = torch.eye(2, 3, device=image.device).repeat(len(image), 1, 1)
    # Grid units: the side is 2.
    identity[:, :, 2] = 2 * torch.cat([right, down], 1).flatten(1)
    return F.affine_grid(identity, list(image.shape), align_corners=False)


def _hiding(image: Tensor, x: Tensor, y: Tensor) -> Tensor:
    """0 inside a square whose centre ``x``, ``y`` lies anywhere, in -1 to 1, and 1 elsewhere."""
    places = torch.linspace(-1, 1, image.shape[-1], device=image.device)
    beside = ((places[None, None, None, :] - x).abs() > _HIDDEN) | ((places[None, None, :, None] - y).abs() > _HIDDEN)
    return beside.to(image.dtype)


def at_one_colour(image: Tensor) -> Tensor:
    """Pictures ``(B, 3, S, S)`` moved to a mean of 0 in each channel.

    What judges them so cannot ask for lighter or redder skin, which is the
    sitter's own; old paintings show hardly any but light skin.
    """
    return image - image.mean((2, 3), keepdim=True)
