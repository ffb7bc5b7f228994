"""A face under a master's own hair, on even colours."""

from dataclasses import replace

import numpy as np
import pytest

from portraitify.costume.bare_face import empty_face
from portraitify.costume.borrowed_hair import dress_under_hair
from portraitify.costume.face_setting import beard_of, likeness
from portraitify.costume.face_turning import Turning, place_on_face
from portraitify.costume.master import MasterMasks
from portraitify.faces.aligned_face import AlignedFace, FaceSource
from portraitify.faces.alignment import Crop
from portraitify.faces.face_mesh import FaceGeometry
from portraitify.imaging.affine import transform_points
from portraitify.imaging.face_parts import FacePart
from portraitify.imaging.thin_plate import warp_map
from tests.costume.made_up import made_up_master, oval_mesh

SIDE, PALE, DARK = 96, (230, 190, 160), (110, 70, 50)


def face_mesh(centre, width, turn=0.0):
    """A head whose named parts lie where the mesh has them: an outline, eyes, brows and lips."""
    mesh = oval_mesh(centre, width, 0.0) - [*centre, 0]
    angles = np.linspace(0, 2 * np.pi, len(FacePart.FACE.value), endpoint=False)
    mesh[list(FacePart.FACE.value)] = width * np.c_[0.5 * np.sin(angles), -0.7 * np.cos(angles), 0 * angles]
    places = {"LEFT_EYE": (-0.2, -0.15), "RIGHT_EYE": (0.2, -0.15), "LEFT_BROW": (-0.2, -0.25)}
    for name, (x, y) in (places | {"RIGHT_BROW": (0.2, -0.25), "LIPS": (0, 0.35), "MOUTH": (0, 0.35)}).items():
        part = list(FacePart[name].value)
        angles = np.linspace(0, 2 * np.pi, len(part), endpoint=False)
        mesh[part] = width * np.c_[x + 0.08 * np.cos(angles), y + 0.03 * np.sin(angles), -0.35 + 0 * angles]
    # Round the nose, on the cheeks and on the chin.
    mesh[[168, 193, 245, 129, 98, 2, 327, 358, 465, 417], :2] = width * np.array([0.0, 0.05])
    mesh[[50, 280, 205, 425, 187, 411, 101, 330], :2] = width * np.array([[-0.25, 0.1], [0.25, 0.1]] * 4)
    mesh[[200, 199, 208, 428, 18], :2] = width * np.array([0.0, 0.55])
    cos, sin = np.cos(turn), np.sin(turn)
    return mesh @ np.array([[cos, 0, sin], [0, 1, 0], [-sin, 0, cos]]) + [*centre, 0]


def sitter(colour, mesh=None):
    pixels = np.full((SIDE, SIDE, 3), colour, np.uint8)
    mesh = face_mesh((SIDE / 2, SIDE / 2), 0.5 * SIDE) if mesh is None else mesh
    landmarks = np.array([[36, 42], [60, 42], [48, 50], [40, 64], [56, 64]], float)
    crop = Crop(np.array([[1.0, 0, 0], [0, 1, 0]]), SIDE, 0.25, 1.0)
    source = FaceSource(np.array([20, 20, 70, 80.0]), 1.0)
    return AlignedFace(pixels, np.full((SIDE, SIDE), 255, np.uint8), landmarks, crop, source, meshes=mesh[None])


def pale_master():
    master = made_up_master(256, 320)
    mesh, picture = face_mesh((128, 130), 80), master.plate.copy()
    head, hair, skin = (np.zeros(picture.shape[:2], np.uint8) for _ in range(3))
    head[50:200, 76:180], hair[50:84, 76:180], skin[190:220, 100:156] = 255, 255, 255
    picture[head > 0], picture[hair > 0], picture[skin > 0] = (225, 185, 155), (60, 40, 30), (225, 185, 155)
    # Brows and eyes of the master's own sitter.
    picture[108:122, 105:119] = picture[108:122, 137:151] = 20
    masks = MasterMasks(head, hair, skin, np.zeros_like(head), master.masks.body)
    return replace(master, mesh=mesh, picture=picture, masks=masks)


def dressed(colour):
    master, face = pale_master(), sitter(colour)
    matrix = place_on_face(face.meshes[0], master)
    return dress_under_hair(face.pixels, face, master, empty_face(master), matrix), master, face


