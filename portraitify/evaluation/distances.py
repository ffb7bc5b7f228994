"""How far two sets of features, or two pictures, are apart."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

if TYPE_CHECKING:
    from torch import Tensor

CONTENT_PX = 192


def polynomial_kernel(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """``(x y / D + 1) ** 3`` of ``(N, D)`` and ``(M, D)``: ``(N, M)`` float64."""
    products = np.asarray(x, np.float64) @ np.asarray(y, np.float64).T
    return np.asarray((products / x.shape[1] + 1) ** 3)


class KernelDistance:
    """Squared maximum mean discrepancy of two samples, without bias, for any draw from them.

    Source: Bińkowski et al., Demystifying MMD GANs, ICLR 2018; Gretton et al.,
    JMLR 13, 2012, lemma 6. It may come out negative where the two are alike.

    Args:
        x: ``(N, D)`` standardised features, N at least 2.
        y: ``(M, D)`` standardised features, M at least 2.
    """

    def __init__(self, x: np.ndarray, y: np.ndarray):
        self._xx, self._yy, self._xy = polynomial_kernel(x, x), polynomial_kernel(y, y), polynomial_kernel(x, y)

    def __call__(self, x_picks: np.ndarray | None = None, y_picks: np.ndarray | None = None) -> float:
        """The distance between draws, which are all by default.

        Args:
            x_picks: positions in ``x``, repeats allowed.
            y_picks: positions in ``y``, repeats allowed.

        Returns:
            NaN where a draw repeats a single position.
        """
        weights_x, weights_y = _counts(x_picks, len(self._xx)), _counts(y_picks, len(self._yy))
        within = _mean_of_pairs(self._xx, weights_x) + _mean_of_pairs(self._yy, weights_y)
        return within - 2 * float(weights_x @ self._xy @ weights_y / (weights_x.sum() * weights_y.sum()))


def _counts(picks: np.ndarray | None, size: int) -> np.ndarray:
    return np.ones(size) if picks is None else np.bincount(picks, minlength=size).astype(np.float64)


def _mean_of_pairs(kernel: np.ndarray, weights: np.ndarray) -> float:
    """Mean over pairs of different pictures; a picture drawn twice is no pair with itself."""
    pairs = weights.sum() ** 2 - (weights**2).sum()
    if pairs <= 0:
        return float("nan")
    return float((weights @ kernel @ weights - (weights**2 * kernel.diagonal()).sum()) / pairs)


class ContentDistance:
    """Distance of VGG features, in the manner of LPIPS but without its learned weights.

    Every position's features are brought to length 1; their squared
    differences are averaged over the sitter and over the layers.

    Source: Zhang et al., The Unreasonable Effectiveness of Deep Features,
    CVPR 2018. The features are those that training used for texture, so that
    this distance does not come from an outsider.

    Raises:
        ConfigError: the extra ``train`` is not installed.
    """

    def __init__(self) -> None:
        from portraitify.training.frozen import VGGFeatures

        self._network = VGGFeatures()

    def maps(self, image: np.ndarray) -> list[Tensor]:
        """Features of ``(S, S, 3)`` uint8 RGB, each ``(1, C, h, w)`` of unit length along C."""
        import torch

        small = cv2.resize(image, (CONTENT_PX, CONTENT_PX), interpolation=cv2.INTER_AREA)
        with torch.inference_mode():
            x = torch.from_numpy(small).permute(2, 0, 1)[None].float() / 127.5 - 1
            return [torch.nn.functional.normalize(features, dim=1, eps=1e-6) for features in self._network(x)]


def content_distance(first: list[Tensor], second: list[Tensor], subject_mask: np.ndarray) -> float:
    """Mean squared difference of normalised maps over the sitter.

    Args:
        first: from :meth:`ContentDistance.maps`.
        second: of the same shapes.
        subject_mask: ``(S, S)`` in 0 to 1.

    Returns:
        0 for equal pictures, at most 4.
    """
    layers = []
    for one, two in zip(first, second, strict=True):
        squares = (one - two).square().sum(1)[0].numpy()
        weights = cv2.resize(subject_mask.astype(np.float32), squares.shape[::-1], interpolation=cv2.INTER_AREA)
        layers.append(float((squares * weights).sum() / max(float(weights.sum()), 1e-6)))
    return float(np.mean(layers))
