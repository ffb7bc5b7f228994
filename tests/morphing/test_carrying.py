"""A face carried to another shape."""

from __future__ import annotations

import numpy as np
import pytest

from portraitify.imaging.affine import inverse, transform_points
from portraitify.io.reading import read_image
from portraitify.morphing.carrying import _within_photo, carried
from portraitify.morphing.sitter import VIEW_PX, Sitter, find_sitter


@pytest.fixture(scope="module")
def close_cut(engine, astronaut_path) -> Sitter:
    """A photo whose edges run close around the face, within the view."""
    photo = read_image(astronaut_path).pixels[20:200, 150:300]
    return find_sitter(read_image(np.ascontiguousarray(photo), "close"), engine)


def _sources(places, sitter):
    return transform_points(inverse(sitter.matrix), places.reshape(-1, 2) + 0.5)


@pytest.mark.parametrize("shift", [(60, 0), (-60, 0), (0, 60), (0, -60), (45, 45)])
def test_nothing_in_a_photo_comes_from_beyond_it(close_cut, shift):
    grid = np.stack(np.meshgrid(np.arange(VIEW_PX), np.arange(VIEW_PX)), -1).astype(np.float32)
    own, size = _sources(grid, close_cut), close_cut.photo.shape[1::-1]
    inside = ((own > 0) & (own < size)).all(1)
    assert 0.2 < inside.mean() < 0.9
    pulled = _sources(grid + np.float32(shift), close_cut)[inside]
    assert ((pulled < 0) | (pulled > size)).any()
    kept = _sources(_within_photo(grid + np.float32(shift), close_cut), close_cut)[inside]
    assert kept.min() > -0.01
    assert (kept < np.array(size) + 0.01).all()
    # Far from the edge a warp goes almost where it went.
    middle = np.abs(own[inside] - np.array(size) / 2).max(1) < 20
    assert np.abs(kept - pulled)[middle].max() < 0.25 * np.abs(pulled - own[inside]).max()


def test_what_does_not_move_stays(close_cut):
    view, mask = carried(close_cut, close_cut.mesh, close_cut.mask)
    again, _ = carried(close_cut, close_cut.mesh + np.array([0.0, 0.0, 3.0]), close_cut.mask)
    np.testing.assert_allclose(view, again, atol=1e-3)
    assert np.abs(mask - close_cut.mask).max() < 0.05
