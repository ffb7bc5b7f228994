"""The finished head set into the master's picture."""

import numpy as np

from portraitify.costume.hanging import hang
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
