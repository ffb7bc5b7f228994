import io

import numpy as np
import pytest
from PIL import Image

from portraitify import PaintConfig, Portraitist, read_image
from portraitify.errors import ConfigError, ImageError, NoFaceError
from portraitify.imaging.enlarge import enlarge
from portraitify.io.reading import SourceImage
from portraitify.media.registry import STYLES


@pytest.fixture(scope="module")
def portraitist(random_weights) -> Portraitist:
    return Portraitist(PaintConfig(size_px=256, paint_px=128, device="cpu"), random_weights)


def test_a_painting_has_its_size_and_its_story(portraitist, astronaut_path):
    stages = []
    painting = portraitist.paint(astronaut_path, stages.append)
    assert painting.pixels.shape == (256, 256, 3)
    assert painting.pixels.dtype == np.uint8
    assert stages == ["detect", "classify", "paint", "finish"]
    assert set(painting.choice.probabilities) == set(STYLES)
    assert sum(painting.choice.probabilities.values()) == pytest.approx(1, abs=1e-4)
    assert painting.reference.style == painting.choice.style
    image = Image.open(io.BytesIO(painting.encode()))
    assert image.size == (256, 256)
    assert "Machine-made" in image.text["Description"]


def test_the_same_seed_gives_the_same_bytes(random_weights, astronaut_path):
    def png(seed):
        config = PaintConfig(style="oil", size_px=256, paint_px=128, seed=seed, device="cpu")
        return Portraitist(config, random_weights).paint(astronaut_path).encode()

    assert png(0) == png(0)
    assert png(0) != png(1)


def test_an_unknown_style_is_refused_with_the_known_ones(portraitist, astronaut_path):
    faces = portraitist.find(read_image(astronaut_path))
    known = r"cubism: unknown style\. Choose one of auto, renaissance, oil, watercolor, ink\."
    with pytest.raises(ConfigError, match=known):
        portraitist.sketch(faces, style="cubism")
    with pytest.raises(ConfigError, match=known):
        portraitist.choose_style(faces[0], "cubism")


def test_a_photo_without_a_face_is_named(portraitist):
    grey = SourceImage(np.full((200, 200, 3), 128, np.uint8), "wall.jpg")
    with pytest.raises(NoFaceError, match=r"wall\.jpg: no face.*Try"):
        portraitist.paint(grey)


def test_a_python_caller_may_give_bytes_and_strings(portraitist, astronaut_path):
    from_bytes = portraitist.paint(astronaut_path.read_bytes())
    from_string = portraitist.paint(str(astronaut_path))
    assert np.array_equal(from_bytes.pixels, from_string.pixels)
    with pytest.raises(ImageError):
        portraitist.paint(b"")


@pytest.fixture(scope="module")
def quick(random_weights):
    options = PaintConfig(style="oil", size_px=128, paint_px=128, finish=0.0, device="cpu")
    with Portraitist(options, random_weights) as made:
        yield made


def test_pixels_are_painted_as_the_file_that_holds_them(quick, small_photo):
    with Image.open(io.BytesIO(small_photo)) as opened:
        photo = opened.convert("RGB")
    alpha = Image.linear_gradient("L").resize(photo.size)
    kinds = {"RGB": photo, "grey": photo.convert("L"), "RGBA": Image.merge("RGBA", (*photo.split(), alpha))}
    for image in kinds.values():
        stream = io.BytesIO()
        image.save(stream, "PNG")
        expected = quick.paint(stream.getvalue()).pixels
        stream.seek(0)
        for source in (np.asarray(image), image, stream):
            assert np.array_equal(quick.paint(source).pixels, expected)
        (painting,) = quick.paint_all(np.asarray(image))
        assert np.array_equal(painting.pixels, expected)


def test_a_pil_image_is_painted_upright(quick, small_photo, as_stored):
    with Image.open(io.BytesIO(small_photo)) as opened:
        photo = opened.convert("RGB")
    turned = as_stored(photo, 6)
    turned.getexif()[0x0112] = 6
    assert np.array_equal(quick.paint(turned).pixels, quick.paint(photo).pixels)


def test_paintings_of_arrays_know_which_photo_they_belong_to(quick, small_photo):
    pixels = read_image(small_photo).pixels
    first, again, other = (quick.paint(array).provenance.source for array in (pixels, pixels.copy(), pixels[:, ::-1]))
    assert first == again
    assert first != other


@pytest.mark.parametrize("source", [None, 3, ["photo.jpg"], {"photo": 1}])
def test_what_is_no_picture_is_a_type_error(quick, source):
    for paint in (quick.paint, quick.paint_all):
        with pytest.raises(TypeError, match=r"A picture must be a path, bytes, .*, not (NoneType|int|list|dict)"):
            paint(source)


def test_a_tensor_is_a_type_error_that_says_what_to_do(quick):
    import torch

    with pytest.raises(TypeError, match=r"not Tensor\. Turn it into an array with numpy\.asarray"):
        quick.paint(torch.zeros(20, 20, 3, dtype=torch.uint8))


def test_options_and_limits_that_make_no_sense_are_refused(quick, random_weights, small_photo):
    with pytest.raises(TypeError, match="The options must be a PaintConfig, not dict"):
        Portraitist({"style": "oil"}, random_weights)
    for limit in (0, -1):
        with pytest.raises(ConfigError, match=f"limit {limit}: must be 1 or more"):
            quick.paint_all(small_photo, limit)
    with Portraitist(quick.config, str(random_weights)) as made:
        assert made.weights.folder == random_weights


def test_exif_data_does_not_reach_the_painting(portraitist, astronaut_path, tmp_path):
    exif = Image.Exif()
    exif[0x010E] = "a secret place"
    with Image.open(astronaut_path) as photo:
        photo.save(tmp_path / "photo.jpg", exif=exif)
    assert b"secret" not in portraitist.paint(tmp_path / "photo.jpg").encode()


@pytest.mark.parametrize("values", [{"size_px": 10}, {"seed": -1}, {"paint_px": 100}])
def test_senseless_options_are_refused(values):
    with pytest.raises(ConfigError):
        PaintConfig(**values)


def test_options_survive_json(tmp_path):
    config = PaintConfig(style="ink", size_px=512)
    config.save(tmp_path / "config.json")
    assert PaintConfig.load(tmp_path / "config.json") == config
    with pytest.raises(ConfigError, match="unknown option brush"):
        PaintConfig.from_dict({"brush": 1})


@pytest.mark.parametrize("size", [64, 128, 300])
def test_enlarging_keeps_colours(size):
    image = np.full((128, 128, 3), (200, 120, 40), np.uint8)
    assert np.abs(enlarge(image, size).astype(int) - (200, 120, 40)).max() <= 1


def test_public_names_are_there():
    import portraitify

    for name in portraitify.__all__:
        assert getattr(portraitify, name) is not None
    assert read_image is portraitify.read_image
