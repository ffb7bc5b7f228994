from dataclasses import replace

import cv2
import numpy as np
import pytest

from portraitify import PaintConfig, Portraitist, read_image
from portraitify.config import ASPECTS
from portraitify.errors import ConfigError
from portraitify.faces.aligned_face import Renditions
from portraitify.imaging.crop_window import CropWindow
from portraitify.io.reading import SourceImage
from portraitify.media.finish import FinishRequest, finish
from portraitify.media.registry import STYLES, medium_of
from portraitify.painting.painter import SMALL_FACE_PX
from portraitify.painting.tiles import REACH_PX, paint_tiled


def portraitist(weights, **options) -> Portraitist:
    return Portraitist(PaintConfig(**{"size_px": 256, "paint_px": 128, "device": "cpu"} | options), weights)


def test_tiled_equals_untiled(astronaut):
    """With the shipped networks, whose reach is what the tiles are made for."""
    engine = Portraitist(PaintConfig(device="cpu"))
    frame = cv2.resize(astronaut, (768, 768))
    mask = np.zeros((768, 768), np.float32)
    mask[200:] = 1
    noise = np.random.default_rng(0).standard_normal((384, 384), np.float32)
    code = engine.weights.bank["oil"][0].style_code
    whole = paint_tiled(engine.engine, frame, mask, code, noise)
    tiled = paint_tiled(engine.engine, frame, mask, code, noise, tile_px=2 * REACH_PX + 224)
    assert np.abs(whole.astype(int) - tiled).max() <= 1


@pytest.mark.parametrize("aspect", ASPECTS)
def test_paintings_have_the_aspect_that_was_asked_for(random_weights, astronaut_path, aspect):
    pixels = portraitist(random_weights, aspect=aspect).paint(astronaut_path).pixels
    wide, high = map(int, aspect.split(":")) if ":" in aspect else (1, 1)
    assert pixels.shape == (256, round(256 * wide / high), 3)


@pytest.mark.parametrize("style", STYLES)
def test_a_whole_photo_keeps_its_shape_and_all_its_faces(random_weights, astronaut, style):
    pair = np.concatenate([astronaut, astronaut], 1)
    painting = portraitist(random_weights, crop="full", style=style).paint(SourceImage(pair, "pair"))
    assert painting.pixels.shape == (128, 256, 3)
    assert len(painting.face.other_landmarks) == 1
    # Each of them is small, and was painted on a canvas of its own.
    assert all(np.linalg.norm(eyes[1] - eyes[0]) < SMALL_FACE_PX for eyes in painting.face.all_landmarks)


def test_insets_leave_no_seam(random_weights, astronaut):
    """What is blended in differs from what stood there in detail, but not in tone."""
    painter = portraitist(random_weights, crop="full", style="oil")
    (face,) = painter.find(SourceImage(astronaut, "astronaut"))
    after = painter.order_references("oil", face)[0]
    brush = painter._painter
    plain = cv2.GaussianBlur(face.pixels, (0, 0), 3)
    done = brush._with_small_faces(plain, face, after, 0)
    assert not np.array_equal(done, plain)
    tones = [cv2.GaussianBlur(image.astype(np.float32), (0, 0), 12) for image in (plain, done)]
    assert np.abs(tones[0] - tones[1]).max() < 12
    far = np.hypot(*(np.indices(plain.shape[:2]) - face.landmarks.mean(0)[::-1, None, None])) > 60
    assert np.array_equal(done[far], plain[far])


def test_detail_keeps_the_tone_of_the_usual_canvas(random_weights, astronaut):
    painter = portraitist(random_weights, style="oil")
    (face,) = painter.find(SourceImage(astronaut, "astronaut"))
    (plain,) = painter.sketch([face])
    fine = replace(face, renditions=Renditions(cv2.resize(face.pixels, (256, 256), interpolation=cv2.INTER_CUBIC)))
    (detailed,) = painter.sketch([fine])
    assert detailed.painted.shape == (256, 256, 3)
    small = cv2.resize(detailed.painted, (128, 128), interpolation=cv2.INTER_AREA)
    tones = [cv2.GaussianBlur(image.astype(np.float32), (0, 0), 6) for image in (plain.painted, small)]
    assert np.abs(tones[0] - tones[1]).mean() < 3
    assert painter.finish(detailed).pixels.shape == (256, 256, 3)


def test_a_background_is_kept_or_painted(astronaut_path):
    photo = read_image(astronaut_path)

    def backgrounds(background):
        painter = Portraitist(PaintConfig(style="oil", background=background, paint_px=256, device="cpu"))
        (sketch,) = painter.sketch(painter.find(photo))
        return sketch.face.pixels[:40, :60].astype(int), sketch.painted[:40, :60].astype(int), sketch.mask

    before, kept, mask = backgrounds("keep")
    assert (mask == 1).all()
    _, painted, mask = backgrounds("paint")
    assert mask[:40, :60].mean() < 0.5
    spread = [np.abs(part - part.mean((0, 1))).mean() for part in (before, kept, painted)]
    assert spread[2] < 0.6 * spread[1]


@pytest.mark.parametrize("style", STYLES)
def test_margins_and_corners_lie_in_the_window(style):
    """A rectangle is finished like a square: its edges are the picture's."""
    painting = np.full((128, 128, 3), 200, np.uint8)
    subject_mask = np.zeros((128, 128), np.float32)
    cv2.circle(subject_mask, (64, 64), 30, 1.0, -1)
    landmarks = np.array([[55, 58], [73, 58], [64, 66], [57, 75], [71, 75.0]])
    window = CropWindow(0.2, 0.0, 0.6, 1.0)
    cut = finish(FinishRequest(painting, subject_mask, landmarks, 640, window=window), medium_of(style))
    assert cut.shape == (640, 384, 3)
    edge, inner = cut[:, :4].astype(float).mean(), cut[:, 40:80].astype(float).mean()
    whole = finish(FinishRequest(painting, subject_mask, landmarks, 640), medium_of(style))
    middle = whole[:, 128:132].astype(float).mean() - whole[:, 168:208].astype(float).mean()
    if style == "renaissance":
        # Dark corners.
        assert abs(edge - inner) > abs(middle) + 1


@pytest.mark.parametrize("values", [{"crop": "bust"}, {"aspect": "2:1"}, {"level": 1.1}, {"background": "blur"}])
def test_senseless_framing_is_refused(values):
    with pytest.raises(ConfigError):
        PaintConfig(**values)


def test_framing_is_told_in_the_painting(random_weights, astronaut_path):
    painting = portraitist(random_weights, crop="face", aspect="4:5", level=1.0).paint(astronaut_path)
    command = painting.provenance.command()
    assert "--aspect 4:5" in command
    assert "--crop face" in command
    assert "--level 1.0" in command
    assert "background" not in command
