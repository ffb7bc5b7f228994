"""Hair that goes on beyond the photo's edges."""

import numpy as np

from portraitify.costume.grown_hair import grow_tails

SIDE, END = 128, 80


def test_long_hair_goes_on_below_the_photo_and_ends_round():
    own, alpha = np.full((SIDE, SIDE, 3), 60, np.uint8), np.zeros((SIDE, SIDE), np.float32)
    alpha[20:END, 40:80] = 1
    bald = np.zeros_like(alpha)
    bald[20:END, 56:64] = 1
    _, longer = grow_tails(own, alpha, bald, END, 32)
    assert np.array_equal(longer[:END], alpha[:END])
    assert longer[END, 41:55].min() > 0.5
    assert longer[END:, 56:64].max() == 0
    ends = (longer[END:] > 0.2).sum(0)
    assert ends[48] > 1.5 * ends[40] > 0
    assert ends[48] > 1.5 * ends[55] > 0
    assert longer[END + 32 :].max() == 0


def test_hair_that_ends_within_the_photo_stays_as_it_is():
    own, alpha = np.full((SIDE, SIDE, 3), 60, np.uint8), np.zeros((SIDE, SIDE), np.float32)
    alpha[20 : END - 4, 40:80] = 1
    _, longer = grow_tails(own, alpha, np.zeros_like(alpha), END, 32)
    assert np.array_equal(longer, alpha)
