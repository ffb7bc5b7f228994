"""Reading in several threads: nothing that belongs to the whole process may change."""

from __future__ import annotations

import io
import subprocess
import sys
import threading
import warnings

import numpy as np
import pytest
from PIL import Image

from portraitify.errors import ImageError
from portraitify.io.reading import opened, read_image
from tests.io.tiffs import make_tiff

# A tag with a value too many, of which Pillow warns.
ODD = make_tiff(np.full((20, 30), 200, np.uint8), tags={274: (1, 1)})


@pytest.fixture(scope="module")
def files() -> dict[str, bytes]:
    image = Image.effect_noise((64, 48), 60).convert("RGB")
    found = {}
    for kind in ("JPEG", "PNG", "TIFF", "WEBP", "GIF"):
        stream = io.BytesIO()
        image.save(stream, kind)
        found[kind] = stream.getvalue()
    return found


def test_pictures_that_are_open_at_the_same_time_leave_the_filters(files):
    before, content = warnings.filters, list(warnings.filters)
    first, second = (opened(io.BytesIO(files["PNG"]), name) for name in ("first", "second"))
    first.__enter__()
    second.__enter__()
    first.__exit__(None, None, None)
    second.__exit__(None, None, None)
    assert warnings.filters is before
    assert warnings.filters == content


def test_reading_in_threads_leaves_filters_and_limit(files):
    before, content, limit = warnings.filters, list(warnings.filters), Image.MAX_IMAGE_PIXELS
    failures: list[BaseException] = []

    def work() -> None:
        try:
            for data in list(files.values()) * 10:
                assert read_image(data).pixels.shape == (48, 64, 3)
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=work) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures
    assert warnings.filters is before
    assert warnings.filters == content
    assert limit == Image.MAX_IMAGE_PIXELS


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "TIFF", "WEBP", "GIF"])
def test_the_limit_of_pillow_does_not_count(files, kind, monkeypatch):
    # A limit of the process that is below ours must neither refuse nor warn, but for the plug-in for WebP
    # that refuses twice as much by itself.
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 2000 if kind == "WEBP" else 1000)
    assert read_image(files[kind]).pixels.shape == (48, 64, 3)


@pytest.mark.parametrize("mode", ["1", "L", "P", "RGB", "RGBA", "CMYK", "I;16", "F"])
@pytest.mark.parametrize("compression", ["raw", "tiff_lzw"])
def test_nor_for_tiff_files_of_any_mode(mode, compression, monkeypatch):
    stream = io.BytesIO()
    values = np.linspace(0, 250, 64 * 48).reshape(48, 64)
    grey = Image.fromarray(values.astype(np.uint8))
    image = Image.fromarray((values * 257).astype(np.uint16)) if mode == "I;16" else grey.convert(mode)
    image.save(stream, "TIFF", compression=compression)
    expected = read_image(stream.getvalue()).pixels
    assert np.abs(expected[..., 0].astype(int) - np.asarray(grey)).mean() < (130 if mode == "1" else 2)
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 1000)
    assert np.array_equal(read_image(stream.getvalue()).pixels, expected)


def test_what_pillow_warns_of_goes_through_the_filters_of_the_program():
    with warnings.catch_warnings(record=True) as heard:
        warnings.simplefilter("always")
        assert (read_image(ODD).pixels == 200).all()
    assert heard
    # Where warnings are errors, as in these tests, it is one of ours.
    with pytest.raises(ImageError, match="too many entries"):
        read_image(ODD)


def test_the_command_line_does_not_show_what_pillow_warns_of(tmp_path):
    path = tmp_path / "odd.tif"
    path.write_bytes(ODD)
    command = [sys.executable, "-m", "portraitify", "inspect", str(path)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert "odd.tif" in done.stderr
    assert "Warning" not in done.stderr
