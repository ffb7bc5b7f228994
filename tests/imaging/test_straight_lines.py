"""Lines that are found are as long as they were drawn, in one piece in spite of gaps, and no more than were drawn."""

from __future__ import annotations

import cv2
import numpy as np

from portraitify.imaging.straight_lines import LineFinder


def edge_of(gap: tuple[int, int] = (0, 0)) -> np.ndarray:
    """A dark and a light half, 256 pixels; between rows of the gap they do not differ."""
    image = np.full((256, 256, 3), 60, np.uint8)
    image[:, 100:] = 180
    image[gap[0] : gap[1]] = 120
    return image


def test_an_edge_is_one_line():
    (line,) = LineFinder().find(edge_of())
    assert abs(abs(line.direction[1]) - 1) < 1e-3
    assert abs(line.start[0] - 100) < 2
    assert line.length > 240


def test_pieces_of_a_line_are_put_together():
    lines = [line for line in LineFinder().find(edge_of((120, 130))) if abs(line.direction[1]) > 0.9]
    assert len(lines) == 1
    assert lines[0].length > 240
    assert len(lines[0].seen) == 2


def test_what_lies_far_apart_is_no_line():
    lines = [line for line in LineFinder().find(edge_of((90, 170))) if abs(line.direction[1]) > 0.9]
    assert sorted(line.length < 100 for line in lines) == [True, True]


def test_round_things_have_no_lines():
    image = np.full((256, 256, 3), 60, np.uint8)
    cv2.circle(image, (128, 128), 70, (180, 180, 180), -1, cv2.LINE_AA)
    assert all(line.length < 60 for line in LineFinder().find(image))
    assert not list(LineFinder().find(np.zeros((64, 64, 3), np.uint8)))


def test_short_pieces_far_from_a_line_are_none_of_it():
    image = edge_of((120, 256))
    image[210:222, 100:] = 180
    lines = [line for line in LineFinder().find(image) if abs(line.direction[1]) > 0.9]
    assert len(lines) == 1
    assert lines[0].length < 130
