"""The sitter's head on the master's bust."""

from dataclasses import replace

import cv2
import numpy as np

from portraitify.costume.bust import Canvas
from portraitify.costume.dressing import dress
from portraitify.costume.head import head_of
from portraitify.costume.placement import place
from portraitify.costume.tones import keep_tones
from portraitify.imaging.affine import inverse, transform_points
from portraitify.imaging.cielab import to_lab
from tests.costume.made_up import made_up_master, outlined
from tests.costume.sitters import CENTRE, HAIR, HALF, SKIN, sitter


def dressed(long_hair=False, master=None, raised=0.0):
    face, outline = sitter(long_hair, raised)
    face = replace(face, meshes=outlined(face.meshes[0])[None])
    master = master or made_up_master(512, 640)
    return face, dress(face.pixels, head_of(face, outline), face, master, place(face.meshes[0], master))


def colour_at(picture, place, reach=3):
    x, y = np.rint(place).astype(int)
    return to_lab(picture[y - reach : y + reach + 1, x - reach : x + reach + 1]).mean((0, 1))


def test_nothing_of_the_old_surroundings_is_left():
    _, done = dressed()
    plate = Canvas(len(done.mask), done.matrix).show(done.master.plate)
    assert np.abs(done.painted - plate)[done.mask < 0.01].max() <= 9
    shirt = done.points(np.array([CENTRE[0], CENTRE[1] + HALF + 60]))
    assert colour_at(done.painted, shirt)[0] < 20


def test_the_neck_is_of_the_sitters_skin():
    _, done = dressed()
    neck = colour_at(done.painted, done.points(np.array([CENTRE[0], CENTRE[1] + HALF + 6])))
    skin = to_lab(np.full((1, 1, 3), SKIN, np.uint8))[0, 0]
    assert np.linalg.norm(neck[1:] - skin[1:]) < 6
    assert -22 < neck[0] - skin[0] < 4


def test_a_collar_passes_before_the_neck():
    master = made_up_master(512, 640)
    before = np.zeros_like(master.masks.body)
    top = round(float(master.mesh[152, 1])) + 6
    before[top : top + 60, 150:360] = 255
    plate = master.plate.copy()
    plate[before > 0] = 250
    master = replace(master, plate=plate, picture=plate, masks=replace(master.masks, before=before))
    _, done = dressed(master=master)
    place_of_collar = np.array([256.0, top + 20])
    on_canvas = transform_points(inverse(done.matrix), place_of_collar)
    assert colour_at(done.painted, on_canvas)[0] > 90


def test_long_hair_falls_over_the_dress():
    _, done = dressed(long_hair=True)
    hair = to_lab(np.full((1, 1, 3), HAIR, np.uint8))[0, 0]
    found = colour_at(done.painted, done.points(np.array([CENTRE[0] - 48, CENTRE[1] + HALF + 8])))
    assert np.linalg.norm(found - hair) < 14


def test_a_crown_that_is_cut_is_completed():
    _, done = dressed(raised=42)
    above = done.points(np.array([CENTRE[0], -3.0]))
    assert done.mask[int(above[1]), int(above[0])] > 0.5


def test_points_of_the_crop_are_found_on_the_canvas():
    face, done = dressed()
    assert np.allclose(
        transform_points(done.matrix, done.points(face.landmarks)),
        transform_points(place(face.meshes[0], done.master), face.landmarks),
    )


def test_hands_take_the_sitters_skin_and_the_dress_stays():
    master = made_up_master(512, 640)
    skin = np.zeros_like(master.masks.skin)
    skin[600:630, 20:60] = 255
    plate = master.plate.copy()
    plate[skin > 0] = (240, 220, 210)
    master = replace(master, plate=plate, picture=plate, masks=replace(master.masks, skin=skin))
    _, done = dressed(master=master)
    hand = colour_at(done.master.plate, np.array([40, 615]))
    wanted = to_lab(np.full((1, 1, 3), SKIN, np.uint8))[0, 0]
    assert np.linalg.norm(hand[1:] - wanted[1:]) < 8
    assert (done.master.plate[skin == 0] == plate[skin == 0]).all()


def test_tones_come_back_to_the_photos():
    face, done = dressed()
    veiled = cv2.addWeighted(done.painted, 0.8, np.full_like(done.painted, (90, 90, 20)), 0.2, 0)
    kept = keep_tones(veiled, done, face)
    cheek = done.points(face.meshes[0][:, :2].mean(0) + np.array([0, 6]))
    top = done.points(np.array([CENTRE[0], CENTRE[1] - HALF - 6]))
    for where in (cheek, top):
        own = colour_at(done.photo, where * len(done.photo) / len(done.painted), 2)
        assert np.linalg.norm(colour_at(kept, where, 2) - own) < np.linalg.norm(colour_at(veiled, where, 2) - own)
