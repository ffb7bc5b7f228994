"""Renaissance: forms in broad smooth planes over a prepared panel, thin warm darks, old varnish, fine cracks."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import cv2
import numpy as np

from portraitify.imaging.bands import upsampled_rows
from portraitify.imaging.channels import gray_to_rgb, to_uint8
from portraitify.imaging.coherence import edge_offsets
from portraitify.media.base import BackgroundTexture, Ground, Medium, Preprocessing, RowPainter
from portraitify.media.baselines import pastel
from portraitify.media.palette import Palette
from portraitify.media.scene import PLAN_PX, Scene
from portraitify.media.surfaces.cracks import CrackNet
from portraitify.media.surfaces.glazes import Glaze, Varnish
from portraitify.media.surfaces.harmony import Harmony
from portraitify.media.surfaces.panel import Grain
from portraitify.media.surfaces.sfumato import Outline, Planes, drawn_features
from portraitify.media.surfaces.strands import Strands

# Glazes and varnish vary so little from place to place that a quarter of the plan's side shows them.
_COARSENESS = 4
# Below this share nothing is kept of the plain painting.
_LEAST_KEPT = 0.01
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


@dataclass(frozen=True)
class Contours:
    """How steep contours are drawn; see :func:`portraitify.imaging.coherence.edge_offsets`.

    Attributes:
        knee: gradient, in brightness from 0 to 1 a pixel of the plan, that makes half a contour.
        sigma: blur of contours, in parts of the side.
        reach: how far colours are moved towards contours, in parts of the side.
    """

    knee: float = 0.03
    sigma: float = 1.4 / PLAN_PX
    reach: float = 22.0 / PLAN_PX

    def offsets(self, luma: np.ndarray) -> np.ndarray:
        """How far to look aside for colours, ``(S, S, 2)`` float32, across and down, pixels of the plan."""
        side = len(luma)
        return edge_offsets(luma, self.knee, self.sigma * side, self.reach * side)


@dataclass(frozen=True)
class CrackTone:
    """How cracks are seen.

    Attributes:
        darkness: 0 to 1, of a crack of full depth.
        rim: brightness, 0 to 1, of the paint that curls up beside it.
    """

    darkness: float = 0.15
    rim: float = 0.04


@dataclass(frozen=True)
class RenaissanceSurface:
    """Broad smooth planes over a prepared panel, thin warm darks, old varnish, a few fine cracks.

    Attributes:
        planes: that forms are simplified to.
        strands: of hair and fur.
        outline: of the subject.
        contours: how steep they are.
        harmony: of the colours.
        glaze: over the modelled forms.
        varnish: over everything.
        grain: of the panel.
        cracks: where they run and show.
        crack_tone: how they are seen.
        features_share: 0 to 1, of the plain painting's detail that is kept in eyes and mouth.
    """

    planes: Planes = field(default_factory=Planes)
    strands: Strands = field(default_factory=Strands)
    outline: Outline = field(default_factory=Outline)
    contours: Contours = field(default_factory=Contours)
    harmony: Harmony = field(default_factory=Harmony)
    glaze: Glaze = field(default_factory=Glaze)
    varnish: Varnish = field(default_factory=Varnish)
    grain: Grain = field(default_factory=Grain)
    cracks: CrackNet = field(default_factory=CrackNet)
    crack_tone: CrackTone = field(default_factory=CrackTone)
    features_share: float = 0.6

    def plan(self, scene: Scene) -> RowPainter:
        """Plan colours and cracks; what comes back paints rows of the picture."""
        modelled = self.strands.over(scene, self.planes.paint(scene), "renaissance.strands")
        modelled = self.outline.draw(scene, modelled)
        offsets = self.contours.offsets(cv2.cvtColor(modelled * np.float32(1 / 255), cv2.COLOR_RGB2GRAY))
        coarse = _coarse(scene, modelled)
        colours = self._glazed(coarse, modelled)
        grain = self.grain.plan(scene, "renaissance.marks")
        cracks = self.cracks.draw(coarse, "renaissance")
        detail = _Detail(scene, modelled, self.features_share * drawn_features(scene))

        def paint(top: int, bottom: int) -> np.ndarray:
            colour = _drawn(colours, offsets, scene.size_px, top, bottom)
            detail.add(colour, top)
            felt = scene.rows(grain, top, bottom)
            colour *= gray_to_rgb(1 + felt + self._crack_light(cracks, top, bottom))
            colour += gray_to_rgb(self.grain.shine * felt)
            return colour

        return paint

    def _glazed(self, coarse: Scene, modelled: np.ndarray) -> np.ndarray:
        """The colours under glazes and varnish, ``(2 S, 2 S, 3)`` uint8."""
        side = len(modelled)
        passed, scattered = self.varnish.over(self.varnish.ages(coarse, "renaissance.varnish"))
        factor = self.harmony.factor(coarse) * passed * gray_to_rgb(self.glaze.light(coarse, "renaissance.glaze"))
        colours = np.asarray(cv2.resize(factor, (side, side), interpolation=cv2.INTER_LINEAR), np.float32)
        colours *= modelled
        colours += cv2.resize(scattered, (side, side), interpolation=cv2.INTER_LINEAR)
        return cv2.resize(to_uint8(colours), (2 * side, 2 * side), interpolation=cv2.INTER_CUBIC)

    def _crack_light(self, net: np.ndarray, top: int, bottom: int) -> np.ndarray:
        """What cracks add to a brightness of 1, ``(bottom - top, size_px)`` float32; light is from the upper left."""
        rows = np.clip(np.arange(top - 1, bottom), 0, len(net) - 1)
        depth = net[rows].astype(np.float32)
        light: np.ndarray = depth[1:] * np.float32(-self.crack_tone.darkness / 255)
        light[:, 1:] += depth[:-1, :-1] * np.float32(self.crack_tone.rim / 255)
        return light


def _coarse(scene: Scene, modelled: np.ndarray) -> Scene:
    """A coarse copy of a scene, whose painting is ``modelled``."""
    side = len(modelled)
    size = max(side // _COARSENESS, 1)

    def shrunk(full: np.ndarray) -> np.ndarray:
        return np.asarray(cv2.resize(full, (size, size), interpolation=cv2.INTER_AREA))

    return replace(
        scene,
        painting=shrunk(modelled),
        subject_mask=shrunk(scene.subject_mask),
        landmarks=scene.landmarks * (size / side),
        photo=None if scene.photo is None else shrunk(scene.photo),
        meshes=scene.meshes * (size / side),
    )


def _drawn(colours: np.ndarray, offsets: np.ndarray, size_px: int, top: int, bottom: int) -> np.ndarray:
    """Some rows of the colours at the size of the picture, with steep contours.

    Args:
        colours: ``(C, C, 3)`` uint8.
        offsets: ``(S, S, 2)`` float32, see `Contours.offsets`.
        size_px: side of the picture.
        top: first row.
        bottom: row after the last.

    Returns:
        ``(bottom - top, size_px, 3)`` float32.
    """
    scale = np.float32(len(colours) / size_px)
    places = (np.arange(size_px, dtype=np.float32) + np.float32(0.5)) * scale - np.float32(0.5)
    across, down = cv2.split(upsampled_rows(offsets, top, bottom, (size_px, size_px)))
    finer = np.float32(len(colours) / len(offsets))
    across = across * finer + places
    down = down * finer + places[top:bottom, None]
    drawn = cv2.remap(colours, across, down, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT_101)
    return np.asarray(drawn.astype(np.float32))


class _Detail:
    """What the plain painting shows more than the modelled one, in the smallest box around what is kept of it."""

    def __init__(self, scene: Scene, modelled: np.ndarray, kept: np.ndarray) -> None:
        """Find the box.

        Args:
            scene: the picture.
            modelled: ``(S, S, 3)`` float32 in 0 to 255.
            kept: ``(S, S)`` float32, 0 to 1, share of the detail.
        """
        self._scene, self._fields = scene, (modelled, kept)
        left, above, width, height = cv2.boundingRect((kept > _LEAST_KEPT).astype(np.uint8))
        scale = scene.size_px / len(kept)
        self._columns = slice(int(left * scale), int((left + width) * scale))
        self._above, self._below = int(above * scale), int((above + height) * scale)

    def add(self, colour: np.ndarray, top: int) -> None:
        """Add it to rows of the picture from ``top`` on, ``(n, size_px, 3)`` float32, which are changed in place."""
        first, end = max(top, self._above), min(top + len(colour), self._below)
        if first >= end:
            return
        smooth, share = (self._cut(each, first, end) for each in self._fields)
        detail = self._scene.plain[first:end, self._columns] - smooth
        colour[first - top : end - top, self._columns] += detail * gray_to_rgb(share)

    def _cut(self, field: np.ndarray, first: int, end: int) -> np.ndarray:
        step = len(field) / self._scene.size_px
        columns = self._columns
        matrix = np.array([[step, 0, (columns.start + 0.5) * step - 0.5], [0, step, (first + 0.5) * step - 0.5]])
        size = (columns.stop - columns.start, end - first)
        flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
        return cv2.warpAffine(field, matrix, size, flags=flags, borderMode=cv2.BORDER_REFLECT_101)


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
