"""Watercolor: washes with dark borders and settling pigment on rough white paper.

Names that end in ``_px`` are lengths in pixels of the plan, see :data:`portraitify.media.scene.PLAN_PX`; other
lengths are in parts of the picture's side.

Sources: Bousseau, Kaplan, Thollot and Sillion, Interactive Watercolor
Rendering with Temporal Coherence and Abstraction, NPAR 2006 (density of the
pigment changes the colour; turbulent flow, dispersion, paper, dark borders);
Curtis, Anderson, Seims, Fleischer and Salesin, Computer-Generated Watercolor,
SIGGRAPH 1997 (which of these effects painters use).
"""

from __future__ import annotations

from dataclasses import dataclass, field

import cv2
import numpy as np

from portraitify.imaging.channels import gray_to_rgb, tint
from portraitify.imaging.filters import blur
from portraitify.imaging.noise import fractal_noise
from portraitify.media.base import (
    BackgroundTexture,
    Medium,
    PaintingStatistics,
    Preprocessing,
    RowPainter,
    StrengthCurve,
)
from portraitify.media.baselines import pastel
from portraitify.media.palette import Palette
from portraitify.media.scene import Scene
from portraitify.media.surfaces.paper import PaperTooth, light_paper
from portraitify.media.surfaces.pigment import Granulation, Pigment, thicken
from portraitify.media.surfaces.washes import DryBrush, FormContrast, Simplification, WashBorder, WashSteps

# Lightness of the background, as a fraction of white's, of a painting with average odds, and the power of its ratio to
# that by which they rise.
_AVERAGE_PAPER, _PAPER_POWER = 0.65, 1.5
# Odds of a grey painting, CIELAB chroma that adds 1 to them, and the most that they can be.
_GREY_ODDS, _CHROMA_UNIT, _MAX_ODDS = 0.3, 14, 1.3


@dataclass(frozen=True)
class Washes:
    """What is planned for the whole picture, each ``(S, S)`` float32 unless said otherwise.

    Attributes:
        colour: ``(S, S, 3)`` in 0 to 1, even colours.
        level: brightness in steps of one wash.
        apart: 0 to 1, how far washes stand apart from each other.
        density: of the pigment, around 1.
        granulation: density by the paper's height.
        inside: above 0 where there is paint, below 0 where the paper stays white, in parts of the side.
        dry: how far a dry brush leaves the hollows of the paper white at the edge, in parts of the side.
    """

    colour: np.ndarray
    level: np.ndarray
    apart: np.ndarray
    density: np.ndarray
    granulation: np.ndarray
    inside: np.ndarray
    dry: np.ndarray


@dataclass(frozen=True)
class WatercolorSurface:
    """What is seen of a watercolor.

    Attributes:
        paper: its red, green and blue, 0 to 1.
        paper_light: how strongly the paper's relief is lit, as a fraction of the colour.
        tooth: relief of the paper.
        simplification: of colours and outlines.
        forms: how they stand out.
        luma_sigma_px: standard deviation of the blur of the brightness by which washes are laid.
        flow_cells: currents of the water along the picture's side in the coarsest octave.
        flow_octaves: of the currents; each has twice as many of half the strength as the one before.
        steps: of the washes.
        pigment: how unevenly it lies.
        granulation: how it settles in the paper.
        border: where washes end.
        dry_brush: how they end on rough paper.
        face_care: 0 to 1, how much less freely faces are painted than the rest; eyes and mouth are not at all.
        features_kept: 0 to 1, how much of the plain painting is kept in eyes and mouth.
    """

    paper: tuple[float, float, float] = (0.985, 0.975, 0.945)
    paper_light: float = 0.04
    tooth: PaperTooth = field(default_factory=lambda: PaperTooth(cells=90))
    simplification: Simplification = field(default_factory=Simplification)
    forms: FormContrast = field(default_factory=FormContrast)
    luma_sigma_px: float = 1.2
    flow_cells: float = 7
    flow_octaves: int = 4
    steps: WashSteps = field(default_factory=WashSteps)
    pigment: Pigment = field(default_factory=Pigment)
    granulation: Granulation = field(default_factory=Granulation)
    border: WashBorder = field(default_factory=WashBorder)
    dry_brush: DryBrush = field(default_factory=DryBrush)
    face_care: float = 0.6
    features_kept: float = 0.75

    def plan(self, scene: Scene) -> RowPainter:
        """Plan the washes; what comes back paints rows ``top`` to ``bottom``, float32 in 0 to 255."""
        washes = self.washes(scene)
        tooth = self.tooth.over(scene, "watercolor.paper")
        kept = self.features_kept * scene.features

        def paint(top: int, bottom: int) -> np.ndarray:
            height = tooth(top, bottom)
            colour = scene.rows(washes.colour, top, bottom)
            share = gray_to_rgb(scene.rows(kept, top, bottom))
            colour += (scene.plain[top:bottom] * np.float32(1 / 255) - colour) * share
            steps = self.steps.added_density(scene.rows(washes.level, top, bottom), height)
            density = scene.rows(washes.density, top, bottom) + scene.rows(washes.apart, top, bottom) * steps
            density -= scene.rows(washes.granulation, top, bottom) * height
            # A wash ends at a wandering line, with pigment gathered just inside it.
            inside = scene.rows(washes.inside, top, bottom) - scene.rows(washes.dry, top, bottom) * height
            density += self.border.added_density(inside)
            covered = self.border.covered(inside)
            painted = gray_to_rgb(covered) * thicken(colour, density) + tint(1 - covered, self.paper)
            return 255 * light_paper(painted, height, self.paper_light)

        return paint

    def washes(self, scene: Scene) -> Washes:
        """Work out all that does not depend on the size of the picture."""
        side, random = len(scene.subject_mask), scene.random("watercolor.washes")
        looseness = (1 - scene.features) * (1 - self.face_care * scene.face)
        colour = self.forms.apply(scene, self.simplification.apply(scene, looseness, random))
        luma = blur(cv2.cvtColor(colour, cv2.COLOR_RGB2GRAY), self.luma_sigma_px)
        flow = fractal_noise(random, side, self.flow_cells, self.flow_octaves)
        dry = self.dry_brush.of(side, random)
        return Washes(
            colour=colour,
            level=self.steps.level(luma, looseness, flow),
            apart=self.steps.apart(luma, looseness),
            density=self.pigment.density(scene, "watercolor.pools", luma, looseness, flow),
            granulation=self.granulation.of(scene, 1 - luma),
            inside=self.border.inside(scene, luma, random),
            dry=dry,
        )


def suitability(statistics: PaintingStatistics) -> float:
    """Odds of a painting by the paper that it shows and its colour: half of the watercolors are opaque or grey."""
    paper = float((statistics.background_lightness / _AVERAGE_PAPER) ** _PAPER_POWER)
    return paper * min(_GREY_ODDS + statistics.chroma / _CHROMA_UNIT, _MAX_ODDS)


MEDIUM = Medium(
    surface=WatercolorSurface().plan,
    baseline=pastel,
    # Beside training paintings, washes were too saturated and too warm.
    palette=Palette(chroma=0.9, warmth=-3.0, background_chroma=0.9),
    preprocessing=Preprocessing(patch_radius=0.007),
    background=BackgroundTexture(light=0.05, falloff=0.06, patches=0.04),
    relighting=0.4,
    strength=StrengthCurve(broad_power=1.2, detail_power=0.8),
    # Thin washes are pale.
    hue_tolerance=3.0,
    # Washes are broad: all small things go.
    despeckle_share=0.6,
    min_background_lightness=0.7,
    suitability=suitability,
)
