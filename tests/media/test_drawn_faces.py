"""What a drawing in ink shows of a face: the sitter's own lines, brows, eyes, lips and teeth."""

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
from portraitify.media.surfaces.face_lines import FaceLines
from tests.imaging.test_eye_cover import face
from tests.media.even_face import SIDE, even_face


@pytest.fixture
def scene() -> Scene:
    return even_face()


def face_lines(scene: Scene, **changes: float) -> np.ndarray:
    lines = FaceLines(**changes)
    return lines.draw(scene, lines.area(scene, scene.subject_mask))


def photo_of(scene: Scene, dark: list[tuple[slice, slice]]) -> Scene:
    """The face in even light with some places that are darker."""
    photo = np.full((SIDE, SIDE, 3), 180, np.uint8)
    for place in dark:
        photo[place] = 90
    return replace(scene, photo=photo)


def with_nose(scene: Scene) -> Scene:
    mesh = scene.meshes.copy()
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
    return replace(scene, meshes=mesh)


def test_faint_lines_of_a_nose_are_drawn_where_they_go_on_from_firm_ones(scene):
    photo = np.full((SIDE, SIDE, 3), 180, np.uint8)
    # Below the nose a line that grows faint, on its bridge a spot of the skin.
    photo[64:66, 54:66] = np.linspace(120, 165, 12)[None, :, None]
    photo[52:54, 59:61] = 160
    line, spot = np.s_[126:134, 120:124], np.s_[100:112, 114:126]
    seen = replace(with_nose(scene), photo=photo)
    drawn = face_lines(seen, least_nose=0.1)
    assert drawn[line].max() > 200
    assert face_lines(seen, faintest=1.0)[line].max() < 60
    assert drawn[spot].max() == 0
    assert face_lines(seen, least_nose=0.1, firm=0.0)[spot].max() > 150


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
        {"least_nose": 0.3},
        {"firm": 0.2},
        {"faintest": 0.2},
        {"elsewhere": 0.2},
        {"gain": 5.0},
        {"inner": 0.5},
        {"outer": 0.7},
        {"outer_sigma_px": 12.0},
    ],
    ids=lambda change: next(iter(change)),
)
def test_every_parameter_of_face_lines_changes_them(scene, change):
    # One side of the nose lies in the shade.
    mesh = with_nose(scene).meshes
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
        return DrawnLips(**changes).draw(replace(scene, photo=photo))

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
