"""Dreams: something is drawn, the same for a seed, and not where it must not be."""

from __future__ import annotations

import json

import numpy as np
import pytest

from portraitify import PaintConfig, Portraitist, paint_dream
from portraitify.dreaming.dream import _sizes, open_dreamer
from portraitify.dreaming.options import LAYERS, DreamOptions
from portraitify.errors import ConfigError
from portraitify.weights import WeightsFolder, default_folder

SIDE = 128


@pytest.fixture(scope="module")
def weights() -> WeightsFolder:
    return WeightsFolder(default_folder())


@pytest.fixture(scope="module")
def picture(astronaut) -> np.ndarray:
    return np.ascontiguousarray(astronaut[:SIDE, 160 : 160 + SIDE])


def dreamt(weights: WeightsFolder, picture: np.ndarray, where: float = 1.0, **options) -> np.ndarray:
    dreamer = open_dreamer(weights, DreamOptions(octaves=2, steps=2, **options))
    return dreamer.dream(picture, np.full(picture.shape[:2], where, np.float32))


def test_the_same_seed_dreams_the_same_and_another_something_else(weights, picture):
    first = dreamt(weights, picture, seed=1)
    assert (first == dreamt(weights, picture, seed=1)).all()
    assert np.abs(first.astype(int) - dreamt(weights, picture, seed=2)).mean() > 0.2


@pytest.mark.parametrize("layer", LAYERS)
def test_each_layer_draws_something(weights, picture, layer):
    assert np.abs(dreamt(weights, picture, layer=layer, strength=2.0).astype(int) - picture).mean() > 3


def test_nothing_is_drawn_where_nothing_may_be(weights, picture):
    assert (dreamt(weights, picture, where=0.0) == picture).all()
    assert (dreamt(weights, picture, strength=0.0) == picture).all()


def test_what_is_drawn_is_what_the_layer_sees(weights, picture):
    import torch

    dreamer = open_dreamer(weights, DreamOptions(octaves=1, steps=3, layer="scales"))
    seen = []
    for image in (picture, dreamer.dream(picture, np.ones((SIDE, SIDE), np.float32))):
        x = torch.from_numpy(image).permute(2, 0, 1)[None].float() / 127.5 - 1
        seen.append(float(dreamer._features(x).square().mean()))
    assert seen[1] > 1.1 * seen[0]


def test_large_pictures_are_dreamt_into_at_a_bounded_size():
    assert _sizes((3000, 4000), 2) == [(416, 544), (576, 768)]


def test_options_have_limits():
    with pytest.raises(ConfigError, match="layer noses: must be one of strokes"):
        DreamOptions(layer="noses")
    with pytest.raises(ConfigError, match="Octaves must lie between 1 and 8"):
        DreamOptions(octaves=0)
    with pytest.raises(ConfigError, match="strength 9: must lie between"):
        DreamOptions(strength=9)


def test_a_dream_is_painted_from_python(weights, astronaut):
    with Portraitist(PaintConfig(style="oil", size_px=128, background="keep")) as portraitist:
        dreamt = paint_dream(portraitist, astronaut, DreamOptions(octaves=1, steps=2, strength=2.0))
        plain = portraitist.paint(astronaut)
    assert np.abs(dreamt.pixels.astype(int) - plain.pixels).mean() > 2
    told = json.loads(dreamt.provenance.options)["dream"]
    assert told.startswith("layer eyes, octaves 1, steps 2, dream-strength 2; ")
