"""What a good painting of a sitter is, in numbers."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F

from portraitify.data.batches import Views
from portraitify.media.registry import STYLES, medium_of
from portraitify.models.blocks import shrink_to
from portraitify.models.style_encoder import region_statistics
from portraitify.training.planes import plane_coordinates, without_plane
from portraitify.training.texture import regularity_distance, sliced_distance

CONTENT_LAYERS = (0.05, 0.6, 1.0)
# Raw colours, then four blocks of VGG (sliced distances shrink with depth), for background, sitter without
# face, and face. Faces take a texture hardly, backgrounds too easily: the coarse layers, which see other
# things standing in the paintings' backgrounds, only drew a lattice there.
# Paintings' faces are half as large in pixels, so that their eyes and shadows came back as stains on skin.
STYLE_WEIGHTS = (
    (0.4, 0.7, 0.6),
    (0.3, 1.0, 1.6),
    (0.2, 1.5, 1.8),
    (0.0, 1.5, 1.0),
    (0.0, 1.4, 0.5),
)
# How far the means are the sitter's own: none of the background's, nearly all of the sitter's. With half of hair and
# clothes bound to the painting's, dark hair turned grey and necks lighter than their faces.
MEAN_FREEDOM = (0.0, 0.9, 1.0)
# Share of the painting's texture that eyes and mouth are kept from.
EXPRESSION_KEPT = 0.7
# How far the face is free of the photo's own features.
FACE_FREEDOM = 0.85
# How much of a forehead's texture is compared with that of painted faces.
FOREHEAD_SHARE = 0.5
# By how much chroma may leave the photo's, of 2, in hair and clothes and in skin, and the weight of hair and clothes
# beside skin. With 0.18 and a half pale and green fringes came at the edges of hair.
CHROMA_FREEDOM, SKIN_CHROMA_FREEDOM, SITTER_SHARE = 0.10, 0.04, 0.8
# Share of the discriminator's gradient that reaches the background.
BACKGROUND_GRADIENT = 0.25
# Weight of the whole sitter's modelling beside the face's.
SUBJECT_MODELLING = 0.6
# Side of the planes in which a face's modelling is compared: some five lie between the eyes.
FACE_PLANE_PX = 12
# Chroma counts as skin up to about this distance from the face's mean, of 2.
SKIN_SPREAD = 0.07
_LUMA = (0.299, 0.587, 0.114)


def _monochrome(style_index: Tensor) -> Tensor:
    """1 for styles whose medium has no colours of its own, else 0: ``(B,)`` float32."""
    known = torch.tensor([float(medium_of(style).monochrome) for style in STYLES], device=style_index.device)
    return known[style_index]


def luminance(image: Tensor) -> Tensor:
    """Rec. 601 luma ``(B, 1, H, W)`` of ``(B, 3, H, W)``."""
    weights = torch.tensor(_LUMA, dtype=image.dtype, device=image.device).view(1, 3, 1, 1)
    return (image * weights).sum(1, keepdim=True)


def without_colour(image: Tensor, style_index: Tensor) -> Tensor:
    """Pictures ``(B, 3, H, W)`` in grey where their style has no colours of its own, else as they are."""
    grey = _monochrome(style_index)[:, None, None, None]
    return image + grey * (luminance(image) - image)


def content_importance(views: Views) -> Tensor:
    """Where the content counts, ``(B, 1, H, W)``: on the sitter, less in the face, hardly on the background.

    A face's likeness is the recogniser's to judge; bound to the photo's own
    features it came out as a photo among brushstrokes.
    """
    return (0.05 + views.subject_mask * (1 - FACE_FREEDOM * views.skin)) * views.valid


def content_loss(fake_features: list[Tensor], photo_features: list[Tensor], importance: Tensor) -> Tensor:
    """Weighted squared distance of frozen features.

    Args:
        fake_features: feature maps of the painting.
        photo_features: feature maps of the photo, same shapes.
        importance: ``(B, 1, H, W)`` weights.

    Returns:
        Scalar.
    """
    total = importance.new_zeros(())
    for weight, f, p in zip(CONTENT_LAYERS, fake_features, photo_features, strict=True):
        total = total + weight * _feature_distance(f, p, importance, 1e-3)
    return total


def _feature_distance(fake_features: Tensor, photo_features: Tensor, importance: Tensor, least: float) -> Tensor:
    """Weighted mean of squared distances; weights that sum to less than ``least`` count for less."""
    w = shrink_to(importance, fake_features)
    distance = (fake_features.float() - photo_features.float()).square().mean(1, keepdim=True)
    return (distance * w).sum() / w.sum().clamp(min=least)


def expression_loss(fake_features: Tensor, photo_features: Tensor, expression: Tensor) -> Tensor:
    """Squared distance of frozen features over eyes and mouth, coarse enough not to ask for lashes.

    Args:
        fake_features: feature map of the painting at 1/8 of the size.
        photo_features: that of the photo.
        expression: ``(B, 1, H, W)`` in 0 to 1.

    Returns:
        Scalar.
    """
    return _feature_distance(fake_features, photo_features, expression, 1.0)


def regions(views: Views, forehead_share: float = 0.0) -> list[Tensor]:
    """Background, hair and clothes, and face, each ``(B, 1, H, W)`` and inside the picture.

    A painting's forehead belongs to none: its hairline is hardly ever where
    the mask has it. What is painted has its forehead in the face by
    ``forehead_share``: left to none it was scratched, since nothing judged
    its texture, and with the hair it was painted dark like hair. Eyes and
    mouth count little.
    """
    background = (1 - views.subject_mask) * views.valid
    face = torch.maximum(views.face, forehead_share * views.skin) * (1 - EXPRESSION_KEPT * views.expression)
    return [background, views.subject_mask * (1 - views.skin) * views.valid, face * views.valid]


def style_loss(
    fake_features: list[Tensor], real_features: list[Tensor], fake_views: Views, real_views: Views, rng: torch.Generator
) -> Tensor:
    """How far the texture of each region is from the painting's.

    In the face the means do not count, so that the texture of the painting
    is taken over but not the colour of its sitter's skin.

    Args:
        fake_features: feature maps of what the generator painted.
        real_features: feature maps of the painting.
        fake_views: regions of the photo.
        real_views: regions of the painting.
        rng: draws positions and directions.

    Returns:
        Scalar; 0 for the painting itself, up to the chance of the draw.
    """
    fake_regions, real_regions = torch.cat(regions(fake_views, FOREHEAD_SHARE), 1), torch.cat(regions(real_views), 1)
    total = fake_features[0].new_zeros((), dtype=torch.float32)
    for weights, f, r in zip(STYLE_WEIGHTS, fake_features, real_features, strict=True):
        distance = sliced_distance(f, r, fake_regions, real_regions, MEAN_FREEDOM, rng)
        total = total + (distance * torch.tensor(weights, device=distance.device)).mean()
    return total / len(STYLE_WEIGHTS)


def regularity_loss(fake_image: Tensor, real_image: Tensor, fake_views: Views, real_views: Views) -> Tensor:
    """How much more, or less, the painted background repeats itself than the real painting's."""
    fake_background, real_background = regions(fake_views)[0], regions(real_views)[0]
    return regularity_distance(luminance(fake_image), luminance(real_image), fake_background, real_background)


