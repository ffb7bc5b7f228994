from dataclasses import replace

import numpy as np

from portraitify.costume.bust import Bust, Canvas
from portraitify.costume.neck import Collar, Neck, face_width, opened, over_collar
from portraitify.costume.placement import joint_of, place
from portraitify.imaging.affine import transform_points
from tests.costume.made_up import made_up_master, outlined, oval_mesh


def test_the_neck_goes_into_the_collar_and_not_into_the_shoulder_beside_it():
    master = made_up_master(width=256, height=320)
    before, body = np.zeros_like(master.masks.body), np.zeros_like(master.masks.body)
    body[230:, :128] = 255
    before[210:225, 120:200] = 255
    body[225:, 120:] = 255
    collar = Neck().collar_of(replace(master, masks=replace(master.masks, before=before, body=body)))
    assert collar.foot[1] == 210
    assert 128 < collar.foot[0] <= 160
    assert collar.half_width > 30


def test_of_a_slit_the_opening_above_it_counts():
    master = made_up_master(width=256, height=320)
    width = face_width(master.mesh)
    columns, rows = np.arange(256), np.arange(320)[:, None]
    # A collar that falls steeply from the left, and is cut short at the right.
    edge = 230 - np.clip((140 - columns) * 0.55, 0, 0.3 * width)
    collar = (rows >= edge) & (columns > 100) & (columns < 150)
    before, body = np.uint8(255 * collar), np.uint8(255 * (rows > 260)) * np.ones_like(master.masks.body)
    dressed = replace(master, masks=replace(master.masks, before=before, body=body))
    assert Neck(slit=Neck.level).collar_of(dressed).half_width < Neck().collar_of(dressed).half_width
    assert abs(Neck().collar_of(dressed).foot[0] - 125) < abs(Neck(slit=Neck.level).collar_of(dressed).foot[0] - 125)


def test_broad_shade_on_a_neck_is_opened_and_strokes_stay():
    skin = np.array([200.0, 150, 120])
    neck = np.zeros((256, 256), np.float32)
    neck[100:200, 80:180] = 1
    strokes = 0.1 * (np.indices(neck.shape)[1] // 2 % 2)
    flesh = np.float32(skin * np.exp(-0.5 - strokes)[..., None])
    done = opened(flesh, skin, neck, width=100.0)[140:160, 120:140]
    assert np.allclose(np.log(skin / done.mean((0, 1))), 0, atol=0.02)
    assert np.allclose(np.log(done[:, 4:] / done[:, :-4]), 0, atol=0.02)
    assert np.abs(np.log(done[:, 1:] / done[:, :-1])).max() > 0.09


def test_a_neck_lies_in_the_shade_of_the_jaw_and_is_as_light_as_the_face_on_the_whole():
    side, skin, plan, mesh = 256, (200, 150, 120), Neck(), outlined(oval_mesh((128, 90), 100))
    neck, nothing = plan.shape(mesh, Collar(np.array([128.0, 230]), 45), side), np.zeros((side, side), np.float32)
    own = np.full((side, side, 3), skin, np.uint8)
    shading = plan.shading(neck, nothing, mesh, np.array([-0.7, -0.7]))
    bust = Bust(mesh, own * 0.0, own * 0.0, shading, neck, nothing, nothing, nothing, made_up_master())
    painted = bust.under(own, np.float32(skin)).mean(-1)
    chin = int(mesh[152, 1])
    seen = (neck > 0.95) & (np.arange(side)[:, None] > chin)
    assert abs(painted[seen].mean() - np.mean(skin)) < 12
    assert painted[chin + 2, 128] < painted[chin + 45, 128] - 20
    # The side away from the light is darker.
    assert painted[chin + 40, 158] < painted[chin + 40, 108] - 20


def test_a_head_comes_nearer_to_the_middle_of_its_collar():
    master, mesh = made_up_master(width=256, height=320), oval_mesh((100, 80), 60)

    def aside(left: int) -> tuple[float, float]:
        """How far the head lies beside a collar before and after, in widths of the face."""
        before, body = np.zeros_like(master.masks.body), np.zeros_like(master.masks.body)
        before[210:225, left : left + 60] = 255
        body[225:] = 255
        dressed = replace(master, masks=replace(master.masks, before=before, body=body))
        placed = place(mesh, dressed)
        foot, width = Neck().collar_of(dressed).foot[0], face_width(master.mesh)
        moved = over_collar(placed, mesh, dressed)
        assert np.array_equal(moved[:, :2], placed[:, :2])
        first, second = (float(foot - transform_points(matrix, joint_of(mesh))[0]) for matrix in (placed, moved))
        return first / width, second / width

    first, second = aside(110)
    assert abs(first) > 0.1
    assert abs(second) < 0.3 * abs(first)


def test_a_neck_goes_on_down_to_the_dress():
    master = made_up_master(width=256, height=320)
    chin = int(master.mesh[152, 1])
    head, body = np.zeros_like(master.masks.head), np.zeros_like(master.masks.body)
    head[60 : chin + 4, 70:190] = 255
    body[chin + 34 :] = 255
    apart = replace(master, masks=replace(master.masks, head=head, body=body))
    nothing = np.zeros((256, 256), np.float32)
    mesh = outlined(oval_mesh((128, 120), 76))
    neck = Bust.of(apart, Canvas(256, np.array([[1.0, 0, 0], [0, 1, 14]])), mesh, nothing, nothing).neck
    assert neck[chin - 14 + 4 : chin - 14 + 32, 128].min() > 0.9
