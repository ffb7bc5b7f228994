import numpy as np
import pytest

from portraitify.errors import AlignmentError
from portraitify.faces.alignment import (
    FACE_TEMPLATE,
    continue_smoothly,
    crop_matrix,
    estimate_similarity,
    eye_line,
    fit_crop,
    warp,
    warp_with_validity,
)


def _face(centre, unit, angle=0.0):
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    return FACE_TEMPLATE * unit @ turn.T + np.asarray(centre, float)


def test_similarity_recovers_a_known_transform():
    angle, scale, shift = 0.4, 1.7, np.array([12.0, -5.0])
    linear = scale * np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    points = FACE_TEMPLATE * 30
    matrix = estimate_similarity(points, points @ linear.T + shift)
    assert np.allclose(matrix, np.column_stack([linear, shift]))


def test_similarity_never_mirrors():
    points = FACE_TEMPLATE * 30
    matrix = estimate_similarity(points, points * [-1, 1])
    assert np.linalg.det(matrix[:, :2]) > 0


@pytest.mark.parametrize("points", [np.zeros((5, 2)), np.full((5, 2), np.nan)])
def test_similarity_refuses_landmarks_without_extent(points):
    with pytest.raises(AlignmentError):
        estimate_similarity(points, FACE_TEMPLATE)


def test_eyes_become_level_and_centred():
    landmarks = _face((300, 260), 40, angle=0.3)
    matrix = crop_matrix(landmarks, 0.2, (0, 0), 200)
    eyes = landmarks[:2] @ matrix[:, :2].T + matrix[:, 2]
    assert np.allclose(eyes.mean(0), [100, eye_line(0.2) * 200])
    assert np.allclose(eyes[1] - eyes[0], [40, 0], atol=1e-6)


def test_a_roomy_photo_gets_the_loosest_frame():
    frame = fit_crop(_face((500, 480), 60), 1000, 1000, 256)
    assert frame.iod == pytest.approx(0.18)
    assert frame.coverage == 1.0


def test_a_close_photo_gets_a_tighter_frame():
    frame = fit_crop(_face((100, 95), 50), 200, 200, 256)
    assert frame.iod > 0.18


def test_warp_keeps_positions_when_shrinking():
    image = np.zeros((800, 800), np.uint8)
    image[392:408, 192:208] = 255
    small = warp(image, np.array([[0.125, 0, 0], [0, 0.125, 0]]), 100)
    y, x = np.unravel_index(small.argmax(), small.shape)
    assert (y, x) in {(49, 24), (49, 25), (50, 24), (50, 25)}
    assert small.max() > 200


def test_what_lies_outside_is_continued_and_not_mirrored():
    image = np.zeros((100, 100, 3), np.uint8)
    image[:, :50], image[:, 50:] = (200, 40, 40), (40, 40, 200)
    image[:, 90:94] = (255, 255, 0)
    frame, valid = warp_with_validity(image, np.array([[1.0, 0, 0], [0, 1.0, 0]]), 150)
    assert valid[:90, :90].all()
    assert not valid[:, 105:].any()
    outside = frame[20:80, 110:].astype(int)
    # A mirror would show the yellow stripe again, 6 to 10 pixels beyond the edge.
    assert np.ptp(outside[30], axis=0).max() < 40
    assert outside[..., 2].mean() > 80


def test_continuing_leaves_a_whole_picture_alone():
    image = np.random.default_rng(0).integers(0, 255, (32, 32, 3)).astype(np.uint8)
    assert continue_smoothly(image, np.full((32, 32), 255, np.uint8)) is image
