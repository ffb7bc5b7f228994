"""Planes through values over a picture: their level and how they slope."""

from __future__ import annotations

import torch
from torch import Tensor


def plane_coordinates(shape: tuple[int, ...], device: torch.device) -> Tensor:
    """x and y of all pixels in parts of the height: ``(2, H W)``."""
    height, width = shape[-2:]
    x, y = (torch.arange(width, device=device) / height, torch.arange(height, device=device) / height)
    return torch.stack([x[None, :].expand(height, width).flatten(), y[:, None].expand(height, width).flatten()])


def fitted_plane(values: Tensor, weights: Tensor, places: Tensor) -> tuple[Tensor, Tensor]:
    """Mean and slopes of the plane that fits best.

    Args:
        values: ``(B, N)``.
        weights: ``(B, N)`` that sum to 1, or to 0.
        places: ``(2, N)``.

    Returns:
        ``(B,)`` and ``(B, 2)``.
    """
    level = (values * weights).sum(1)
    slopes = _slopes(values - level[:, None], weights, _apart(weights, places))
    return level, slopes


def without_plane(values: Tensor, weights: Tensor, places: Tensor) -> Tensor:
    """Values ``(B, N)`` less the plane that fits best; see :func:`fitted_plane`."""
    centred = values - (values * weights).sum(1, keepdim=True)
    apart = _apart(weights, places)
    return centred - torch.einsum("bi,bin->bn", _slopes(centred, weights, apart), apart)


def _apart(weights: Tensor, places: Tensor) -> Tensor:
    """Places from their weighted middle: ``(B, 2, N)``."""
    return places[None] - (weights @ places.T)[:, :, None]


def _slopes(centred: Tensor, weights: Tensor, apart: Tensor) -> Tensor:
    spread = torch.einsum("bin,bjn,bn->bij", apart, apart, weights)
    common = torch.einsum("bin,bn,bn->bi", apart, centred, weights)
    ridge = 1e-5 * torch.eye(2, device=centred.device)
    slopes: Tensor = torch.linalg.solve(spread + ridge, common[:, :, None])[:, :, 0]
    return slopes
