"""Skin keeps its tone, hues can be kept, and the strength leads from the photo to the painting."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import cv2
import numpy as np
import pytest

from portraitify.config import PaintConfig
from portraitify.faces.aligned_face import AlignedFace, FaceSource
from portraitify.faces.alignment import Crop
from portraitify.imaging.cielab import to_lab, to_rgb
from portraitify.imaging.crop_window import WHOLE_CANVAS, CropWindow
from portraitify.imaging.skin import mean_color, skin_mask, skin_weights
from portraitify.media.base import Medium
from portraitify.media.finish import FinishRequest, finish
from portraitify.media.ink import InkSurface
from portraitify.media.registry import STYLES, medium_of
from portraitify.media.surfaces.hatching import Hatching
from portraitify.media.surfaces.tone_hold import ToneHold
from portraitify.painting.adjustments import adjust_to_photo
from portraitify.painting.color import _restored_modelling, keep_color, match_skin_tone
from portraitify.painting.strength import blend_with_photo

SIDE = 256
STRENGTHS = (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)


@pytest.fixture(scope="module")
def sitting(astronaut) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The astronaut large in the frame, a rough mask of her, and her landmarks."""
    left, top, side = 90, 10, 280
    photo = cv2.resize(astronaut[top : top + side, left : left + side], (SIDE, SIDE), interpolation=cv2.INTER_AREA)
    landmarks = np.array([[209, 106], [247, 104], [232, 126], [213, 147], [248, 145.0]])
    subject_mask = np.zeros((SIDE, SIDE), np.float32)
    cv2.ellipse(subject_mask, (128, 100), (62, 90), 0, 0, 360, 1.0, -1)
    cv2.ellipse(subject_mask, (128, 256), (120, 80), 0, 0, 360, 1.0, -1)
    return photo, cv2.GaussianBlur(subject_mask, (0, 0), 2), (landmarks - (left, top)) * (SIDE / side)


def framed(photo: np.ndarray, landmarks: np.ndarray, window: CropWindow = WHOLE_CANVAS) -> AlignedFace:
    valid = np.full(photo.shape[:2], 255, np.uint8)
    frame = Crop(np.eye(2, 3), len(photo), 0.2, 1.0)
    return AlignedFace(photo, valid, landmarks, frame, FaceSource(np.zeros(4), 1.0), window)


@pytest.fixture(scope="module")
def finished(sitting) -> dict[str, np.ndarray]:
    photo, subject_mask, landmarks = sitting
    return {
        style: finish(FinishRequest(photo, subject_mask, landmarks, 384, 1.0, 0), medium_of(style)) for style in STYLES
    }


def as_painted(photo: np.ndarray, shift: tuple[float, float, float], scale: int = 2) -> np.ndarray:
    """Enlarged, of another colour, with something like strokes."""
    height, width = photo.shape[:2]
    lab = to_lab(cv2.resize(photo, (width * scale, height * scale), interpolation=cv2.INTER_CUBIC)) + np.float32(shift)
    lab[..., 0] += 3 * np.sin(np.arange(width * scale, dtype=np.float32) * 2)
    return (to_rgb(lab) + 0.5).astype(np.uint8)


def skin_of(picture: np.ndarray, sitting) -> np.ndarray:
    photo, subject_mask, landmarks = sitting
    small = cv2.resize(picture, photo.shape[1::-1], interpolation=cv2.INTER_AREA)
    return mean_color(to_lab(small), skin_weights(to_lab(photo), subject_mask, landmarks))


@pytest.mark.parametrize("shift", [(-9, -2, 8), (6, 3, -4), (14, 0, 0)])
@pytest.mark.parametrize("tolerance", [2.0, 2.5, 3.0])
def test_skin_comes_back_to_the_tone_of_the_photo(sitting, shift, tolerance):
    photo, subject_mask, landmarks = sitting
    held = match_skin_tone(as_painted(photo, shift), photo, subject_mask, landmarks, tolerance)
    away = skin_of(held, sitting) - skin_of(photo, sitting)
    assert abs(away[0]) < 1
    assert np.hypot(*away[1:]) < tolerance + 0.7


def test_a_rectangle_with_masks_of_another_size_is_held_as_well(sitting):
    photo, subject_mask, landmarks = (part.copy() for part in sitting)
    cut = photo[:, 30:230], subject_mask[:, 30:230], landmarks - (30, 0)
    painted = as_painted(cut[0], (-8, 0, 6), 3)
    held = match_skin_tone(painted, *cut, 2.0)
    assert held.shape == (768, 600, 3)
    assert abs(skin_of(held, cut)[0] - skin_of(cut[0], cut)[0]) < 1
    assert abs(skin_of(painted, cut)[0] - skin_of(cut[0], cut)[0]) > 6


