"""Skin under lamps, brought to the hues that painters give it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from portraitify import PaintConfig, Portraitist
from portraitify.imaging.cielab import lab_to_rgb, to_lab
from portraitify.io.reading import SourceImage
from portraitify.painting.daylight import Daylight, skin_colour


def lit(lab: tuple[float, float, float], gains: np.ndarray) -> np.ndarray:
    """A CIELAB colour under other light."""
    rgb = lab_to_rgb(np.array([[lab]], np.float32))[0, 0]
    light = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4) * gains
    level = np.where(light <= 0.0031308, light * 12.92, 1.055 * light ** (1 / 2.4) - 0.055) * 255
    return np.asarray(to_lab(level.astype(np.float32)[None, None])[0, 0])


def hue(lab: np.ndarray) -> float:
    return float(np.degrees(np.arctan2(lab[2], lab[1])))


@pytest.mark.parametrize(
    "skin",
    [(60.0, 13.0, 15.0), (35.0, 10.0, 14.0), (80.0, 8.0, 12.0), (30.0, 5.0, 6.0), (45.0, 3.0, 7.0), (30.0, 6.0, 7.0)],
)
def test_usual_skin_stays(skin):
    assert np.allclose(Daylight().gains(np.array(skin)), 1, atol=1e-3)


@pytest.mark.parametrize("skin", [(60.0, 18.0, 2.0), (70.0, 9.0, -1.0), (40.0, 15.0, 4.0), (65.0, 0.0, 16.0)])
def test_violet_and_green_skin_comes_nearer_to_flesh_and_keeps_its_tone(skin):
    settings = Daylight()
    mended = lit(skin, settings.gains(np.array(skin)))
    low, high = settings.hue
    before = max(low - hue(np.array(skin)), hue(np.array(skin)) - high)
    assert max(low - hue(mended), hue(mended) - high) < 0.6 * before
    assert abs(mended[0] - skin[0]) < 0.7


@pytest.mark.parametrize("skin", [(60.0, 0.0, 0.0), (60.0, 1.0, 2.0), (50.0, -20.0, -25.0)])
def test_photos_without_colour_and_stage_lights_stay(skin):
    assert np.allclose(Daylight().gains(np.array(skin)), 1, atol=1e-3)


def test_factors_have_an_end():
    settings = Daylight()
    for skin in ((60.0, 45.0, -20.0), (25.0, 30.0, -12.0)):
        gains = settings.gains(np.array(skin))
        assert gains.max() / gains.min() <= settings.most**2 + 1e-6
        wide = replace(settings, most=3.0).gains(np.array(skin))
        assert wide.max() / wide.min() > gains.max() / gains.min() + 0.01


@pytest.fixture(scope="module")
def violet(astronaut):
    """The astronaut as a violet lamp would show her."""
    return SourceImage(np.clip(astronaut * np.array([1.0, 0.86, 1.15]), 0, 255).astype(np.uint8), "violet")


def portraitist(weights: Path, **options) -> Portraitist:
    return Portraitist(PaintConfig(**{"size_px": 256, "paint_px": 128, "device": "cpu"} | options), weights)


def test_a_face_under_a_violet_lamp_is_painted_in_daylight(violet, random_weights):
    painter = portraitist(random_weights, style="oil")
    face = painter.find(violet)
    (sketch,) = painter.sketch(face)
    before, after = (skin_colour(each, sketch.mask) for each in (sketch.face, sketch.sitter))
    assert hue(before) < 38
    assert hue(after) > hue(before) + 4
    assert abs(after[0] - before[0]) < 1
    # What was photographed is told as it was.
    assert np.array_equal(painter.finish(sketch).face.pixels, face[0].pixels)


def test_a_painting_of_no_strength_is_the_photo(violet, random_weights):
    painter = portraitist(random_weights, style="oil", strength=0.0)
    (sketch,) = painter.sketch(painter.find(violet))
    assert sketch.sitter is sketch.face
    painter = portraitist(random_weights, style="oil", strength=0.5)
    (half,) = painter.sketch(painter.find(violet))
    whole = Daylight().over(half.face, half.mask)
    before, after, most = (skin_colour(face, half.mask)[2] for face in (half.face, half.sitter, whole))
    assert before + 0.3 * (most - before) < after < before + 0.7 * (most - before)


def test_where_no_skin_is_seen_nothing_changes(violet, random_weights):
    (face,) = portraitist(random_weights).find(violet)
    nobody = np.zeros(face.pixels.shape[:2], np.float32)
    assert skin_colour(face, nobody) is None
    assert Daylight().over(face, nobody) is face


def test_of_a_whole_photo_all_faces_tell(violet, random_weights):
    plain = np.roll(violet.pixels, 1, 2)
    pair = SourceImage(np.concatenate([violet.pixels, plain], 1), "pair")
    (face,) = portraitist(random_weights, crop="full").find(pair)
    mask = np.ones(face.pixels.shape[:2], np.float32)
    both = skin_colour(face, mask)
    none = face.other_landmarks[:0]
    alone = [skin_colour(replace(face, landmarks=each, other_landmarks=none), mask) for each in face.all_landmarks]
    assert np.allclose(both, np.mean(alone, 0))


def test_large_paintings_and_the_photo_below_change_alike(violet, random_weights):
    painter = portraitist(random_weights, style="oil", strength=0.5, size_px=600)
    (sketch,) = painter.sketch(painter.find(violet))
    below = sketch.sitter.renditions.photo, sketch.face.renditions.photo
    assert below[0][..., 2].mean() < below[1][..., 2].mean() - 3


def test_a_drawing_that_is_washed_in_colours_needs_it(violet, random_weights):
    painter = portraitist(random_weights, style="ink:0.6,oil:0.4")
    (sketch,) = painter.sketch(painter.find(violet))
    assert sketch.sitter is not sketch.face


@pytest.mark.parametrize("options", [{"style": "ink"}, {"style": "oil", "keep_color": True}])
def test_drawings_and_kept_colours_need_no_daylight(violet, random_weights, options):
    painter = portraitist(random_weights, **options)
    (sketch,) = painter.sketch(painter.find(violet))
    assert sketch.sitter is sketch.face
