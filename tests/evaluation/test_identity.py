import importlib.util

import cv2
import numpy as np
import pytest

from portraitify.errors import ConfigError
from portraitify.evaluation import identity
from portraitify.evaluation.identity import SAME_PERSON, FaceReader, cosine, open_face_reader

NOSE = np.array([225.0, 130.0])


@pytest.fixture(scope="module")
def reader():
    pytest.importorskip("dlib")
    if importlib.util.find_spec("face_recognition_models") is None:
        pytest.skip("needs face_recognition_models")
    return FaceReader()


def test_a_person_is_known_again_in_a_mirror(reader, astronaut):
    photo = reader.read(astronaut, NOSE)
    mirrored = reader.read(np.ascontiguousarray(astronaut[:, ::-1]), [512, 0] + NOSE * [-1, 1])
    assert np.linalg.norm(photo.descriptor - mirrored.descriptor) < SAME_PERSON
    assert photo.points.shape == (68, 2)
    assert (reader.outlines(astronaut, NOSE, [astronaut]) == photo.points).all()
    # Left stays left: each point lands where it was, up to the noise of the outline.
    back = [512, 0] + mirrored.points[list(identity._MIRRORED)] * [-1, 1]
    assert np.abs(back - photo.points).max() < 3


def test_only_the_face_at_the_place_counts(reader, astronaut):
    assert reader.read(astronaut, np.array([450.0, 450.0])) is None
    assert reader.read(cv2.GaussianBlur(astronaut, (0, 0), 40), NOSE) is None
    assert reader.outlines(np.zeros_like(astronaut), NOSE) is None


def test_without_the_extra_there_is_no_reader(monkeypatch):
    monkeypatch.setattr(identity.importlib.util, "find_spec", lambda name: None)
    assert open_face_reader() is None
    with pytest.raises(ConfigError, match=r"install portraitify\[evaluate\]"):
        FaceReader()


def test_cosine():
    assert cosine(np.array([1.0, 0]), np.array([3.0, 3])) == pytest.approx(np.sqrt(0.5))