def scale_background_gradient(fake_image: Tensor, views: Views) -> Tensor:
    """The same picture, whose background passes on only ``BACKGROUND_GRADIENT`` of the gradient."""
    share = BACKGROUND_GRADIENT + (1 - BACKGROUND_GRADIENT) * views.subject_mask
    return fake_image * share + (fake_image * (1 - share)).detach()


def on_painted_background(photo: Tensor, real_image: Tensor, photo_views: Views, real_views: Views) -> Tensor:
    """The sitter before a background of the painting's mean colour, as target for the content.

    With the photo's own background as target, light walls left a light seam
    around the sitters of dark paintings: the frozen features want the edge
    of the head to keep the sign of its contrast.

    Returns:
        ``(B, 3, H, W)``.
    """
    photo_background, real_background = regions(photo_views)[0], regions(real_views)[0]
    own = region_statistics(photo, photo_background)[:, :3, None, None]
    wanted = region_statistics(real_image, real_background)[:, :3, None, None]
    known = (real_background.sum((2, 3)) > 1)[:, :, None, None]
    background = torch.where(known, wanted + 0.3 * (photo - own), photo)
    return photo_views.subject_mask * photo + (1 - photo_views.subject_mask) * background


def background_loss(fake_image: Tensor, real_image: Tensor, fake_views: Views, real_views: Views) -> Tensor:
    """Distance of colour mean and spread between the painted background and the real painting's."""
    fake_background, real_background = regions(fake_views)[0], regions(real_views)[0]
    trust = torch.minimum(fake_background.mean((1, 2, 3)), real_background.mean((1, 2, 3))) / 0.05
    distance = region_statistics(fake_image, fake_background) - region_statistics(real_image, real_background)
    return (trust.clamp(max=1.0) * distance.abs().mean(1)).mean()


