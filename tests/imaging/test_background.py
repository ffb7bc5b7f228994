import numpy as np
import pytest

from portraitify.imaging.background import blur_background


@pytest.fixture
def scene() -> tuple[np.ndarray, np.ndarray]:
    """A red sitter before a chequered ground, and the sitter's mask."""
    y, x = np.mgrid[:96, :96]
    frame = np.where(((x // 4 + y // 4) % 2 == 0)[..., None], 40, 200).repeat(3, 2).astype(np.uint8)
    subject_mask = np.zeros((96, 96), np.float32)
    subject_mask[30:, 30:66] = 1
    frame[subject_mask > 0] = (255, 0, 0)
    return frame, subject_mask


def test_the_sitter_is_unchanged_and_the_ground_is_soft(scene):
    frame, subject_mask = scene
    soft = blur_background(frame, subject_mask, 8.0)
    assert (soft[subject_mask > 0] == (255, 0, 0)).all()
    assert soft[subject_mask == 0].std() < 0.3 * frame[subject_mask == 0].std()


def test_the_sitter_leaves_no_halo(scene):
    frame, subject_mask = scene
    soft = blur_background(frame, subject_mask, 8.0).astype(int)
    background = soft[subject_mask == 0]
    assert np.abs(background[:, 0] - background[:, 1]).max() <= 2


def test_without_blur_or_without_ground_nothing_changes(scene):
    frame, subject_mask = scene
    assert blur_background(frame, subject_mask, 0.0) is frame
    assert np.array_equal(blur_background(frame, np.ones_like(subject_mask), 8.0), frame)
