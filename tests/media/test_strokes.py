from dataclasses import replace

import numpy as np
import pytest

from portraitify.media.scene import Scene
from portraitify.media.surfaces.coverage import Coverage, Regions
from portraitify.media.surfaces.directions import BrushTurns
from portraitify.media.surfaces.ramp import Ramp
from portraitify.media.surfaces.stroke_shapes import Strokes
from portraitify.media.surfaces.strokes import Brushwork, Layer, StrokeForm

SIDE = 128
LANDMARKS = np.array([[[52, 44], [76, 44], [64, 58], [54, 70], [74, 70.0]]])
# In the background, on a shoulder, on the chin, in an eye: rows and columns.
PLACES = ([10, 110, 82, 44], [10, 64, 64, 52])


@pytest.fixture(scope="module")
def scene() -> Scene:
    """A dark subject before a light background."""
    mask = np.zeros((SIDE, SIDE), np.float32)
    mask[20:, 30:98] = 1
    picture = np.repeat(np.uint8(200 - 120 * mask)[..., None], 3, axis=2)
    return Scene(picture.astype(np.float32), mask, LANDMARKS, picture, seed=0)


def test_each_region_has_its_share_of_what_the_error_asks_for(scene):
    coverage = Coverage(Ramp(2.0, 8.0), background=0.2, subject=0.4, face=0.6, features=1.0)
    full = coverage.chance(Regions.of(scene, scene.even), np.full((SIDE, SIDE), 9, np.float32))
    assert full[PLACES] == pytest.approx([0.2, 0.4, 0.6, 1.0], abs=0.03)
    assert coverage.chance(Regions.of(scene, scene.even), np.full((SIDE, SIDE), 2, np.float32)).max() == 0


def test_the_least_chance_holds_whatever_the_error(scene):
    coverage = Coverage(Ramp(2.0, 8.0), least_background=0.1, least_subject=0.3, least_face=0.5, least_features=0.9)
    least = coverage.chance(Regions.of(scene, scene.even), np.zeros((SIDE, SIDE), np.float32))
    assert least[PLACES] == pytest.approx([0.1, 0.3, 0.5, 0.9], abs=0.03)


def test_a_ramp_falls_where_its_end_is_the_smaller():
    field = np.array([0.0, 1.0, 2.0, 3.0], np.float32)
    assert Ramp(1.0, 2.0)(field).tolist() == [0, 0, 1, 1]
    assert Ramp(2.0, 1.0)(field).tolist() == [1, 1, 0, 0]


def test_strokes_stop_at_the_outline_and_keep_their_colour(scene):
    always = Coverage(Ramp(2.0, 8.0), least_background=1.0, least_subject=1.0)
    layer = Layer(width=0.04, length=0.4, spacing=0.04, colour_bound=1.0, jitter=0.0, coverage=always)
    brushwork = Brushwork((layer,))
    strokes = brushwork.lay(scene, np.zeros((SIDE, SIDE), np.float32), "gouache")
    assert len(strokes.width) == 25**2
    x, y = strokes.place.T
    inside = (y > 0.2) & (x > 0.28) & (x < 0.72)
    assert outside(x, strokes, inside) < 0.12
    # As far as strokes would go if nothing ended them.
    endless = replace(brushwork, form=StrokeForm(mask_step=2.0))
    assert outside(x, endless.lay(scene, np.zeros((SIDE, SIDE), np.float32), "gouache"), inside) > 0.18
    # Next to the outline the blur of the colours brings in a little of the background.
    assert strokes.colour[inside] == pytest.approx(80.0, abs=2)
    assert brushwork.draw(strokes, SIDE).max() == 25**2


def test_a_stroke_that_comes_or_goes_leaves_all_others_as_they_are(scene):
    layer = Layer(width=0.02, length=0.1, spacing=0.02, colour_bound=0.1, jitter=0.1, coverage=Coverage(Ramp(2.0, 8.0)))
    brushwork, level = Brushwork((layer,)), np.zeros((SIDE, SIDE), np.float32)
    spotted = scene.painting.copy()
    spotted[4:8, 4:8] += 60
    few, more = (brushwork.lay(each, level, "gouache") for each in (scene, replace(scene, painting=spotted)))
    assert len(few.place) < len(more.place)
    far, far_of_more = (np.hypot(*(strokes.place - 6 / SIDE).T) > 0.3 for strokes in (few, more))
    assert far.sum() > 300
    for name in Strokes.__dataclass_fields__:
        np.testing.assert_array_equal(getattr(more, name)[far_of_more], getattr(few, name)[far], err_msg=name)


def test_broken_colour_keeps_the_mean_and_is_calmer_in_darks():
    chance = tuple(np.random.default_rng(0).standard_normal((3, 4000)).astype(np.float32))
    deviations = []
    for level in (40, 180):
        mixed = StrokeForm().mixed(np.full((4000, 3), level, np.float32), 0.02, chance)
        assert mixed.mean(0) == pytest.approx(level, abs=0.5)
        # Warm and cool differ by more than light and dark.
        assert (mixed[:, 0] - mixed[:, 2]).std() > mixed.mean(1).std()
        deviations.append(mixed.std(0).mean())
    assert deviations[0] < 0.6 * deviations[1]


def test_the_brush_is_turned_from_patch_to_patch_on_faces_alone(scene):
    still, turned = np.ones((2, SIDE, SIDE), np.float32), BrushTurns()
    cosine, sine = turned.over(scene, still[0], 0 * still[0])
    angle = 0.5 * np.arctan2(sine, cosine)
    assert angle[100:].max() == angle[:15].max() == 0
    flesh = (scene.face > 0.9) & (scene.features < 0.05)
    assert angle[flesh].std() > 0.1
    # Even within a patch.
    assert np.median(np.abs(np.diff(angle, axis=1))[flesh[:, 1:]]) < 0.02


def outside(x: np.ndarray, strokes: Strokes, of: np.ndarray) -> float:
    """How far level strokes go beyond the subject to its left or right, in parts of the side."""
    ends = np.concatenate([(x + strokes.front)[of] - 98 / SIDE, 30 / SIDE - (x - strokes.back)[of]])
    return float(ends.max())
