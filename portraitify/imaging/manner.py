"""How a picture is toned, coloured and textured: its ground, its dress and hair, and its faces; and lending that.

Source of the idea: Reinhard et al., Color Transfer between Images, IEEE CG&A
21(5), 2001; here region by region, with quantiles for the tones, and with the
energies of a few bands for the texture.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from itertools import pairwise

import numpy as np

from portraitify.imaging.bands import bands, coarse_size, resample, upsampled_rows
from portraitify.imaging.channels import to_uint8
from portraitify.imaging.cielab import to_lab, to_rgb
from portraitify.imaging.face_regions import HAIRLINE_TO_CHIN, face_mask
from portraitify.imaging.filters import blur, smoothstep, weighted_mean

# Longer side at which manners are measured and lent, pixels.
_PLAN_PX = 512
# Behind the sitter, dress and hair, and the face.
_GROUND, _DRESS, _FACE = range(3)
_QUANTILES = np.linspace(0.02, 0.98, 13)
# Standard deviations of the Gaussians between bands, in parts of the distance between the eyes.
_SCALES = (0.012, 0.024, 0.048, 0.096)
# Regions smaller than this part of the picture tell nothing.
_LEAST = 0.01
# How much of its tones, and of its hues, is lent to ground, dress and face: a sitter's skin stays their own.
_TONE, _HUE = (0.4, 0.6, 1.0), (0.6, 0.5, 0.25)
# What of these reaches the hair, which makes a sitter known.
_HAIR = 0.45
# Factors that contrast of faces, chroma's spread, and texture may be multiplied by, and how far texture is.
_CONTRAST, _SPREAD, _GAIN, _GAIN_SHARE = (0.85, 1.2), (0.6, 1.6), (0.5, 1.8), (0.7, 0.7, 0.2)
# What is added to energies, L*: less is noise of a file.
_NOISE = 0.3
# Quantiles of brightness from which on a drawing shows its paper, and up to which its ink.
_PAPER, _INK = 0.75, 0.03
# L* of the darkest paper and of the lightest ink, and the most chroma of both: red chalk is an ink too.
_DARKEST_PAPER, _LIGHTEST_INK, _PAPER_CHROMA, _INK_CHROMA = 80.0, 45.0, 16.0, 45.0


@dataclass(frozen=True)
class Manner:
    """What is lent of a picture; of each region, in the order ground, dress and hair, face.

    Attributes:
        tones: ``(3, Q)`` quantiles of L*.
        hues: ``(3, 2)`` means of a* and b*.
        spreads: ``(3, 2)`` deviations of a* and b*.
        energies: ``(3, B)`` deviations of L* in bands from fine to coarse.
        drawn: ``(2, 3)`` paper and ink of a drawing, RGB in 0 to 255.
        known: ``(3,)`` 0 or 1, whether there is enough of the region.
    """

    tones: np.ndarray
    hues: np.ndarray
    spreads: np.ndarray
    energies: np.ndarray
    drawn: np.ndarray
    known: np.ndarray

    @classmethod
    def of(cls, picture: np.ndarray, subject_mask: np.ndarray, landmarks: np.ndarray) -> Manner:
        """Measure a picture.

        Args:
            picture: ``(H, W, 3)`` uint8 RGB.
            subject_mask: ``(H, W)`` float32 in 0 to 1, of any size.
            landmarks: ``(5, 2)`` or ``(N, 5, 2)`` in pixels.
        """
        return _measured(_Plan(picture, subject_mask, landmarks))

    @classmethod
    def mixed(cls, manners: Sequence[Manner], shares: Sequence[float]) -> Manner:
        """Interpolate manners.

        Args:
            manners: one or more.
            shares: that sum to 1.
        """
        weights, names = np.asarray(shares), [item.name for item in fields(cls)]
        means = {name: np.tensordot(weights, np.stack([getattr(each, name) for each in manners]), 1) for name in names}
        return cls(**means | {"known": np.min([each.known for each in manners], 0)})

    def lend(self, picture: np.ndarray, subject_mask: np.ndarray, landmarks: np.ndarray) -> np.ndarray:
        """Paint in this manner what was painted in another.

        Args:
            picture: ``(H, W, 3)`` uint8 RGB.
            subject_mask: ``(h, w)`` float32 in 0 to 1, of the same view.
            landmarks: ``(5, 2)`` or ``(N, 5, 2)`` in pixels of the picture.

        Returns:
            ``(H, W, 3)`` uint8.
        """
        plan = _Plan(picture, subject_mask, landmarks)
        own = _measured(plan)
        known = self.known * own.known
        added = np.zeros_like(plan.lab)
        for number, (weight, share) in enumerate(zip(plan.weights, plan.shares(), strict=True)):
            if known[number]:
                change = self._colours(number, plan.lab, own, share)
                change[..., 0] += _GAIN_SHARE[number] * self._texture(number, plan.bands, own)
                added += weight[..., None] * change
        result = np.empty_like(picture)
        for rows, top, bottom in bands(picture.shape):
            lab = to_lab(picture[rows]) + upsampled_rows(added, top, bottom, picture.shape)
            result[rows] = to_uint8(to_rgb(lab))
        return result

    def lend_to_drawing(self, drawing: np.ndarray) -> np.ndarray:
        """Draw with this paper and this ink what was drawn with others.

        Args:
            drawing: ``(H, W, 3)`` uint8 RGB.

        Returns:
            ``(H, W, 3)`` uint8.
        """
        (own_paper, own_ink), (paper, ink) = _paper_and_ink(drawing), _as_on_sheets(self.drawn)
        scale = (paper - ink) / np.maximum(own_paper - own_ink, 1.0)
        result = np.empty_like(drawing)
        for rows, _, _ in bands(drawing.shape):
            result[rows] = to_uint8((drawing[rows] - own_ink) * scale + ink)
        return result

    def _colours(self, number: int, lab: np.ndarray, own: Manner, share: np.ndarray) -> np.ndarray:
        """What the broad colours of a region change by, ``(h, w, 3)``; the face's mean tone stays."""
        light, mean = lab[..., 0], np.float32(own.tones[number].mean())
        if number == _DRESS:
            tone = np.interp(light, own.tones[number], self.tones[number]).astype(np.float32) - light
            # Beyond the outermost quantiles by as much as there.
            tone += 0.5 * (light - np.clip(light, own.tones[number][0], own.tones[number][-1]))
        else:
            ratio = np.ptp(self.tones[number][1:-1]) / max(np.ptp(own.tones[number][1:-1]), 1.0)
            tone = np.float32(np.clip(ratio, *_CONTRAST) - 1) * (light - mean)
        if number == _GROUND:
            tone += np.float32(self.tones[number].mean()) - mean
        tone *= np.float32(_TONE[number])
        scale = np.clip((self.spreads[number] + 1) / (own.spreads[number] + 1), *_SPREAD)
        hue = (lab[..., 1:] - own.hues[number]) * scale + self.hues[number] - lab[..., 1:]
        return np.dstack([share * tone, np.float32(_HUE[number]) * share[..., None] * hue]).astype(np.float32)

    def _texture(self, number: int, bands_of: Sequence[np.ndarray], own: Manner) -> np.ndarray:
        """What the bands of a region change by, ``(h, w)``."""
        gains = np.clip((self.energies[number] + _NOISE) / (own.energies[number] + _NOISE), *_GAIN) - 1
        return np.asarray(sum(gain * band for gain, band in zip(gains.astype(np.float32), bands_of, strict=True)))


