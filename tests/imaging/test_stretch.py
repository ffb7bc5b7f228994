import numpy as np
import pytest

from portraitify.imaging.bands import upsampled_rows
from portraitify.imaging.stretch import stretched_rows

FIELD = np.random.default_rng(0).random((16, 16, 2), np.float32)


@pytest.mark.parametrize("size_px", [16, 32, 64, 40])
def test_rows_are_those_of_the_whole(size_px):
    whole = upsampled_rows(FIELD, 0, size_px, (size_px, size_px))
    rows = stretched_rows(FIELD, 5, size_px - 3, size_px)
    # An affine map counts places in 1/32 of a pixel.
    np.testing.assert_allclose(rows, whole[5:-3], atol=0.04)


def test_borders_are_continued():
    above = stretched_rows(FIELD, -6, 64 + 6, 64)
    assert above.shape == (76, 64, 2)
    np.testing.assert_allclose(above[:6], above[5:6].repeat(6, 0), atol=1e-6)
    np.testing.assert_allclose(above[-6:], above[-6:-5].repeat(6, 0), atol=1e-6)
