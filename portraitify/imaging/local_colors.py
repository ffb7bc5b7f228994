"""What the sitter and what lies behind look like near each place, and to which of both a place belongs."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from portraitify.imaging.channels import gray_to_rgb
from portraitify.imaging.filters import LEAST_KNOWN, blur, smoothstep

# Variance of colour, with colours in 0 to 1, that even a plain wall has.
_LEAST_VARIANCE = 1e-3
# Share of surely known places near by, in units of the Gaussian's, from which on both sides count as known.
_KNOWN = 0.005
# How much farther some colours count too, and how little.
_FAR, _FAR_SHARE = 4.0, 0.05


@dataclass(frozen=True)
class LocalColors:
    """Normal distributions of colour near each place, channel by channel.

    Source: after Chuang et al., A Bayesian Approach to Digital Matting, CVPR 2001, with one cluster a side.

    Attributes:
        mean: ``(h, w, 3)`` float32 in 0 to 1.
        variance: ``(h, w, 3)`` float32.
        known: ``(h, w)`` float32 in 0 to 1, whether there is any near by.
    """

    mean: np.ndarray
    variance: np.ndarray
    known: np.ndarray

    @classmethod
    def near(cls, image: np.ndarray, weight: np.ndarray, sigma_px: float) -> LocalColors:
        """Of the places in ``image`` ``(h, w, 3)`` float32 in 0 to 1 that ``weight`` ``(h, w)`` counts."""
        spread = gray_to_rgb(weight)
        fields = np.dstack([image * spread, image * image * spread, weight])
        # Where there is none near by, farther ones tell.
        sums = blur(fields, sigma_px) + np.float32(_FAR_SHARE) * blur(fields, _FAR * sigma_px)
        known = sums[..., 6]
        moments = sums[..., :6] / np.maximum(known, np.float32(LEAST_KNOWN * _FAR_SHARE))[..., None]
        mean = moments[..., :3]
        variance = np.maximum(moments[..., 3:] - mean * mean, 0) + np.float32(_LEAST_VARIANCE)
        return cls(mean, variance, np.clip(known * np.float32(1 / _KNOWN), 0, 1))

    def distance(self, image: np.ndarray) -> np.ndarray:
        """How unlike each place is, ``(h, w)`` float32: squared, in standard deviations, mean over the channels."""
        return np.asarray(((image - self.mean) ** 2 / self.variance).mean(-1), np.float32)


def subject_likeness(
    subject: LocalColors, background: LocalColors, image: np.ndarray, unlike: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Tell sitter and background apart by colour.

    Args:
        subject: colours of the sitter.
        background: colours behind.
        image: ``(h, w, 3)`` float32 in 0 to 1.
        unlike: ``(h, w)`` float32 in 0 to 1, where what is not like the background is the sitter, as hair above a
            forehead; elsewhere it has to be like the sitter too.

    Returns:
        Share of the sitter by colour alone and how far that can be trusted, both ``(h, w)`` float32 in 0 to 1.
    """
    behind, own = background.distance(image), subject.distance(image)
    share = behind / (behind + own + np.float32(LEAST_KNOWN))
    share *= np.maximum(smoothstep(own, 6.0, 2.0), unlike)
    apart = ((subject.mean - background.mean) ** 2 / (subject.variance + background.variance)).mean(-1)
    trust = smoothstep(apart, 0.1, 1.0) * subject.known
    trust = background.known * np.maximum(trust, smoothstep(behind, 4.0, 12.0) * unlike)
    return np.asarray(share, np.float32), np.asarray(trust, np.float32)


def contrast_guide(image: np.ndarray, subject: LocalColors, background: LocalColors, least: float = 0.02) -> np.ndarray:
    """The one channel in which sitter and background differ most near each place; brightness where they are alike.

    Args:
        image: ``(S, S, 3)`` uint8.
        subject: colours of the sitter, on any grid.
        background: colours behind, on the same.
        least: difference of colours, 0 to 1, below which brightness takes over.

    Returns:
        ``(S, S)`` float32.
    """
    direction = subject.mean - background.mean
    direction *= (subject.known * background.known)[..., None]
    luma = np.array([0.299, 0.587, 0.114], np.float32)
    # Of two opposite directions the one in which brightness rises, so that it turns smoothly.
    direction *= np.sign(direction @ luma + np.float32(1e-9))[..., None]
    direction += np.float32(least) * luma
    direction /= np.maximum(np.linalg.norm(direction, axis=-1, keepdims=True), 1e-6)
    wide = cv2.resize(cv2.GaussianBlur(direction, (0, 0), 2), image.shape[1::-1], interpolation=cv2.INTER_LINEAR)
    wide *= image
    return np.asarray(wide.sum(-1) * np.float32(1 / 255))
