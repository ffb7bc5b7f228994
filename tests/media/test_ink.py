"""What a drawing in ink shows: form, strands, the sitter's own lines and eyes, and no dots."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import pytest

from portraitify.imaging.face_parts import FacePart, part_mask
from portraitify.media.scene import Scene
from portraitify.media.surfaces.drawn_brows import DrawnBrows
from portraitify.media.surfaces.drawn_eyes import DrawnEyes
from portraitify.media.surfaces.drawn_lips import DrawnLips
from portraitify.media.surfaces.drawn_mouth import DrawnMouth
from portraitify.media.surfaces.drawn_strands import StrandFlow, Strands
from portraitify.media.surfaces.face_lines import FaceLines
from portraitify.media.surfaces.figure import Figure, PhotoSkin
from portraitify.media.surfaces.hatching import Hatching
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
    assert added(70, room=(0.1, 0.3)).mean() < 0.9 * added(70, room=(0.1, 0.1)).mean()
    assert np.array_equal(added(35, room=(0.1, 0.3)), added(35, room=(0.1, 0.1)))


def face_lines(scene: Scene, **changes: float) -> np.ndarray:
    lines = FaceLines(**changes)
    return lines.draw(scene, lines.area(scene, scene.subject_mask))


def photo_of(scene: Scene, dark: list[tuple[slice, slice]]) -> Scene:
    """The face in even light with some places that are darker."""
    photo = np.full((SIDE, SIDE, 3), 180, np.uint8)
    for place in dark:
        photo[place] = 90
    return replace(scene, photo=photo)


def test_folds_of_the_sitters_own_face_are_lines(scene):
    assert face_lines(photo_of(scene, [])).max() == 0
    fold = np.s_[60:61, 38:52]
    drawn = face_lines(photo_of(scene, [fold]))
    assert drawn[2 * 60 : 2 * 61, 2 * 41 : 2 * 49].min() > 200
    assert drawn[: 2 * 56].max() == drawn[2 * 66 :].max() == 0
    # As dark beside what lies there in the shadow as in the light.
    shadow = photo_of(scene, [fold])
    assert np.abs(face_lines(replace(shadow, photo=shadow.photo // 2)).astype(int) - drawn).mean() < 1


def test_no_lines_are_drawn_beside_the_face_or_in_the_hair_above_it(scene):
    beside = photo_of(scene, [np.s_[4:5, 80:120], np.s_[60:61, 38:52]])
    assert face_lines(beside)[: 2 * 8].max() == 0
    lines, bald = FaceLines(), scene.subject_mask.copy()
    bald[:30] = 0
    fringe = photo_of(scene, [np.s_[13:14, 52:68]])
    assert lines.draw(fringe, lines.area(fringe, scene.subject_mask)).max() > 200
    assert lines.draw(fringe, lines.area(fringe, bald)).max() == 0


def test_the_edge_of_a_shadow_is_hardly_a_line_and_a_fold_is(scene):
    shadow = photo_of(scene, [np.s_[54:70, 30:48]])
    usual, with_edges = (face_lines(shadow, ridge=ridge)[2 * 56 : 2 * 68, 2 * 36 :].astype(int) for ridge in (1.0, 0.0))
    assert with_edges.sum() > 3 * usual.sum()


@pytest.mark.parametrize(
    "change",
    [
        {"even_sigma": 0.1},
        {"least_light": 1.0},
        {"width_px": 2.0},
        {"fine": 0.3},
        {"surround": 2.5},
        {"beside": 4.0},
        {"ridge": 0.0},
        {"tensor_sigma": 0.1},
        {"trust": 10.0},
        {"steps": 1},
        {"step_px": 0.5},
        {"features": 0.2},
        {"nose": 0.2},
        {"elsewhere": 0.2},
        {"gain": 5.0},
        {"inner": 0.5},
        {"outer": 0.7},
        {"outer_sigma_px": 12.0},
    ],
    ids=lambda change: next(iter(change)),
)
def test_every_parameter_of_face_lines_changes_them(scene, change):
    mesh = scene.meshes.copy()
    # A nose whose one side lies in the shade.
    nose = {
        168: (60, 44),
        412: (64, 52),
        358: (66, 62),
        327: (63, 66),
        2: (60, 67),
        98: (57, 66),
        129: (54, 62),
        188: (56, 52),
    }
    for number, place in nose.items():
        mesh[0, number, :2] = place
    photo = np.full((SIDE, SIDE, 3), 180, np.uint8)
    for place in (
        np.s_[74:76, 45:75],
        np.s_[30:33, 38:52],
        np.s_[44:46, 38:54],
        np.s_[70:71, 35:45],
        np.s_[76:77, 37:43],
    ):
        photo[place] = 110
    photo[46:66, 60:66] = 150
    noise = np.random.default_rng(0).normal(0, 4, photo.shape[:2])
    photo = np.clip(photo + noise[..., None], 0, 255).astype(np.uint8)
    seen = replace(scene, photo=photo, meshes=mesh)
    lines = FaceLines(**change)
    skin = scene.subject_mask.copy()
    skin[60:, :48] = 0
    assert not np.array_equal(
        lines.draw(seen, lines.area(seen, skin)), FaceLines().draw(seen, FaceLines().area(seen, skin))
    )


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
    assert tone(200, 160, darkest=DrawnLips.darkest / 2).max() == pytest.approx(usual.max() / 2)
    assert not np.array_equal(tone(200, 160, sigma=0.1), usual)
    # What lies farther than the skin around them does not count.
    assert np.allclose(tone(200, 160, around=0.3), usual, atol=1e-4)


def test_nothing_is_drawn_of_eyes_behind_dark_glasses(scene):
    photo, mesh = face((15, 15, 15))
    # Something mirrored, without which a lens is no eye by itself.
    photo[44:47, 40:52] = photo[44:47, 68:80] = 150
    dark = replace(scene, photo=photo, meshes=mesh[None])
    assert dark.eyes_shown == [0]
    assert drawn(dark)[1].max() == 0


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
    eyes, tone = DrawnEyes().draw(scene, scene.luma, canvas)
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


def mouth(
    scene: Scene, lip: tuple[int, int, int], inside: tuple[int, int, int], **changes: float
) -> tuple[np.ndarray, ...]:
    """Where an open mouth of one colour with a dark gap below is drawn, how dark, and its blacks."""
    photo = np.full((SIDE, SIDE, 3), (200, 150, 130), np.uint8)
    lips, opening = (
        part_mask(scene.meshes, (part,), (SIDE, SIDE), 0) > 0.5 for part in (FacePart.LIPS, FacePart.MOUTH)
    )
    photo[lips], photo[opening] = lip, inside
    photo[79:] = np.where(opening[79:, :, None], 20, photo[79:])
    seen = replace(scene, photo=photo, painting=photo.astype(np.float32))
    canvas = np.zeros((2 * SIDE, 2 * SIDE), np.uint8)
    return *DrawnMouth(**changes).draw(seen, seen.luma, canvas), canvas


def test_teeth_stay_white_beside_the_sitters_own_darks(scene):
    where, tone, canvas = mouth(scene, (170, 80, 80), (225, 220, 205))
    assert where[76, 60] > 0.9
    assert tone[73:77, 56:64].max() < 0.1
    assert canvas[2 * 73 : 2 * 77, 2 * 56 : 2 * 64].max() < 10
    assert canvas[2 * 80, 2 * 57 : 2 * 63].min() > 240
    assert where[:60].max() == canvas[: 2 * 64].max() == 0


def test_what_is_as_red_as_the_lips_is_no_tooth_unless_nothing_has_a_hue(scene):
    red, gray = mouth(scene, (170, 80, 80), (230, 110, 110))[1], mouth(scene, (120, 120, 120), (220, 220, 220))[1]
    assert red[75, 60] > 0.2
    assert gray[75, 60] < 0.05


def test_nothing_is_drawn_in_a_mouth_that_is_shut_or_darker_than_its_lips(scene):
    shut = scene.meshes.copy()
    shut[:, list(FacePart.MOUTH.value), 1] = 76
    for seen in (replace(scene, meshes=shut), scene):
        where, _, canvas = mouth(seen, (170, 80, 80), (90, 40, 40))
        assert where.max() == canvas.max() == 0


@pytest.mark.parametrize(
    "change",
    [
        {"opened": (0.4, 0.6)},
        {"lighter": (2.0, 3.0)},
        {"paler": (0.0, 0.05)},
        {"hued": (0.8, 0.9)},
        {"black": (0.2, 0.5)},
        {"power": 3.0},
        {"hatched": 0.5},
        {"gums": 0.9},
        {"sharpening": 3.0},
        {"sharp_sigma": 0.2},
        {"sigma": 0.1},
    ],
    ids=lambda change: next(iter(change)),
)
def test_every_parameter_of_a_mouth_changes_how_it_is_drawn(scene, change):
    # Hardly less red than its lips, with a dark gap below.
    usual, other = (mouth(scene, (170, 100, 100), (225, 150, 140), **keys) for keys in ({}, change))
    assert any(not np.array_equal(*pair) for pair in zip(usual, other, strict=True))
