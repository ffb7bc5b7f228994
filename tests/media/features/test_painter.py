from dataclasses import replace

import cv2
import numpy as np
import pytest

from portraitify.imaging.face_parts import FacePart
from portraitify.media.features.eyes import EyeReader
from portraitify.media.features.iris import IrisChances
from portraitify.media.features.mouth import MouthReader, TeethPaint
from portraitify.media.features.painter import FeaturePainter

SIDE = 320
SKIN, WHITE, IRIS, LIP, TOOTH, GAP = (200, 160, 130), (225, 220, 215), (70, 50, 40), (170, 80, 80), (225, 220, 200), 60
EYES = {FacePart.LEFT_EYE: (100, 120), FacePart.RIGHT_EYE: (220, 120)}
MOUTH = (160, 230)


def ring(centre: tuple[int, int], half: tuple[float, float], first: float, count: int, clockwise: bool) -> np.ndarray:
    """Points around an ellipse; angles from the right over below."""
    turn = first + np.linspace(0, 2 * np.pi, count, endpoint=False) * (1 if clockwise else -1)
    return np.stack([centre[0] + half[0] * np.cos(turn), centre[1] + half[1] * np.sin(turn)], -1)


def mesh_of(opening: float = 12.0, scale: float = 1.0) -> np.ndarray:
    """The parts that are painted, of a face that looks straight ahead; ``opening`` is half an eye's height."""
    mesh = np.zeros((468, 3))
    for part, (x, y) in EYES.items():
        # Both begin in the outer corner and go on below.
        outer = np.pi if part is FacePart.LEFT_EYE else 0.0
        mesh[list(part.value), :2] = ring((x, y), (32, opening), outer, 16, clockwise=outer == 0)
    for part, (x, y) in ((FacePart.LEFT_BROW, (100, 90)), (FacePart.RIGHT_BROW, (220, 90))):
        mesh[list(part.value), :2] = ring((x, y), (35, 5), 0.0, 10, clockwise=True)
    mesh[list(FacePart.LIPS.value), :2] = ring(MOUTH, (50, 24), np.pi, 20, clockwise=False)
    mesh[list(FacePart.MOUTH.value), :2] = ring(MOUTH, (44, 10), np.pi, 20, clockwise=False)
    return mesh * scale


def face(gaze_px: int = 0) -> np.ndarray:
    """Eyes with two reflections each, and teeth with gaps between them."""
    picture = np.full((SIDE, SIDE, 3), SKIN, np.uint8)
    for x, y in EYES.values():
        opening = cv2.ellipse(np.zeros((SIDE, SIDE), np.uint8), (x, y), (32, 12), 0, 0, 360, 1, -1) > 0
        eye = np.full_like(picture, WHITE)
        cv2.circle(eye, (x + gaze_px, y), 12, IRIS, -1, cv2.LINE_AA)
        cv2.circle(eye, (x + gaze_px + 5, y + 3), 3, (250, 250, 250), -1, cv2.LINE_AA)
        cv2.circle(eye, (x + gaze_px + 5, y - 4), 2, (250, 250, 250), -1, cv2.LINE_AA)
        picture[opening] = eye[opening]
    cv2.ellipse(picture, MOUTH, (50, 24), 0, 0, 360, LIP, -1)
    cv2.ellipse(picture, MOUTH, (44, 10), 0, 0, 360, TOOTH, -1)
    for x in range(MOUTH[0] - 36, MOUTH[0] + 37, 12):
        cv2.line(picture, (x, MOUTH[1] - 7), (x, MOUTH[1] + 7), (GAP,) * 3, 1)
    return cv2.GaussianBlur(picture, (0, 0), 0.7).astype(np.float32)


def painted(picture: np.ndarray, mesh: np.ndarray) -> np.ndarray:
    painter, meshes = FeaturePainter(), mesh[None]
    features = painter.read(picture, meshes, picture)
    result = painter.calm(picture, meshes, features)
    painter.draw(result, features, 1.0)
    return result


@pytest.mark.parametrize("gaze_px", [-9, 0, 8])
def test_the_iris_is_found_where_the_sitter_looks(gaze_px):
    for eye in EyeReader().read(face(gaze_px), mesh_of()):
        assert eye.centre[0] * eye.frame.width_px == pytest.approx(gaze_px, abs=2.5)
        assert eye.centre[1] * eye.frame.width_px == pytest.approx(0, abs=3)
        assert eye.seen == 1
        assert np.abs(eye.iris - IRIS).max() < 25


