"""What a good painting of a sitter is, in numbers."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F

from portraitify.config import STYLES
from portraitify.models.blocks import shrink_to
from portraitify.models.style_encoder import region_statistics
from portraitify.training.batches import Views

CONTENT_LAYERS = (0.05, 0.6, 1.0)
# Raw colours, then three blocks of VGG.
STYLE_LAYERS = (1.0, 1.0, 1.0, 1.0)
# Statistics need no more positions than this grid leaves: dense ones took 60 % of a step.
STYLE_STRIDES = (3, 3, 2, 1)
INK = STYLES.index("ink")
# Position of the face in what regions() returns.
FACE = 2
# Of ground, sitter without face, and face: grounds take a texture easily, faces hardly.
REGION_WEIGHTS = (0.7, 1.2, 1.6)
_LUMA = (0.299, 0.587, 0.114)


def luminance(image: Tensor) -> Tensor:
    """Rec. 601 luma ``(B, 1, H, W)`` of ``(B, 3, H, W)``."""
    weights = torch.tensor(_LUMA, dtype=image.dtype, device=image.device).view(1, 3, 1, 1)
    return (image * weights).sum(1, keepdim=True)


def content_importance(views: Views) -> Tensor:
    """Where the content counts, ``(B, 1, H, W)``: on the sitter, most in the face, hardly on the ground."""
    return (0.05 + views.sitter + 0.5 * views.face) * views.valid


def content_loss(fake: list[Tensor], photo: list[Tensor], importance: Tensor) -> Tensor:
    """Weighted squared distance of frozen features.

    Args:
        fake: feature maps of the painting.
        photo: feature maps of the photo, same shapes.
        importance: ``(B, 1, H, W)`` weights.

    Returns:
        Scalar.
    """
    total = importance.new_zeros(())
    for weight, f, p in zip(CONTENT_LAYERS, fake, photo, strict=True):
        w = shrink_to(importance, f)
        distance = (f.float() - p.float()).square().mean(1, keepdim=True)
        total = total + weight * (distance * w).sum() / w.sum().clamp(min=1e-3)
    return total


def regions(views: Views) -> list[Tensor]:
    """Ground, sitter without face, and face, each ``(B, 1, H, W)`` and inside the picture."""
    ground = (1 - views.sitter) * views.valid
    face = views.face * views.valid
    return [ground, views.sitter * (1 - views.face) * views.valid, face]


def style_loss(fake: list[Tensor], real: list[Tensor], fake_views: Views, real_views: Views, step: int = 0) -> Tensor:
    """Distance of region-wise means and covariances of frozen features, relative to the painting's.

    In the face only covariances count, so that the texture of the painting
    is taken over but not the colour of its sitter's skin.

    Sources: Gatys et al., CVPR 2016 (second-order statistics of features);
    Gatys et al., CVPR 2017 (region-wise).

    Args:
        fake: feature maps of what the generator painted.
        real: feature maps of the painting.
        fake_views: regions of the photo.
        real_views: regions of the painting.
        step: moves the grid of positions, so that in time all are seen.

    Returns:
        Scalar; 0 where all statistics agree.
    """
    total = fake[0].new_zeros((), dtype=torch.float32)
    fake_regions, real_regions = torch.cat(regions(fake_views), 1), torch.cat(regions(real_views), 1)
    for layer_weight, stride, f, r in zip(STYLE_LAYERS, STYLE_STRIDES, fake, real, strict=True):
        grid = (slice(step % stride, None, stride), slice(step // stride % stride, None, stride))
        means_f, covariances_f, areas_f = _moments(f, fake_regions, grid)
        with torch.no_grad():
            means_r, covariances_r, areas_r = _moments(r, real_regions, grid)
        trust = (torch.minimum(areas_f, areas_r) / 0.05).clamp(max=1.0)
        for region in range(fake_regions.shape[1]):
            scale = _channel_scale(covariances_f[region].detach(), covariances_r[region])
            distance = _relative(covariances_f[region] / scale, covariances_r[region] / scale)
            if region != FACE:
                distance = distance + _relative(means_f[:, region], means_r[:, region])
            total = total + layer_weight * REGION_WEIGHTS[region] * (trust[:, region] * distance).mean()
    return total / (len(STYLE_LAYERS) * fake_regions.shape[1])


def _moments(features: Tensor, weights: Tensor, grid: tuple[slice, slice]) -> tuple[Tensor, list[Tensor], Tensor]:
    """Moments of features over soft regions.

    Args:
        features: ``(B, C, H, W)``.
        weights: ``(B, R, h, w)``, one map a region.
        grid: positions to look at.

    Returns:
        Means ``(B, R, C)``, for each region the covariances ``(B, C, C)``, and area shares ``(B, R)``.
    """
    rows, columns = grid
    weights = shrink_to(weights, features)[:, :, rows, columns].flatten(2)
    x = features[:, :, rows, columns].float().flatten(2)
    share = weights.mean(2)
    weights = weights / weights.sum(2, keepdim=True).clamp(min=1e-3)
    means = weights @ x.transpose(1, 2)
    covariances = []
    for region in range(weights.shape[1]):
        centred = (x - means[:, region, :, None]) * weights[:, region, None].sqrt()
        covariances.append(centred @ centred.transpose(1, 2))
    return means, covariances, share


def _channel_scale(first: Tensor, second: Tensor) -> Tensor:
    """Product of the channels' deviations ``(B, C, C)``, so that faint channels count as much as strong ones.

    Fine texture lives in the faint ones: unscaled, the edges of the drawing outweighed all brushwork.
    """
    variance = (first.diagonal(dim1=1, dim2=2) + second.diagonal(dim1=1, dim2=2)) / 2
    variance = variance + 0.05 * variance.mean(1, keepdim=True) + 1e-5
    return variance.sqrt()[:, :, None] * variance.sqrt()[:, None, :]


def _relative(value: Tensor, target: Tensor) -> Tensor:
    """Norm of the difference over the mean norm of both, ``(B,)``.

    Over the target's norm alone it would explode for paintings with an even ground.
    """
    difference = (value - target).flatten(1).square().sum(1)
    size = (target.flatten(1).square().sum(1) + value.detach().flatten(1).square().sum(1)) / 2
    return (difference / (size + 1e-3) + 1e-4).sqrt()


def on_painted_ground(photo: Tensor, painting: Tensor, photo_views: Views, painting_views: Views) -> Tensor:
    """The sitter before a ground of the painting's mean colour, as target for the content.

    With the photo's own ground as target, light walls left a light seam
    around the sitters of dark paintings: the frozen features want the edge
    of the head to keep the sign of its contrast.

    Returns:
        ``(B, 3, H, W)``.
    """
    ground_p, ground_r = regions(photo_views)[0], regions(painting_views)[0]
    own = region_statistics(photo, ground_p)[:, :3, None, None]
    wanted = region_statistics(painting, ground_r)[:, :3, None, None]
    known = (ground_r.sum((2, 3)) > 1)[:, :, None, None]
    ground = torch.where(known, wanted + 0.3 * (photo - own), photo)
    return photo_views.sitter * photo + (1 - photo_views.sitter) * ground


def ground_loss(fake: Tensor, painting: Tensor, fake_views: Views, real_views: Views) -> Tensor:
    """Distance of colour mean and spread between the painted ground and the painting's own."""
    ground_f, ground_r = regions(fake_views)[0], regions(real_views)[0]
    trust = torch.minimum(ground_f.mean((1, 2, 3)), ground_r.mean((1, 2, 3))) / 0.05
    distance = region_statistics(fake, ground_f) - region_statistics(painting, ground_r)
    return (trust.clamp(max=1.0) * distance.abs().mean(1)).mean()


