"""Tones, colours and texture lent from one picture to another."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from portraitify.imaging.cielab import to_lab
from portraitify.imaging.manner import Manner

SIDE = 256
LANDMARKS = np.array([[100, 100], [156, 100], [128, 130], [108, 158], [148, 158.0]])


def portrait(ground: tuple[int, ...], dress: tuple[int, ...], grain: float) -> tuple[np.ndarray, np.ndarray]:
    """A made-up sitter, and where it is."""
    picture = np.full((SIDE, SIDE, 3), ground, np.float32)
    mask = np.zeros((SIDE, SIDE), np.float32)
    cv2.ellipse(mask, (128, 256), (100, 90), 0, 0, 360, 1.0, -1)
    picture[mask > 0] = dress
    head = cv2.ellipse(np.zeros_like(mask), (128, 120), (60, 80), 0, 0, 360, 1.0, -1)
    picture[head > 0] = (210, 160, 130)
    noise = cv2.GaussianBlur(np.random.default_rng(0).normal(0, 1, (SIDE, SIDE, 1)).astype(np.float32), (0, 0), 1.5)
    shaded = picture + grain * noise[..., None] * 20
    return np.clip(shaded, 0, 255).astype(np.uint8), np.maximum(mask, head)


def means(picture: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    lab = to_lab(picture)
    return lab[:40, :40].mean((0, 1)), lab[-30:, 90:160].mean((0, 1)), lab[110:130, 110:146].mean((0, 1))


def test_ground_and_dress_come_nearer_and_skin_stays():
    given, its_mask = portrait((40, 50, 90), (120, 30, 30), 1.0)
    own, mask = portrait((120, 110, 90), (60, 70, 60), 1.0)
    lent = Manner.of(given, its_mask, LANDMARKS).lend(own, mask, LANDMARKS)
    for wanted, before, after in zip(means(given)[:2], means(own)[:2], means(lent)[:2], strict=True):
        assert np.linalg.norm(after - wanted) < 0.75 * np.linalg.norm(before - wanted)
    assert np.linalg.norm(means(lent)[2] - means(own)[2]) < 3


def test_its_own_manner_changes_nothing():
    own, mask = portrait((120, 110, 90), (60, 70, 60), 1.0)
    lent = Manner.of(own, mask, LANDMARKS).lend(own, mask, LANDMARKS)
    assert np.abs(lent.astype(int) - own).max() <= 2


def test_texture_is_strengthened_by_a_coarser_picture():
    given, its_mask = portrait((120, 110, 90), (60, 70, 60), 2.0)
    own, mask = portrait((120, 110, 90), (60, 70, 60), 0.5)
    lent = Manner.of(given, its_mask, LANDMARKS).lend(own, mask, LANDMARKS)
    assert lent[:40, :40, 0].std() > 1.2 * own[:40, :40, 0].std()


def test_a_drawing_takes_paper_and_ink():
    drawing = np.full((SIDE, SIDE, 3), 245, np.uint8)
    drawing[::4] = 30
    red_chalk = np.full((SIDE, SIDE, 3), (225, 205, 175), np.uint8)
    red_chalk[::4] = (120, 50, 35)
    lent = Manner.of(red_chalk, np.ones((SIDE, SIDE), np.float32), LANDMARKS).lend_to_drawing(drawing)
    assert lent[1, 0].astype(float) == pytest.approx([225, 205, 175], abs=12)
    assert lent[0, 0].astype(float) == pytest.approx([120, 50, 35], abs=6)


def test_manners_are_interpolated():
    first, mask = portrait((40, 50, 90), (120, 30, 30), 1.0)
    second, _ = portrait((120, 110, 90), (60, 70, 60), 1.0)
    one, other = (Manner.of(picture, mask, LANDMARKS) for picture in (first, second))
    mixed = Manner.mixed([one, other], [0.25, 0.75])
    assert mixed.hues == pytest.approx(0.25 * one.hues + 0.75 * other.hues, abs=1e-4)
