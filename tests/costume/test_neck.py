from dataclasses import replace

import numpy as np

from portraitify.costume.neck import Neck
from tests.costume.made_up import made_up_master


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
