import numpy as np
import pytest

from portraitify.config import FRAMES
from portraitify.errors import ConfigError
from portraitify.layout.picture_frame import add_picture_frame

KINDS = FRAMES[1:]
PICTURE = np.random.default_rng(0).integers(0, 255, (200, 150, 3)).astype(np.uint8)


def test_no_frame_is_the_picture_itself():
    assert add_picture_frame(PICTURE, "none", 0) is PICTURE
    with pytest.raises(ConfigError, match="unknown frame"):
        add_picture_frame(PICTURE, "plastic", 0)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("shape", [(200, 150), (128, 128), (40, 300), (16, 16)])
def test_the_painting_is_untouched_in_the_middle(kind, shape):
    picture = PICTURE[: shape[0], : shape[1]] if shape[1] <= 150 else np.resize(PICTURE, (*shape, 3))
    framed = add_picture_frame(picture, kind, 0)
    broad = (framed.shape[0] - shape[0]) // 2
    assert framed.shape == (shape[0] + 2 * broad, shape[1] + 2 * broad, 3)
    assert broad >= 6
    assert np.array_equal(framed[broad:-broad, broad:-broad], picture)


@pytest.mark.parametrize("kind", KINDS)
def test_the_seed_alone_decides(kind):
    assert np.array_equal(add_picture_frame(PICTURE, kind, 3), add_picture_frame(PICTURE, kind, 3))


@pytest.mark.parametrize("kind", ["gilt", "wood"])
def test_grain_differs_from_seed_to_seed(kind):
    assert (add_picture_frame(PICTURE, kind, 0) != add_picture_frame(PICTURE, kind, 1)).any()


@pytest.mark.parametrize("kind", KINDS)
def test_light_comes_from_the_upper_left(kind):
    side = 400
    framed = add_picture_frame(np.zeros((side, side, 3), np.uint8), kind, 0).astype(float).mean(-1)
    broad = (framed.shape[0] - side) // 2
    middle = slice(broad + 50, broad + side - 50)
    outer = max(2, broad // 25)
    # The outermost slope of each side faces outwards.
    top, bottom = framed[:outer, middle].mean(), framed[-outer:, middle].mean()
    left, right = framed[middle, :outer].mean(), framed[middle, -outer:].mean()
    assert min(top, left) > max(bottom, right)


def test_corners_are_mitred():
    framed = add_picture_frame(np.zeros((400, 400, 3), np.uint8), "wood", 0).astype(int)
    broad = (framed.shape[0] - 400) // 2
    # The joint runs along the diagonal and is darker than what lies beside it.
    steps = np.arange(4, broad - 4)
    joint = framed[steps, steps].mean()
    assert joint < framed[steps, steps + 4].mean()
    assert joint < framed[steps + 4, steps].mean()


def test_a_larger_frame_is_the_same_in_finer_detail():
    small, large = (add_picture_frame(np.zeros((side, side, 3), np.uint8), "gilt", 0) for side in (300, 600))
    shrunk = (
        large.reshape(small.shape[0], 2, small.shape[1], 2, 3).mean((1, 3))
        if large.shape[0] == 2 * small.shape[0]
        else None
    )
    assert shrunk is not None
    assert np.corrcoef(shrunk.ravel(), small.ravel())[0, 1] > 0.97
