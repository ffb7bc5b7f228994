"""Turns in space that bring points nearest to others."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from portraitify.imaging.rotation import nearest_turn


def test_a_turn_and_a_scale_are_found_again():
    points = np.random.default_rng(0).standard_normal((40, 3))
    points -= points.mean(0)
    turn = cv2.Rodrigues(np.array([0.3, -0.5, 0.2]))[0]
    found, scale = nearest_turn(points, 1.7 * points @ turn.T)
    assert found == pytest.approx(turn)
    assert scale == pytest.approx(1.7)


def test_a_mirror_image_is_met_by_a_turn():
    points = np.random.default_rng(1).standard_normal((40, 3))
    points -= points.mean(0)
    found, _ = nearest_turn(points, points * [-1, 1, 1])
    assert np.linalg.det(found) == pytest.approx(1)
