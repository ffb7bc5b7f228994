"""Two sitters in one face, on the two example photos."""

from __future__ import annotations

import json

import numpy as np
import pytest

from portraitify.config import PaintConfig
from portraitify.errors import ConfigError, NoFaceError
from portraitify.imaging.face_parts import FacePart, outline_of
from portraitify.io.reading import read_image
from portraitify.morphing.blending import Blender
from portraitify.morphing.glasses import wears_glasses
from portraitify.morphing.painted import paint_blend
from portraitify.morphing.sitter import VIEW_PX, find_sitter
from portraitify.pipeline import Portraitist

ROOM = 60


@pytest.fixture(scope="module")
def sitters(engine, astronaut_path):
    paths = (astronaut_path, astronaut_path.with_name("grace_hopper.jpg"))
    return [find_sitter(read_image(path), engine) for path in paths]


def test_a_sitter_is_seen_upright_in_the_middle(sitters):
    for sitter in sitters:
        assert sitter.view.shape == (VIEW_PX, VIEW_PX, 3)
        left_eye, right_eye = sitter.landmarks[:2]
        assert left_eye[1] == pytest.approx(right_eye[1], abs=4)
        assert sitter.landmarks.mean(0) == pytest.approx([VIEW_PX / 2] * 2, abs=ROOM)
        assert sitter.mask[VIEW_PX // 2, VIEW_PX // 2] > 0.9


def test_a_photo_without_a_face_is_refused(engine):
    with pytest.raises(NoFaceError, match="grey: no face"):
        find_sitter(read_image(np.full((200, 200, 3), 128, np.uint8), "grey"), engine)


def test_a_view_goes_back_to_its_place(sitters):
    sitter = sitters[0]
    painted = sitter.with_view(np.zeros_like(sitter.view))
    assert painted.shape == sitter.photo.shape
    x, y = np.linalg.solve(sitter.matrix[:, :2], sitter.landmarks[2] - sitter.matrix[:, 2]).round().astype(int)
    assert painted[y, x].max() == 0
    unchanged = np.abs(sitter.with_view(sitter.view).astype(int) - sitter.photo)
    # Sampled there and back, edges grow a little softer.
    assert unchanged.mean() < 3


def test_glasses_are_seen(sitters):
    astronaut, hopper = sitters
    assert not wears_glasses(astronaut.view, astronaut.mesh)
    assert wears_glasses(hopper.view, hopper.mesh)


def test_all_of_one_is_that_one(sitters):
    blended = Blender().blend(sitters, [1, 0])
    assert np.abs(blended.astype(int) - sitters[0].photo).mean() < 4


def test_a_blend_lies_between_its_parents(sitters, engine):
    halves = Blender().blend(sitters, [50, 50])
    assert halves.shape == sitters[0].photo.shape
    found = find_sitter(read_image(halves, "halves"), engine)

    def height_by_width(sitter):
        face = outline_of(sitter.mesh, FacePart.FACE)
        return float(np.ptp(face[:, 1]) / np.ptp(face[:, 0]))

    low, high = sorted(height_by_width(sitter) for sitter in sitters)
    assert low - 0.03 < height_by_width(found) < high + 0.03


def test_the_heavier_one_gives_the_photo(sitters):
    assert Blender().blend(sitters, [30, 70]).shape == sitters[1].photo.shape
    assert Blender().blend(sitters, [30, 70], head=0).shape == sitters[0].photo.shape


@pytest.mark.parametrize(("weights", "head"), [([1], None), ([0, 0], None), ([1, -1], None), ([1, 1], 2)])
def test_weights_and_head_have_to_fit(sitters, weights, head):
    with pytest.raises(ConfigError, match=r"weights|head"):
        Blender().blend(sitters, weights, head)


def test_a_portraitist_blends(astronaut_path, random_weights):
    photos = [astronaut_path, astronaut_path.with_name("grace_hopper.jpg")]
    with Portraitist(PaintConfig(size_px=128, device="cpu"), random_weights) as portraitist:
        painting = paint_blend(portraitist, photos, [70, 30])
    assert painting.pixels.shape == (128, 128, 3)
    assert json.loads(painting.provenance.options)["blend"].startswith("70% ")
