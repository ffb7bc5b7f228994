"""What a medium is: all that differs between oil, ink and the others, in one record.

Lengths are in parts of the picture's side unless a name says otherwise.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from portraitify.media.palette import Palette
from portraitify.media.scene import Scene

# Paints rows ``top`` to ``bottom`` of the picture: ``(bottom - top, size_px, 3)`` float32 in 0 to 255.
RowPainter = Callable[[int, int], np.ndarray]
# Works out all that does not depend on single rows of a picture.
Surface = Callable[[Scene], RowPainter]
# A picture ``(H, W, 3)`` uint8 to one that a simple filter makes of it.
ImageFilter = Callable[[np.ndarray], np.ndarray]


@dataclass(frozen=True)
class Preprocessing:
    """How a crop is made ready for the generator; see :func:`portraitify.painting.preprocessing.preprocess`.

    Attributes:
        background_blur: standard deviation of the blur behind the subject.
        background_flatness: 0 to 1, how far the background is drawn to its mean colour.
        patch_radius: of the patches of even colour that replace fine texture.
    """

    background_blur: float = 0.06
    background_flatness: float = 0.5
    patch_radius: float = 0.0


@dataclass(frozen=True)
class Ground:
    """What a painter invents to put behind a sitter, where the reference's own background is not used.

    Attributes:
        colour: red, green and blue in 0 to 1, at mean light.
        odds: relative to the others; how well it sets off the sitter counts beside them.
        curtain: red, green and blue of a curtain at one side; none without one.
        sky: red, green and blue at the top of a landscape whose hills take ``colour``; none without one.
    """

    colour: tuple[float, float, float]
    odds: float = 1.0
    curtain: tuple[float, float, float] | None = None
    sky: tuple[float, float, float] | None = None


@dataclass(frozen=True)
class BackgroundTexture:
    """How a painted background is lit, and what it may be; see :mod:`portraitify.painting.grounds`.

    Attributes:
        light: how much lighter it is behind the shadow side than behind the lit side, half of it, as a logarithm.
        falloff: how much darker the upper corners and the lower part are, as a logarithm.
        patches: how much broad patches differ from it, as a logarithm.
        grounds: of which one is painted; none: the reference's colours.
    """

    light: float = 0.0
    falloff: float = 0.0
    patches: float = 0.0
    grounds: tuple[Ground, ...] = ()


@dataclass(frozen=True)
class StrengthCurve:
    """How a painting comes in as ``--strength`` rises: powers of the strength.

    Attributes:
        broad_power: for broad tones.
        detail_power: for detail.
    """

    broad_power: float = 1.0
    detail_power: float = 0.85


@dataclass(frozen=True)
class PaintingStatistics:
    """What of a painting tells how well it shows its medium; means over what lies inside the picture.

    Attributes:
        chroma: mean distance from grey in CIELAB.
        background_lightness: mean L* behind the subject, as a fraction of white's.
        texture: deviation of fine detail as a fraction of the whole deviation of L*.
    """

    chroma: float
    background_lightness: float
    texture: float


def _even_odds(statistics: PaintingStatistics) -> float:
    return 1.0


@dataclass(frozen=True)
class Medium:
    """A medium, and how everything before and after the generator is done in it.

    Attributes:
        surface: plans what is seen when one steps closer: strokes, washes, lines.
        baseline: the simple filter that comes nearest, beside which evaluation holds the paintings.
        palette: the colours that its painters would have mixed; none for a medium without colours to mix.
        preprocessing: what is done to a crop before it is painted.
        background: what is painted behind the subject.
        relighting: 0 to 1, how far the light of the photo is moved to one upper side; see
            :mod:`portraitify.painting.relight`.
        strength: how a painting comes in as the user's strength rises.
        hue_tolerance: how far the skin may stay from the photo's hue, CIELAB units in a* and b*. None: skin is not
            corrected on the finished painting, because the surface itself holds its tone.
        tint_share: with ``--keep-color``, of the photo's chroma in a drawing that is tinted on its paper. None: the
            whole picture takes the photo's hues.
        despeckle_share: 0 to 1, how far small spots are taken out away from faces too.
        monochrome: whether it has no colours of its own; training then binds the light of a face only.
        min_background_lightness: of paintings that may lend their codes, mean of RGB in 0 to 1; none for any.
        max_background_lightness: likewise.
        suitability: odds with which a painting is drawn in training, relative to an average one.
        codes_of: the style whose codes it paints with; empty for its own.
    """

    surface: Surface
    baseline: ImageFilter
    palette: Palette | None = None
    preprocessing: Preprocessing = field(default_factory=Preprocessing)
    background: BackgroundTexture = field(default_factory=BackgroundTexture)
    relighting: float = 0.0
    strength: StrengthCurve = field(default_factory=StrengthCurve)
    hue_tolerance: float | None = 2.5
    tint_share: float | None = None
    despeckle_share: float = 0.0
    monochrome: bool = False
    min_background_lightness: float | None = None
    max_background_lightness: float | None = None
    suitability: Callable[[PaintingStatistics], float] = _even_odds
    codes_of: str = ""
