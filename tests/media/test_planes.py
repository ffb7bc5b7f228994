import numpy as np
import pytest

from portraitify.media.scene import Scene
from portraitify.media.surfaces.planes import Planes

SIDE = 512
LANDMARKS = np.array([[[190, 180], [310, 180], [250, 250], [200, 310], [300, 310.0]]])


@pytest.fixture(scope="module")
def scene() -> Scene:
    """Flesh with a stipple of colours, lit on one side, that fills the picture."""
    form = np.full((SIDE, SIDE, 3), (120, 80, 60), np.float32)
    form[:, SIDE // 2 :] += 70
    form += np.random.default_rng(0).normal(0, 20, form.shape).astype(np.float32)
    picture = np.clip(form, 0, 255)
    return Scene(picture, np.ones((SIDE, SIDE), np.float32), LANDMARKS, picture.astype(np.uint8), seed=0)


def test_a_stipple_becomes_a_plane_and_the_edge_stays(scene):
    planes = Planes().of(scene)
    cheek = slice(400, 480), slice(60, 200)
    assert planes[cheek].std((0, 1)).max() < 0.2 * scene.painting[cheek].std((0, 1)).min()
    middle = SIDE // 2
    step = planes[400:480, middle + 5] - planes[400:480, middle - 6]
    assert step.mean() == pytest.approx(70, abs=8)


def test_spots_of_colour_go_from_planes(scene):
    spotted = scene.painting.copy()
    spotted[440:443, 100:103] = (200, 30, 120)
    planes = Planes().of(Scene(spotted, scene.subject_mask, LANDMARKS, scene.plain, seed=0))
    usual = Planes().of(scene)
    assert np.abs(planes - usual).max() < 0.25 * np.abs(spotted - scene.painting).max()