def test_a_glance_aside_is_not_mistaken_for_the_shade_in_the_other_corner():
    picture, glance = face(14), 14
    for x, y in EYES.values():
        # Lashes and shade, darker than the iris, between it and the nearer corner.
        for left in (x + 25, x - 32):
            picture[y - 9 : y + 10, left : left + 7] = 25
    for eye in EyeReader().read(cv2.GaussianBlur(picture, (0, 0), 1), mesh_of()):
        assert eye.centre[0] * eye.frame.width_px == pytest.approx(glance, abs=4)
        assert eye.seen > 0.5


def test_of_two_likely_places_one_is_taken_and_none_between_them():
    likely = np.zeros((3, 32, 48))
    likely[1, 15:18, 8:11], likely[0, 15:18, 38:41] = 0.06, 0.05
    places = (np.arange(48)[None] + 0.5) / 32 - 0.75, (np.arange(32)[:, None] + 0.5) / 32 - 0.5
    iris = IrisChances(np.array([0.15, 0.18, 0.2]), likely / likely.sum(), np.full(likely.shape, 0.3)).found(
        places, 0.12
    )
    assert iris.centre == pytest.approx((9.5 / 32 - 0.75, 0.0156), abs=0.01)
    assert iris.radius == pytest.approx(0.18)
    assert iris.circle == pytest.approx(0.3)


def radius_found(width: float) -> float:
    """Mean radius that is found of irises so wide, pixels."""
    picture = face()
    away = np.hypot(*np.mgrid[-12:13, -28:29])
    for x, y in EYES.values():
        patch = picture[y - 12 : y + 13, x - 28 : x + 29]
        patch[away < 14] = WHITE
        patch[away < width] = IRIS
    eyes = EyeReader().read(cv2.GaussianBlur(picture, (0, 0), 1), mesh_of())
    return float(np.mean([eye.radius * eye.frame.width_px for eye in eyes]))


def test_the_iris_has_the_size_that_is_seen():
    assert radius_found(13.0) > radius_found(10.0) + 1.5


@pytest.mark.parametrize("down_px", [4, 6])
def test_eyes_that_show_white_above_the_iris_are_open(down_px):
    picture = face()
    for x, y in EYES.values():
        opening = cv2.ellipse(np.zeros((SIDE, SIDE), np.uint8), (x, y), (32, 12), 0, 0, 360, 1, -1) > 0
        eye = np.full_like(picture, WHITE)
        cv2.circle(eye, (x, y + down_px), 12, IRIS, -1, cv2.LINE_AA)
        picture[opening] = eye[opening]
    assert all(eye.openness > 0.3 for eye in EyeReader().read(cv2.GaussianBlur(picture, (0, 0), 1), mesh_of()))


def test_irises_have_the_hue_of_the_sitters_own():
    picture = face()
    photo = picture.copy()
    blue = np.abs(picture - IRIS).max(2) < 30
    photo[blue] = (60, 90, 150)
    plain, own = EyeReader().read(picture, mesh_of()), EyeReader().read(picture, mesh_of(), photo)
    for before, after in zip(plain, own, strict=True):
        assert before.iris[0] > before.iris[2]
        assert after.iris[2] > after.iris[0] + 20
        assert after.iris @ [0.299, 0.587, 0.114] == pytest.approx(before.iris @ [0.299, 0.587, 0.114], abs=3)


def test_an_eye_without_iris_gets_none():
    picture = np.full((SIDE, SIDE, 3), 60, np.float32)
    assert all(eye.seen == 0 for eye in EyeReader().read(picture, mesh_of()))


def test_irises_are_brown_at_most():
    picture = face()
    picture[np.abs(picture - IRIS).max(2) < 40] = (110, 40, 35)
    result = painted(picture, mesh_of())
    for x, y in EYES.values():
        red, green, _ = result[y + 4 : y + 9, x - 8 : x - 3].mean((0, 1))
        assert red < 2 * green


def test_one_catchlight_towards_the_light_is_left_of_all_reflections():
    result = painted(face(), mesh_of())
    for x, y in EYES.values():
        iris = result[y - 7 : y + 8, x - 7 : x + 8].mean(-1)
        down, right = np.unravel_index(iris.argmax(), iris.shape)
        assert max(down, right) < 7
        bright = (iris > 0.8 * iris.max()).astype(np.uint8)
        assert cv2.connectedComponents(bright)[0] == 2


def test_closed_eyes_stay_closed():
    picture, mesh = np.full((SIDE, SIDE, 3), SKIN, np.float32), mesh_of(opening=1.5)
    painter = FeaturePainter()
    features = painter.read(picture, mesh[None], picture)
    result = picture.copy()
    for eye in features[0].eyes:
        painter.eye_paint.paint(result, eye, 1.0, painter.light, 1.0)
    assert np.array_equal(result, picture)


