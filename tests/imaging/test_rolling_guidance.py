import cv2
import numpy as np

from portraitify.imaging.rolling_guidance import rolling_guidance


def test_specks_go_and_contours_stay():
    luma = np.full((128, 128), 0.3, np.float32)
    luma[:, 64:] = 0.8
    specked = luma.copy()
    specked[20:108:8, 16:56:8] = 0.5
    guide = cv2.GaussianBlur(specked, (0, 0), 2.0)
    picture = cv2.merge([specked] * 3)
    smooth = rolling_guidance(picture, specked, guide, radius_px=6.0, edge=0.03, rounds=3)[..., 0]
    assert smooth[20:108, 16:56].std() < 0.3 * specked[20:108, 16:56].std()
    # Nearly all of the step within four pixels, though the guide needs more.
    assert smooth[64, 66] - smooth[64, 61] > 0.9 * 0.5
    assert guide[64, 66] - guide[64, 61] < 0.9 * 0.5
