"""A pole behind a sitter does not stay at the head; what is the sitter's own stays."""

from __future__ import annotations

import cv2
import numpy as np

from portraitify.painting.posts import Posts

SIDE = 256
# A face in the middle of the head.
TURNS = np.linspace(0, 2 * np.pi, 468, endpoint=False)
MESH = np.stack([150 + 35 * np.cos(TURNS), 130 + 45 * np.sin(TURNS), 0 * TURNS], -1)[None]
LANDMARKS = np.array([[[135, 120], [165, 120], [150, 135], [138, 150], [162, 150]]], float)
WHOLE = np.full((SIDE, SIDE), 255, np.uint8)


def without(
    image: np.ndarray, mask: np.ndarray, meshes: np.ndarray = MESH, landmarks: np.ndarray = LANDMARKS
) -> np.ndarray:
    return Posts().without(image, mask, meshes, landmarks, WHOLE)


def scene(pole: tuple[int, int]) -> tuple[np.ndarray, np.ndarray]:
    """A head before a pole between two rows, and a mask that takes a piece of that for a part of it."""
    image = np.full((SIDE, SIDE, 3), (40, 60, 120), np.uint8)
    image[pole[0] : pole[1], 90:98] = (220, 170, 60)
    mask = np.zeros((SIDE, SIDE), np.uint8)
    cv2.ellipse(image, (150, 130), (48, 62), 0, 0, 360, (190, 140, 120), -1, cv2.LINE_AA)
    cv2.ellipse(mask, (150, 130), (48, 62), 0, 0, 360, 255, -1)
    mask[110:150, 84:110] = 255
    return image, mask.astype(np.float32) / 255


def test_a_pole_behind_a_head_is_no_part_of_it():
    image, mask = scene((0, SIDE))
    found = without(image, mask)
    assert not (found[110:150, 84:97] > 0).any()
    assert (found[:, 102:] == mask[:, 102:]).all()


def test_what_ends_at_the_head_stays():
    """A braid or an ornament is seen at the sitter only."""
    image, mask = scene((108, 152))
    assert (without(image, mask) == mask).all()


def test_a_line_through_the_face_cuts_nothing():
    image, mask = scene((0, SIDE))
    image[:, 148:152] = 255
    found = without(image, mask)
    assert (found[:, 102:] == mask[:, 102:]).all()


def test_a_large_part_of_the_mask_stays():
    """An arm is as straight, and so is a wall behind somebody of whom the mask shows more than the head."""
    image, mask = scene((0, SIDE))
    mask[60:230, 10:110] = 1
    assert (without(image, mask) == mask).all()


def test_many_poles_together_do_not_cut_off_much():
    image, mask = scene((0, SIDE))
    mask[40:220, 58:112] = 1
    for column in (60, 70, 80):
        image[:, column : column + 3] = (220, 170, 60)
    found = without(image, mask)
    assert 0 < (mask > found).sum() <= 0.1 * mask.sum()


def test_where_the_photo_ends_is_no_pole():
    image, mask = scene((0, SIDE))
    image[:, :98], valid = (90, 90, 90), WHOLE.copy()
    valid[:, :98] = 0
    assert (Posts().without(image, mask, MESH, LANDMARKS, valid) == mask).all()


def test_where_a_face_has_no_mesh_nothing_is_cut_off():
    image, mask = scene((0, SIDE))
    assert without(image, mask, MESH[:0]) is mask
    assert without(image, mask, MESH, np.concatenate([LANDMARKS, LANDMARKS - (100, 0)])) is mask
