"""How much ink a picture asks for, without the dots that a generator leaves."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from portraitify.imaging.filters import blur
from portraitify.media.scene import Scene


def quantile(luma: np.ndarray, weight: np.ndarray, share: float) -> float:
    """The brightness, 0 to 1, below which a share of the weight of a field of brightness lies.

    From the counts of whole levels, over which it moves smoothly: single values that differ between engines moved a
    quantile of the values themselves from one value to the next, and with it every line of the drawing.
    """
    levels = np.rint(np.clip(luma, 0, 1) * 255).astype(np.uint8).ravel()
    counts = np.cumsum(np.bincount(levels, weight.ravel(), minlength=256))
    if counts[-1] <= 0:
        return share
    return float(np.interp(share * counts[-1], [0, *counts], np.arange(257) - 0.5) / 255)


# Standard deviation of a brightness below which it is flat.
_FLAT = 0.03


@dataclass(frozen=True)
class CalmLuma:
    """Brightness of the painting, with no more of its texture than the photo has.

    Source: He, Sun and Tang, Guided Image Filtering, IEEE TPAMI 35(6), 2013, with the photo as guide: what both show
    stays, and dots that only one of them shows go.

    Attributes:
        radius_px: half the side of the square window, pixels of the plan.
        edge: contrast of the guide, brightness 0 to 1, that counts as an edge.
        bilateral_px: diameter of the bilateral filter after it, pixels of the plan.
        bilateral_range: standard deviation of that filter in brightness, 0 to 1.
        bilateral_sigma_px: standard deviation of that filter in the plane, pixels of the plan.
        feature_detail: 0 to 1, how much of what both took out comes back in eyes and mouth.
        photo: 0 to 1, share of the photo's own light and shade: the painting's is too hard for wrinkles and cloth.
    """

    radius_px: int = 4
    edge: float = 0.03
    bilateral_px: int = 7
    bilateral_range: float = 0.1
    bilateral_sigma_px: float = 2.5
    feature_detail: float = 0.2
    photo: float = 0.9

    def of(self, scene: Scene) -> np.ndarray:
        """Brightness, ``(S, S)`` float32 in 0 to 1."""
        luma = scene.luma
        guide = luma if scene.photo_luma is None else scene.photo_luma
        size = (2 * self.radius_px + 1,) * 2
        level, share = cv2.blur(guide, size), cv2.blur(luma, size)
        variance = cv2.blur(guide * guide, size) - level * level
        slope = (cv2.blur(guide * luma, size) - level * share) / (variance + self.edge**2)
        calm = cv2.blur(slope, size) * guide + cv2.blur(share - slope * level, size)
        if scene.photo is not None:
            calm += self.photo * (self._like(guide, calm, scene.subject_mask) - calm)
        calm = cv2.bilateralFilter(calm, self.bilateral_px, self.bilateral_range, self.bilateral_sigma_px)
        return np.asarray(calm + (luma - calm) * (self.feature_detail * scene.features))

    def _like(self, guide: np.ndarray, luma: np.ndarray, weight: np.ndarray) -> np.ndarray:
        """The photo's brightness with the painting's mean and contrast where the weight is, ``(S, S)`` float32."""
        total = max(float(weight.sum()), 1.0)
        (mean, spread), (goal, wide) = (
            (
                middle := float((field * weight).sum()) / total,
                float((((field - middle) ** 2) * weight).sum() / total) ** 0.5,
            )
            for field in (guide, luma)
        )
        return np.asarray(np.clip((guide - mean) * np.float32(wide / max(spread, _FLAT)) + goal, 0, 1), np.float32)


@dataclass(frozen=True)
class Darkness:
    """How much ink a brightness asks for.

    Attributes:
        paper_quantile: of the subject's brightness, 0 to 1, from which on paper stays bare.
        ink_quantile: of the subject's brightness, 0 to 1, that is drawn darkest.
        min_range: brightness, 0 to 1, between the two at the least.
        power: exponent of the darkness: above 1 lights and half-tones come out lighter.
        most_light: brightness above that of bare paper, in parts of the range, that edges still show.
        strand_power: exponent of that darkness in hair and cloth: below 1 they are masses beside the face.
        strand_contrast: how much darker hair and cloth are drawn than what surrounds them, as a factor.
        strand_sigma_px: standard deviation of the Gaussian over those surroundings, pixels of the plan.
        strand_floor: least darkness, 0 to 1, of hair and cloth, so that white hair has lines too.
    """

    paper_quantile: float = 0.86
    ink_quantile: float = 0.02
    min_range: float = 0.25
    power: float = 1.3
    most_light: float = 0.6
    strand_power: float = 0.7
    strand_contrast: float = 1.1
    strand_sigma_px: float = 5.0
    strand_floor: float = 0.17

    def of(self, luma: np.ndarray, shape: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """How much ink places need.

        Args:
            luma: ``(S, S)`` float32 in 0 to 1.
            shape: ``(S, S)`` float32 in 0 to 1, the subject, outside which paper stays bare.

        Returns:
            Darkness, 0 bare paper to 1 black, and the same for edges, where it falls below 0 in light; ``(S, S)``
            float32 each.
        """
        light, deep = (quantile(luma, shape, share) for share in (self.paper_quantile, self.ink_quantile))
        whole = (light - luma) * np.float32(1 / max(light - deep, self.min_range))
        dark = np.clip(whole, 0, 1) ** self.power
        return np.asarray(dark * shape, np.float32), np.clip(whole, -self.most_light, 1) * shape

    def of_strands(self, dark: np.ndarray, edges: np.ndarray) -> np.ndarray:
        """Darkness of hair and cloth, ``(S, S)`` float32, of what `of` gives."""
        detail = edges - blur(edges, self.strand_sigma_px)
        return np.asarray(
            np.maximum(np.maximum(dark, 0) ** self.strand_power, self.strand_floor) + self.strand_contrast * detail
        )


@dataclass(frozen=True)
class Accents:
    """The few places that are solid black: pupils, nostrils, the parting of the lips, the deepest of the hair.

    Attributes:
        sigma_px: standard deviation of the Gaussian over the surroundings, pixels of the plan.
        surround: 0 to 1, how much of the surroundings' darkness is taken off, so that no large place turns black.
        level: what is left of the darkness, 0 to 1, from which on a place is black.
        slope: of the ink there by darkness, in a picture of 1024 pixels.
    """

    sigma_px: float = 9.0
    surround: float = 0.45
    level: float = 0.6
    slope: float = 30.0

    def draw(self, dark: np.ndarray) -> np.ndarray:
        """Signed strength, positive where there is ink: ``(S, S)`` float32."""
        return np.asarray((dark - self.surround * blur(dark, self.sigma_px) - self.level) * self.slope)