def test_lids_that_the_mesh_takes_for_open_eyes_stay_closed():
    """Lids are light above, with lashes on their lower edge."""
    picture, mesh = np.full((SIDE, SIDE, 3), SKIN, np.float32), mesh_of()
    for x, y in EYES.values():
        cv2.ellipse(picture, (x, y + 1), (30, 9), 0, 10, 170, (60, 45, 40), 5)
    picture = cv2.GaussianBlur(picture, (0, 0), 1)
    assert all(eye.openness < 0.02 for eye in EyeReader().read(picture, mesh))
    assert all(eye.openness > 0.2 for eye in EyeReader().read(face(), mesh))
    assert painted(picture, mesh).max() < max(SKIN) + 5


def test_of_a_grey_photo_irises_have_the_painters_hue():
    picture = face()
    grey = np.repeat(picture.mean(2, keepdims=True), 3, 2)
    plain, own = EyeReader().read(picture, mesh_of()), EyeReader().read(picture, mesh_of(), grey)
    for before, after in zip(plain, own, strict=True):
        assert np.allclose(before.iris, after.iris, atol=0.5)


def test_no_iris_is_violet():
    picture = face()
    violet = picture.copy()
    violet[np.abs(picture - IRIS).max(2) < 40] = (70, 50, 85)
    for eye in EyeReader().read(violet, mesh_of(), violet):
        red, green, blue = eye.iris
        assert red > blue - 3
        assert green >= blue - 12


def test_teeth_become_one_mass_as_light_as_before():
    picture = face()
    result = painted(picture, mesh_of())
    row = slice(MOUTH[1] - 2, MOUTH[1] + 3), slice(MOUTH[0] - 20, MOUTH[0] + 21)
    before, after = (image[row].mean((0, 2)) for image in (picture, result))
    assert np.ptp(after) < 0.55 * np.ptp(before)
    assert after.mean() == pytest.approx(before.mean(), abs=15)


def test_a_closed_mouth_has_no_teeth():
    picture, mesh = face(), mesh_of()
    mouth = replace(MouthReader().read(picture, mesh), openness=0.0)
    paint = replace(FeaturePainter().mouth_paint, lips_share=0.0, teeth=TeethPaint(share=1.0))
    result = picture.copy()
    paint.simplify(result, mouth, 1.0)
    assert np.array_equal(result, picture)


def test_only_features_change():
    picture = face() + np.random.default_rng(0).normal(0, 3, (SIDE, SIDE, 3)).astype(np.float32)
    changed = np.abs(painted(picture, mesh_of()) - picture).max(-1)
    assert changed[:40].max() == changed[290:].max() == changed[160:176, 140:180].max() == 0


def test_a_larger_picture_shows_the_same_eyes():
    painter, picture = FeaturePainter(), face()
    features = painter.read(picture, mesh_of()[None], picture)
    large = cv2.resize(picture, (2 * SIDE, 2 * SIDE), interpolation=cv2.INTER_CUBIC)
    painter.draw(picture, features, 1.0)
    painter.draw(large, features, 2.0)
    small = cv2.resize(large, (SIDE, SIDE), interpolation=cv2.INTER_AREA)
    assert np.abs(small - picture).mean() < 1
    assert np.abs(small - picture).max() < 60


def test_tiny_faces_are_left_alone():
    picture = cv2.resize(face(), (SIDE // 8, SIDE // 8), interpolation=cv2.INTER_AREA)
    assert np.array_equal(painted(picture, mesh_of(scale=1 / 8)), picture)


def test_a_face_beyond_the_border_does_no_harm():
    picture, mesh = face(), mesh_of()
    mesh[:, :2] += 200
    assert np.isfinite(painted(picture, mesh)).all()
    mesh[:, :2] += 2000
    assert np.array_equal(painted(picture, mesh), picture)


def test_a_moustache_is_no_mouth():
    mesh, reader = mesh_of(), MouthReader()
    mesh[[50, 117, 205], :2], mesh[[280, 346, 425], :2] = (90, 180), (230, 180)
    seen, covered = face(), face()
    cv2.ellipse(covered, MOUTH, (60, 30), 0, 0, 360, (150, 148, 142), -1)
    assert reader.seen(seen, mesh) == 1
    assert reader.seen(covered, mesh) == 0
    # In a photo without colour all lips are grey.
    assert reader.seen(np.repeat(seen.mean(-1, keepdims=True), 3, -1), mesh) == 1