def test_strokes_stay_and_no_edge_is_added(sitting):
    photo, subject_mask, landmarks = sitting
    painted = as_painted(photo, (-10, 0, 6))
    added = match_skin_tone(painted, photo, subject_mask, landmarks, 2.0).astype(np.float32) - painted
    assert np.abs(added).max() > 15
    # One level of rounding each way, and beyond it nothing that changes from pixel to pixel.
    uneven = np.abs(added - cv2.GaussianBlur(added, (0, 0), 3)).max(-1)
    inside = cv2.erode(cv2.resize(subject_mask, (512, 512)), np.ones((25, 25))) > 0.99
    assert np.quantile(uneven[inside], 0.999) < 3
    assert np.abs(added[:60, :60]).max() == 0


def test_the_neck_changes_with_the_face_and_the_clothes_do_not(sitting):
    photo, subject_mask, landmarks = sitting
    lab = to_lab(photo)
    felt = skin_mask(lab, subject_mask, landmarks, skin_weights(lab, subject_mask, landmarks))
    neck, clothes = felt[152:160, 110:150], felt[215:250, 100:160]
    assert neck.mean() > 0.4
    assert clothes.mean() < 0.1


def test_a_photo_without_colour_does_not_grey_the_skin(sitting):
    photo, subject_mask, landmarks = sitting
    grey = cv2.cvtColor(cv2.cvtColor(photo, cv2.COLOR_RGB2GRAY), cv2.COLOR_GRAY2RGB)
    painted = as_painted(photo, (-6, 0, 0))
    held = match_skin_tone(painted, grey, subject_mask, landmarks, 2.0)
    before, after = (mean_color(to_lab(picture), np.ones((512, 512), np.float32)) for picture in (painted, held))
    assert np.hypot(*(after - before)[1:]) < 0.5


@pytest.mark.parametrize("value", [0, 255])
def test_pictures_without_a_face_do_no_harm(value):
    even, nobody = np.full((64, 64, 3), value, np.uint8), np.zeros((64, 64), np.float32)
    landmarks = np.array([[25, 25], [39, 25], [32, 33], [26, 41], [38, 41.0]])
    for style in STYLES:
        assert np.array_equal(match_skin_tone(even, even, nobody, landmarks, 2.5), even)
        assert np.abs(keep_color(even, even, nobody, medium_of(style).tint_share).astype(int) - even).max() <= 1
        finish(FinishRequest(even, nobody, landmarks, 128, 1.0, 0, photo=even), medium_of(style))


def holding(share: float) -> Medium:
    """Ink that goes so far of the way to the tone of the photo."""
    return replace(medium_of("ink"), surface=InkSurface(tone_hold=ToneHold(share=(share, share))).plan)


def test_held_in_full_ink_is_as_light_as_the_photo_but_for_the_bare_paper(sitting):
    photo, subject_mask, landmarks = sitting
    tones = []
    for shift in (-35, -20, 0):
        shown = (to_rgb(to_lab(photo) + np.float32((shift, 0, 0))) + 0.5).astype(np.uint8)
        drawn = finish(FinishRequest(photo, subject_mask, landmarks, 1024, 1.0, 0, photo=shown), holding(1.0))
        tones.append(skin_of(drawn, sitting)[0])
        assert tones[-1] < (1 + ToneHold().room) * skin_of(shown, sitting)[0] + 4
        # Paper is seen between the lines even of the darkest face.
        assert (drawn[300:620, 400:620].min(-1) > 150).mean() > 0.05
    assert tones == sorted(tones)
    free = finish(FinishRequest(photo, subject_mask, landmarks, 1024, 1.0, 0), medium_of("ink"))
    assert skin_of(free, sitting)[0] > tones[-1] + 3


def test_ink_goes_a_part_of_the_way_to_the_tone_of_the_photo(sitting):
    photo, subject_mask, landmarks = sitting
    dark = (to_rgb(to_lab(photo) - np.float32((25, 0, 0))) + 0.5).astype(np.uint8)

    def light(medium):
        request = FinishRequest(photo, subject_mask, landmarks, 1024, 1.0, 0, photo=dark)
        return skin_of(finish(request, medium), sitting)[0]

    free, usual, full = (light(medium) for medium in (holding(0.0), medium_of("ink"), holding(1.0)))
    assert full < usual < free
    assert usual < free - 2


def test_ink_runs_to_the_lower_edge(sitting):
    photo, subject_mask, landmarks = sitting
    dark = photo // 2
    drawn = finish(FinishRequest(dark, subject_mask, landmarks, 1024, 1.0, 0, photo=dark), medium_of("ink")).mean(-1)
    above, last = (drawn[rows, 300:700].mean() for rows in (slice(900, 960), slice(964, 1024)))
    assert last < above + 10 < 200


