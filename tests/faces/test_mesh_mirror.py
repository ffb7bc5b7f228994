"""What a mirror does to a face's mesh."""

import numpy as np
import pytest

from portraitify.faces.face_mesh import FaceGeometry, Square
from portraitify.faces.mesh_mirror import MIRRORED, mirrored_mesh
from portraitify.imaging.face_parts import FacePart


def test_mirrored_twice_is_the_same():
    assert (MIRRORED[MIRRORED] == np.arange(468)).all()


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (FacePart.LEFT_EYE, FacePart.RIGHT_EYE),
        (FacePart.LEFT_BROW, FacePart.RIGHT_BROW),
        (FacePart.LIPS, FacePart.LIPS),
        (FacePart.FACE, FacePart.FACE),
    ],
)
def test_parts_change_sides(one, other):
    assert set(MIRRORED[list(one.value)]) == set(other.value)


def test_the_network_sees_in_the_mirror_what_the_mirrored_mesh_says(random_weights, astronaut):
    from portraitify.config import PaintConfig
    from portraitify.engines.select import open_engine
    from portraitify.weights import WeightsFolder

    mesh = open_engine(WeightsFolder(random_weights), PaintConfig(device="cpu")).face_mesh
    width, (x, y), side = astronaut.shape[1], (221, 120), 190
    (seen,) = mesh.measure(astronaut, [Square(np.array([x, y]), side)])
    (back,) = mesh.measure(np.ascontiguousarray(astronaut[:, ::-1]), [Square(np.array([width - x, y]), side)])
    expected = mirrored_mesh(seen.points, width)
    # A hundredth of what the network looks at: it is not exactly symmetrical itself.
    assert np.median(np.linalg.norm(back.points[:, :2] - expected[:, :2], axis=1)) < 0.01 * side
    assert FaceGeometry(expected, 0.0).pose.yaw == pytest.approx(-seen.pose.yaw, abs=1e-6)
