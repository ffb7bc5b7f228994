"""Where a sitter's head goes, and how large."""

from dataclasses import replace

import numpy as np
import pytest

from portraitify.costume.placement import head_size, joint_of, place
from portraitify.imaging.affine import scale_of, transform_points
from tests.costume.made_up import made_up_master, oval_mesh


@pytest.mark.parametrize("turn", [0.0, 0.5, -0.5])
def test_a_head_becomes_as_large_as_the_masters_however_it_is_turned(turn):
    mesh, master = oval_mesh((200, 180), 150, turn), made_up_master()
    matrix = place(mesh, master)
    assert scale_of(matrix) == pytest.approx(scale_of(place(oval_mesh((0, 0), 150), master)), rel=1e-6)
    assert 0.85 < scale_of(matrix) * head_size(mesh) / head_size(master.mesh) <= 1
    assert transform_points(matrix, joint_of(mesh)) == pytest.approx(joint_of(master.mesh))


def test_an_upright_head_stays_upright():
    matrix = place(oval_mesh((200, 180), 150), made_up_master())
    assert np.array_equal(matrix[:, :2], np.eye(2) * matrix[0, 0])


def test_a_head_below_the_upper_edge_gets_some_air():
    master, mesh = made_up_master(), oval_mesh((200, 180), 150)
    low = place(mesh, replace(master, mesh=master.mesh - [0, 30, 0]))
    assert 0.9 * scale_of(place(mesh, master)) < scale_of(low) < scale_of(place(mesh, master))
