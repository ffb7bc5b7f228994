"""Files that end too early: what is there is read, with a warning, unless too much is missing."""

from __future__ import annotations

import io
import re
import shutil

import numpy as np
import pytest
from PIL import Image, ImageFile

from portraitify.errors import ImageError
from portraitify.io.incomplete import MOST_MISSING, remainder
from portraitify.io.reading import check_image, read_image, short_digest
from tests.conftest import ROOT
from tests.io.profiles import grey_profile

PHOTOS = ("astronaut", "grace_hopper")
# Where the missing strip is seen, by the orientation.
SIDES = {1: "bottom", 2: "bottom", 3: "top", 4: "top", 5: "right", 6: "left", 7: "left", 8: "right"}


def photo(name: str) -> Image.Image:
    with Image.open(ROOT / "examples" / f"{name}.jpg") as image:
        return image.convert("RGB")


def encoded(image: Image.Image, kind: str = "JPEG", orientation: int = 0, **options) -> bytes:
    if orientation:
        exif = Image.Exif()
        exif[0x0112] = orientation
        options["exif"] = exif
    stream = io.BytesIO()
    image.save(stream, kind, **options)
    return stream.getvalue()


def cut_rows(image: Image.Image, share: float, **options) -> bytes:
    """A JPEG file that lacks so much of its rows of blocks: each of them ends with a restart marker."""
    data = encoded(image, restart_marker_rows=1, **options)
    ends = [found.start() for found in re.finditer(rb"\xff[\xd0-\xd7]", data)]
    return data[: ends[round((1 - share) * (len(ends) + 1)) - 1]]


@pytest.mark.parametrize("name", PHOTOS)
@pytest.mark.parametrize("orientation", [0, 6])
@pytest.mark.parametrize("lost", [1, 2, 10, 100, 500])
def test_a_jpeg_file_without_its_last_bytes_is_read(name, orientation, lost):
    whole = encoded(photo(name), orientation=orientation)
    expected, found = read_image(whole).pixels, read_image(whole[:-lost])
    (warning,) = found.warnings
    assert warning.startswith("the file ends too early")
    if lost <= 2:
        # Only the marker at the end is not there.
        assert "the whole photo is there" in warning
        assert np.array_equal(found.pixels, expected)
        return
    assert "was left out" in warning
    if orientation == 6:
        assert "at its left" in warning
        kept = found.pixels.shape[1]
        assert 0.9 < kept / expected.shape[1] < 1
        assert np.array_equal(found.pixels, expected[:, -kept:])
    else:
        assert "at its bottom" in warning
        kept = len(found.pixels)
        assert 0.9 < kept / len(expected) < 1
        assert np.array_equal(found.pixels, expected[:kept])


@pytest.mark.parametrize("name", PHOTOS)
@pytest.mark.parametrize("orientation", [0, 6])
@pytest.mark.parametrize("lost", [1, 2, 10, 100, 500])
def test_a_progressive_file_without_its_last_bytes_is_read_whole(name, orientation, lost):
    whole = encoded(photo(name), orientation=orientation, progressive=True)
    expected, found = read_image(whole).pixels, read_image(whole[:-lost])
    (warning,) = found.warnings
    assert "the whole photo is there" in warning if lost <= 2 else "lacks its finest detail" in warning
    assert found.pixels.shape == expected.shape
    difference = np.abs(found.pixels.astype(int) - expected)
    # The last bit of the coefficients of a few blocks.
    assert difference.mean() < 0.2
    assert (difference.max() == 0) == (lost <= 2)


