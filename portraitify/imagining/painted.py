"""Paintings of people who do not exist."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType

from portraitify.config import KEEP
from portraitify.costume.wardrobe import find_library
from portraitify.errors import ConfigError
from portraitify.face_space.space import NAME, FaceSpace
from portraitify.imagining.imaginer import Imaginer
from portraitify.io.reading import SourceImage
from portraitify.pipeline import Portraitist
from portraitify.results import Painting
from portraitify.weights import WeightsFolder

_NOTHING: Mapping[str, float] = MappingProxyType({})


def open_imaginer(weights: WeightsFolder) -> Imaginer:
    """What makes people up, with face space and masters that lie beside the weights or else those shipped.

    Raises:
        WeightsError: one of them is damaged.
    """
    return Imaginer(FaceSpace.load(weights.or_shipped(NAME)), find_library(weights.folder))


def paint_imagined(
    portraitist: Portraitist, seed: int = 0, asked: Mapping[str, float] = _NOTHING, master: str = ""
) -> Painting:
    """Paint somebody who does not exist, with hair, dress and ground of an old master's picture.

    >>> portraitist = Portraitist(PaintConfig(background="keep"))     # doctest: +SKIP
    >>> paint_imagined(portraitist, 7, {"age": 50, "smile": 0.5})     # doctest: +SKIP

    Args:
        portraitist: paints, and keeps the background, which is the master's ground.
        seed: 0 or more; the same gives the same person.
        asked: by names of :data:`portraitify.imagining.imaginer.TRAITS`.
        master: whose hair, dress and ground; empty leaves it to chance.

    Raises:
        ConfigError: a trait goes too far, nobody can be made up in the picture, or the portraitist keeps no background.
        WeightsError: face space or picture are damaged.
        PortraitifyError: the portraitist is closed.
    """
    if portraitist.config.background != KEEP:
        raise ConfigError('People are made up with the ground of a master: take PaintConfig(background="keep").')
    imagined = open_imaginer(portraitist.weights).imagine(seed, asked, master)
    painting = portraitist.paint(SourceImage(imagined.picture, f"somebody of seed {seed}"))
    return replace(painting, provenance=painting.provenance.with_options(**imagined.told))
