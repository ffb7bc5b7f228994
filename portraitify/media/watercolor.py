"""Watercolor: clear washes that end at lines along the forms, lights of bare paper, and accents set last.

Names that end in ``_px`` are lengths in pixels of the plan, see :data:`portraitify.media.scene.PLAN_PX`; other
lengths are in parts of the picture's side.

Sources: Bousseau, Kaplan, Thollot and Sillion, Interactive Watercolor
Rendering with Temporal Coherence and Abstraction, NPAR 2006 (density of the
pigment changes the colour; turbulent flow, paper, dark borders); Curtis,
Anderson, Seims, Fleischer and Salesin, Computer-Generated Watercolor, SIGGRAPH
1997 (which of these effects painters use).
"""

from __future__ import annotations

from dataclasses import dataclass, field

import cv2
import numpy as np

from portraitify.imaging.bands import resample, upsampled_rows
from portraitify.imaging.channels import gray_to_rgb, tint
from portraitify.imaging.filters import blur, smoothstep
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
from portraitify.media.surfaces.accents import Accents
from portraitify.media.surfaces.blooms import Blooms, RunOut
from portraitify.media.surfaces.even_colours import EvenColours, Faces, box_of
from portraitify.media.surfaces.paper import PaperTooth, paper_light
from portraitify.media.surfaces.pigment import Darks, Pigment, thicken
from portraitify.media.surfaces.sheet import GroundWash
from portraitify.media.surfaces.sheet_noise import moved_noise, sitter_angle
from portraitify.media.surfaces.washes import Glazes, Lights

# Lightness of the background, as a fraction of white's, of a painting with average odds, and the power of its ratio to
# that by which they rise.
_AVERAGE_PAPER, _PAPER_POWER = 0.65, 1.5
# Odds of a grey painting, CIELAB chroma that adds 1 to them, and the most that they can be.
_GREY_ODDS, _CHROMA_UNIT, _MAX_ODDS = 0.3, 14, 1.3
# Values of the blurred subject mask between which the subject ends.
_OUTLINE = (0.3, 0.7)
# Added to brightness, 0 to 1, so that what a glaze changes does not grow beyond all bounds in black.
_TOE = 0.1
# Of blurred faces, so that they reach beyond their borders.
_CLEAN_GAIN = 2.0

# Rows that are painted at once, because what is worked out for them then stays in the processor's cache.
_ROWS = 32


@dataclass(frozen=True)
class Washes:
    """What is planned for the whole picture; fields that are enlarged together lie in one array.

    Attributes:
        colour: ``(S, S, 3)`` in 0 to 1, even colours of the subject.
        ground: ``(h, h, 3)`` in 0 to 1, those behind it.
        lines: ``(S, S, 4)``, of which lines are cut: brightness in steps, accents, how far brightness lies above the
            lights of bare paper, how far inside the wash of the ground a place is.
        places: ``(S, S, 4)`` in 0 to 1: the subject, skin, how much of the paper's grain pigment shows, how far washes
            have run out.
        paint: ``(S, S, 4)``: pixels of the plan over which brightness changes by a step, share of the paper that can
            show, width of the border of the ground's wash, density of the pigment.
        fine: ``(S, S)`` in 0 to 1, where a small brush paints.
    """

    colour: np.ndarray
    ground: np.ndarray
    lines: np.ndarray
    places: np.ndarray
    paint: np.ndarray
    fine: np.ndarray


