"""Oil: strokes of paint with the marks of the bristles, lit from the upper left, on canvas."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import cv2
import numpy as np

from portraitify.imaging.channels import gray_to_rgb, tint
from portraitify.media.base import BackgroundTexture, Medium, PaintingStatistics, Preprocessing, RowPainter
from portraitify.media.baselines import pastel
from portraitify.media.palette import Palette
from portraitify.media.scene import Scene
from portraitify.media.surfaces.bristles import Bristles, TornEnds, torn_rows
from portraitify.media.surfaces.canvas import Canvas
from portraitify.media.surfaces.coverage import Coverage
from portraitify.media.surfaces.grit import Grit
from portraitify.media.surfaces.ramp import Ramp
from portraitify.media.surfaces.relief import Relief
from portraitify.media.surfaces.strokes import Brushwork, Layer

_ERROR = Ramp(2.5, 8.0)
LAYERS = (
    Layer(
        width=0.032,
        length=0.15,
        spacing=0.015,
        colour_bound=0.10,
        jitter=0.0088,
        coverage=Coverage(_ERROR, least_background=1.0, least_subject=1.0),
        stray=0.6,
    ),
    Layer(
        width=0.019,
        length=0.095,
        spacing=0.012,
        colour_bound=0.10,
        jitter=0.008,
        coverage=Coverage(_ERROR, least_background=0.25, least_subject=0.65),
        stray=0.6,
    ),
    Layer(
        width=0.0115,
        length=0.055,
        spacing=0.0075,
        colour_bound=0.10,
        jitter=0.0056,
        coverage=Coverage(_ERROR, least_background=0.06, least_subject=0.06, least_face=1.0),
        stray=0.6,
    ),
    Layer(
        width=0.0065,
        length=0.030,
        spacing=0.0048,
        colour_bound=0.09,
        jitter=0.004,
        coverage=Coverage(_ERROR, background=0.5, subject=0.5, least_face=0.55),
        stray=0.6,
    ),
    Layer(
        width=0.0040,
        length=0.019,
        spacing=0.0034,
        colour_bound=0.08,
        jitter=0.0024,
        coverage=Coverage(_ERROR, background=0.0, subject=0.0),
        stray=0.6,
    ),
    Layer(
        width=0.0026,
        length=0.011,
        spacing=0.0021,
        colour_bound=0.06,
        jitter=0.0012,
        coverage=Coverage(_ERROR, background=0.0, subject=0.0, features=0.0, least_features=1.0),
        stray=0.6,
    ),
)


@dataclass(frozen=True)
class BrokenColour:
    """Paint is mixed anew for every few touches.

    Attributes:
        light: how uneven the mixtures are in brightness.
        temperature: how uneven they are from cold to warm; faces would look bruised by that.
        warm: red, green and blue of a step towards warm.
    """

    light: Grit = field(default_factory=lambda: Grit(cells=25, background=2.25, subject=6.75, face=4.5))
    temperature: Grit = field(default_factory=lambda: Grit(cells=25, background=1.5, subject=2.25, face=0.0))
    warm: tuple[float, float, float] = (1.0, -0.1, -1.0)

    def over(self, scene: Scene) -> np.ndarray:
        """What is added to the scene's colours: ``(S, S, 3)`` float32 of mean 0."""
        light = gray_to_rgb(self.light.over(scene, "oil.mixture"))
        return np.asarray(light + tint(self.temperature.over(scene, "oil.temperature"), self.warm))


@dataclass(frozen=True)
class OilSurface:
    """Strokes of paint with the marks of the bristles, lit from the upper left, on canvas.

    Attributes:
        brushwork: where strokes lie and how they run.
        broken_colour: of the mixtures that strokes take.
        torn_ends: of the strokes.
        bristles: their marks in the strokes.
        canvas: under the paint.
        relief: light on thick paint.
        grit: of the surface.
        features_share: 0 to 1, of the plain painting that is kept in eyes and mouth.
        softening_px: standard deviation of the blur that takes the stairs from strokes' borders, pixels of the
            picture; above 0.
    """

    brushwork: Brushwork = field(default_factory=lambda: Brushwork(LAYERS, face_jitter_reduction=0.75))
    broken_colour: BrokenColour = field(default_factory=BrokenColour)
    torn_ends: TornEnds = field(default_factory=TornEnds)
    bristles: Bristles = field(default_factory=Bristles)
    canvas: Canvas = field(default_factory=Canvas)
    relief: Relief = field(default_factory=Relief)
    grit: Grit = field(default_factory=lambda: Grit(cells=140, background=3.0, subject=2.0, face=3.5))
    features_share: float = 0.5
    softening_px: float = 0.6

    def plan(self, scene: Scene) -> RowPainter:
        """Plan all strokes; what comes back paints rows of the picture."""
        angle = self.brushwork.directions.angles(scene)
        strokes = self.brushwork.lay(scene, angle, "oil", self.broken_colour.over(scene))
        seen = self.brushwork.draw(strokes, scene.size_px)
        shift = self.torn_ends.shift(scene, angle, "oil.torn_ends")
        paint_strokes = self.bristles.plan(scene, strokes, "oil")
        canvas_height = self.canvas.plan(scene, "oil.canvas")
        grit = self.grit.over(scene, "oil.grit")
        strengths, kept = self.relief.strengths(scene), self.features_share * scene.features
        # As far as the blur reaches.
        margin = max(1, math.ceil(4 * self.softening_px))

        def paint(top: int, bottom: int) -> np.ndarray:
            above, below = top - margin, bottom + margin
            colour, height = paint_strokes(torn_rows(seen, scene.rows(shift, above, below), above, below), above)
            height += canvas_height(above, below)
            light = self.relief.light(height, scene.rows(strengths, above, below), scene.size_px)
            colour = cv2.GaussianBlur(colour, (0, 0), self.softening_px)[margin:-margin]
            lit = gray_to_rgb(light[margin:-margin])
            share = gray_to_rgb(scene.rows(kept, top, bottom))
            colour += (scene.plain[top:bottom] - colour) * share
            painted: np.ndarray = colour * (1 + lit) + self.relief.gloss * np.maximum(lit, 0)
            painted += gray_to_rgb(scene.rows(grit, top, bottom))
            return painted

        return paint


@dataclass(frozen=True)
class Suitability:
    """Odds of a painting by brushwork and colour: half of the oils are smooth and brown.

    Attributes:
        texture: at which the odds are those of the colour alone, see `PaintingStatistics`.
        texture_power: of the texture, as a multiple of that one.
        gray: odds of a painting without colour.
        chroma: by which the odds rise by 1, CIELAB units.
    """

    texture: float = 0.3
    texture_power: float = 1.5
    gray: float = 0.3
    chroma: float = 22.0

    def __call__(self, statistics: PaintingStatistics) -> float:
        """The odds, relative to those of other paintings; 0 or more."""
        texture = (statistics.texture / self.texture) ** self.texture_power
        return float(texture * (self.gray + statistics.chroma / self.chroma))


MEDIUM = Medium(
    surface=OilSurface().plan,
    baseline=pastel,
    # Beside training paintings, oils were too contrasty and their backgrounds too light and colourful.
    palette=Palette(contrast=0.93, chroma=1.1, background_lightness=0.82, background_chroma=0.8, white=(0.5, 7.0)),
    preprocessing=Preprocessing(patch_radius=0.0065),
    background=BackgroundTexture(light=0.28, falloff=0.45, patches=0.10),
    relighting=0.9,
    hue_tolerance=2.0,
    suitability=Suitability(),
)