def skin_loss(fake_image: Tensor, photo: Tensor, face: Tensor, style_index: Tensor) -> Tensor:
    """Squared excess of the face's mean brightness over what a painter may change.

    A painting may be darker than its sitter by more than it may be lighter;
    ink stands on paper, which makes it lighter.
    """
    area = face.sum((2, 3)).clamp(min=1e-3)
    shift = ((luminance(fake_image) - luminance(photo)) * face).sum((2, 3)) / area
    monochrome = _monochrome(style_index)[:, None]
    lighter = F.relu(shift - (0.05 + 0.13 * monochrome))
    darker = F.relu(-shift - (0.14 + 0.1 * monochrome))
    seen = (face.mean((1, 2, 3)) / 0.03).clamp(max=1.0)[:, None]
    return (seen * (lighter.square() + darker.square())).mean()


def color_loss(fake_image: Tensor, photo: Tensor, views: Views, style_index: Tensor) -> Tensor:
    """Squared excess of the sitter's coarse chroma over what a painter may change.

    Little in the face and wherever the sitter has its colour (neck, ears,
    hands), more in hair and clothes, anything in ink. Without this term all
    paintings turned sepia.
    """
    size = max(fake_image.shape[2] // 8, 4)
    chroma_f, chroma_p = (F.adaptive_avg_pool2d(x - luminance(x), size) for x in (fake_image, photo))
    face, subject_mask = (F.adaptive_avg_pool2d(x * views.valid, size) for x in (views.skin, views.subject_mask))
    skin = torch.maximum(face, subject_mask * _skin_likeness(chroma_p, face))
    freedom = CHROMA_FREEDOM + (SKIN_CHROMA_FREEDOM - CHROMA_FREEDOM) * skin
    excess = F.relu((chroma_f - chroma_p).abs() - freedom).square().sum(1, keepdim=True)
    weight = torch.maximum(skin, SITTER_SHARE * subject_mask) * (1 - _monochrome(style_index))[:, None, None, None]
    return (excess * weight).sum() / weight.sum().clamp(min=1.0)


def _skin_likeness(chroma: Tensor, face: Tensor) -> Tensor:
    """How near chroma ``(B, 3, h, w)`` is to the mean of the face ``(B, 1, h, w)``: ``(B, 1, h, w)`` in 0 to 1."""
    mean = (chroma * face).sum((2, 3), keepdim=True) / face.sum((2, 3), keepdim=True).clamp(min=1e-3)
    return torch.exp(-(chroma - mean).square().sum(1, keepdim=True) / (2 * SKIN_SPREAD**2))


def modelling_loss(fake_image: Tensor, photo: Tensor, views: Views) -> Tensor:
    """:func:`shape_loss` of the face in broad planes, and of the whole sitter, which keeps dark hair dark."""
    whole = shape_loss(fake_image, photo, views.subject_mask * (1 - FACE_FREEDOM * views.skin) * views.valid, 6)
    return shape_loss(fake_image, photo, views.skin, FACE_PLANE_PX) + SUBJECT_MODELLING * whole


def shape_loss(fake_image: Tensor, photo: Tensor, face: Tensor, plane_px: int) -> Tensor:
    """Distance of the modelling: low-pass brightness, free of level, scale and light from a side.

    It keeps smooth skin free of stains, in which painted shadows were
    imitated where the photo has none. Ink is held to it too: left free it
    went to black and white by itself, and the finish had nothing to hatch.
    """
    size = max(fake_image.shape[2] // plane_px, 4)
    places = plane_coordinates((size, size), fake_image.device)
    f, p = (F.adaptive_avg_pool2d(luminance(x), size).flatten(1) for x in (fake_image, photo))
    w = F.adaptive_avg_pool2d(face, size).flatten(1)
    w = w / w.sum(1, keepdim=True).clamp(min=1e-3)

    def standard(x: Tensor) -> Tensor:
        centred = without_plane(x, w, places)
        return centred * torch.rsqrt((centred.square() * w).sum(1, keepdim=True) + 2e-3)

    return ((standard(f) - standard(p)).square() * w).sum(1).mean()
