"""The side from which a face is lit."""

import numpy as np
import pytest

from portraitify.imaging.face_light import light_of
from tests.imaging.ellipsoids import ellipsoid_mesh, lit_ellipsoid

PLACE = ((64.0, 60.0), 34.0, 45.0)
MESHES = ellipsoid_mesh(*PLACE)[None]


@pytest.mark.parametrize(("light", "sign"), [((-0.8, -0.4, 0.6), -1), ((0.8, -0.4, 0.6), 1)])
def test_light_comes_from_where_the_face_is_bright(light, sign):
    towards = light_of(lit_ellipsoid(128, *PLACE, light), MESHES)
    assert np.linalg.norm(towards) == pytest.approx(1)
    assert sign * towards[0] > 0.5
    assert towards[1] < 0


def test_a_beard_does_not_change_the_side():
    luma = lit_ellipsoid(128, *PLACE, (-0.8, -0.4, 0.6))
    luma[85:, :60] *= 0.4
    assert light_of(luma, MESHES)[0] < -0.3


def test_flat_light_and_unknown_faces_are_lit_from_the_upper_left():
    flat = np.full((128, 128), 0.5, np.float32)
    for towards in (light_of(flat, MESHES), light_of(flat, MESHES[:0])):
        assert (towards < 0).all()
