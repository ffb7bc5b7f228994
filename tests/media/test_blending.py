"""Media mixed into one: the first one's hand, the colours of all."""

import numpy as np
import pytest

from portraitify.imaging.cielab import to_lab
from portraitify.media.finish import FinishRequest, finish
from portraitify.media.registry import medium_of

SIDE = 192
LANDMARKS = np.array([[78, 80], [114, 80], [96, 100], [82, 120], [110, 120.0]])


@pytest.fixture(scope="module")
def request_() -> FinishRequest:
    rng = np.random.default_rng(0)
    y, x = np.mgrid[:SIDE, :SIDE]
    mask = (((x - 96) / 45) ** 2 + ((y - 96) / 60) ** 2 < 1).astype(np.float32)
    painting = np.where(mask[..., None] > 0, (200, 120, 90), (60, 90, 150)) + rng.normal(0, 8, (SIDE, SIDE, 3))
    return FinishRequest(np.clip(painting, 0, 255).astype(np.uint8), mask, LANDMARKS, 256, seed=3)


@pytest.fixture(scope="module")
def paintings(request_):
    styles = ("oil", "ink", "oil:0.6,ink:0.4", "ink:0.6,oil:0.4")
    return {style: finish(request_, medium_of(style)).astype(np.float32) for style in styles}


def test_a_mixture_is_one_medium_whose_numbers_lie_between():
    oil, water, mixed = medium_of("oil"), medium_of("watercolor"), medium_of("oil:0.75,watercolor:0.25")
    assert mixed.relighting == pytest.approx(0.75 * oil.relighting + 0.25 * water.relighting)
    assert water.preprocessing.patch_radius >= mixed.preprocessing.patch_radius >= oil.preprocessing.patch_radius
    assert mixed.background.light < oil.background.light
    assert medium_of("renaissance:0.6,oil:0.4").background.grounds == ()
    assert medium_of("ink:0.6,oil:0.4").monochrome
    assert not medium_of("oil:0.6,ink:0.4").monochrome
    assert mixed is medium_of("oil:0.75,watercolor:0.25")


def test_colours_lie_between_and_a_drawing_is_washed(paintings):
    chroma = {
        style: np.hypot(*np.moveaxis(to_lab(each.astype(np.uint8))[..., 1:], -1, 0)).mean()
        for style, each in paintings.items()
    }
    assert chroma["ink"] < chroma["ink:0.6,oil:0.4"] < chroma["oil"]
    assert chroma["ink"] < chroma["oil:0.6,ink:0.4"] < chroma["oil"]


def test_the_first_medium_lays_the_strokes(paintings):
    def detail(picture):
        grey = picture.mean(2)
        return (grey[1:-1, 1:-1] * 4 - grey[:-2, 1:-1] - grey[2:, 1:-1] - grey[1:-1, :-2] - grey[1:-1, 2:]).ravel()

    def alike(one, other):
        return np.corrcoef(detail(paintings[one]), detail(paintings[other]))[0, 1]

    assert alike("oil:0.6,ink:0.4", "oil") > 0.2
    assert alike("oil:0.6,ink:0.4", "oil") > alike("oil:0.6,ink:0.4", "ink") + 0.1
    assert alike("ink:0.6,oil:0.4", "ink") > alike("ink:0.6,oil:0.4", "oil") + 0.1


def test_a_mixture_is_the_same_again(request_, paintings):
    again = finish(request_, medium_of("oil:0.6,ink:0.4"))
    assert np.array_equal(again, paintings["oil:0.6,ink:0.4"].astype(np.uint8))
