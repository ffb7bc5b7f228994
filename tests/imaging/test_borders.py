import cv2
import numpy as np
import pytest

from portraitify.imaging.borders import cut_borders
from portraitify.io.reading import read_image
from tests.conftest import ROOT

PHOTOS = {name: ROOT / "examples" / f"{name}.jpg" for name in ("astronaut", "grace_hopper")}


@pytest.fixture(params=PHOTOS)
def photo(request):
    return read_image(PHOTOS[request.param]).pixels


def as_jpeg(image, quality=85):
    return cv2.imdecode(cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, quality])[1], cv2.IMREAD_COLOR)


def framed(photo, left, top, right, bottom, colour):
    return cv2.copyMakeBorder(photo, top, bottom, left, right, cv2.BORDER_CONSTANT, value=colour)


def test_a_photo_without_border_stays_as_it_is(photo):
    done = cut_borders(photo)
    assert done.margins == (0, 0, 0, 0)
    assert np.array_equal(done.pixels, photo)


@pytest.mark.parametrize("quality", [60, 95])
@pytest.mark.parametrize(
    ("margins", "colour"),
    [
        ((0, 120, 0, 120), (0, 0, 0)),
        ((90, 0, 90, 0), (0, 0, 0)),
        ((20, 20, 20, 20), (255, 255, 255)),
        ((30, 30, 30, 110), (250, 250, 246)),
        ((0, 0, 0, 60), (40, 90, 160)),
        ((8, 0, 0, 0), (255, 255, 255)),
    ],
)
def test_strips_of_one_colour_are_cut_off(photo, margins, colour, quality):
    done = cut_borders(as_jpeg(framed(photo, *margins, colour), quality))
    assert np.abs(np.subtract(done.margins, margins)).max() <= 2


def test_a_frame_around_black_strips_is_cut_off_with_them(photo):
    strips = framed(photo, 0, 80, 0, 80, (0, 0, 0))
    done = cut_borders(as_jpeg(framed(strips, 12, 12, 12, 12, (255, 255, 255))))
    assert np.abs(np.subtract(done.margins, (12, 92, 12, 92))).max() <= 2


def test_the_strips_of_a_screenshot_are_cut_off_with_their_text(photo):
    shown = framed(photo, 0, 130, 0, 130, (244, 246, 248))
    cv2.putText(shown, "12:34      Messenger     100%", (10, 30), cv2.FONT_HERSHEY_SIMPLEX, 0.6, (20, 20, 20), 1)
    done = cut_borders(as_jpeg(shown))
    assert np.abs(np.subtract(done.margins, (0, 130, 0, 130))).max() <= 2


def test_the_blurred_copy_beside_a_photo_is_cut_off(photo):
    height, width = photo.shape[:2]
    wide = round(1.7 * width)
    copy = cv2.resize(photo, (wide, round(height * wide / width)))[:height]
    shown, left = cv2.GaussianBlur(copy, (0, 0), 18), (wide - width) // 2
    shown[:, left : left + width] = photo
    done = cut_borders(as_jpeg(shown, 95))
    assert np.abs(np.subtract(done.margins, (left, 0, wide - width - left, 0))).max() <= 3


def rounded(photo, radius, colour):
    height, width = photo.shape[:2]
    y, x = np.mgrid[:height, :width] + 0.5
    across = np.maximum(np.maximum(radius - x, x - (width - radius)), 0)
    down = np.maximum(np.maximum(radius - y, y - (height - radius)), 0)
    share = np.clip(radius - np.hypot(across, down) + 0.5, 0, 1)[..., None]
    return np.rint(photo * share + np.array(colour) * (1 - share)).astype(np.uint8)


@pytest.mark.parametrize("colour", [(255, 255, 255), (0, 255, 0)])
def test_round_corners_are_filled(photo, colour):
    done = cut_borders(as_jpeg(rounded(photo, 40, colour), 95))
    assert done.margins == (0, 0, 0, 0)
    corners = (done.pixels[y, x].astype(int) for y in (0, -1) for x in (0, -1))
    assert all(np.abs(corner - colour).max() > 25 for corner in corners)


def test_round_corners_within_strips_are_found(photo):
    shown = framed(rounded(photo, 40, (0, 0, 0)), 0, 80, 0, 80, (0, 0, 0))
    done = cut_borders(as_jpeg(shown))
    assert np.abs(np.subtract(done.margins, (0, 80, 0, 80))).max() <= 2


def test_a_round_picture_is_cut_until_little_of_its_corners_is_left(photo):
    side = min(photo.shape[:2])
    done = cut_borders(as_jpeg(rounded(photo[:side, :side], side / 2, (0, 255, 0)), 95))
    assert np.abs(np.array(done.margins) - 0.0864 * side).max() <= 3
    green = (done.pixels[..., 1] > 230) & (done.pixels[..., [0, 2]].max(2) < 60)
    assert green.mean() < 0.001


def passport(background, noise=0.0):
    """Head and shoulders before an even background."""
    picture = np.full((480, 360, 3), background, np.float32)
    cv2.ellipse(picture, (180, 470), (170, 140), 0, 0, 360, (90, 70, 60), -1)
    cv2.ellipse(picture, (180, 230), (75, 105), 0, 0, 360, (150, 120, 110), -1)
    picture += noise * np.random.default_rng(0).standard_normal(picture.shape)
    return as_jpeg(np.clip(picture, 0, 255).astype(np.uint8))


@pytest.mark.parametrize("noise", [0, 2])
@pytest.mark.parametrize("background", [(255, 255, 255), (8, 8, 8), (160, 180, 200)])
def test_the_even_background_of_a_passport_photo_stays(background, noise):
    assert cut_borders(passport(background, noise)).margins == (0, 0, 0, 0)


def test_a_frame_around_an_even_background_is_cut_off_alone():
    done = cut_borders(as_jpeg(framed(passport((235, 235, 235)), 15, 15, 15, 15, (0, 0, 0))))
    assert np.abs(np.subtract(done.margins, 15)).max() <= 2


@pytest.mark.parametrize("shape", [(1, 1), (2, 300), (300, 15), (16, 16)])
def test_small_pictures_and_pictures_of_one_colour_stay(shape):
    assert cut_borders(np.full((*shape, 3), 7, np.uint8)).margins == (0, 0, 0, 0)
    assert cut_borders(np.full((200, 300, 3), 255, np.uint8)).margins == (0, 0, 0, 0)


def test_what_was_cut_off_turns_with_the_photo():
    photo = cut_borders(framed(read_image(PHOTOS["astronaut"]).pixels, 10, 20, 30, 40, (255, 255, 255)))
    assert [photo.offset(turns) for turns in range(4)] == [(10, 20), (20, 30), (30, 40), (40, 10)]


@pytest.mark.parametrize("kind", ["even", "noise", "slope", "strips"])
def test_pictures_of_any_size_are_looked_at(kind):
    rng = np.random.default_rng(0)
    for _ in range(150):
        height, width = (int(side) for side in rng.integers(1, 120, 2))
        image = np.full((height, width, 3), rng.integers(0, 255, 3), np.uint8)
        if kind == "noise":
            image = rng.integers(0, 255, image.shape).astype(np.uint8)
        elif kind == "slope":
            image = image // 2 + np.linspace(0, 120, width).astype(np.uint8)[:, None]
        elif kind == "strips":
            image[: height // 4] = image[-(height // 4) :] = 0
        found = cut_borders(image)
        left, top, right, bottom = found.margins
        assert found.pixels.shape == (height - top - bottom, width - left - right, 3)
        assert found.pixels.size
