"""Ink: contours and hatching on paper, after the engravers, with no grey in between.

Names that end in ``_px`` are lengths in pixels of the plan, see :data:`portraitify.media.scene.PLAN_PX`; other
lengths are in parts of the picture's side.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import cv2
import numpy as np

from portraitify.imaging.channels import tint
from portraitify.imaging.cielab import to_lab, to_rgb
from portraitify.imaging.filters import blur, smoothstep
from portraitify.media.base import Medium, PaintingStatistics, Preprocessing, RowPainter, StrengthCurve
from portraitify.media.baselines import pencil
from portraitify.media.scene import Scene
from portraitify.media.surfaces.contours import Contours
from portraitify.media.surfaces.hatching import SLOPE_PX, Hatching
from portraitify.media.surfaces.paper import PaperTooth
from portraitify.media.surfaces.tone_hold import ToneHold

# Lightness of the background, as a fraction of white's, of a drawing with average odds.
_AVERAGE_PAPER = 0.8


def _quantile(luma: np.ndarray, share: float) -> float:
    """The brightness, 0 to 1, below which a share of a field of brightness lies.

    From the counts of whole levels, over which it moves smoothly: single values that differ between engines moved a
    quantile of the values themselves from one value to the next, and with it every line of the drawing.
    """
    counts = np.bincount(np.rint(luma * 255).astype(np.uint8).ravel(), minlength=256)
    return float(np.interp(share * luma.size, np.cumsum([0, *counts]), np.arange(257) - 0.5) / 255)


@dataclass(frozen=True)
class PaperAndInk:
    """The two colours of a drawing, which are taken from the painting.

    Attributes:
        paper_quantile: of the painting's brightness, 0 to 1, from which on it shows the paper.
        ink_quantile: of the painting's brightness, 0 to 1, up to which it shows the ink.
        darkest_paper: the largest of red, green and blue, 0 to 255, up to which paper is lightened.
        lightest_paper: red, green and blue, 0 to 255, that paper never exceeds.
        lightest_ink: red, green and blue, 0 to 255, that ink never exceeds.
        chroma: factor of the paper's chroma as the generator paints it: most old prints come as grey as their scans.
    """

    paper_quantile: float = 0.75
    ink_quantile: float = 0.03
    darkest_paper: float = 214.0
    lightest_paper: tuple[float, float, float] = (250.0, 248.0, 243.0)
    lightest_ink: tuple[float, float, float] = (42.0, 36.0, 34.0)
    chroma: float = 0.6

    def of(self, scene: Scene) -> tuple[np.ndarray, np.ndarray]:
        """Colours of the paper and of the ink, each ``(3,)`` float32 in 0 to 255."""
        pixels, luma = scene.even.reshape(-1, 3), scene.luma.ravel()
        bright = pixels[luma >= np.quantile(luma, self.paper_quantile)].mean(0)
        deep = pixels[luma <= np.quantile(luma, self.ink_quantile)].mean(0)
        brightest = float(bright.max())
        paper = bright * (max(self.darkest_paper, brightest) / max(brightest, 1.0))
        both = np.array([[np.minimum(paper, self.lightest_paper), np.minimum(deep, self.lightest_ink)]], np.float32)
        lab = to_lab(both)
        # Paper shines through ink, so that both have its hue; most sheets have next to none.
        lab[0, :, 1:] = self.chroma * lab[0, :1, 1:]
        paper, ink = to_rgb(lab)[0]
        return paper, ink


@dataclass(frozen=True)
class Darkness:
    """How much ink a painting's brightness asks for.

    Attributes:
        bilateral_px: diameter of the bilateral filter that takes texture out.
        bilateral_range: standard deviation of that filter in brightness, 0 to 1.
        bilateral_sigma_px: standard deviation of that filter in the plane.
        sigma_px: standard deviation of the Gaussian blur after it.
        feature_detail: 0 to 1, how much of what both took out comes back in eyes and mouth.
        paper_quantile: of brightness, 0 to 1, from which on paper stays bare.
        ink_quantile: of brightness, 0 to 1, that is drawn black.
        min_range: brightness, 0 to 1, between the two at the least.
        mask_sigma: standard deviation of the blur of the subject mask.
        mask_range: values of the blurred subject mask, 0 to 1, between which the background ends.
        paper_darkness: mean darkness of a background, 0 to 1, below which it is taken for paper.
    """

    bilateral_px: int = 9
    bilateral_range: float = 0.12
    bilateral_sigma_px: float = 2.5
    sigma_px: float = 0.8
    feature_detail: float = 0.5
    paper_quantile: float = 0.8
    ink_quantile: float = 0.01
    min_range: float = 0.05
    mask_sigma: float = 0.012
    mask_range: tuple[float, float] = (0.08, 0.4)
    paper_darkness: float = 0.35

    def of(self, scene: Scene) -> np.ndarray:
        """How much ink a place needs: 0 bare paper to 1 black, ``(S, S)`` float32."""
        luma = scene.luma
        light, deep = (_quantile(luma, quantile) for quantile in (self.paper_quantile, self.ink_quantile))
        calm = cv2.bilateralFilter(luma, self.bilateral_px, self.bilateral_range, self.bilateral_sigma_px)
        calm = blur(calm, self.sigma_px)
        calm = calm + (luma - calm) * (self.feature_detail * scene.features)
        dark = np.clip((light - calm) / max(light - deep, self.min_range), 0, 1).astype(np.float32)
        # On a background of paper what the generator scattered there is left out; a dark one stays hatched.
        near = smoothstep(blur(scene.subject_mask, self.mask_sigma * len(dark)), *self.mask_range)
        background = 1 - near
        if float((dark * background).sum() / max(background.sum(), 1.0)) < self.paper_darkness:
            dark = dark * near
        return np.asarray(dark)


@dataclass(frozen=True)
class Relief:
    """A guess at the form of the subject, along which lines bend around head and shoulders as an engraver's do.

    Attributes:
        body: height of the subject above the background.
        body_sigmas: standard deviations of the blurs of the subject mask whose mean rounds the subject off.
        broad_light: height of broad light by its brightness, 0 to 1.
        broad_light_sigma: standard deviation of the blur that gives it.
        fine_light: height of finer light by its brightness, 0 to 1.
        fine_light_sigma: standard deviation of the blur that gives it.
    """

    body: float = 0.085
    body_sigmas: tuple[float, ...] = (0.02, 0.045, 0.09)
    broad_light: float = 0.05
    broad_light_sigma: float = 0.035
    fine_light: float = 0.022
    fine_light_sigma: float = 0.012

    def of(self, scene: Scene) -> np.ndarray:
        """Height in parts of the picture's side, ``(S, S)`` float32; lines are cut from it by parallel planes."""
        side = len(scene.subject_mask)
        body = sum(blur(scene.subject_mask, sigma * side) for sigma in self.body_sigmas) / len(self.body_sigmas)
        broad, fine = (blur(scene.luma, sigma * side) for sigma in (self.broad_light_sigma, self.fine_light_sigma))
        return np.asarray(self.body * body + (self.broad_light * broad + self.fine_light * fine), np.float32)


