import numpy as np
import pytest

from portraitify.imaging.face_parts import FacePart, expression_parts, outline_of, part_mask, without_mesh


@pytest.fixture
def mesh() -> np.ndarray:
    """A made-up face: each part's points on a circle, the left eye at (20, 30) and the right one at (60, 30)."""
    points = np.zeros((468, 3))
    for part, centre, radius in (
        (FacePart.FACE, (40, 50), 30),
        (FacePart.LEFT_EYE, (20, 30), 5),
        (FacePart.RIGHT_EYE, (60, 30), 5),
    ):
        turn = np.linspace(0, 2 * np.pi, len(part.value), endpoint=False)
        points[list(part.value), :2] = np.stack([np.cos(turn), np.sin(turn)], -1) * radius + centre
    return points


def test_no_outline_meets_a_point_twice():
    for part in FacePart:
        assert len(set(part.value)) == len(part.value)
        assert max(part.value) < 468


def test_a_mask_covers_the_parts_that_were_asked_for(mesh):
    mask = part_mask(mesh[None], (FacePart.LEFT_EYE, FacePart.RIGHT_EYE), (100, 80, 3), 0)
    assert mask.shape == (100, 80)
    assert mask[30, 20] == mask[30, 60] == 1
    assert mask[30, 40] == mask[60, 40] == 0
    # The border itself counts as inside.
    circles = 2 * np.pi * 5**2
    assert mask.sum() == pytest.approx(circles, rel=0.25)


def test_borders_are_as_soft_as_was_asked_for(mesh):
    soft = part_mask(mesh[None], (FacePart.FACE,), (100, 80), 2.0)
    assert 0.2 < soft[50, 70] < 0.8
    assert soft.dtype == np.float32


def test_nothing_is_covered_without_a_face():
    assert not part_mask(np.zeros((0, 468, 3)), (FacePart.FACE,), (20, 20), 1.0).any()


def test_outlines_are_in_the_order_of_the_part(mesh):
    outline = outline_of(mesh, FacePart.LEFT_EYE)
    assert outline[0] == pytest.approx([25, 30])
    assert len(outline) == 16


def test_expressions_lie_in_the_eyes_with_soft_borders(mesh):
    mesh[[33, 133, 263, 362], :2] = (15, 30), (25, 30), (65, 30), (55, 30)
    mask = expression_parts(mesh[None], (100, 80))
    assert mask[30, 20] == mask[30, 60] == 1
    assert mask[30, 40] == mask[80, 40] == 0
    assert 0 < mask[38, 20] < 1


def test_landmarks_without_a_mesh_are_those_of_other_faces(mesh):
    mesh[[33, 133, 263, 362], :2] = (15, 30), (25, 30), (65, 30), (55, 30)
    own = np.array([[21, 31], [59, 30], [40, 45], [25, 60], [55, 60.0]])
    faces = np.stack([own, own + 100])
    assert np.array_equal(without_mesh(faces, mesh[None]), faces[1:])
    assert np.array_equal(without_mesh(faces, np.zeros((0, 468, 3))), faces)