def skin_loss(fake: Tensor, photo: Tensor, face: Tensor, style_index: Tensor) -> Tensor:
    """Squared excess of the face's mean brightness over what a painter may change.

    A painting may be darker than its sitter by more than it may be lighter;
    ink stands on paper, which makes it lighter.
    """
    area = face.sum((2, 3)).clamp(min=1e-3)
    shift = ((luminance(fake) - luminance(photo)) * face).sum((2, 3)) / area
    is_ink = (style_index == INK).float()[:, None]
    lighter = F.relu(shift - (0.05 + 0.25 * is_ink))
    darker = F.relu(-shift - (0.14 + 0.1 * is_ink))
    seen = (face.mean((1, 2, 3)) / 0.03).clamp(max=1.0)[:, None]
    return (seen * (lighter.square() + darker.square())).mean()


def color_loss(fake: Tensor, photo: Tensor, views: Views, style_index: Tensor) -> Tensor:
    """Squared excess of the sitter's coarse chroma over what a painter may change.

    Little in the face, more in hair and clothes, anything in ink. Without
    this term all paintings turned sepia.
    """
    size = max(fake.shape[2] // 8, 4)
    chroma_f, chroma_p = (F.adaptive_avg_pool2d(x - luminance(x), size) for x in (fake, photo))
    face, sitter = (F.adaptive_avg_pool2d(x * views.valid, size) for x in (views.face, views.sitter))
    excess = F.relu((chroma_f - chroma_p).abs() - (0.14 - 0.1 * face)).square().sum(1, keepdim=True)
    weight = torch.maximum(face, 0.5 * sitter) * (style_index != INK).float()[:, None, None, None]
    return (excess * weight).sum() / weight.sum().clamp(min=1.0)


def shape_loss(fake: Tensor, photo: Tensor, face: Tensor) -> Tensor:
    """Distance of the face's modelling: low-pass brightness, free of level and scale."""
    size = max(fake.shape[2] // 8, 4)
    f, p = (F.adaptive_avg_pool2d(luminance(x), size).flatten(1) for x in (fake, photo))
    w = F.adaptive_avg_pool2d(face, size).flatten(1)
    w = w / w.sum(1, keepdim=True).clamp(min=1e-3)

    def standard(x: Tensor) -> Tensor:
        centred = x - (x * w).sum(1, keepdim=True)
        return centred * torch.rsqrt((centred.square() * w).sum(1, keepdim=True) + 2e-3)

    return ((standard(f) - standard(p)).square() * w).sum(1).mean()
