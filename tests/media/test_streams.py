"""Random numbers of numbered things depend on nothing but their numbers."""

from __future__ import annotations

import numpy as np

from portraitify.media.streams import normals, numbered_uniforms

NUMBERS = np.arange(20_000)


def test_what_a_thing_draws_does_not_depend_on_which_others_are_there():
    drawn = numbered_uniforms(3, "oil.layer2", NUMBERS, 5)
    some = np.random.default_rng(0).permutation(NUMBERS)[:700]
    np.testing.assert_array_equal(numbered_uniforms(3, "oil.layer2", some, 5), drawn[:, some])
    assert not np.array_equal(numbered_uniforms(4, "oil.layer2", NUMBERS, 5), drawn)
    assert not np.array_equal(numbered_uniforms(3, "oil.layer3", NUMBERS, 5), drawn)


def test_uniform_numbers_are_spread_evenly_and_do_not_hang_together():
    drawn = numbered_uniforms(0, "gouache", NUMBERS, 5)
    assert (drawn.shape, drawn.dtype) == ((5, len(NUMBERS)), np.float32)
    assert drawn.min() >= 0
    assert drawn.max() < 1
    for row in drawn:
        counts, _ = np.histogram(row, 20, (0, 1))
        # Of 1000 in each, within five standard deviations.
        assert np.abs(counts - 1000).max() < 5 * np.sqrt(1000)
    # Of a thing among themselves, and with those of the next.
    between = np.corrcoef(np.vstack([drawn[:, :-1], drawn[:, 1:]]))
    assert np.abs(between - np.eye(10)).max() < 5 / np.sqrt(len(NUMBERS))


def test_normal_numbers_have_the_moments_of_the_normal_distribution():
    drawn = normals(numbered_uniforms(0, "gouache", NUMBERS, 6))
    assert np.isfinite(drawn).all()
    assert np.abs(drawn.mean(1)).max() < 0.04
    assert np.abs(drawn.std(1) - 1).max() < 0.03
    assert np.abs((drawn**4).mean(1) - 3).max() < 0.3
    assert np.abs(np.corrcoef(drawn) - np.eye(6)).max() < 5 / np.sqrt(len(NUMBERS))