@dataclass(frozen=True)
class FeatureContrast:
    """Contrast of the hatching in eyes and mouth: lines are too coarse for them, and this keeps what is white white.

    Attributes:
        sharpening: how much of the difference from the surroundings is added.
        sigma_px: standard deviation of the Gaussian over the surroundings.
        darkness: factor of the darkness.
    """

    sharpening: float = 0.5
    sigma_px: float = 5.0
    darkness: float = 0.94

    def apply(self, scene: Scene, dark: np.ndarray) -> np.ndarray:
        """The darkness to hatch, ``(S, S)`` float32."""
        sharp = dark + self.sharpening * (dark - blur(dark, self.sigma_px))
        return np.asarray(dark + (self.darkness * sharp - dark) * scene.features)


@dataclass(frozen=True)
class InkSurface:
    """What is seen of a drawing in ink.

    Attributes:
        colours: of paper and ink.
        darkness: how much ink a place needs.
        features: contrast of the hatching in eyes and mouth.
        relief: along which lines bend.
        contours: lines along edges.
        hatching: lines that make the tone.
        tone_hold: how dark faces are beside the photo.
        tooth: relief of the paper.
        cover: opacity of the ink where the paper is of mean height, 0 to 1.
        cover_tooth: what a standard deviation of the paper's height adds to it.
        paper_tooth: what a standard deviation of the paper's height adds to bare paper, as a fraction of its colour.
    """

    colours: PaperAndInk = field(default_factory=PaperAndInk)
    darkness: Darkness = field(default_factory=Darkness)
    features: FeatureContrast = field(default_factory=FeatureContrast)
    relief: Relief = field(default_factory=Relief)
    contours: Contours = field(default_factory=Contours)
    hatching: Hatching = field(default_factory=Hatching)
    tone_hold: ToneHold = field(default_factory=ToneHold)
    tooth: PaperTooth = field(default_factory=lambda: PaperTooth(cells=240))
    cover: float = 0.98
    cover_tooth: float = 0.035
    paper_tooth: float = 0.008

    def plan(self, scene: Scene) -> RowPainter:
        """Plan lines and hatching; what comes back paints rows ``top`` to ``bottom``, float32 in 0 to 255."""
        paper, ink = colours = self.colours.of(scene)
        dark = self.darkness.of(scene)
        contour = self.contours.draw(scene, dark)
        tone = self.features.apply(scene, dark)
        drawn = self.contours.ink(contour, SLOPE_PX)
        added = self.tone_hold.added(scene, tone, drawn, colours, self.hatching.coverage)
        hatched = self.hatching.plan(scene, "ink", dark + added, tone + added, self.relief.of(scene))
        height = self.tooth.over(scene, "ink.paper")

        def paint(top: int, bottom: int) -> np.ndarray:
            lines = self.contours.ink(scene.rows(contour, top, bottom), scene.size_px)
            covered = np.maximum(lines, hatched(top, bottom))
            rough = height(top, bottom)
            covered *= np.clip(self.cover + self.cover_tooth * rough, 0, 1)
            bare = (1 + self.paper_tooth * rough) * (1 - covered)
            return np.asarray(tint(bare, paper) + tint(covered, ink))

        return paint


def suitability(statistics: PaintingStatistics) -> float:
    """Odds of a drawing by the paper that it shows."""
    return float(statistics.background_lightness / _AVERAGE_PAPER)


MEDIUM = Medium(
    surface=InkSurface().plan,
    baseline=pencil,
    preprocessing=Preprocessing(patch_radius=0.003),
    # Lines come before the paper turns white, or the photo shows through them like a ghost.
    strength=StrengthCurve(broad_power=1.5, detail_power=0.7),
    # Between lines the paper is bare, so faces are held by how they are hatched.
    hue_tolerance=None,
    tint_share=0.55,
    monochrome=True,
    min_background_lightness=0.7,
    suitability=suitability,
)
