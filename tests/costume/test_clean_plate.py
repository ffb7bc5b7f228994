"""Clean plates: nothing is left of a head, and nothing else is touched."""

import cv2
import numpy as np
import pytest

from portraitify.costume.clean_plate import Regions, clean_plate
from portraitify.costume.grain import carry_on
from portraitify.costume.membrane import broad_tone, levelness

HEIGHT, WIDTH = 320, 256


def disc(x: int, y: int, radius: int) -> np.ndarray:
    return cv2.circle(np.zeros((HEIGHT, WIDTH), np.float32), (x, y), radius, 1, -1)


@pytest.fixture(scope="module")
def scene():
    """Grainy ground that grows lighter to the right, a pale head, a dark dress with a white collar."""
    grain = cv2.GaussianBlur(np.random.default_rng(3).normal(0, 12, (HEIGHT, WIDTH)), (0, 0), 1)
    ground = np.linspace(60, 100, WIDTH) + grain
    body, before = np.zeros((HEIGHT, WIDTH), np.float32), np.zeros((HEIGHT, WIDTH), np.float32)
    body[220:], before[215:232, 90:166] = 1, 1
    head, neck = disc(128, 120, 60), np.zeros((HEIGHT, WIDTH), np.float32)
    neck[170:215, 108:148] = 1
    grey = np.where(body > 0, 25 + grain / 3, ground)
    grey = np.where(before > 0, 210, grey)
    grey = np.where((disc(128, 120, 56) > 0) | (neck > 0), 200, grey)
    picture = np.repeat(np.clip(grey, 0, 255).astype(np.uint8)[..., None], 3, 2)
    nothing = np.zeros((HEIGHT, WIDTH), np.float32)
    return picture, Regions(head, neck, nothing, nothing, nothing, body, before), ground


def test_ground_goes_on_where_the_head_was(scene):
    picture, regions, ground = scene
    shown, plate = clean_plate(picture, regions)
    inside = disc(128, 110, 45) > 0
    assert np.abs(plate[..., 0][inside] - np.broadcast_to(np.linspace(60, 100, WIDTH), ground.shape)[inside]).mean() < 9
    # As grainy as the ground is elsewhere.
    assert plate[80:140, 100:156, 0].std() == pytest.approx(ground[20:80, 180:236].std(), rel=0.35)
    assert (shown == picture).all()


def test_what_is_far_from_the_head_and_the_collar_stay(scene):
    picture, regions, _ = scene
    _, plate = clean_plate(picture, regions)
    assert (plate[240:] == picture[240:]).all()
    assert (plate[:, :50] == picture[:, :50]).all()
    assert np.abs(plate[218:230, 95:160].astype(int) - 210).max() <= 4


def test_there_is_shadow_within_the_collar(scene):
    picture, regions, _ = scene
    _, plate = clean_plate(picture, regions)
    assert plate[205:213, 120:136].mean() < 90


def test_lettering_goes_from_the_picture_too(scene):
    picture, regions, _ = scene
    lettered, away = picture.copy(), np.zeros((HEIGHT, WIDTH), np.float32)
    lettered[30:40, 20:60], away[25:45, 15:65] = 255, 1
    regions = Regions(regions.head, regions.neck, away, regions.outside, regions.skin, regions.body, regions.before)
    for pixels in clean_plate(lettered, regions):
        assert pixels[25:45, 15:65].max() < 140


def test_the_same_picture_gives_the_same_plate(scene):
    picture, regions, _ = scene
    first, second = (clean_plate(picture, regions)[1] for _ in range(2))
    assert (first == second).all()


def test_broad_tone_goes_on_as_a_ramp_does():
    ramp = np.repeat((np.arange(160.0) / 2 + np.zeros((160, 1)))[..., None], 3, 2).astype(np.float32)
    known = np.ones((160, 160), np.float32)
    known[50:110, 50:110] = 0
    assert np.abs(broad_tone(ramp * known[..., None], known, 6.0) - ramp)[20:140, 20:140].max() < 3


def test_a_horizon_is_level_and_a_wall_is_not():
    known = np.ones((160, 160), np.float32)
    sky = np.repeat(np.repeat(np.arange(160.0)[:, None], 160, 1)[..., None], 3, 2).astype(np.float32)
    assert levelness(sky, known) == 4
    assert levelness(np.ascontiguousarray(sky.transpose(1, 0, 2)), known) == 1


def test_nothing_to_copy_from_leaves_what_there_is():
    detail, nowhere = np.ones((64, 64, 3), np.float32), np.zeros((64, 64), bool)
    weight = np.full((64, 64), 0.5, np.float32)
    assert (carry_on(detail, weight, nowhere, ~nowhere, detail) == 0.5).all()
