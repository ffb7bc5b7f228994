"""One face of several: their shapes and their appearance, in the head of one of them.

Source: after Rowland and Perrett, Manipulating Facial Appearance through Shape
and Color, IEEE Computer Graphics and Applications 15(5), 1995.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from portraitify.errors import ConfigError
from portraitify.imaging.cielab import to_rgb
from portraitify.imaging.face_parts import FacePart, outline_of, part_mask
from portraitify.imaging.filters import blur
from portraitify.morphing.carrying import bare, carried, inside_face, skin_of, tone_of, turned_as
from portraitify.morphing.glasses import wears_glasses
from portraitify.morphing.sitter import VIEW_PX, Sitter

_EYES = sorted(
    {n for part in FacePart if part not in (FacePart.FACE, FacePart.LIPS, FacePart.MOUTH) for n in part.value}
)


@dataclass(frozen=True)
class Blender:
    """How faces are blended; lengths in parts of the view's side.

    Attributes:
        border: width of the soft border around the eyes.
        calm: over what the share of each face is smoothed, so that no fringe or shadow is cut out.
        glasses: how much wider and higher than eyes and brows glasses are.
        others: by how much more the others count than whose head it is, of whom hair and outline tell already: half and
            half is as near to both then, as measured on photos of the training split.
        apart: how far apart the openings of mouths may be, in heights of a face, before only one of them is shown.
    """

    border: float = 0.02
    calm: float = 0.012
    glasses: tuple[float, float] = (1.2, 2.1)
    others: float = 1.55
    apart: float = 0.025

    def blend(self, sitters: Sequence[Sitter], weights: Sequence[float], head: int | None = None) -> np.ndarray:
        """Blend faces in the photo of one of them, which gives hair, body, pose and background.

        Args:
            sitters: two or more.
            weights: how much of each, 0 or more, not all 0.
            head: whose photo it is; the heaviest by default, the first of those.

        Returns:
            ``(H, W, 3)`` uint8, of the shape of that sitter's photo.

        Raises:
            ConfigError: there are less than two sitters, or weights or head do not fit them.
        """
        _check(len(sitters), weights, head)
        shares = np.asarray(weights, np.float64) / np.sum(weights)
        head = int(np.argmax(shares)) if head is None else head
        shares = np.where(np.arange(len(shares)) == head, shares, self.others * shares)
        shares /= shares.sum()
        own = sitters[head]
        shape = self._shape(sitters, shares, own.mesh)
        tones = [tone_of(sitter) for sitter in sitters]
        tone = np.sum([share * known for share, known in zip(shares, tones, strict=True)], 0)
        result, seen = carried(own, shape, own.mask)
        uncovered = bare(result, shape, tones[head])
        result = result + seen[..., None] * (tone - tones[head]) * skin_of(result, own, seen)[..., None]
        face, left = inside_face(shape), shares[head] + 1e-9
        eyes, looks = self._around_eyes(shape), _whose_eyes(sitters, shares, head)
        for number, (sitter, share) in enumerate(zip(sitters, shares, strict=True)):
            if number == head or share == 0:
                continue
            other, _ = carried(sitter, shape, sitter.mask)
            known = bare(other, shape, tones[number]) * uncovered
            part = face * blur(np.minimum(known, face), self.calm * VIEW_PX)
            if self._mouths_differ(sitter, own):
                part *= 1 - part_mask(shape[None], (FacePart.LIPS,), part.shape, 2 * self.calm * VIEW_PX)
            left += share
            part = share / left * part
            if looks is not None:
                part = part + eyes * (face * (number == looks) - part)
            result += part[..., None] * (other + (tone - tones[number]) - result)
        return own.with_view(to_rgb(result.astype(np.float32)))

    def _shape(self, sitters: Sequence[Sitter], shares: np.ndarray, own: np.ndarray) -> np.ndarray:
        """The blended points ``(468, 3)``, turned and placed as the head's own."""
        meshes = [own if sitter.mesh is own else turned_as(sitter.mesh, own) for sitter in sitters]
        return np.asarray(np.sum([share * mesh for share, mesh in zip(shares, meshes, strict=True)], 0))

    def _around_eyes(self, shape: np.ndarray) -> np.ndarray:
        """Eyes, brows and the glasses before them, with a soft border."""
        hull = cv2.convexHull(shape[_EYES, :2].astype(np.float32))[:, 0]
        middle = hull.mean(0)
        wide = middle + (hull - middle) * self.glasses
        drawn = np.zeros((VIEW_PX, VIEW_PX), np.uint8)
        cv2.fillConvexPoly(drawn, np.rint(wide).astype(np.int32), 255)
        return blur(drawn.astype(np.float32) * np.float32(1 / 255), self.border * VIEW_PX / 2)

    def _mouths_differ(self, sitter: Sitter, own: Sitter) -> bool:
        return abs(_opening(sitter.mesh) - _opening(own.mesh)) > self.apart


def _check(count: int, weights: Sequence[float], head: int | None) -> None:
    if count < 2:
        raise ConfigError("A blend is of two sitters or more.")
    if len(weights) != count or not all(0 <= weight < np.inf for weight in weights) or not sum(weights):
        raise ConfigError(f"weights {list(weights)}: give one for each of {count} sitters, 0 or more and not all 0.")
    if head is not None and not 0 <= head < count:
        raise ConfigError(f"head {head}: must lie between 0 and {count - 1}.")


def told_of(sitters: Sequence[Sitter], weights: Sequence[float]) -> dict[str, str]:
    """What a painting's record says of its blend: shares, and photos by their digests."""
    total = sum(weights)
    parts = (f"{weight / total:.0%} {sitter.digest}" for sitter, weight in zip(sitters, weights, strict=True))
    return {"blend": ", ".join(parts)}


def _whose_eyes(sitters: Sequence[Sitter], shares: np.ndarray, head: int) -> int | None:
    """Who gives the eyes alone, since glasses are worn wholly or not at all; None where nobody wears any."""
    wear = np.array([wears_glasses(sitter.view, sitter.mesh) for sitter in sitters])
    if not wear.any() or wear[head]:
        return head if wear[head] else None
    worn = wear if shares[wear].sum() >= 0.5 else ~wear
    return int(np.flatnonzero(worn)[np.argmax(shares[worn])])


def _opening(mesh: np.ndarray) -> float:
    """How far a mouth is open, in heights of the face."""
    inner, face = outline_of(mesh, FacePart.MOUTH), outline_of(mesh, FacePart.FACE)
    return float(np.ptp(inner[:, 1]) / max(np.ptp(face[:, 1]), 1e-6))
