"""What a drawing in ink shows: form, strands, light and shade, outlines, and no dots."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import pytest

from portraitify.media.scene import Scene
from portraitify.media.surfaces.drawn_strands import StrandFlow, Strands
from portraitify.media.surfaces.figure import Figure, PhotoSkin
from portraitify.media.surfaces.hatching import Hatching
from portraitify.media.surfaces.head_form import HeadForm, Turning
from portraitify.media.surfaces.ink_tone import CalmLuma
from portraitify.media.surfaces.islands import Islands, Specks
from portraitify.media.surfaces.pen_lines import PenLines
from portraitify.media.surfaces.tone_hold import ToneHold
from tests.media.even_face import LANDMARKS, SIDE, even_face
from tests.media.test_works_on_paper import MESHES


@pytest.fixture
def scene() -> Scene:
    return even_face()


def test_dots_that_the_photo_does_not_show_are_left_out(scene):
    random = np.random.default_rng(0)
    dotted = scene.painting * (random.random((SIDE, SIDE, 1)) > 0.1)
    dotted[:, 64:] -= 60
    photo = np.full((SIDE, SIDE, 3), 180, np.uint8)
    photo[:, 64:] = 100
    luma = CalmLuma().of(replace(scene, painting=np.clip(dotted, 0, 255).astype(np.float32), photo=photo))
    cheek = luma[90:110, 8:56]
    assert cheek.std() < 0.05
    # The edge that both show stays.
    assert cheek.mean() - luma[90:110, 70:120].mean() > 0.1


def test_what_is_not_joined_to_a_face_is_no_sitter(scene):
    mask = scene.subject_mask.copy()
    mask[10:30, 105:125] = 1
    shape = Figure().shape(replace(scene, subject_mask=mask))
    assert shape[50, 60] > 0.95
    assert shape[10:30, 105:125].max() < 0.05
    # A thread does not join them.
    mask[18:22, 80:110] = 1
    threaded = replace(scene, subject_mask=mask)
    assert Figure().shape(threaded)[10:30, 105:125].max() < 0.05
    assert Figure(thread_px=3).shape(threaded)[15:25, 110:120].min() > 0.9


def test_a_black_collar_is_cloth_and_the_shadow_of_a_chin_is_skin(scene):
    # Larger, since skin is told from hair by its pixels.
    side, chin = 4 * SIDE, int(4 * scene.meshes[0, :, 1].max())
    scene = replace(scene, subject_mask=np.ones((side, side), np.float32), meshes=4 * MESHES, landmarks=4 * LANDMARKS)
    photo = np.full((side, side, 3), (205, 150, 120), np.uint8)
    photo[chin + 20 :] = 8
    dark = (slice(chin + 40, chin + 50), slice(220, 260))

    def skin(photo: np.ndarray) -> np.ndarray:
        shown = replace(scene, photo=photo)
        return Figure().skin(shown, PhotoSkin.of(shown))[dark]

    assert skin(photo).max() < 0.1
    photo[chin + 70 :] = (205, 150, 120)
    assert skin(photo).min() > 0.9


def test_fair_hair_above_a_face_is_no_skin_and_a_bald_head_is(scene):
    side, top = 4 * SIDE, int(4 * scene.meshes[0, :, 1].min())
    scene = replace(scene, subject_mask=np.ones((side, side), np.float32), meshes=4 * MESHES, landmarks=4 * LANDMARKS)
    photo = np.full((side, side, 3), (225, 180, 150), np.uint8)
    above = np.s_[top - 30 : top - 10, 220:260]

    def skin() -> np.ndarray:
        shown = replace(scene, photo=photo)
        return Figure().skin(shown, PhotoSkin.of(shown))[above]

    assert skin().min() > 0.9
    strands = (np.arange(side) // 2 % 2)[None, :, None]
    photo[:top] = np.where(strands, (190, 150, 105), (165, 125, 80))
    assert skin().max() < 0.3


def test_patches_on_bare_paper_are_left_away():
    drawn = np.zeros((SIDE, SIDE), bool)
    drawn[20:100, 30:90] = True
    dot = np.s_[110:112, 6:8]
    drawn[dot] = True
    kept = Islands(sigma_px=0.5).kept(drawn)
    assert kept[20:100, 30:90].min() == 1
    assert kept[dot].max() < 0.1
    assert Islands(largest=0.001).kept(drawn).min() == 1
    assert Islands(gap_px=31).kept(drawn).min() == 1
    assert Islands(sigma_px=3).kept(drawn)[116, 7] < kept[116, 7]


def test_specks_on_skin_are_left_away_and_lines_are_not():
    lines, skin = np.zeros((SIDE, SIDE), bool), np.ones((SIDE, SIDE), np.float32)
    skin[:, 64:] = 0
    mole, wrinkle, bead = np.s_[20:22, 20:22], np.s_[40:41, 20:40], np.s_[20:22, 90:92]
    for drawn in (mole, wrinkle, bead):
        lines[drawn] = True
    found = Specks(longest=0.03).found(lines, skin)
    assert found[mole].all()
    assert not found[wrinkle].any()
    assert not found[bead].any()
    assert Specks(longest=0.3).found(lines, skin)[wrinkle].all()
    assert found.sum() == 4
    skin[mole] = 0.8
    assert not Specks(longest=0.03).found(lines, skin)[mole].any()
    assert Specks(longest=0.03, skin=0.7).found(lines, skin)[mole].all()


def skin_of(scene: Scene, lightness: np.ndarray) -> PhotoSkin:
    """Skin of a lightness ``(SIDE, SIDE)``, L*, whose mean is 60."""
    skin = PhotoSkin.of(replace(scene, photo=np.full((SIDE, SIDE, 3), 128, np.uint8)))
    return replace(skin, lightness=lightness.astype(np.float32), mean=60.0, eyes_px=SIDE / 8)


def test_light_and_shade_of_a_face_become_as_wide_as_in_a_drawing(scene):
    hold, counted = ToneHold(), np.ones((SIDE, SIDE), bool)
    share = np.full(SIDE * SIDE, 1 / SIDE**2)
    ramp = np.broadcast_to(np.linspace(-1, 1, SIDE), (SIDE, SIDE))

    def spread(deviation: float) -> tuple[float, float]:
        light = hold._modelled(skin_of(scene, 60 + deviation * 3**0.5 * ramp), counted, share)
        return float(light.max() - 60), float(60 - light.min())

    # In the middle of the range whatever the photo, beyond it by no more than so much.
    assert spread(7)[0] == pytest.approx(spread(11)[0], rel=0.1)
    assert spread(1)[0] < 0.5 * spread(7)[0]
    assert spread(40)[0] > 1.5 * spread(11)[0]
    assert spread(40)[1] < hold.deepest


def test_what_models_a_nose_is_drawn_as_strongly_as_what_lights_the_face(scene):
    hold, counted = ToneHold(), np.ones((SIDE, SIDE), bool)
    share, columns = np.full(SIDE * SIDE, 1 / SIDE**2), np.arange(SIDE)
    # Little in the photo: narrow waves on a broad slope of light.
    waves = 1.5 * np.sin(columns * (2 * np.pi / 16))
    light = hold._modelled(skin_of(scene, np.tile(60 + waves + (columns - SIDE / 2) / 4, (SIDE, 1))), counted, share)
    slope = np.polyval(np.polyfit(columns, light[SIDE // 2], 1), columns)
    assert np.std(light[SIDE // 2] - slope) > 0.25 * np.std(slope)
    assert 0.25 * np.std(slope) > 2 * np.std(waves) / np.std(columns / 4) * np.std(slope)


def test_fair_skin_keeps_more_of_its_paper_than_dark_skin(scene):
    tone, bare = np.zeros((SIDE, SIDE), np.float32), np.ones((SIDE, SIDE), np.float32)
    colours, columns = (np.full(3, 250.0), np.full(3, 30.0)), np.linspace(-12, 12, SIDE // 2)

    def added(mean: float, **changes: tuple[float, float]) -> np.ndarray:
        light = np.tile(mean + columns, (SIDE // 2, 1)).astype(np.float32)
        photo = np.full((SIDE, SIDE, 3), 128, np.uint8)
        skin = replace(PhotoSkin.of(replace(scene, photo=photo)), lightness=light, mean=mean, eyes_px=SIDE / 8)
        return ToneHold(**changes).added(skin, tone, bare, colours, Hatching().coverage)

    assert added(70, share=(0.9, 0.9)).max() == pytest.approx(2 * added(70, share=(0.9, 0.45)).max(), rel=0.01)
    assert np.array_equal(added(35, share=(0.9, 0.9)), added(35, share=(0.9, 0.45)))


def test_lines_arch_over_the_brows_and_sag_at_the_chin(scene):
    form = HeadForm().of(scene, scene.subject_mask, np.zeros_like(scene.subject_mask))
    assert form[24, 60] > form[24, 36] + 0.01
    assert form[86, 60] < form[86, 44] - 0.01


def test_strands_follow_the_flow_and_swell_with_the_tone(scene):
    along = np.zeros((SIDE, SIDE), np.float32)
    shares = []
    for tone in (0.0, 0.3, 0.9):
        lines = Strands().draw(scene, np.full((SIDE, SIDE), tone, np.float32), along)
        shares.append(float((lines > 0).mean()))
        if tone:
            assert np.abs(np.diff(lines, axis=1)).mean() < 0.5 * np.abs(np.diff(lines, axis=0)).mean()
            assert shares[-1] == pytest.approx(float(Strands().coverage(np.array(tone))), abs=0.06)
    assert shares[0] == 0
    assert shares == sorted(shares)


def test_where_nothing_else_is_seen_strands_follow_the_outline(scene):
    flow = StrandFlow().of(scene.subject_mask, np.full((SIDE, SIDE), 0.5, np.float32))
    # Upright beside the head.
    assert abs(np.sin(flow[50, 30])) > 0.95


def test_shades_turn_at_the_outline_and_leave_the_middle_of_the_face_bare(scene):
    turned = Turning(outline=0.5).of(scene, scene.subject_mask)
    assert turned[50, 33] > 0.1
    assert turned[50, 60] < 0.02
    assert turned[50, 20] < 0.01
    assert Turning(outline=0.5, sigma=0.2).of(scene, scene.subject_mask).sum() > 1.5 * turned.sum()


def test_outlines_are_drawn_once(scene):
    none = np.zeros((SIDE, SIDE), np.float32)
    pen = PenLines(outline=0.01)

    def canvas(other: np.ndarray) -> np.ndarray:
        return pen.draw(scene, scene.luma, scene.subject_mask, none, other, none)

    free = canvas(none)
    outline = cv2.Canny((scene.subject_mask * 255).astype(np.uint8), 100, 200) > 0
    places = cv2.resize(cv2.dilate(free, np.ones((7, 7), np.uint8)), (SIDE, SIDE), interpolation=cv2.INTER_AREA)
    assert (places[outline] > 60).mean() > 0.8
    assert canvas(none + 1).max() == 0
