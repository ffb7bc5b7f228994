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
from portraitify.imaging.face_parts import FacePart, part_mask
from portraitify.imaging.filters import blur
from portraitify.media.base import Medium, PaintingStatistics, Preprocessing, RowPainter, StrengthCurve
from portraitify.media.baselines import pencil
from portraitify.media.scene import Scene
from portraitify.media.surfaces.contours import Contours
from portraitify.media.surfaces.drawn_brows import DrawnBrows
from portraitify.media.surfaces.drawn_eyes import DrawnEyes
from portraitify.media.surfaces.drawn_lips import DrawnLips
from portraitify.media.surfaces.drawn_mouth import DrawnMouth
from portraitify.media.surfaces.drawn_strands import StrandFlow, Strands
from portraitify.media.surfaces.face_lines import FaceLines
from portraitify.media.surfaces.figure import Figure, PhotoSkin
from portraitify.media.surfaces.hatching import SLOPE_PX, Hatching
from portraitify.media.surfaces.head_form import HeadForm, Turning
from portraitify.media.surfaces.ink_tone import Accents, CalmLuma, Darkness
from portraitify.media.surfaces.islands import Islands, Specks
from portraitify.media.surfaces.paper import PaperTooth
from portraitify.media.surfaces.pen_lines import PenLines
from portraitify.media.surfaces.tone_hold import ToneHold

# Strength that lines along edges lose in hair and cloth, which have lines of their own.
_LOST_IN_HAIR = 0.8
# How much of the shade around eyes lies over their whites.
_SHADE_OVER_EYES = 0.55
# More than the strength of any line: where it is taken off, nothing is drawn.
_ERASED = 9.0
# Lightness of the background, as a fraction of white's, of a drawing with average odds.
_AVERAGE_PAPER = 0.8


@dataclass(frozen=True)
class PaperAndInk:
    """The two colours of a drawing, which are taken from the painting.

    Attributes:
        ink_quantile: of the painting's brightness, 0 to 1, up to which it shows the ink.
        paper_quantile: of the painting's brightness, 0 to 1, from which on it shows the paper.
        paper_lightness: L* of the paper.
        lightest_ink: red, green and blue, 0 to 255, that ink never exceeds.
        chroma: factor of the paper's chroma as the generator paints it.
        warmth: CIELAB units of a* and b* that are added: old paper is never cold.
        most_chroma: CIELAB units in a* and b* that paper never exceeds.
    """

    ink_quantile: float = 0.03
    paper_quantile: float = 0.75
    paper_lightness: float = 95.5
    lightest_ink: tuple[float, float, float] = (38.0, 33.0, 31.0)
    chroma: float = 0.4
    warmth: tuple[float, float] = (0.6, 4.5)
    most_chroma: float = 9.0

    def of(self, scene: Scene) -> tuple[np.ndarray, np.ndarray]:
        """Colours of the paper and of the ink, each ``(3,)`` float32 in 0 to 255."""
        # Means of four pixels are enough for two colours.
        pixels, luma = (
            cv2.resize(field, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA) for field in (scene.even, scene.luma)
        )
        pixels, luma = pixels.reshape(-1, 3), luma.ravel()
        bright = pixels[luma >= np.quantile(luma, self.paper_quantile)].mean(0)
        deep = pixels[luma <= np.quantile(luma, self.ink_quantile)].mean(0)
        lab = to_lab(np.array([[bright, np.minimum(deep, self.lightest_ink)]], np.float32))
        hue = self.chroma * lab[0, 0, 1:] + np.array(self.warmth, np.float32)
        hue *= min(1.0, self.most_chroma / max(float(np.linalg.norm(hue)), 1e-6))
        # Paper shines through ink, so that both have its hue.
        lab[0, 0, 0], lab[0, :, 1:] = self.paper_lightness, hue
        paper, ink = to_rgb(lab)[0]
        return paper, ink


@dataclass(frozen=True)
class FeatureContrast:
    """Contrast of the hatching in eyes and mouth: lines are too coarse for them, and this keeps what is white white.

    Attributes:
        sharpening: how much of the difference from the surroundings is added in eyes and mouth.
        elsewhere: the same in the rest of the picture, where it keeps folds and nostrils.
        sigma_px: standard deviation of the Gaussian over the surroundings.
        darkness: factor of the darkness in eyes and mouth.
    """

    sharpening: float = 0.7
    elsewhere: float = 1.0
    sigma_px: float = 5.0
    darkness: float = 0.94

    def apply(self, scene: Scene, dark: np.ndarray) -> np.ndarray:
        """The darkness to hatch, ``(S, S)`` float32."""
        features = scene.features
        sharp = dark + (self.elsewhere + (self.sharpening - self.elsewhere) * features) * (
            dark - blur(dark, self.sigma_px)
        )
        return np.asarray(sharp * (1 - (1 - self.darkness) * features))


