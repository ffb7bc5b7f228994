import numpy as np

from portraitify.faces.detection import prominence


def test_the_prominent_face_is_large_and_central():
    boxes = np.array([[0, 0, 20, 20], [40, 40, 60, 60], [35, 35, 75, 75]], float)
    ranks = prominence(boxes, np.ones(3), 100, 100)
    assert ranks.argsort().tolist() == [0, 1, 2]
