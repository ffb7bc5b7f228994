"""What a drawing in ink shows: form, strands, eyes, an end before the edge, and no dots."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import pytest

from portraitify.imaging.face_parts import FacePart, part_mask
from portraitify.media.scene import Scene
from portraitify.media.surfaces.drawn_brows import DrawnBrows
from portraitify.media.surfaces.drawn_lips import DrawnLips
from portraitify.media.surfaces.drawn_strands import StrandFlow, Strands
from portraitify.media.surfaces.eyes_and_teeth import EyesAndTeeth
from portraitify.media.surfaces.figure import Figure, PhotoSkin, Vignette
from portraitify.media.surfaces.head_form import HeadForm, Turning
from portraitify.media.surfaces.ink_tone import CalmLuma
from portraitify.media.surfaces.islands import Islands, Specks
from portraitify.media.surfaces.pen_lines import PenLines
from portraitify.media.surfaces.tone_hold import ToneHold
from tests.imaging.test_eye_cover import face
from tests.media.test_works_on_paper import MESHES

SIDE = 128
LANDMARKS = np.array([[[46, 46], [74, 46], [60, 60], [50, 76], [70, 76.0]]])


@pytest.fixture
def scene() -> Scene:
    """An even face on an even ground, with dark irises."""
    painting = np.full((SIDE, SIDE, 3), 200, np.float32)
    for x in (46, 74):
        cv2.circle(painting, (x, 46), 3, (30, 30, 30), -1)
    mask = np.zeros((SIDE, SIDE), np.float32)
    cv2.ellipse(mask, (60, 50), (30, 44), 0, 0, 360, 1.0, -1)
    return Scene(painting, mask, LANDMARKS, np.zeros((SIDE, SIDE, 3), np.uint8), 0, meshes=MESHES)


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
    shape = Figure().shape(replace(scene, subject_mask=mask), np.ones_like(mask))
    assert shape[50, 60] > 0.95
    assert shape[10:30, 105:125].max() < 0.05


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


def test_light_and_shade_of_a_face_become_as_wide_as_in_a_drawing(scene):
    hold, counted = ToneHold(), np.ones((SIDE, SIDE), bool)
    share = np.full(SIDE * SIDE, 1 / SIDE**2)
    ramp = np.broadcast_to(np.linspace(-1, 1, SIDE), (SIDE, SIDE)).astype(np.float32)

    def spread(deviation: float) -> tuple[float, float]:
        light = hold._modelled(60 + deviation * 3**0.5 * ramp, 60, counted, share)
        return float(light.max() - 60), float(60 - light.min())

    # In the middle of the range whatever the photo, beyond it by no more than so much.
    assert spread(7)[0] == pytest.approx(spread(11)[0], rel=0.01)
    assert spread(3)[0] == pytest.approx(3 * 3**0.5 * hold.modelling[1], rel=0.01)
    assert spread(30)[0] == pytest.approx(30 * 3**0.5 * hold.modelling[0], rel=0.01)
    assert spread(30)[1] < hold.deepest


def brows(scene: Scene, skin: int, hair: int) -> tuple[np.ndarray, np.ndarray]:
    """Where brows are drawn and how dark, of a face with brows of one brightness, which are lower than the mesh has."""
    photo = np.full((SIDE, SIDE, 3), skin, np.uint8)
    for x in (46, 74):
        cv2.ellipse(photo, (x, 35), (11, 2), 0, 0, 360, (hair,) * 3, -1)
    return DrawnBrows().draw(replace(scene, photo=photo), scene.luma)


def test_brows_are_dark_beside_the_skin_around_them_and_nowhere_else(scene):
    for skin, hair in ((230, 110), (90, 40)):
        where, tone = brows(scene, skin, hair)
        assert tone[35, 46] > 0.9
        assert where[35, 40:52].min() > 0.9
        assert tone[31, 40:52].max() < 0.1
        assert tone[60:].max() == 0


def test_fair_brows_stay_fair_and_missing_ones_are_not_drawn(scene):
    assert 0.1 < brows(scene, 220, 195)[1][35, 46] < 0.6
    assert brows(scene, 220, 220)[1].max() == 0


def test_lips_are_dark_beside_the_skin_around_them_and_teeth_are_not(scene):
    lips, teeth = part_mask(scene.meshes, (FacePart.LIPS,), (SIDE, SIDE), 0), np.s_[74:78, 56:64]

    def tone(skin: int, lip: int, **changes: float) -> np.ndarray:
        photo = np.where(lips[..., None] > 0.5, lip, skin).astype(np.uint8).repeat(3, 2)
        return DrawnLips(**changes).draw(replace(scene, photo=photo), scene.luma)

    for light in (230, 80):
        dark = tone(light, int(0.75 * light))
        assert 0.3 < dark[83, 60] < 0.7
        assert dark[teeth].max() < 0.05
        assert dark[:60].max() == dark[92:].max() == 0
    assert tone(200, 210).max() < 0.05
    usual = tone(200, 160)
    assert tone(200, 160, contrast=0.2).max() > 1.5 * usual.max()
    assert tone(200, 160, darkest=0.4).max() == pytest.approx(usual.max() / 2)
    assert not np.array_equal(tone(200, 160, sigma=0.1), usual)
    # What lies farther than the skin around them does not count.
    assert np.array_equal(tone(200, 160, around=0.3), usual)


def test_nothing_is_drawn_of_eyes_behind_dark_glasses(scene):
    photo, mesh = face((15, 15, 15))
    # Something mirrored, without which a lens is no eye by itself.
    photo[44:47, 40:52] = photo[44:47, 68:80] = 150
    dark = replace(scene, photo=photo, meshes=mesh[None])
    assert dark.eyes_shown == [0]
    assert drawn(dark)[1].max() == 0


def test_lines_run_out_below_and_leave_crowns_and_chins_whole(scene):
    left = Vignette().over(scene)
    assert left[-1].max() < 0.2
    assert left[:88, 40:80].min() > 0.9
    # Where a chin has no room below it, lines run to the edge of the sheet.
    lower = scene.meshes + np.array([0, SIDE - 3 - scene.meshes[..., 1].max(), 0])
    assert Vignette().over(replace(scene, meshes=lower))[-2].min() > 0.9


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


def drawn(scene: Scene) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    canvas = np.zeros((2 * SIDE, 2 * SIDE), np.uint8)
    _, eyes, tone = EyesAndTeeth().draw(scene, scene.luma, canvas)
    return canvas, eyes, tone


def test_an_iris_is_drawn_where_the_painting_has_it(scene):
    canvas, where, tone = drawn(scene)
    lids = part_mask(2 * scene.meshes, (FacePart.LEFT_EYE, FacePart.RIGHT_EYE), canvas.shape, 4)
    assert canvas[:130][lids[:130] < 0.01].max() == 0
    rows, columns = np.nonzero(canvas[70:120, 60:124] > 128)
    assert np.mean(columns) + 60 == pytest.approx(92, abs=2)
    assert np.mean(rows) + 70 == pytest.approx(92, abs=3)
    assert where[46, 40] > 0.9
    assert where[20].max() == 0
    # The white of the eye is lighter than its iris.
    assert tone[46, 40] < 0.3 < tone[46, 46]


def test_shades_turn_at_the_outline_and_leave_the_middle_of_the_face_bare(scene):
    turned = Turning(outline=0.5).of(scene, scene.subject_mask)
    assert turned[50, 33] > 0.1
    assert turned[50, 60] < 0.02
    assert turned[50, 20] < 0.01
    assert Turning(outline=0.5, sigma=0.2).of(scene, scene.subject_mask).sum() > 1.5 * turned.sum()


def test_no_iris_is_drawn_on_a_lens_or_a_closed_lid(scene):
    even = replace(scene, painting=np.full_like(scene.painting, 90))
    assert drawn(even)[0][:130].max() == 0
    # A closed lid is the line that the painting shows.
    lashes = np.full_like(scene.painting, 200)
    lashes[46:48] = 30
    closed = scene.meshes.copy()
    for part in (FacePart.LEFT_EYE, FacePart.RIGHT_EYE):
        closed[:, list(part.value), 1] = 47
    rows = np.flatnonzero(drawn(replace(scene, painting=lashes, meshes=closed))[0][:130].max(1) > 128)
    assert 2 * 44 <= rows.min() <= rows.max() <= 2 * 50


def test_outlines_are_drawn_once_and_end_before_the_edges(scene):
    none = np.zeros((SIDE, SIDE), np.float32)
    pen = PenLines(outline=0.01)

    def canvas(left: np.ndarray, other: np.ndarray) -> np.ndarray:
        return pen.draw(scene, scene.luma, scene.subject_mask, left, none, other, none)

    free = canvas(none + 1, none)
    outline = cv2.Canny((scene.subject_mask * 255).astype(np.uint8), 100, 200) > 0
    places = cv2.resize(cv2.dilate(free, np.ones((7, 7), np.uint8)), (SIDE, SIDE), interpolation=cv2.INTER_AREA)
    assert (places[outline] > 60).mean() > 0.8
    assert canvas(none, none).max() == 0
    assert canvas(none + 1, none + 1).max() == 0
