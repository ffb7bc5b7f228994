import cv2
import numpy as np
import pytest

from portraitify.imaging.coherence import edge_offsets, flow_vectors, smooth_along

SIDE = 128


def stripes(angle: float) -> np.ndarray:
    """Stripes along an angle, ``(SIDE, SIDE)`` float32 in 0 to 1."""
    y, x = np.mgrid[:SIDE, :SIDE].astype(np.float32)
    across = x * np.sin(angle) - y * np.cos(angle)
    return (0.5 + 0.5 * np.sin(0.4 * across)).astype(np.float32)


@pytest.mark.parametrize("angle", [0.0, 0.6, 1.5])
def test_vectors_lie_along_stripes(angle):
    across, down = (plane[32:-32, 32:-32] for plane in flow_vectors(stripes(angle), 1.0, 6.0, 0.004))
    assert np.abs(across * np.cos(angle) + down * np.sin(angle)).min() > 0.9
    assert np.abs(down * np.cos(angle) - across * np.sin(angle)).max() < 0.1


def test_where_nothing_has_a_direction_there_is_no_way():
    assert np.hypot(*flow_vectors(np.full((SIDE, SIDE), 0.5, np.float32), 1.0, 6.0, 0.004)).max() < 1e-3


def test_smoothing_along_stripes_keeps_them_and_takes_noise():
    clean = stripes(0.6)
    noise = 0.1 * np.random.default_rng(0).standard_normal((SIDE, SIDE), np.float32)
    smooth = smooth_along(clean + noise, flow_vectors(clean, 1.0, 6.0, 0.004), (1.5, 3.0, 6.0))
    inner = slice(32, -32), slice(32, -32)
    assert np.abs(smooth - clean)[inner].mean() < 0.5 * np.abs(noise)[inner].mean()
    assert np.corrcoef(smooth[inner].ravel(), clean[inner].ravel())[0, 1] > 0.98


def test_offsets_make_a_soft_step_steep_and_leave_planes_alone():
    step = np.zeros((SIDE, SIDE), np.float32)
    step[:, SIDE // 2 :] = 1
    soft = cv2.GaussianBlur(step, (0, 0), 2.0)
    offsets = edge_offsets(soft, 0.03, 1.4, 22.0)
    y, x = np.mgrid[:SIDE, :SIDE].astype(np.float32)
    steep = cv2.remap(soft, x + offsets[..., 0], y + offsets[..., 1], cv2.INTER_LINEAR)
    # Seen between a tenth and nine tenths of its height.
    widths = [((row > 0.1) & (row < 0.9)).sum() for row in (steep[64], soft[64])]
    assert widths[0] < 0.8 * widths[1]
    assert np.diff(steep[64]).min() > -1e-3
    assert np.abs(offsets[:, :40]).max() < 1e-3
