"""Renaissance: thin glazes over a prepared panel, soft transitions, warm varnish, a few fine cracks."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from portraitify.imaging.channels import gray_to_rgb
from portraitify.imaging.flow import relief_shading
from portraitify.media.base import BackgroundTexture, Ground, Medium, Preprocessing, RowPainter
from portraitify.media.baselines import pastel
from portraitify.media.palette import Palette
from portraitify.media.scene import Scene
from portraitify.media.surfaces.coverage import Coverage
from portraitify.media.surfaces.cracks import CrackNet
from portraitify.media.surfaces.glazes import Glaze, Varnish
from portraitify.media.surfaces.grit import Grit
from portraitify.media.surfaces.panel import PanelMarks
from portraitify.media.surfaces.ramp import Ramp
from portraitify.media.surfaces.relief import height_scale
from portraitify.media.surfaces.sfumato import Sfumato
from portraitify.media.surfaces.strokes import Brushwork, Layer

_ERROR = Ramp(2.0, 7.0)
LAYERS = (
    Layer(
        width=0.022,
        length=0.09,
        spacing=0.011,
        colour_bound=0.08,
        jitter=0.006,
        coverage=Coverage(_ERROR, least_background=1.0, least_subject=1.0),
    ),
    Layer(
        width=0.011,
        length=0.045,
        spacing=0.007,
        colour_bound=0.07,
        jitter=0.003,
        coverage=Coverage(_ERROR),
    ),
    Layer(
        width=0.0055,
        length=0.028,
        spacing=0.0042,
        colour_bound=0.06,
        jitter=0.002,
        coverage=Coverage(_ERROR, background=0.0, least_face=0.75),
    ),
)
# Brown-black, black-green, Holbein's blue, Bordone's and Moroni's olive and grey-brown, curtains, a distant country.
GROUNDS = (
    Ground((0.165, 0.122, 0.085), odds=1.3),
    Ground((0.120, 0.128, 0.112), odds=1.1),
    Ground((0.165, 0.270, 0.300), odds=1.0),
    Ground((0.250, 0.245, 0.150), odds=0.9),
    Ground((0.320, 0.285, 0.235), odds=1.1),
    Ground((0.150, 0.125, 0.100), odds=0.9, curtain=(0.215, 0.070, 0.055)),
    Ground((0.175, 0.145, 0.105), odds=0.9, curtain=(0.105, 0.175, 0.115)),
    Ground((0.190, 0.205, 0.130), odds=0.9, sky=(0.285, 0.405, 0.450)),
)
# How far beyond some rows the slopes of cracks reach.
_MARGIN_PX = 2


@dataclass(frozen=True)
class CrackTone:
    """How cracks are seen.

    Attributes:
        darkness: 0 to 1, of a crack of full depth.
        relief: brightness at a slope of 1 on the rims, as a share of the paint's.
        rim_height: of the paint that curls up at a crack, in 1/1024 of the side.
    """

    darkness: float = 0.24
    relief: float = 0.10
    rim_height: float = 2.5


@dataclass(frozen=True)
class RenaissanceSurface:
    """Thin glazes over a prepared panel, soft transitions, warm varnish, a few fine cracks.

    Attributes:
        sfumato: how softly forms are modelled.
        brushwork: strokes that are worked into each other.
        marks: of fine brushes, and the panel's grain.
        glaze: over the modelled forms.
        cracks: where they run and show.
        crack_tone: how they are seen.
        varnish: over everything.
        grit: of the surface.
        features_share: 0 to 1, of the plain painting that is kept in eyes and mouth.
    """

    sfumato: Sfumato = field(default_factory=Sfumato)
    brushwork: Brushwork = field(default_factory=lambda: Brushwork(LAYERS, face_jitter_reduction=0.7))
    marks: PanelMarks = field(default_factory=PanelMarks)
    glaze: Glaze = field(default_factory=Glaze)
    cracks: CrackNet = field(default_factory=CrackNet)
    crack_tone: CrackTone = field(default_factory=CrackTone)
    varnish: Varnish = field(default_factory=Varnish)
    grit: Grit = field(default_factory=lambda: Grit(cells=160, background=4.0, subject=5.0, face=4.0))
    features_share: float = 0.85

    def plan(self, scene: Scene) -> RowPainter:
        """Plan glazes and cracks; what comes back paints rows of the picture."""
        soft = self.sfumato.paint(scene, self.brushwork, "renaissance")
        light_on_marks = self.marks.plan(scene, "renaissance.marks")
        glaze = self.glaze.light(scene, "renaissance.glaze")
        ages = self.varnish.ages(scene, "renaissance.varnish")
        crack_depth = self.cracks.plan(scene, "renaissance")
        grit = self.grit.over(scene, "renaissance.grit")
        kept, tone = self.features_share * scene.features, self.crack_tone
        rim_height = tone.rim_height * height_scale(scene.size_px)

        def paint(top: int, bottom: int) -> np.ndarray:
            colour = scene.rows(soft, top, bottom).astype(np.float32)
            share = gray_to_rgb(scene.rows(kept, top, bottom))
            colour += (scene.plain[top:bottom] - colour) * share
            marks, slope = light_on_marks(top, bottom)
            cracks = crack_depth(top - _MARGIN_PX, bottom + _MARGIN_PX)
            rims = relief_shading(cracks * rim_height)[_MARGIN_PX:-_MARGIN_PX]
            light = scene.rows(glaze, top, bottom) + marks
            light = light - tone.darkness * cracks[_MARGIN_PX:-_MARGIN_PX] - tone.relief * rims
            colour += gray_to_rgb(scene.rows(grit, top, bottom))
            colour *= gray_to_rgb(light)
            return self.varnish.over(colour, scene.rows(ages, top, bottom), slope)

        return paint


MEDIUM = Medium(
    surface=RenaissanceSurface().plan,
    baseline=pastel,
    # Beside training paintings, clothes and backgrounds were too cold.
    palette=Palette(chroma=1.1, warmth=4.0, background_chroma=1.1, white=(0.5, 1.0)),
    preprocessing=Preprocessing(patch_radius=0.004),
    background=BackgroundTexture(light=0.42, falloff=0.5, patches=0.12, grounds=GROUNDS),
    relighting=1.0,
    # Varnish is warm.
    hue_tolerance=3.0,
    # A light background of an old master is a landscape or a lit wall, of which only the colours would be kept. After
    # 37 references with such a one the judge of styles named 18 % of five training sitters' paintings, after 37 others
    # 86 %.
    max_background_lightness=0.12,
)
