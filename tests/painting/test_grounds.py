"""What lies behind a sitter, and the light on both."""

import numpy as np
import pytest

from portraitify.imaging.crop_window import CropWindow
from portraitify.media.base import BackgroundTexture, Ground
from portraitify.media.registry import STYLES, medium_of
from portraitify.painting.background import composite_background
from portraitify.painting.grounds import Sitting, choose_ground, paint_ground
from portraitify.painting.relight import Relighting
from tests.imaging.ellipsoids import ellipsoid_mesh, lit_ellipsoid

COLOURS = np.full((4, 4, 3), (0.5, 0.3, 0.1), np.float32)
LANDSCAPE = Ground((0.2, 0.2, 0.1), sky=(0.3, 0.4, 0.5))


@pytest.mark.parametrize("style", STYLES)
def test_a_ground_is_quiet_and_never_black(style):
    texture = medium_of(style).background
    for seed in range(6):
        ground = paint_ground(128, COLOURS, texture, np.random.default_rng(seed))
        assert np.array_equal(ground, paint_ground(128, COLOURS, texture, np.random.default_rng(seed)))
        assert ground.min() > 0.005
        # Neighbours are alike: texture is for the surface.
        assert np.abs(np.diff(ground, axis=0)).mean() < 0.006
        if not texture.grounds:
            assert np.allclose(ground.mean((0, 1)), (0.5, 0.3, 0.1), rtol=0.35)


@pytest.mark.parametrize("sign", [-1, 1])
def test_it_is_lighter_behind_the_shadow_side(sign):
    sitting = Sitting(light=(0.7 * sign, -0.7))
    ground = paint_ground(64, COLOURS, BackgroundTexture(light=0.3), np.random.default_rng(0), sitting).mean(-1)
    lit, shaded = (ground[10:40, :20], ground[10:40, -20:])[::-sign]
    assert shaded.mean() > 1.2 * lit.mean()


def test_a_ground_sets_off_the_head():
    grounds = (Ground((0.1, 0.1, 0.1)), Ground((0.4, 0.4, 0.4)))
    dark, light = Sitting(hair=(0.1, 0.1, 0.1)), Sitting(hair=(0.6, 0.6, 0.6), dress=(0.5, 0.5, 0.5))
    for sitting, expected in ((dark, grounds[1]), (light, grounds[0])):
        chosen = [choose_ground(grounds, sitting, np.random.default_rng(seed)) for seed in range(60)]
        assert np.mean([ground == expected for ground in chosen]) > 0.6
    assert choose_ground((), dark, np.random.default_rng(0)) is None


def test_landscapes_are_for_heads_with_room_around_them():
    grounds = (Ground((0.1, 0.1, 0.1)), LANDSCAPE)
    shares = [
        np.mean([choose_ground(grounds, sitting, np.random.default_rng(seed)) is LANDSCAPE for seed in range(60)])
        for sitting in (Sitting(radius=0.45), Sitting(radius=0.2))
    ]
    assert shares[0] < 0.2 < shares[1]


def test_everything_lies_in_the_window():
    curtain = BackgroundTexture(grounds=(Ground((0.1, 0.1, 0.1), curtain=(0.3, 0.0, 0.0)),))
    window = CropWindow(0.3, 0.0, 0.4, 1.0)
    ground = paint_ground(100, COLOURS, curtain, np.random.default_rng(0), Sitting(window=window))
    red = (ground[..., 0] - ground[..., 1])[20:80]
    assert red[:, 30:36].mean() > 0.05 > red[:, 50:70].mean()


def test_no_light_rim_remains():
    picture, mask = np.full((256, 256, 3), 60, np.uint8), np.zeros((256, 256), np.float32)
    mask[64:, 64:192] = 1
    picture[64:66, 64:192] = 160
    done = composite_background(picture, mask, np.full((256, 256, 3), 0.1, np.float32))
    assert done[64:, 72:184].max() < 80
    assert (done[100:, 80:176] == 60).all()


def test_a_flat_face_gains_modelling_and_keeps_its_brightness():
    place = ((64.0, 60.0), 34.0, 45.0)
    meshes, flat = ellipsoid_mesh(*place)[None], np.full((128, 128), 0.5, np.float32)
    picture, sitting = np.full((128, 128, 3), 128, np.uint8), Sitting((0.5, 0.47), 0.4, (-0.7, -0.7))
    lit = Relighting().apply(picture, flat, meshes, sitting, 1.0).astype(int)
    assert lit[60, 40, 1] > lit[60, 88, 1] + 20
    # Shadows are warm.
    assert lit[60, 88, 0] > lit[60, 88, 2] + 3
    inside = lit_ellipsoid(128, *place, (0, 0, 1)) > 0.3
    assert abs(lit[inside].mean() - 128) < 12
    assert Relighting().apply(picture, flat, meshes, sitting, 0.0) is picture
