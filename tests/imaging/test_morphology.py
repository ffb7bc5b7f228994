import pytest

from portraitify.imaging.morphology import disc


@pytest.mark.parametrize(("radius_px", "side"), [(0.4, 1), (1, 3), (2.6, 7)])
def test_a_disc_is_round_and_as_wide_as_its_rounded_radius(radius_px, side):
    shape = disc(radius_px)
    assert shape.shape == (side, side)
    assert shape[side // 2].all()
    assert (shape == shape[::-1, ::-1]).all()
    assert side < 7 or not shape[0, 0]
