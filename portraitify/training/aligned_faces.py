"""Faces cut out of a batch of pictures, upright and of one size, so that gradients flow back."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F

from portraitify.data.batches import FaceView

# Sampled finer than asked for and averaged: a face that shrinks would alias.
_OVERSAMPLED = 2
# Of a face's view, what must lie inside the picture to count at all, and to count in full.
_LEAST_INSIDE, _ALL_INSIDE = 0.75, 0.95


def look_at(image: Tensor, squares: Tensor, view: FaceView) -> Tensor:
    """Cut faces out.

    Args:
        image: ``(B, C, H, W)``; beyond its borders they go on.
        squares: ``(B, 4)`` centre x and y and side in pixels, and angle in radians; see
            :class:`portraitify.faces.face_mesh.Square`.
        view: what to see of them.

    Returns:
        ``(B, C, px, px)``.
    """
    height, width = image.shape[2:]
    x, y = _places(squares, view.share, view.px * _OVERSAMPLED)
    grid = torch.stack([2 * x / width - 1, 2 * y / height - 1], -1).to(image.dtype)
    seen = F.grid_sample(image, grid, mode="bilinear", padding_mode="border", align_corners=False)
    return F.avg_pool2d(seen, _OVERSAMPLED)


def how_far_seen(squares: Tensor, view: FaceView, shape: tuple[int, ...]) -> Tensor:
    """Whether a picture shows a face, and does not cut it: ``(B,)`` in 0 to 1.

    Args:
        squares: as for :func:`look_at`.
        view: of the faces.
        shape: height and width of the picture, pixels.
    """
    x, y = _places(squares, view.share, 16)
    inside = ((x >= 0) & (x < shape[1]) & (y >= 0) & (y < shape[0])).float().mean((1, 2))
    return ((inside - _LEAST_INSIDE) / (_ALL_INSIDE - _LEAST_INSIDE)).clamp(0, 1)


def _places(squares: Tensor, share: float, count: int) -> tuple[Tensor, Tensor]:
    """x and y, ``(B, count, count)`` in pixels, of a grid over each view."""
    steps = (torch.arange(count, device=squares.device) + 0.5) / count - 0.5
    centre_x, centre_y, side, angle = (value[:, None, None] for value in squares.unbind(1))
    across, down = side * share * steps[None, None, :], side * share * steps[None, :, None]
    cos, sin = torch.cos(angle), torch.sin(angle)
    return centre_x + cos * across - sin * down, centre_y + sin * across + cos * down
