"""A walker who crosses edges unwillingly."""

import numpy as np

from portraitify.imaging.random_walk import random_walk

EDGE = 8.0


def walk(lab, one, zero, inside=None):
    shape = lab.shape[:2]
    everywhere = np.ones(shape, bool) if inside is None else inside
    return random_walk(lab.astype(np.float32), everywhere, np.asarray(one, float), np.asarray(zero, float), EDGE)


def test_it_is_what_the_equations_say():
    rng, (height, width) = np.random.default_rng(3), (5, 6)
    lab, one, zero = rng.normal(0, 6, (height, width, 3)), rng.random((height, width)), rng.random((height, width))
    matrix = np.diag((one + zero + 1e-6).ravel())
    for first in range(height * width):
        for second, neighbours in (
            (first + 1, first % width < width - 1),
            (first + width, first + width < height * width),
        ):
            if neighbours:
                apart = lab.reshape(-1, 3)[first] - lab.reshape(-1, 3)[second]
                between = np.exp(-(apart @ apart) / EDGE**2) + 1e-3
                matrix[[first, second], [first, second]] += between
                matrix[[first, second], [second, first]] -= between
    expected = np.linalg.solve(matrix, one.ravel()).reshape(height, width)
    np.testing.assert_allclose(walk(lab, one, zero), expected, atol=2e-3)


def test_labels_meet_at_the_edge():
    lab, one, zero = np.zeros((9, 20, 3)), np.zeros((9, 20)), np.zeros((9, 20))
    lab[:, 13:] = (40, 0, 0)
    one[:, 0], zero[:, -1] = 1, 1
    found = walk(lab, one, zero)
    assert found[:, :13].min() > 0.9
    assert found[:, 13:].max() < 0.1


def test_nothing_is_told_outside():
    inside = np.ones((6, 12), bool)
    inside[:, 6] = False
    one, zero = np.zeros((6, 12)), np.zeros((6, 12))
    one[:, 0], zero[:, -1] = 1, 1
    found = walk(np.zeros((6, 12, 3)), one, zero, inside)
    assert found[:, :6].min() > 0.99
    assert found[:, 6:].max() < 0.01
