"""What spoils pictures that somebody adds, on pictures made up of even colours."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import pytest

from portraitify.costume import adding
from portraitify.costume.flaws import Flaw, other_faces, plate_flaws, remains, unsure_neck, unsure_outline
from portraitify.costume.master import MasterMasks
from portraitify.costume.outlining import Outlined
from portraitify.errors import FaceError, ImageError
from portraitify.faces.detection import Faces, no_faces
from portraitify.faces.face_mesh import FaceGeometry
from tests.costume.made_up import made_up_master

SIDE = 40


def faces(*boxes: tuple[float, float, float, float], scores: float = 0.99) -> Faces:
    count = len(boxes)
    return Faces(np.array(boxes, float), np.zeros((count, 5, 2)), np.full(count, scores), 0)


def areas() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Head, body and what lies above the chin; the head takes a quarter of that."""
    head, body = np.zeros((SIDE, SIDE), bool), np.zeros((SIDE, SIDE), bool)
    head[:20, 10:20] = body[20:] = True
    above = np.zeros_like(head)
    above[:20] = True
    return head, body, above


def test_another_person_counts_within_the_crop_and_if_large_enough():
    sitter, crop = (30.0, 30.0, 60.0, 70.0), (0.0, 0.0, 100.0, 100.0)
    (flaw,) = other_faces(faces(sitter, (70, 30, 90, 55)), crop)
    assert flaw.of_face
    assert not [*other_faces(faces(sitter), crop)]
    assert not [*other_faces(faces(sitter, (70, 30, 76, 38)), crop)]
    assert not [*other_faces(faces(sitter, (170, 30, 190, 55)), crop)]


def test_doubt_and_want_of_ground_are_told():
    head, body, above = areas()
    assert not [*unsure_outline(0.3, head, body, above)]
    assert "for certain" in next(unsure_outline(0.7, head, body, above)).words
    head[:20, 4:38] = True
    assert "too little ground" in next(unsure_outline(0.3, head, body, above)).words


def test_dress_of_the_colour_of_skin_is_told():
    assert [*unsure_neck(0.9)]
    assert not [*unsure_neck(0.4)]


@pytest.mark.parametrize(("reach", "remain"), [(1.0, False), (1.35, True)])
def test_hair_beyond_the_outline_remains(reach, remain):
    """Dark hair on grey ground, as large as its outline or larger."""
    master = made_up_master(256, 320)
    picture, middle = np.full((320, 256, 3), 150, np.uint8), (128, 120)
    axes = np.array([58, 76])
    cv2.ellipse(picture, middle, [*map(int, axes * reach)], 0, 0, 360, (60, 40, 20), -1)
    head = np.zeros((320, 256), np.uint8)
    cv2.ellipse(head, middle, [*map(int, axes)], 0, 0, 360, 255, -1)
    nothing = np.zeros_like(head)
    master = replace(master, picture=picture, masks=MasterMasks(head, head, nothing, nothing, nothing))
    assert (remains(master, 108.0) > 0.05) == remain


class Networks:
    """Sees a face on the plate, or none."""

    def __init__(self, presence: float, found: Faces):
        self._presence, self._found = presence, found

    def measure(self, image, squares):
        return [FaceGeometry(np.zeros((468, 3)), self._presence) for _ in squares]

    def detect(self, image):
        return self._found


@pytest.mark.parametrize(
    ("presence", "found", "told"),
    [(-8.0, no_faces(), False), (5.0, no_faces(), True), (-8.0, faces((10, 10, 60, 70)), True)],
)
def test_a_face_on_the_plate_is_told(presence, found, told):
    networks = Networks(presence, found)
    flaws = [*plate_flaws(made_up_master(), networks, networks)]
    assert [flaw.words for flaw in flaws] == ["a face is still seen on the clean plate"] * told


@pytest.mark.parametrize(("of_face", "error"), [(True, FaceError), (False, ImageError)])
def test_flaws_are_refused_before_the_plate_is_made_or_kept_if_forced(monkeypatch, of_face, error):
    master = made_up_master()
    flaw, networks = Flaw("it is spoilt", of_face), Networks(-8.0, no_faces())
    given = (master.picture, "mine", "oil", master.credits, master.traits, (networks, networks, None))
    monkeypatch.setattr(adding, "outline", lambda *_: Outlined(None, (flaw,)))
    made = []
    monkeypatch.setattr(adding, "prepare", lambda *_: made.append(1) or master)
    with pytest.raises(error, match=r"mine: not added, since it is spoilt. Add --force"):
        adding.prepare_own(*given)
    assert not made
    assert adding.prepare_own(*given, force=True).warnings == ("it is spoilt",)