class _Plan:
    """A picture at the size of the plan, with its regions and bands."""

    def __init__(self, picture: np.ndarray, subject_mask: np.ndarray, landmarks: np.ndarray):
        size = coarse_size(picture, _PLAN_PX)
        scale = size[0] / picture.shape[1]
        points = np.asarray(landmarks, np.float64).reshape(-1, 5, 2) * scale
        self.picture = resample(picture, size)
        self.lab = to_lab(self.picture)
        mask, face = resample(subject_mask, size), face_mask(points, size[::-1], HAIRLINE_TO_CHIN)
        self.weights = np.stack([(1 - mask) * (1 - face), mask * (1 - face), face])
        eyes = float(np.linalg.norm(points[0, 1] - points[0, 0]))
        levels = [self.lab[..., 0]] + [blur(self.lab[..., 0], part * eyes) for part in _SCALES]
        self.bands = [fine - coarse for fine, coarse in pairwise(levels)]
        # From the mouth to the shoulders hair gives way to dress.
        mouth = float(points[0, 3:, 1].mean())
        rows = np.arange(size[1], dtype=np.float32)[:, None]
        self._dress = np.broadcast_to(smoothstep(rows, mouth, mouth + 1.2 * eyes), size[::-1])

    def shares(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """How much is lent where, of each region: ``(h, w)`` float32."""
        whole = np.ones(self.lab.shape[:2], np.float32)
        return whole, np.asarray(_HAIR + (1 - _HAIR) * self._dress, np.float32), whole


def _measured(plan: _Plan) -> Manner:
    tones, hues, spreads, energies, known = [], [], [], [], []
    for weight in plan.weights:
        counted = weight > 0.5
        enough = counted.mean() > _LEAST
        pixels = plan.lab[counted] if enough else plan.lab.reshape(-1, 3)
        tones.append(np.maximum.accumulate(np.quantile(pixels[:, 0], _QUANTILES) + 1e-3 * np.arange(len(_QUANTILES))))
        hues.append(pixels[:, 1:].mean(0))
        spreads.append(pixels[:, 1:].std(0))
        energies.append([np.sqrt(weighted_mean(band * band, weight)) for band in plan.bands])
        known.append(float(enough))
    drawn = _paper_and_ink(plan.picture)
    return Manner(*(np.asarray(values, np.float32) for values in (tones, hues, spreads, energies, drawn, known)))


def _paper_and_ink(drawing: np.ndarray) -> np.ndarray:
    """Colours of paper and ink in a drawing ``(H, W, 3)`` uint8: ``(2, 3)`` float32."""
    pixels = resample(drawing, coarse_size(drawing, _PLAN_PX)).reshape(-1, 3).astype(np.float32)
    luma = pixels @ np.array([0.299, 0.587, 0.114], np.float32)
    return np.stack(
        [pixels[luma >= np.quantile(luma, _PAPER)].mean(0), pixels[luma <= np.quantile(luma, _INK)].mean(0)]
    )


def _as_on_sheets(drawn: np.ndarray) -> np.ndarray:
    """Paper and ink ``(2, 3)`` RGB within what they can be: paper is light, ink dark, and neither gaudy."""
    lab = to_lab(drawn[None].astype(np.float32))
    lab[0, :, 0] = max(lab[0, 0, 0], _DARKEST_PAPER), min(lab[0, 1, 0], _LIGHTEST_INK)
    chroma = np.linalg.norm(lab[0, :, 1:], axis=1)
    lab[0, :, 1:] *= np.minimum(1, [_PAPER_CHROMA, _INK_CHROMA] / np.maximum(chroma, 1e-6))[:, None]
    return np.asarray(to_rgb(lab)[0])
