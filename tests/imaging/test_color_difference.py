import numpy as np
import pytest

from portraitify.imaging.color_difference import ciede2000, mean_lab, skin_group, typology_angle
from portraitify.imaging.skin import skin_region

# Sharma, Wu and Dalal, 2005, table 1: two colours and their difference.
PUBLISHED = [
    ((50, 2.6772, -79.7751), (50, 0, -82.7485), 2.0425),
    ((50, 3.1571, -77.2803), (50, 0, -82.7485), 2.8615),
    ((50, -1.3802, -84.2814), (50, 0, -82.7485), 1.0),
    ((50, 0, 0), (50, -1, 2), 2.3669),
    ((50, 2.49, -0.001), (50, -2.49, 0.0009), 7.1792),
    ((50, 2.49, -0.001), (50, -2.49, 0.0011), 7.2195),
    ((50, -0.001, 2.49), (50, 0.0009, -2.49), 4.8045),
    ((50, -0.001, 2.49), (50, 0.0011, -2.49), 4.7461),
    ((50, 2.5, 0), (50, 0, -2.5), 4.3065),
    ((50, 2.5, 0), (73, 25, -18), 27.1492),
    ((50, 2.5, 0), (61, -5, 29), 22.8977),
    ((50, 2.5, 0), (56, -27, -3), 31.9030),
    ((50, 2.5, 0), (58, 24, 15), 19.4535),
    ((50, 2.5, 0), (50, 3.1736, 0.5854), 1.0),
    ((60.2574, -34.0099, 36.2677), (60.4626, -34.1751, 39.4387), 1.2644),
    ((63.0109, -31.0961, -5.8663), (62.8187, -29.7946, -4.0864), 1.2630),
    ((35.0831, -44.1164, 3.7933), (35.0232, -40.0716, 1.5901), 1.8645),
    ((22.7233, 20.0904, -46.6940), (23.0331, 14.9730, -42.5619), 2.0373),
    ((90.8027, -2.0831, 1.4410), (91.1528, -1.6435, 0.0447), 1.4441),
    ((2.0776, 0.0795, -1.1350), (0.9033, -0.0636, -0.5514), 0.9082),
]


@pytest.mark.parametrize(("first", "second", "difference"), PUBLISHED)
def test_colour_differences_are_the_published_ones(first, second, difference):
    assert float(ciede2000(np.array(first), np.array(second))) == pytest.approx(difference, abs=5e-5)
    assert float(ciede2000(np.array(second), np.array(first))) == pytest.approx(difference, abs=5e-5)


def test_equal_colours_do_not_differ_and_many_are_compared_at_once():
    colors = np.array([[0.0, 0, 0], [50, 20, 20], [100, 0, 0]])
    assert ciede2000(colors, colors).tolist() == [0, 0, 0]


@pytest.mark.parametrize(
    ("lab", "angle", "group"),
    [
        ((70, 5, 10), 63.43, "very light"),
        ((60, 5, 10), 45.0, "light"),
        ((56, 5, 10), 30.96, "intermediate"),
        ((50, 5, 10), 0.0, "brown"),
        ((52, 5, 10), 11.31, "tan"),
        ((40, 5, 10), -45.0, "dark"),
    ],
)
def test_typology_angle_and_group(lab, angle, group):
    found = float(typology_angle(np.array(lab)))
    assert found == pytest.approx(angle, abs=0.01)
    assert skin_group(found) == group


def test_bluish_light_does_not_swap_light_and_dark():
    assert skin_group(float(typology_angle(np.array([70, 0, -5])))) == "very light"
    assert skin_group(float(typology_angle(np.array([30, 0, -5])))) == "dark"


LANDMARKS = np.array([[39.0, 45], [61, 45], [50, 58], [41, 70], [59, 70]])


def test_skin_leaves_out_eyes_mouth_and_ground():
    weights = skin_region(LANDMARKS, (100, 100))
    for x, y in ((39, 45), (61, 45), (50, 70), (5, 5), (50, 95)):
        assert weights[y, x] == 0
    # Between the eyes and on the cheeks.
    assert weights[48, 50] == weights[58, 38] == weights[58, 62] == 1


def test_the_mean_colour_is_that_of_the_region():
    image = np.zeros((100, 100, 3), np.uint8)
    weights = skin_region(LANDMARKS, (100, 100))
    image[weights > 0] = 255
    assert mean_lab(image, weights) == pytest.approx([100, 0, 0], abs=0.01)
