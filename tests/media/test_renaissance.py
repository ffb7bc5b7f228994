"""What a Renaissance surface does with forms, contours, colours and cracks."""

from dataclasses import replace

import cv2
import numpy as np
import pytest

from portraitify.imaging.cielab import to_lab
from portraitify.media.scene import Scene
from portraitify.media.surfaces.cracks import CrackNet
from portraitify.media.surfaces.harmony import Harmony
from portraitify.media.surfaces.sfumato import Outline, Planes

SIDE = 256
LANDMARKS = np.array([[[104, 100], [152, 100], [128, 125], [108, 150], [148, 150.0]]])


@pytest.fixture(scope="module")
def scene() -> Scene:
    """A light oval before a dark ground."""
    mask = np.zeros((SIDE, SIDE), np.float32)
    cv2.ellipse(mask, (128, 128), (70, 95), 0, 0, 360, 1.0, -1)
    mask = cv2.GaussianBlur(mask, (0, 0), 1.5)
    painting = 30 + cv2.merge([mask * np.float32(shade) for shade in (180, 140, 110)])
    plain = painting.astype(np.uint8)
    return Scene(painting.astype(np.float32), mask, LANDMARKS, plain, seed=0)


def test_stipple_on_skin_goes(scene):
    stippled = scene.painting.copy()
    stippled[120:140:3, 75:95:3] -= 25
    part = slice(120, 140), slice(75, 95), 0
    assert Planes().paint(replace(scene, painting=stippled))[part].std() < 0.4 * stippled[part].std()


def test_no_halo_is_left_around_the_subject(scene):
    around = cv2.dilate(scene.subject_mask, np.ones((13, 13), np.uint8)) > 0.9
    halo = around & (scene.subject_mask < 0.02)
    lit = scene.painting.copy()
    lit[halo] += 80
    drawn = Outline().draw(scene, lit)
    assert np.abs(drawn - scene.painting)[halo].mean() < 0.35 * 80


def test_hair_is_not_mauve_and_blue_cloth_stays_blue(scene):
    painting = np.empty((64, 64, 3), np.float32)
    painting[:] = 60, 45, 70
    painting[52:, :] = 30, 50, 140
    small = replace(
        scene,
        painting=painting,
        plain=painting.astype(np.uint8),
        subject_mask=np.ones((64, 64), np.float32),
        landmarks=LANDMARKS / 4,
    )
    before, after = to_lab(painting), to_lab(painting * Harmony().factor(small))
    assert before[10, 32, 2] < -8
    assert after[10, 32, 2] > -2
    assert after[60, 60, 2] < 0.85 * before[60, 60, 2]


def test_cracks_show_in_lights_and_spare_eyes_and_mouth(scene):
    net = CrackNet(face_reduction=0.0).draw(scene, "renaissance").astype(float)
    assert net[60:196, 75:181].mean() > 2 * net[:, :40].mean()
    assert all(net[y - 4 : y + 4, x - 4 : x + 4].max() == 0 for x, y in LANDMARKS[0][[0, 1, 3, 4]].astype(int))
