"""Distance of textures: how features of regions are distributed, not only their means and covariances."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F

from portraitify.models.blocks import shrink_to

DIRECTIONS, SAMPLES = 48, 768
# Regions smaller than this share of the picture say little about a texture.
TRUSTED_SHARE = 0.05
# What varies more slowly than this counts as light and colour, not as texture.
LOCAL_PX, MAX_LAG_PX = 33, 32


def sliced_distance(
    fake_features: Tensor,
    real_features: Tensor,
    fake_regions: Tensor,
    real_regions: Tensor,
    freedom: tuple[float, ...],
    rng: torch.Generator,
) -> Tensor:
    """Sliced Wasserstein distance between the features of corresponding regions.

    Positions are drawn from each region, their features projected on random
    directions and sorted; compared with covariances this also sees that
    strokes are rare and strong where grain is common and weak.

    Source: Heitz et al., A Sliced Wasserstein Loss for Neural Texture
    Synthesis, CVPR 2021; the regions follow Gatys et al., CVPR 2017.

    Args:
        fake_features: ``(B, C, h, w)`` features of what was painted.
        real_features: ``(B, C, h', w')`` features of the painting.
        fake_regions: ``(B, R, H, W)`` weights in 0 to 1.
        real_regions: ``(B, R, H', W')`` weights in 0 to 1.
        freedom: of each region's mean, 0 to 1; with 1 only the spread about it counts.
        rng: draws positions and directions.

    Returns:
        ``(B, R)``, about 1 where the painting's texture is missed altogether, 0 for the same distribution.
    """
    x, share_x = _draw(fake_features, fake_regions, rng)
    y, share_y = _draw(real_features, real_regions, rng)
    loose = torch.tensor(freedom, device=x.device)[None, :, None, None]
    x, y = x - loose * x.mean(2, keepdim=True), y - loose * y.mean(2, keepdim=True)
    # Faint channels carry the fine texture; unscaled, the edges of the drawing outweigh them.
    spread = (x.detach().var(2) + y.var(2)) / 2
    scale = (spread + 0.05 * spread.mean(2, keepdim=True) + 1e-5).rsqrt()[:, :, None]
    directions = torch.randn(x.shape[3], DIRECTIONS, generator=rng, device=x.device)
    directions = directions / directions.norm(dim=0)
    along_x = (x * scale @ directions).sort(2).values
    along_y = (y * scale @ directions).sort(2).values
    trust = (torch.minimum(share_x, share_y) / TRUSTED_SHARE).clamp(max=1.0)
    distance: Tensor = trust * (along_x - along_y).abs().mean((2, 3))
    return distance


def _draw(features: Tensor, regions: Tensor, rng: torch.Generator) -> tuple[Tensor, Tensor]:
    """Features at positions drawn by weight.

    Returns:
        ``(B, R, SAMPLES, C)`` float32, and the regions' shares of the picture ``(B, R)``.
    """
    weights = shrink_to(regions, features).flatten(2)
    batch, count, places = weights.shape
    drawn = torch.multinomial(weights.flatten(0, 1) + 1e-8, SAMPLES, replacement=True, generator=rng)
    rows = drawn.view(batch, count * SAMPLES) + torch.arange(batch, device=drawn.device)[:, None] * places
    table = features.permute(0, 2, 3, 1).reshape(batch * places, -1)
    picked = table.index_select(0, rows.flatten()).float()
    return picked.view(batch, count, SAMPLES, -1), weights.mean(2)


def regularity_distance(fake_light: Tensor, real_light: Tensor, fake_region: Tensor, real_region: Tensor) -> Tensor:
    """Distance of the autocorrelations of fine detail, which tells a weave from brushwork.

    Statistics of single positions cannot: a lattice and a free texture may
    share them, and left to those the generator filled backgrounds with lattices.

    Source: after the deep correlations of Sendik and Cohen-Or, ACM
    Transactions on Graphics 36(5), 2017, here of brightness and over a region.

    Args:
        fake_light: ``(B, 1, H, W)`` brightness of what was painted.
        real_light: ``(B, 1, H, W)`` brightness of the painting.
        fake_region: ``(B, 1, H, W)`` weights in 0 to 1.
        real_region: ``(B, 1, H, W)`` weights in 0 to 1.

    Returns:
        Scalar, 0 for equal autocorrelations.
    """
    correlation_f, known_f = _autocorrelation(fake_light, fake_region)
    with torch.no_grad():
        correlation_r, known_r = _autocorrelation(real_light, real_region)
    lag = torch.arange(-MAX_LAG_PX, MAX_LAG_PX + 1, device=fake_light.device).float()
    nearness = 1 / (1 + torch.hypot(lag[:, None], lag[None, MAX_LAG_PX:]) / 6)
    known = torch.minimum(known_f, known_r) * nearness
    return ((correlation_f - correlation_r).abs() * known).sum() / known.sum().clamp(min=1.0)


def _autocorrelation(light: Tensor, region: Tensor) -> tuple[Tensor, Tensor]:
    """Correlation coefficient at each lag up to ``MAX_LAG_PX``, and how far it can be trusted, 0 to 1.

    Returns:
        Two maps ``(B, 2 L + 1, L + 1)``.
    """
    side = light.shape[2]
    detail = (light - _local_mean(light, region)) * region

    def correlate(x: Tensor) -> Tensor:
        # Padded to twice the side, so that opposite borders do not meet.
        power = torch.fft.rfft2(x[:, 0], s=(2 * side, 2 * side)).abs().square()
        lags = torch.fft.irfft2(power, s=(2 * side, 2 * side))
        return torch.cat([lags[:, -MAX_LAG_PX:, : MAX_LAG_PX + 1], lags[:, : MAX_LAG_PX + 1, : MAX_LAG_PX + 1]], 1)

    overlap = correlate(region).clamp(min=1.0)
    covariance = correlate(detail) / overlap
    variance = covariance[:, MAX_LAG_PX, 0][:, None, None]
    trust = (overlap / (TRUSTED_SHARE * side**2)).clamp(max=1.0)
    return covariance / (variance + 1e-4), trust


def _local_mean(light: Tensor, region: Tensor) -> Tensor:
    """Mean over ``LOCAL_PX`` of what lies in the region."""

    def spread(x: Tensor) -> Tensor:
        # Rows, then columns: over squares at once it took half of a training step.
        rows = F.avg_pool2d(x, (LOCAL_PX, 1), 1, (LOCAL_PX // 2, 0))
        return F.avg_pool2d(rows, (1, LOCAL_PX), 1, (0, LOCAL_PX // 2))

    return spread(light * region) / spread(region).clamp(min=1e-3)