@dataclass(frozen=True)
class InkSurface:
    """What is seen of a drawing in ink.

    Attributes:
        colours: of paper and ink.
        luma: brightness without the generator's dots.
        figure: where the sitter is, and skin.
        darkness: how much ink a place needs.
        accents: what is solid black.
        features: contrast of the hatching in eyes and mouth.
        form: along which lines bend.
        contours: lines along edges.
        face_lines: lines of the sitter's own face.
        pen_lines: lines where the light takes edges away.
        eyes: what is drawn inside lids.
        mouth: what is drawn between lips.
        brows: how dark they are, and where.
        lips: how dark they are.
        hatching: lines that make the tone of skin.
        flow: directions of edges, hair and cloth.
        strands: lines that make the tone of hair and cloth.
        turning: shade where forms turn away.
        islands: what is left away because it stands alone.
        specks: what is left away on skin.
        tone_hold: how dark faces are beside the photo.
        tooth: relief of the paper.
        cover: opacity of the ink where the paper is of mean height, 0 to 1.
        cover_tooth: what a standard deviation of the paper's height adds to it.
        paper_tooth: what a standard deviation of the paper's height adds to bare paper, as a fraction of its colour.
    """

    colours: PaperAndInk = field(default_factory=PaperAndInk)
    luma: CalmLuma = field(default_factory=CalmLuma)
    figure: Figure = field(default_factory=Figure)
    darkness: Darkness = field(default_factory=Darkness)
    accents: Accents = field(default_factory=Accents)
    features: FeatureContrast = field(default_factory=FeatureContrast)
    form: HeadForm = field(default_factory=HeadForm)
    contours: Contours = field(default_factory=Contours)
    face_lines: FaceLines = field(default_factory=FaceLines)
    pen_lines: PenLines = field(default_factory=PenLines)
    eyes: DrawnEyes = field(default_factory=DrawnEyes)
    mouth: DrawnMouth = field(default_factory=DrawnMouth)
    brows: DrawnBrows = field(default_factory=DrawnBrows)
    lips: DrawnLips = field(default_factory=DrawnLips)
    hatching: Hatching = field(default_factory=Hatching)
    flow: StrandFlow = field(default_factory=StrandFlow)
    strands: Strands = field(default_factory=Strands)
    turning: Turning = field(default_factory=Turning)
    islands: Islands = field(default_factory=Islands)
    specks: Specks = field(default_factory=Specks)
    tone_hold: ToneHold = field(default_factory=ToneHold)
    tooth: PaperTooth = field(default_factory=lambda: PaperTooth(cells=300, octaves=1))
    cover: float = 0.98
    cover_tooth: float = 0.02
    paper_tooth: float = 0.004

    def plan(self, scene: Scene) -> RowPainter:
        """Plan lines and hatching; what comes back paints rows ``top`` to ``bottom``, float32 in 0 to 255."""
        paper, ink = colours = self.colours.of(scene)
        luma, shape, skin = self.luma.of(scene), self.figure.shape(scene), PhotoSkin.of(scene)
        dark, edges = self.darkness.of(luma, shape)
        flow = self.flow.of(shape, luma)
        contour = self.contours.draw(scene, luma, edges, flow)
        bare = 1 - self.contours.ink(contour, SLOPE_PX)
        tone = self.features.apply(scene, dark)
        tone = tone + shape * self.tone_hold.added(skin, tone, bare, colours, self.hatching.coverage)
        tone = np.maximum.reduce([tone, self.turning.of(scene, shape), self.lips.draw(scene) * shape])
        brows, brow_tone = self.brows.draw(scene, luma)
        on_skin = self.figure.skin(scene, skin) * (1 - brows)
        area = self.face_lines.area(scene, np.maximum(on_skin, brows))
        lines = self.face_lines.draw(scene, area * shape)
        drawn = np.maximum(1 - bare, cv2.resize(lines, bare.shape, interpolation=cv2.INTER_AREA) * np.float32(1 / 255))
        np.maximum(lines, self.pen_lines.draw(scene, luma, shape, dark, drawn, on_skin), out=lines)
        eyes, eye_tone = self.eyes.draw(scene, luma, lines)
        mouth, mouth_tone = self.mouth.draw(scene, luma, lines)
        tone = tone + (mouth_tone - tone) * mouth
        tone = tone + (np.maximum(eye_tone, _SHADE_OVER_EYES * tone) - tone) * eyes
        clear = np.maximum(mouth, eyes)
        contour = contour - _ERASED * np.maximum(clear, area) - _LOST_IN_HAIR * (1 - on_skin)
        accents = self.accents.draw(dark) - _ERASED * clear
        contour -= _ERASED * self.specks.found(contour > 0, on_skin * (1 - scene.features))
        fine = np.maximum(eyes, part_mask(scene.meshes, (FacePart.LIPS,), eyes.shape, 0))
        hair = np.maximum(self.darkness.of_strands(tone, edges), brow_tone) * (1 - on_skin) * shape
        strands = self.strands.draw(scene, hair, flow)
        contour = np.maximum.reduce([contour, accents, strands, self.brows.ink(brow_tone * shape)])
        flesh = tone * on_skin
        kept = self.islands.kept((contour > 0) | (flesh > self.hatching.hatches[0].begin))
        contour -= _ERASED * (1 - kept)
        hatched = self.hatching.plan(scene, flesh * kept, self.form.of(scene, shape, luma), fine)
        height = self.tooth.over(scene, "ink.paper")

        def paint(top: int, bottom: int) -> np.ndarray:
            covered = self.contours.ink(scene.rows(contour, top, bottom), scene.size_px)
            covered = np.maximum(covered, hatched(top, bottom))
            covered = np.maximum(covered, self.pen_lines.ink(scene.rows(lines, top, bottom), scene.size_px))
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
