"""Who is cut out of a photo, and how."""

import cv2
import numpy as np
import pytest

from portraitify.imaging.guided_filter import guided_filter
from portraitify.painting.grounds import Sitting
from portraitify.painting.lost_edges import LostEdges
from portraitify.painting.outline import Outline
from tests.imaging.ellipsoids import ellipsoid_mesh

SIDE = 256
MESHES = ellipsoid_mesh((128, 110), 42, 60)[None]
LANDMARKS = np.array([[[110, 95], [146, 95], [128, 115], [112, 137], [144, 137]]], np.float64)


def sitter() -> tuple[np.ndarray, np.ndarray]:
    """A bust of skin, dark hair and a grey coat before a light wall, and its mask."""
    image = np.full((SIDE, SIDE, 3), (225, 225, 230), np.uint8)
    mask = np.zeros((SIDE, SIDE), np.uint8)
    for drawn, hair, coat, skin in ((image, (40, 30, 25), (90, 95, 100), (190, 140, 115)), (mask, 255, 255, 255)):
        cv2.ellipse(drawn, (128, 100), (58, 75), 0, 0, 360, hair, -1)
        cv2.rectangle(drawn, (100, 150), (156, 200), skin, -1)
        cv2.ellipse(drawn, (128, 270), (110, 85), 0, 0, 360, coat, -1)
        cv2.ellipse(drawn, (128, 110), (42, 60), 0, 0, 360, skin, -1)
    return image, mask.astype(np.float32) / 255


def draw(image: np.ndarray, mask: np.ndarray) -> np.ndarray:
    return Outline().draw(image, mask, LANDMARKS, MESHES)


def test_a_good_mask_stays():
    image, mask = sitter()
    done = draw(image, cv2.GaussianBlur(mask, (0, 0), 3))
    assert done.dtype == np.float32
    assert done.shape == mask.shape
    assert np.abs(done - mask).mean() < 0.015
    # Firm: hardly anything is half there.
    assert ((done > 0.1) & (done < 0.9)).mean() < 0.03


def test_bars_and_islands_beside_the_head_go():
    image, mask = sitter()
    for box in ((slice(85, 92), slice(0, 90)), (slice(20, 50), slice(215, 245))):
        image[box], doubtful = (250, 250, 250), mask.copy()
        doubtful[box] = np.maximum(doubtful[box], 0.85)
        done = draw(image, doubtful)
        # A strand may be so far away.
        assert (done * (1 - cv2.dilate(mask, np.ones((25, 25)))))[box].max() < 0.2


def test_bodies_and_faces_have_no_holes():
    image, mask = sitter()
    for box in ((slice(225, 250), slice(150, 180)), (slice(120, 140), slice(100, 120))):
        holed = mask.copy()
        holed[box] = 0
        assert draw(image, cv2.GaussianBlur(holed, (0, 0), 2))[box].min() > 0.8


def test_hair_that_the_network_doubts_is_kept():
    image, mask = sitter()
    doubtful = mask.copy()
    doubtful[25:45, 100:156] = 0.35
    assert draw(image, doubtful)[32:44, 110:146].min() > 0.8


def test_without_a_mesh_the_mask_is_only_refined():
    image, mask = sitter()
    done = Outline().draw(image, cv2.GaussianBlur(mask, (0, 0), 3), LANDMARKS, MESHES[:0])
    assert np.abs(done - mask).mean() < 0.02


def test_the_matte_follows_the_picture():
    guide = np.where(np.arange(256) < 128, 0.12, 0.86).astype(np.float32)[None].repeat(256, 0)
    coarse = cv2.GaussianBlur((np.arange(256) < 130).astype(np.float32)[None].repeat(256, 0), (0, 0), 3)
    fine = np.clip((guided_filter(guide, coarse, 0.03, 1e-3) - 0.2) / 0.6, 0, 1)
    true = (np.arange(256) < 128).astype(np.float32)
    assert np.abs(fine - true).mean() < 0.5 * np.abs(coarse - true).mean()


@pytest.mark.parametrize("lit", [-1, 1])
def test_edges_are_lost_on_the_shadow_side(lit):
    image, mask = sitter()
    image[mask > 0] = (190, 140, 115)
    soft = LostEdges().soften(image, mask, Sitting((0.5, 0.43), 0.27, (0.7 * lit, -0.7)))
    changed = np.abs(soft - mask)[60:150]
    left, right = changed[:, :128].sum(), changed[:, 128:].sum()
    assert (left > 2 * right) if lit > 0 else (right > 2 * left)


def test_a_white_cap_and_a_lit_far_cheek_stay_where_the_network_sees_them():
    """Against a light wall, where light alone would speak for the wall."""
    image, mask = sitter()
    cap = cv2.ellipse(np.zeros((SIDE, SIDE), np.uint8), (128, 48), (48, 28), 0, 0, 360, 1, -1) > 0
    image[cap], seen = (240, 240, 238), mask.copy()
    seen[cap] = 0.6
    assert draw(image, seen)[25:60, 105:150].min() > 0.8
    cheek = np.s_[90:130, 165:178]
    image[cheek], seen = (228, 222, 220), mask.copy()
    seen[cheek] = 0.9
    assert draw(image, seen)[cheek].mean() > 0.8


def test_where_a_mesh_reaches_over_the_ground_the_network_decides():
    image, mask = sitter()
    side = np.s_[95:125, :166]
    image[side], mask[side] = (225, 225, 230), 0
    image[95:125, 92:166], mask[95:125, 92:166] = (190, 140, 115), 1
    wall = np.s_[100:120, 87:90]
    assert cv2.GaussianBlur(mask, (0, 0), 2)[wall].max() < 0.2
    assert draw(image, cv2.GaussianBlur(mask, (0, 0), 2))[wall].max() < 0.2
    # In the middle of a face the mesh knows better.
    mask[100:120, 110:146] = 0
    assert draw(image, cv2.GaussianBlur(mask, (0, 0), 2))[100:120, 110:146].min() > 0.8


def test_a_coat_stays_though_the_white_shirt_between_is_lost():
    image, mask = sitter()
    for x in (96, 160):
        image[185:, x - 12 : x + 12], mask[185:, x - 12 : x + 12] = (225, 225, 230), 0
    mask[:185, :70] = mask[:185, 186:] = 0
    coat, shirt = np.s_[230:250, 60:80], np.s_[235:250, 90:102]
    done = draw(image, cv2.GaussianBlur(mask, (0, 0), 2))
    assert done[coat].min() > 0.8
    assert done[shirt].min() > 0.8
    assert done[100:150, 200:].max() < 0.1