def test_the_coverage_of_hatching_rises_with_the_tone():
    tones = np.linspace(0, 1, 201, dtype=np.float32)
    hatching = Hatching()
    covered = hatching.coverage(tones)
    assert covered[0] == 0
    assert (np.diff(covered) >= 0).all()
    assert 0.8 < covered[-1] < 1
    assert (hatching.hatches[0].breadth(tones[:10]) < 0).all()


@pytest.mark.parametrize("style", STYLES)
def test_kept_colours_are_the_photo_s_and_lightness_is_the_painting_s(sitting, finished, style):
    photo, subject_mask, _ = sitting
    kept = to_lab(keep_color(finished[style], photo, subject_mask, medium_of(style).tint_share))
    painted, shown = to_lab(finished[style]), to_lab(cv2.resize(photo, (384, 384), interpolation=cv2.INTER_CUBIC))
    assert np.abs(kept[..., 0] - painted[..., 0]).mean() < 0.5
    inside = cv2.resize(subject_mask, (384, 384)) > 0.9
    away = [np.abs(lab[..., 1:] - shown[..., 1:])[inside].mean() for lab in (painted, kept)]
    assert away[1] < away[0]


def test_paper_stays_paper_in_a_tinted_drawing(sitting, finished):
    photo, _, _ = sitting
    right = np.zeros((SIDE, SIDE), np.float32)
    right[:, 128:] = 1
    kept = keep_color(finished["ink"], photo, right, medium_of("ink").tint_share).astype(int)
    assert np.abs(kept[:, :180] - finished["ink"][:, :180]).max() <= 1
    assert np.abs(kept[:, 200:] - finished["ink"][:, 200:]).mean() > 1


@pytest.mark.parametrize("style", STYLES)
def test_strength_leads_from_the_photo_to_the_painting(sitting, finished, style, astronaut):
    photo, subject_mask, landmarks = sitting
    other = cv2.resize(astronaut[200:456, 100:356], (384, 384))
    for below in (cv2.resize(photo, (384, 384), interpolation=cv2.INTER_CUBIC), other):
        curve = medium_of(style).strength
        pictures = [blend_with_photo(finished[style], below, subject_mask, landmarks, s, curve) for s in STRENGTHS]
        assert np.array_equal(pictures[0], below)
        assert np.array_equal(pictures[-1], finished[style])
        distances = [np.abs(picture.astype(int) - below).mean() for picture in pictures]
        assert all(second > first + 0.3 for first, second in pairwise(distances))


def test_everything_works_on_rectangles_and_in_bands(sitting, finished, monkeypatch):
    photo, subject_mask, landmarks = sitting
    config = PaintConfig(strength=0.5, keep_color=True)
    painted = finished["oil"][:, 60:330]
    face = framed(photo, landmarks, CropWindow(60 / 384, 0.0, 270 / 384, 1.0))
    whole = adjust_to_photo(painted, face, subject_mask, medium_of("oil"), config)
    assert whole.shape == painted.shape
    monkeypatch.setattr("portraitify.imaging.bands.BAND_PX", 100)
    # Coordinates are rounded in each band anew.
    assert np.abs(adjust_to_photo(painted, face, subject_mask, medium_of("oil"), config).astype(int) - whole).max() <= 2


def test_options_choose_what_is_done(sitting, finished):
    photo, subject_mask, landmarks = sitting
    # Painted from the photo itself, skin has its tone already.
    darker = {style: finished[style] // 10 * 9 for style in ("oil", "ink")}

    def adjusted(style="oil", **options):
        options = PaintConfig(**options)
        return adjust_to_photo(darker[style], framed(photo, landmarks), subject_mask, medium_of(style), options)

    assert adjusted(skin_tone="paint") is darker["oil"]
    assert adjusted("ink") is darker["ink"]
    assert not np.array_equal(adjusted(), darker["oil"])
    assert not np.array_equal(adjusted(keep_color=True), adjusted())


def test_modelling_of_very_dark_skin_is_the_photo_s_and_that_of_lighter_skin_the_painter_s():
    # Light falls from the left in the photo, and the painting shows nothing of it.
    photo, painted = np.zeros((8, 8, 3), np.float32), np.zeros((8, 8, 3), np.float32)
    photo[:, :4, 0], photo[:, 4:, 0] = 10, -10
    assert np.array_equal(_restored_modelling(photo, painted, np.array([60.0, 12.0, 15.0])), painted)
    dark = _restored_modelling(photo, painted, np.array([35.0, 12.0, 15.0]))
    assert 5 < dark[0, 0, 0] < 10
    assert abs(dark.mean()) < 1e-6
    # A photo without colour must take none away.
    coloured = np.full((8, 8, 3), (0.0, 9.0, 9.0), np.float32)
    assert not _restored_modelling(photo, coloured, np.array([35.0, 0.0, 0.0]))[..., 1:].any()
