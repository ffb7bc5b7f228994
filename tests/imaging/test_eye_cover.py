"""Eyes that dark or mirroring glasses hide."""

from __future__ import annotations

import numpy as np
import pytest

from portraitify.imaging.eye_cover import eye_cover
from tests.media.test_works_on_paper import MESHES

SKIN = (205, 150, 120)
BELOW = [228, 229, 230, 231, 448, 449, 450, 451]


def face(lens: tuple[int, int, int], right_too: bool = True) -> tuple[np.ndarray, np.ndarray]:
    """A face of one colour, with lenses over its eyes, and its mesh."""
    picture = np.full((128, 128, 3), SKIN, np.uint8)
    picture[40:54, 34:58] = lens
    if right_too:
        picture[40:54, 62:86] = lens
    mesh = MESHES[0].copy()
    mesh[:, :2] = np.where(np.all(mesh[:, :2] == (60, 52), axis=1, keepdims=True), (60, 70), mesh[:, :2])
    mesh[BELOW[:4], :2], mesh[BELOW[4:], :2] = (46, 51), (74, 51)
    return picture, mesh


@pytest.mark.parametrize("lens", [(20, 20, 22), (120, 190, 150), (40, 90, 220)], ids=["dark", "green", "blue"])
def test_dark_and_mirroring_glasses_hide_eyes(lens):
    assert eye_cover(*face(lens)) == 1


@pytest.mark.parametrize("shade", [SKIN, (150, 108, 86), (215, 170, 150)], ids=["bare", "shade", "clear glass"])
def test_skin_in_light_or_shade_does_not(shade):
    assert eye_cover(*face(shade)) == 0


def test_one_hidden_eye_is_a_patch_or_a_shadow():
    assert eye_cover(*face((20, 20, 22), right_too=False)) == 0


def test_faces_may_lie_partly_outside():
    picture, mesh = face(SKIN)
    assert eye_cover(picture, mesh + np.array([-70, -60, 0])) == 0