@dataclass(frozen=True)
class WatercolorSurface:
    """What is seen of a watercolor.

    Attributes:
        paper: its red, green and blue, 0 to 1.
        paper_light: how strongly the paper's relief is lit, as a fraction of the colour.
        tooth: relief of the paper.
        colours: of the washes.
        glazes: laid over the first wash.
        lights: that washes leave.
        ground: the wash behind the sitter.
        pigment: how unevenly it lies.
        darks: how light it leaves the darks.
        blooms: of water that ran back.
        run_out: how washes end at the lower edge.
        accents: that are set last.
        form: 0 to 1, how far washes outside faces follow brightness that is smoothed along the form.
        luma_sigma_px: standard deviation of the blur of the brightness by which washes are laid.
        simple: the same in faces beside eyes, brows and mouth, in distances between the eyes: few large washes with
            round borders model them, and not what a photo shows.
        flow_cells: currents of the water along the picture's side in the coarsest octave.
        flow_octaves: of the currents; each has twice as many of half the strength as the one before.
        outline_sigma_px: standard deviation of the blur of the subject's outline where it is found.
        lost_sigma_px: the same where it is lost.
        lost_range: flow of the water, in standard deviations, between which outlines get lost.
        clean_sigma_px: standard deviation of the blur of faces beyond which pigment lies unevenly.
        features_kept: 0 to 1, how much of the painting itself is kept in eyes and mouth.
    """

    paper: tuple[float, float, float] = (0.985, 0.975, 0.945)
    paper_light: float = 0.035
    tooth: PaperTooth = field(default_factory=lambda: PaperTooth(cells=150, octaves=2))
    colours: EvenColours = field(default_factory=EvenColours)
    glazes: Glazes = field(default_factory=Glazes)
    lights: Lights = field(default_factory=Lights)
    ground: GroundWash = field(default_factory=GroundWash)
    pigment: Pigment = field(default_factory=Pigment)
    darks: Darks = field(default_factory=Darks)
    blooms: Blooms = field(default_factory=Blooms)
    run_out: RunOut = field(default_factory=RunOut)
    accents: Accents = field(default_factory=Accents)
    form: float = 0.7
    luma_sigma_px: float = 1.0
    simple: float = 0.03
    flow_cells: float = 6
    flow_octaves: int = 3
    outline_sigma_px: float = 1.2
    lost_sigma_px: float = 8.0
    lost_range: tuple[float, float] = (0.1, 1.0)
    clean_sigma_px: float = 8.0
    features_kept: float = 0.5

    def plan(self, scene: Scene) -> RowPainter:
        """Plan the washes; what comes back paints rows ``top`` to ``bottom``, float32 in 0 to 255."""
        washes = self.washes(scene)
        tooth = self.tooth.over(scene, "watercolor.paper")

        def paint(top: int, bottom: int) -> np.ndarray:
            height = tooth(top, bottom)
            light = paper_light(height, self.paper_light)
            painted = np.empty((bottom - top, scene.size_px, 3), np.float32)
            for above in range(0, bottom - top, _ROWS):
                rows = slice(above, min(above + _ROWS, bottom - top))
                colour = self._rows(scene, washes, height[rows], top + rows.start, top + rows.stop)
                np.multiply(colour, gray_to_rgb(255 * light[rows]), out=painted[rows])
            return painted

        return paint

    def _rows(self, scene: Scene, washes: Washes, height: np.ndarray, top: int, bottom: int) -> np.ndarray:
        """Paint some rows on paper of a given height: ``(n, m, 3)`` float32 in 0 to 1."""
        shape = (scene.size_px, scene.size_px)
        level, line, above, inside = cv2.split(upsampled_rows(washes.lines, top, bottom, shape))
        subject, face, granular, out = cv2.split(upsampled_rows(washes.places, top, bottom, shape))
        reach, light, width, density = cv2.split(upsampled_rows(washes.paint, top, bottom, shape))
        subject = smoothstep(subject, *_OUTLINE)
        colour = self._mixed(scene, washes, top, bottom)
        density -= self.pigment.granulation(height, granular)
        tone, border = self.glazes.added(level, reach, face)
        density += subject * (border + self.accents.density(line, face))
        density += (1 - subject) * (self.ground.density(inside, width) - 1)
        luma = cv2.cvtColor(colour, cv2.COLOR_RGB2GRAY)
        colour *= gray_to_rgb(1 + tone / (luma + np.float32(_TOE)))
        ground = upsampled_rows(washes.ground, top, bottom, shape)
        ground -= colour
        ground *= gray_to_rgb(1 - subject)
        colour += ground
        colour = thicken(colour, density)
        light *= self.lights.bare(above, reach * np.float32(self.glazes.count), face)
        bare = np.maximum(light, subject * self.run_out.bare(out, height))
        bare = np.maximum(bare, (1 - subject) * self.ground.bare(inside, width))
        colour *= gray_to_rgb(1 - bare)
        colour += tint(bare, self.paper)
        return colour

    def washes(self, scene: Scene) -> Washes:
        """Work out all that does not depend on the size of the picture."""
        side, faces = len(scene.subject_mask), Faces.of(scene)
        random = scene.random("watercolor.washes")
        flow = moved_noise(random, side, self.flow_cells, self.flow_octaves, sitter_angle(scene))
        colour = self.darks.lifted(self.colours.of(scene, faces), faces.skin, flow)
        along, streaks = self.accents.along_form(scene)
        luma = self._form_luma(scene, faces, cv2.cvtColor(colour, cv2.COLOR_RGB2GRAY), along)
        level = self.glazes.level(luma, faces.flesh, flow)
        above, light = self.lights.plan(scene, faces.flesh, luma, colour)
        inside, width = self.ground.border(scene)
        subject = self._outline(scene, faces, flow)
        clean = np.maximum(faces.flesh, np.clip(_CLEAN_GAIN * blur(faces.skin, self.clean_sigma_px), 0, 1))
        free = self.pigment.freedom(luma, clean * scene.subject_mask, subject)
        density = self.pigment.density(luma, free, flow, self.blooms.density(scene), streaks * subject)
        out = self.run_out.plan(scene, faces.skin, flow)
        density -= self.run_out.thin * out * subject
        ground = self.ground.colour(scene)
        return Washes(
            self.pigment.parted(colour, flow, free),
            self.pigment.parted(ground, resample(flow, ground.shape[:2])),
            cv2.merge([level, self.accents.line(along, flow), above, inside]),
            cv2.merge([subject, faces.flesh, free * self.darks.grain(luma, subject * (1 - faces.flesh)), out]),
            cv2.merge([self.glazes.found(self.glazes.reach(level), faces.flesh, flow), light, width, density]),
            faces.fine,
        )

    def _outline(self, scene: Scene, faces: Faces, flow: np.ndarray) -> np.ndarray:
        """The subject, ``(S, S)`` float32 in 0 to 1, sharp where its outline is found, soft where it runs out."""
        found = blur(scene.subject_mask, self.outline_sigma_px)
        lost = smoothstep(flow, *self.lost_range) * (1 - faces.skin)
        return np.asarray(found + lost * (blur(scene.subject_mask, self.lost_sigma_px) - found))

    def _form_luma(self, scene: Scene, faces: Faces, luma: np.ndarray, along: np.ndarray) -> np.ndarray:
        """Brightness by which glazes are laid, ``(S, S)`` float32, along the form outside faces and simple in them."""
        form = blur(luma + self.form * scene.subject_mask * (1 - faces.skin) * (along - luma), self.luma_sigma_px)
        eyes_px = float(np.median(np.linalg.norm(scene.landmarks[:, 1] - scene.landmarks[:, 0], axis=1)))
        simple = blur(luma, max(self.simple * eyes_px, self.luma_sigma_px))
        return np.asarray(form + faces.flesh * (1 - faces.fine) * (simple - form))

    def _mixed(self, scene: Scene, washes: Washes, top: int, bottom: int) -> np.ndarray:
        """Even colours, and the painting itself in eyes and mouth: ``(n, m, 3)`` float32, a new array."""
        shape = (scene.size_px, scene.size_px)
        mixed = upsampled_rows(washes.colour, top, bottom, shape).copy()
        fine = upsampled_rows(washes.fine, top, bottom, shape)
        box = box_of(fine)
        away = scene.plain[top:bottom][box] * np.float32(1 / 255)
        away -= mixed[box]
        away *= gray_to_rgb(self.features_kept * fine[box])
        mixed[box] += away
        return np.asarray(mixed)


def suitability(statistics: PaintingStatistics) -> float:
    """Odds of a painting by the paper that it shows and its colour: half of the watercolors are opaque or grey."""
    paper = float((statistics.background_lightness / _AVERAGE_PAPER) ** _PAPER_POWER)
    return paper * min(_GREY_ODDS + statistics.chroma / _CHROMA_UNIT, _MAX_ODDS)


MEDIUM = Medium(
    surface=WatercolorSurface().plan,
    baseline=pastel,
    # Beside training paintings, washes were too saturated and too warm.
    palette=Palette(chroma=0.95, warmth=-1.5, background_chroma=0.9),
    preprocessing=Preprocessing(patch_radius=0.007),
    background=BackgroundTexture(light=0.05, falloff=0.06, patches=0.04),
    relighting=0.4,
    strength=StrengthCurve(broad_power=1.2, detail_power=0.8),
    # Lights of bare paper leave the rest of the skin to carry its hue.
    hue_tolerance=1.5,
    # Washes are broad: all small things go.
    despeckle_share=0.6,
    min_background_lightness=0.7,
    suitability=suitability,
)
