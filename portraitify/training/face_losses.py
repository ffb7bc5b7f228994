"""What must hold in a painted face, and what a painter does with its light, in numbers."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from portraitify.data.batches import FaceView
from portraitify.faces.face_mesh import MESH_PX, POINTS
from portraitify.imaging.face_parts import FacePart
from portraitify.training.aligned_faces import how_far_seen, look_at
from portraitify.training.planes import fitted_plane, plane_coordinates

# As large and as wide as the recogniser was tried with; wider and larger told sitters apart no better.
RECOGNISED = FaceView(0.65, 160)
MEASURED = FaceView(1.0, MESH_PX)
# Two photos of one sitter, neutral and smiling, have a cosine of 0.91 and strangers 0.38; more than this is not asked
# of a painting, or there would be no room to paint.
ALIKE = 0.85
# Weights of the mesh's points; a mouth changes most with its expression.
_PARTS = (
    (FacePart.LIPS, 1.5),
    (FacePart.MOUTH, 1.5),
    (FacePart.LEFT_EYE, 1.0),
    (FacePart.RIGHT_EYE, 1.0),
    (FacePart.LEFT_BROW, 0.5),
    (FacePart.RIGHT_BROW, 0.5),
)
# Log-odds from which on the mesh is believed, and points that are off by less hardly count, pixels of its view, in
# which eyes lie some 45 apart.
_LEAST_PRESENCE, _NEAR_PX = 6.0, 1.5
# Brightness falls by this share of its mean over the width of a face's square, from which on light has a side; flat
# light comes from the left, as in most old portraits.
_SIDED = 0.25
# Steeper than this is no light but a painting's own dark side.
_STEEPEST = 2.0


def _seen_mean(values: Tensor, seen: Tensor) -> Tensor:
    return (values * seen).sum() / seen.sum().clamp(min=1.0)


def identity_loss(recogniser: nn.Module, fake_image: Tensor, photo: Tensor, squares: Tensor) -> Tensor:
    """How much less alike painting and photo are than two photos of one sitter.

    Args:
        recogniser: gives descriptors of length 1 of ``(B, 3, S, S)``.
        fake_image: ``(B, 3, H, W)`` in -1 to 1.
        photo: the same shape, without colours where the painting has none.
        squares: ``(B, 4)`` of the faces.

    Returns:
        Scalar, 0 where the likeness is good enough.
    """
    with torch.no_grad():
        wanted = recogniser(look_at(photo, squares, RECOGNISED))
    alike = (recogniser(look_at(fake_image, squares, RECOGNISED)) * wanted).sum(1)
    return _seen_mean(F.relu(ALIKE - alike), how_far_seen(squares, RECOGNISED, fake_image.shape[2:]))


def features_loss(mesh: nn.Module, fake_image: Tensor, photo: Tensor, squares: Tensor) -> Tensor:
    """How far lids, brows and lips moved, in parts of the distance between the eyes.

    Args:
        mesh: a :class:`portraitify.models.face_mesh.FaceMeshNetwork`.
        fake_image: ``(B, 3, H, W)`` in -1 to 1.
        photo: the same shape.
        squares: ``(B, 4)`` of the faces.

    Returns:
        Scalar.
    """
    with torch.no_grad():
        wanted, presence = mesh((look_at(photo, squares, MEASURED) + 1) / 2)
    found, _ = mesh((look_at(fake_image, squares, MEASURED) + 1) / 2)
    points = torch.tensor([number for part, _ in _PARTS for number in part.value], device=fake_image.device)
    weights = torch.tensor([weight for part, weight in _PARTS for _ in part.value], device=fake_image.device)
    moved = (found - wanted).view(-1, POINTS, 3)[:, points, :2].float()
    distance = F.smooth_l1_loss(moved, torch.zeros_like(moved), reduction="none", beta=_NEAR_PX).sum(2)
    off = (distance * weights).sum(1) / weights.sum() / (0.234 * MESH_PX)
    seen = how_far_seen(squares, MEASURED, fake_image.shape[2:]) * (presence.flatten() >= _LEAST_PRESENCE)
    return _seen_mean(off, seen)


def light_loss(
    fake_light: Tensor,
    photo_light: Tensor,
    real_light: Tensor,
    face: Tensor,
    real_face: Tensor,
    squares: Tensor,
    real_squares: Tensor,
) -> Tensor:
    """How far the light on a face is from one side, as strong as in the real painting.

    It comes from where the photo's comes from, and from the left where that
    has no side; a photo lit more strongly than the painting stays as it is.

    Args:
        fake_light: ``(B, 1, H, W)`` brightness of what was painted, -1 to 1.
        photo_light: of the photo, the same shape.
        real_light: of the real painting, the same shape.
        face: ``(B, 1, H, W)`` weights in 0 to 1 of photo and painting.
        real_face: of the real painting.
        squares: ``(B, 4)`` of the faces in the photo.
        real_squares: of those in the real painting.

    Returns:
        Scalar.
    """
    with torch.no_grad():
        own, wanted = side_light(photo_light, face, squares), side_light(real_light, real_face, real_squares).abs()
        side = torch.where(own > _SIDED, 1.0, -1.0)
        goal = side * torch.maximum((own * side).clamp(min=0), wanted.clamp(max=_STEEPEST))
    off = F.smooth_l1_loss(side_light(fake_light, face, squares), goal, reduction="none", beta=0.3)
    seen = (torch.minimum(face.mean((1, 2, 3)), real_face.mean((1, 2, 3))) / 0.02).clamp(max=1.0)
    return _seen_mean(off, seen)


def side_light(light: Tensor, face: Tensor, squares: Tensor) -> Tensor:
    """By which share of its mean a face grows lighter to the right, over the width of its square.

    Args:
        light: ``(B, 1, H, W)`` brightness in -1 to 1.
        face: ``(B, 1, H, W)`` weights in 0 to 1.
        squares: ``(B, 4)`` of the faces.

    Returns:
        ``(B,)``.
    """
    places = plane_coordinates(light.shape, light.device)
    w = face.flatten(1)
    w = w / w.sum(1, keepdim=True).clamp(min=1e-3)
    level, slopes = fitted_plane((light.flatten(1) + 1) / 2, w, places)
    # Slopes are by the picture's height.
    return slopes[:, 0] * squares[:, 2] / light.shape[2] / level.clamp(min=0.05)