@pytest.mark.parametrize("colour", [PALE, DARK])
def test_face_neck_and_chest_are_in_one_skin_and_hair_stays(colour):
    found, master, _ = dressed(colour)
    face, neck = found.master.plate[150, 128].astype(float), found.master.plate[205, 128].astype(float)
    assert np.abs(face - colour).max() < 12
    assert np.abs(neck - face).max() < 20
    assert (found.master.plate[55:70, 90:160] == master.picture[55:70, 90:160]).all()


def test_a_neck_in_deep_shade_is_nearly_as_light_as_the_face():
    master, face = pale_master(), sitter(PALE)
    shaded = master.picture.copy()
    shaded[190:220, 100:156] = (170, 138, 115)
    master = replace(master, picture=shaded)
    found = dress_under_hair(face.pixels, face, master, empty_face(master), place_on_face(face.meshes[0], master))
    neck, own = (found.master.plate[row, 128].astype(float) for row in (208, 150))
    assert 0.85 * own.mean() < neck.mean() < own.mean()


def test_nothing_of_the_masters_own_features_is_left():
    found, _, _ = dressed(PALE)
    middle = found.painted[found.own > 0.9]
    assert middle.min() > 100
    assert found.master.plate[108:122, 105:151].min() > 100


def test_below_the_end_of_a_photo_the_masters_chin_goes_on():
    master, face = pale_master(), sitter(DARK)
    # As pixels are continued beyond a photo that ends in the mouth.
    face.pixels[76:, 30:66] = (200, 20, 40)
    face.valid[76:] = 0
    matrix = place_on_face(face.meshes[0], master)
    found = dress_under_hair(face.pixels, face, master, empty_face(master), matrix)
    chin = np.rint(found.points(np.array([[SIDE / 2, 78.0]]))[0]).astype(int)
    assert np.abs(found.painted[chin[1], chin[0]].astype(float) - DARK).max() < 12


def test_points_are_carried_to_where_the_face_is():
    found, master, face = dressed(PALE)
    eyes = face.meshes[0][list(FacePart.LEFT_EYE.value), :2]
    carried = transform_points(found.matrix, found.points(eyes))
    assert np.abs(carried.mean(0) - master.mesh[list(FacePart.LEFT_EYE.value), :2].mean(0)).max() < 2
    assert found.points(face.meshes).shape == face.meshes.shape


def test_a_head_is_turned_as_the_masters_is_but_no_further_than_a_photo_shows():
    frontal = face_mesh((50, 50), 40)
    near, far = face_mesh((100, 100), 60, 0.25), face_mesh((100, 100), 60, 1.0)
    turning = Turning(most_degrees=20)
    assert FaceGeometry(turning.turned(frontal, near), 0).pose.yaw == pytest.approx(
        FaceGeometry(near, 0).pose.yaw, abs=1
    )
    turned = abs(FaceGeometry(turning.turned(frontal, far), 0).pose.yaw - FaceGeometry(frontal, 0).pose.yaw)
    assert turned == pytest.approx(20, abs=1)


def test_the_outline_is_led_to_the_masters_and_eyes_stay():
    own, wide = face_mesh((50, 50), 40), face_mesh((50, 50), 44)
    led = Turning(upper=1.0, lower=1.0, reach=0.1).led(own, wide)
    outline, eye = list(FacePart.FACE.value), list(FacePart.LEFT_EYE.value)
    assert np.ptp(led[outline, 0]) == pytest.approx(44, abs=0.5)
    assert np.allclose(led[eye], own[eye])


def test_a_warp_carries_points_where_they_shall_be():
    before = np.random.default_rng(1).uniform(10, 90, (40, 2))
    after = before * [0.9, 1.1] + [6, -3]
    where = warp_map(before, after, 100, 0.0)
    for start, end in zip(before[:8], after[:8], strict=True):
        column, row = np.clip(np.rint(end - 0.5).astype(int), 0, 99)
        assert where[row, column] == pytest.approx(start - 0.5, abs=1.2)


def test_a_beard_is_seen():
    face = sitter(PALE)
    mesh, shaven = face.meshes[0], face.pixels.astype(np.float32)
    bearded = shaven.copy()
    bearded[68:90, 30:66] = 25
    assert beard_of(likeness(shaven, mesh), mesh) < 0.1
    assert beard_of(likeness(bearded, mesh), mesh) > 0.9
