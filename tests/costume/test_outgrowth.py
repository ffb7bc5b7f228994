import cv2
import numpy as np

from portraitify.costume.head_frame import COARSE_PX, HeadFrame
from portraitify.costume.outgrowth import Outgrowth
from portraitify.imaging.morphology import disc

# A face 40 cells wide, its top at row 50, in hair that reaches 20 cells above it.
FRAME = HeadFrame(top=50, chin=100, middle=64, width=40, neck=64, point=64)
SKIN, HAIR, WOOD = (70.0, 12, 18), (30.0, 5, 8), (55.0, 10, 30)
# A post on the crown, and its middle.
POST, AT = np.s_[22:32, 61:68], (26, 64)


def found(crown: tuple[float, float, float], post: tuple[float, float, float], ear: bool = False) -> np.ndarray:
    """What sticks out of a head whose crown and post are of these colours."""
    head, face = np.zeros((COARSE_PX, COARSE_PX), np.uint8), np.zeros((COARSE_PX, COARSE_PX), np.uint8)
    cv2.ellipse(head, (64, 70), (28, 40), 0, 0, 360, 1, -1)
    cv2.ellipse(face, (64, 75), (20, 25), 0, 0, 360, 1, -1)
    lab = np.zeros((COARSE_PX, COARSE_PX, 3), np.float32)
    lab[head > 0] = crown
    lab[face > 0] = SKIN
    head[POST] = 1
    lab[POST] = post
    ears = np.zeros(face.shape, np.float32)
    if ear:
        ears[POST] = 1
    skin = np.float32(np.all(lab == SKIN, axis=2))
    roots = np.float32(cv2.dilate(face, disc(8)))
    return Outgrowth().find(np.float32(head), lab, skin, (np.float32(face), ears), roots, FRAME)


def test_a_post_of_another_colour_is_no_hair():
    assert found(HAIR, WOOD)[AT] > 0.9


def test_a_tuft_of_the_hairs_own_colour_stays():
    assert found(HAIR, HAIR).max() == 0


def test_nothing_sticks_out_of_a_bald_crown():
    assert found(SKIN, SKIN)[AT] > 0.9


def test_ears_stick_out():
    assert found(HAIR, SKIN, ear=True).max() == 0


def test_the_head_itself_is_left_alone():
    away = found(HAIR, WOOD)
    assert away[40:].max() < 0.05
