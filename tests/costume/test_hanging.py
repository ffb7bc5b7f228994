"""The finished head set into the master's picture."""

from dataclasses import replace

import numpy as np

from portraitify.costume.hanging import Surface, hang
from tests.costume.made_up import made_up_master

HALF = np.array([[1.0, 0, 20], [0, 1.0, 30]])


def test_the_masters_own_pixels_stay_where_nothing_was_set():
    master = made_up_master()
    mask = np.zeros((64, 64), np.float32)
    mask[16:48, 16:48] = 1
    hung = hang(np.full((64, 64, 3), 255, np.uint8), mask, master, HALF, 160)
    assert (hung[:40] == master.plate[:40]).all()
    assert (hung[50:75, 40:65] == 255).all()


def test_the_longer_side_is_as_asked_for():
    hung = hang(np.zeros((32, 32, 3), np.uint8), np.zeros((64, 64), np.float32), made_up_master(), HALF, 320)
    assert hung.shape == (320, 256, 3)


def test_the_pictures_grain_goes_over_the_head_and_folds_do_not():
    rng, made_up = np.random.default_rng(0), made_up_master()
    plate = np.clip(60 + rng.normal(0, 4, made_up.plate.shape[:2]), 0, 255).astype(np.uint8)[..., None].repeat(3, 2)
    body = np.zeros(plate.shape[:2], np.uint8)
    body[100:] = 255
    # A fold of the dress, under the head.
    plate[110:114] = 250
    master = replace(made_up, plate=plate, masks=replace(made_up.masks, body=body, before=np.zeros_like(body)))
    mask, flat = np.ones((100, 100), np.float32), np.full((100, 100, 3), 180, np.uint8)
    hung = hang(flat, mask, master, HALF, 160, Surface()).astype(float)
    assert 0.3 < hung[40:95, 40:100].std() < 6
    assert abs(hung[40:125, 40:100].mean() - 180) < 1
    assert abs(hung[105:125, 40:100].mean(1) - 180).max() < 4
    assert (hang(flat, mask, master, HALF, 160)[40:125, 40:100] == 180).all()