@pytest.mark.parametrize("name", PHOTOS)
@pytest.mark.parametrize("orientation", [0, 6])
@pytest.mark.parametrize("share", [0.05, 0.09])
def test_rows_that_are_missing_are_cut_off(name, orientation, share):
    image = photo(name)
    whole = read_image(encoded(image, orientation=orientation)).pixels
    found = read_image(cut_rows(image, share, orientation=orientation))
    axis = 1 if orientation == 6 else 0
    kept = found.pixels.shape[axis]
    assert found.pixels.shape[1 - axis] == whole.shape[1 - axis]
    assert 1 - share - 0.035 < kept / whole.shape[axis] < 1 - share + 0.03
    assert np.array_equal(found.pixels, whole[:, -kept:] if axis else whole[:kept])
    assert re.search(r"\d+% of the photo, at its (left|bottom), was left out", found.warnings[0])


@pytest.mark.parametrize("name", PHOTOS)
@pytest.mark.parametrize("orientation", [0, 6])
@pytest.mark.parametrize("share", [0.12, 0.5])
def test_where_more_rows_are_missing_the_file_is_refused(name, orientation, share):
    with pytest.raises(ImageError, match="damaged or incomplete"):
        read_image(cut_rows(photo(name), share, orientation=orientation))


@pytest.mark.parametrize("name", PHOTOS)
def test_a_progressive_file_without_a_scan_that_matters_is_refused(name):
    data = encoded(photo(name), progressive=True)
    scans = [found.start() for found in re.finditer(rb"\xff\xda", data)]
    # Brightness without any detail, and a fifth of the detail.
    for end in (scans[1], scans[1] + (scans[2] - scans[1]) // 5, scans[4], scans[5]):
        with pytest.raises(ImageError, match="damaged or incomplete"):
            read_image(data[:end])
    # All but the last bits: cut in the last scan, or in the header before it.
    for end in (scans[-1], scans[-1] - 3, scans[-1] + 2, scans[-1] + 400):
        assert "lacks its finest detail" in read_image(data[:end]).warnings[0]


@pytest.mark.parametrize("orientation", sorted(SIDES))
def test_the_warning_names_the_side_that_people_see(orientation):
    image = photo("astronaut")
    whole = read_image(encoded(image, orientation=orientation)).pixels
    found = read_image(cut_rows(image, 0.05, orientation=orientation))
    assert f"at its {SIDES[orientation]}, was left out" in found.warnings[0]
    height, width = found.pixels.shape[:2]
    top = len(whole) - height if SIDES[orientation] == "top" else 0
    left = whole.shape[1] - width if SIDES[orientation] == "left" else 0
    assert np.array_equal(found.pixels, whole[top : top + height, left : left + width])


def test_what_was_reserved_and_never_written_counts_as_missing():
    data = encoded(photo("astronaut"))
    found = read_image(data[:-500] + bytes(500))
    assert np.array_equal(found.pixels, read_image(data[:-500]).pixels)
    with pytest.raises(ImageError):
        read_image(data[: len(data) // 2] + bytes(len(data) // 2))


def test_date_profile_and_digest_are_kept():
    exif = Image.Exif()
    exif[0x0112] = 6
    exif.get_ifd(0x8769)[0x9003] = "2020:02:03 04:05:06"
    grey = photo("astronaut").convert("L")
    whole = encoded(grey, exif=exif, icc_profile=grey_profile(1.0))
    expected, found = read_image(whole), read_image(whole[:-100])
    assert found.taken == expected.taken == "2020:02:03 04:05:06"
    assert np.array_equal(found.pixels, expected.pixels[:, -found.pixels.shape[1] :])
    assert not np.array_equal(expected.pixels, read_image(encoded(grey, orientation=6)).pixels)
    # Of the file as it is, so that --skip-existing knows it again.
    assert found.digest == short_digest(whole[:-100])


@pytest.mark.parametrize("kind", ["PNG", "WEBP", "BMP", "PPM", "TIFF", "HEIF"])
@pytest.mark.parametrize("lost", [100, 500])
def test_other_formats_follow_the_same_rule(kind, lost, tmp_path):
    import pillow_heif

    pillow_heif.register_heif_opener()
    data = encoded(photo("astronaut"), kind)
    expected = read_image(data).pixels
    path = tmp_path / "cut"
    path.write_bytes(data[:-lost])
    check_image(path)
    found = read_image(path)
    kept = len(found.pixels)
    assert "the file ends too early" in found.warnings[0]
    assert 0.8 < kept / len(expected) < 1
    part = expected[-kept:] if kind == "BMP" else expected[:kept]
    assert np.array_equal(found.pixels, part)
    with pytest.raises(ImageError):
        read_image(data[: len(data) // 2])


def test_a_webp_file_that_lacks_only_its_metadata_is_whole():
    image = photo("astronaut")
    data = encoded(image, "WEBP", orientation=1)
    found = read_image(data[:-8])
    assert np.array_equal(found.pixels, read_image(data).pixels)
    assert "the whole photo is there" in found.warnings[0]


@pytest.mark.parametrize("mode", ["L", "P", "RGBA", "LA", "1"])
def test_a_png_file_of_any_mode(mode):
    image = photo("astronaut").convert(mode)
    data = encoded(image, "PNG")
    expected, found = read_image(data).pixels, read_image(data[: -len(data) // 20]).pixels
    assert 0.9 < len(found) / len(expected) < 1
    assert np.array_equal(found, expected[: len(found)])


def test_a_grey_photo_ends_where_its_data_ends():
    # What decoders fill in has the very colour of this picture.
    data = cut_rows(Image.new("RGB", (320, 320), (128, 128, 128)), 0.1)
    assert len(read_image(data).pixels) <= 288
    with pytest.raises(ImageError):
        read_image(cut_rows(Image.new("RGB", (320, 320), (128, 128, 128)), 0.5))


def test_no_setting_of_the_process_is_touched(monkeypatch):
    load, seen = ImageFile.ImageFile.load, []

    def watched(image):
        seen.append(ImageFile.LOAD_TRUNCATED_IMAGES)
        return load(image)

    monkeypatch.setattr(ImageFile.ImageFile, "load", watched)
    read_image(encoded(photo("astronaut"))[:-500])
    assert len(seen) > 1
    assert not any(seen)


def test_what_is_whole_or_not_known_is_left_alone():
    def load(data: bytes) -> np.ndarray:
        raise AssertionError("must not be decoded")

    assert remainder(encoded(photo("astronaut")), load) is None
    assert remainder(b"GIF89a" + bytes(100), load) is None
    assert remainder(b"\xff\xd8", load) is None
    assert MOST_MISSING == 0.1


def test_it_is_painted_with_a_warning(paint, tmp_path, capsys):
    path = tmp_path / "cut.jpg"
    whole = shutil.copy(ROOT / "examples" / "astronaut.jpg", path).read_bytes()
    path.write_bytes(whole[:-300])
    assert paint(path) == 0
    assert "the file ends too early" in capsys.readouterr().err
    path.write_bytes(whole[: len(whole) * 3 // 4])
    assert paint(path, "--overwrite") == 3


def test_of_two_pictures_in_a_file_the_first_counts():
    image = photo("astronaut")
    data = encoded(image, "MPO", save_all=True, append_images=[image.rotate(90)])
    second = data.index(b"\xff\xd8\xff", 2)
    expected = read_image(data).pixels
    # Cut in the second picture, and in the first.
    found = read_image(data[: second + 2000])
    assert np.array_equal(found.pixels, expected)
    assert not found.warnings
    found = read_image(data[: second - 100])
    assert np.array_equal(found.pixels, expected[: len(found.pixels)])
    assert "was left out" in found.warnings[0]


def test_a_photo_that_is_read_at_half_its_size():
    image = photo("astronaut").resize((6000, 6000))
    data = encoded(image)
    expected, found = read_image(data).pixels, read_image(data[: -len(data) // 20]).pixels
    assert expected.shape == (3000, 3000, 3)
    assert 0.85 < len(found) / len(expected) < 1
    assert np.array_equal(found, expected[: len(found)])
