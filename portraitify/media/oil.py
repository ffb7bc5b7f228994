"""Oil: strokes of paint with the marks of the bristles, lit from the upper left, on canvas."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field

import cv2
import numpy as np

from portraitify.imaging.channels import gray_to_rgb, to_uint8
from portraitify.imaging.stretch import stretched_rows
from portraitify.media.base import BackgroundTexture, Medium, PaintingStatistics, Preprocessing, RowPainter
from portraitify.media.baselines import pastel
from portraitify.media.palette import Palette
from portraitify.media.scene import Scene
from portraitify.media.surfaces.bristles import Body, Bristles, TornEnds, torn_rows
from portraitify.media.surfaces.canvas import Canvas
from portraitify.media.surfaces.coverage import Coverage, Regions
from portraitify.media.surfaces.directions import BrushDirections, OrientationScale
from portraitify.media.surfaces.noise import Noise
from portraitify.media.surfaces.planes import Planes
from portraitify.media.surfaces.ramp import Ramp
from portraitify.media.surfaces.relief import Relief
from portraitify.media.surfaces.stroke_shapes import Strokes
from portraitify.media.surfaces.strokes import Brushwork, Layer, View, sample

# How much further than its pixels a mask reaches when it is enlarged, pixels of a picture of side 4096.
_REACH_PX = 8
_ERROR = Ramp(3.0, 12.0)
# Ground, cloth, masses of hair and planes of flesh, their turns, eyes and mouth.
LAYERS = (
    Layer(
        width=0.062,
        length=0.26,
        spacing=0.028,
        colour_bound=0.12,
        jitter=0.011,
        coverage=Coverage(_ERROR, subject=0.0, least_background=1.0, least_subject=0.25, least_face=0.0),
        stray=0.35,
    ),
    Layer(
        width=0.036,
        length=0.17,
        spacing=0.0185,
        colour_bound=0.12,
        jitter=0.016,
        coverage=Coverage(
            _ERROR, background=0.25, least_background=0.15, least_subject=0.9, head=0.6, least_head=0.4, least_face=0.0
        ),
        stray=0.6,
    ),
    Layer(
        width=0.0190,
        length=0.085,
        spacing=0.0110,
        colour_bound=0.07,
        jitter=0.015,
        coverage=Coverage(
            _ERROR, background=0.15, subject=0.6, head=0.9, least_head=0.7, face=1.0, least_face=1.0, features=0.0
        ),
        stray=0.5,
        follows_face=0.6,
        face_stray=0.15,
    ),
    Layer(
        width=0.0095,
        length=0.042,
        spacing=0.0068,
        colour_bound=0.06,
        jitter=0.015,
        coverage=Coverage(_ERROR, background=0.05, subject=0.4, head=0.5, face=1.0, least_face=0.5),
        stray=0.4,
        follows_face=0.8,
        face_stray=0.15,
    ),
    Layer(
        width=0.0058,
        length=0.024,
        spacing=0.0050,
        colour_bound=0.06,
        jitter=0.012,
        coverage=Coverage(
            Ramp(4.0, 12.0), background=0.0, subject=0.15, head=0.3, face=0.8, features=0.9, least_features=0.4
        ),
        directed=0.4,
        follows_face=0.8,
        face_stray=0.1,
    ),
    Layer(
        width=0.0036,
        length=0.013,
        spacing=0.0045,
        colour_bound=0.06,
        jitter=0.012,
        coverage=Coverage(
            Ramp(4.0, 13.0), background=0.0, subject=0.0, head=0.1, face=1.0, features=1.0, least_features=0.25
        ),
        follows_face=0.4,
    ),
)


def _directions() -> BrushDirections:
    """Grounds are laid in wide sweeps, whatever drifts of colour they have."""
    return BrushDirections(
        sweeps=Noise(deviation=0.4, cells=2.5),
        background=OrientationScale(gradient_sigma=0.012, smoothing_sigma=0.02, trust=0.02),
    )


@dataclass(frozen=True)
class Regional:
    """A number that differs between the regions of a picture, in 0 to 1.

    Attributes:
        background: behind the subject.
        subject: on hair and clothes.
        face: on faces.
        features: in eyes and mouth.
    """

    background: float
    subject: float
    face: float
    features: float

    def at(self, regions: Regions, place: np.ndarray) -> np.ndarray:
        """The number at ``(N, 2)`` places in parts of the side, ``(N,)`` float32."""
        level = np.full(len(place), self.background, np.float32)
        for value, mask in (
            (self.subject, regions.subject),
            (self.face, regions.face),
            (self.features, regions.features),
        ):
            level += (value - level) * sample(mask, place)
        return level


@dataclass(frozen=True)
class Handling:
    """How paint is handled: worked wet in wet on flesh, dragged elsewhere, thick in lights.

    Attributes:
        opacity: of strokes over the planes below.
        streak: brightness of bristle marks as high as the paint is thick, as a share, times ten.
        relief: thickness of paint, as a share of what `Relief` allows.
    """

    opacity: Regional = field(default_factory=lambda: Regional(0.7, 0.9, 0.85, 0.95))
    streak: Regional = field(default_factory=lambda: Regional(0.45, 0.6, 0.3, 0.1))
    relief: Regional = field(default_factory=lambda: Regional(0.24, 0.45, 0.26, 0.12))

    def body(self, regions: Regions, strokes: Strokes, relief: Relief) -> Body:
        """What each stroke is made of."""
        place = strokes.place
        return Body(
            thickness=relief.thickness(strokes) * self.relief.at(regions, place),
            streak=0.1 * self.streak.at(regions, place),
            opacity=self.opacity.at(regions, place),
        )


@dataclass(frozen=True)
class OilSurface:
    """Strokes of paint with the marks of the bristles, lit from the upper left, on canvas.

    Attributes:
        planes: that the painter sees, and lays under the strokes.
        brushwork: where strokes lie and how they run.
        handling: of the paint.
        torn_ends: of the strokes.
        bristles: their marks in the strokes.
        canvas: under the paint.
        relief: light on thick paint.
        features_share: 0 to 1, of the plain painting that is kept in eyes and mouth.
        features: mask of eyes and mouth, from where nothing is kept to where that share is.
        softening_px: standard deviation of the blur that takes the stairs from strokes' borders, pixels of the
            picture; above 0.
    """

    planes: Planes = field(default_factory=Planes)
    brushwork: Brushwork = field(default_factory=lambda: Brushwork(LAYERS, _directions()))
    handling: Handling = field(default_factory=Handling)
    torn_ends: TornEnds = field(default_factory=TornEnds)
    bristles: Bristles = field(default_factory=Bristles)
    canvas: Canvas = field(default_factory=Canvas)
    relief: Relief = field(default_factory=Relief)
    features_share: float = 0.1
    features: Ramp = field(default_factory=lambda: Ramp(0.45, 1.0))
    softening_px: float = 0.7

    def plan(self, scene: Scene) -> RowPainter:
        """Plan all strokes; what comes back paints rows of the picture."""
        size_px, directions = scene.size_px, self.brushwork.directions
        angle, planes = directions.angles(scene), self.planes.of(scene)
        view = View.of(planes, scene, directions.certainty(scene))
        strokes = self.brushwork.lay(scene, angle, "oil", view)
        seen = self.brushwork.draw(strokes, size_px)
        shift = self.torn_ends.shift(scene, angle, "oil.torn_ends")
        paint_strokes = self.bristles.plan(
            scene, strokes, self.handling.body(view.regions, strokes, self.relief), "oil"
        )
        canvas_height = self.canvas.plan(scene, "oil.canvas")
        keep_features, under = self._keeping_features(scene), to_uint8(planes)
        # As far as the blur reaches.
        margin = max(1, math.ceil(4 * self.softening_px))

        def paint(top: int, bottom: int) -> np.ndarray:
            above, below = top - margin, bottom + margin
            torn = torn_rows(seen, [stretched_rows(each, above, below, size_px) for each in shift], above, below)
            colour, height, tone, opacity = paint_strokes(torn, above)
            mixed = cv2.blendLinear(colour, stretched_rows(under, above, below, size_px), opacity, 1 - opacity)
            mixed = cv2.GaussianBlur(mixed, (0, 0), self.softening_px)[margin:-margin]
            keep_features(mixed, top, bottom)
            height += canvas_height(above, below)
            light = self.relief.light(height, size_px)
            light += tone
            light += 1
            return cv2.multiply(mixed, gray_to_rgb(light[margin:-margin]), dtype=cv2.CV_32F)

        return paint

    def _keeping_features(self, scene: Scene) -> Callable[[np.ndarray, int, int], None]:
        """What comes back mixes the plain painting into eyes and mouth of some rows, uint8, in place."""
        kept, size_px = self.features_share * self.features(scene.features), scene.size_px
        left, _, width, _ = (np.array(cv2.boundingRect((kept > 0).astype(np.uint8))) * size_px // len(kept)).tolist()
        columns = slice(max(left - _REACH_PX, 0), left + width + _REACH_PX)

        def keep(rows: np.ndarray, top: int, bottom: int) -> None:
            share = stretched_rows(kept, top, bottom, size_px)[:, columns]
            if share.any():
                plain, painted = scene.plain[top:bottom, columns], rows[:, columns]
                rows[:, columns] = cv2.blendLinear(plain, painted, np.ascontiguousarray(share), 1 - share)

        return keep


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
    palette=Palette(contrast=1.0, chroma=1.1, background_lightness=0.92, background_chroma=0.95, white=(0.5, 7.0)),
    preprocessing=Preprocessing(patch_radius=0.0065),
    background=BackgroundTexture(light=0.36, falloff=0.5, patches=0.16),
    relighting=0.9,
    hue_tolerance=2.0,
    suitability=Suitability(),
)
