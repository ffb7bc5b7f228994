import numpy as np
import pytest

from portraitify.imaging.background import soften_ground


@pytest.fixture
def scene() -> tuple[np.ndarray, np.ndarray]:
    """A red sitter before a chequered ground, and the sitter's mask."""
    y, x = np.mgrid[:96, :96]
    frame = np.where(((x // 4 + y // 4) % 2 == 0)[..., None], 40, 200).repeat(3, 2).astype(np.uint8)
    sitter = np.zeros((96, 96), np.float32)
    sitter[30:, 30:66] = 1
    frame[sitter > 0] = (255, 0, 0)
    return frame, sitter


def test_the_sitter_is_unchanged_and_the_ground_is_soft(scene):
    frame, sitter = scene
    soft = soften_ground(frame, sitter, 8.0)
    assert (soft[sitter > 0] == (255, 0, 0)).all()
    assert soft[sitter == 0].std() < 0.3 * frame[sitter == 0].std()


def test_the_sitter_leaves_no_halo(scene):
    frame, sitter = scene
    soft = soften_ground(frame, sitter, 8.0).astype(int)
    ground = soft[sitter == 0]
    assert np.abs(ground[:, 0] - ground[:, 1]).max() <= 2


def test_without_blur_or_without_ground_nothing_changes(scene):
    frame, sitter = scene
    assert soften_ground(frame, sitter, 0.0) is frame
    assert np.array_equal(soften_ground(frame, np.ones_like(sitter), 8.0), frame)
