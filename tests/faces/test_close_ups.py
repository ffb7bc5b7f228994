"""Close-ups, borders and neighbours, made from the two example photos and painted with the weights that ship."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import pytest

from portraitify import PaintConfig, Portraitist
from portraitify.faces.aligned_face import face_warnings
from portraitify.faces.cropping import align_face
from portraitify.faces.detection import Faces
from portraitify.faces.search import find_faces
from portraitify.io.reading import SourceImage, read_image
from tests.conftest import ROOT

pytestmark = pytest.mark.weights

NAMES = ("astronaut", "grace_hopper")
# What is cut off inside the face box at the left, above, to the right and below, in parts of its sides.
CUTS = [
    (0.1, 0.1, 0.1, 0.1),
    (0, 0.2, 0, 0),
    (0.2, 0.2, 0.2, 0.2),
    (0, 0.1, 0.2, -0.3),
    (-0.4, 0.1, -0.4, 0),
]


@pytest.fixture(scope="module")
def portraitist():
    return Portraitist(PaintConfig(style="oil", size_px=256, device="cpu"))


@pytest.fixture(scope="module")
def photos(portraitist):
    found = {}
    for name in NAMES:
        image = read_image(ROOT / "examples" / f"{name}.jpg")
        found[name] = image, find_faces(portraitist.engine.detector, portraitist.engine.face_mesh, image.pixels)
    return found


def cut_close(photo, faces, cuts):
    """The part of a photo that lies inside the face box, and the face in it."""
    box = faces.boxes[0]
    size = box[2:] - box[:2]
    left, top = np.clip(np.rint(box[:2] + size * cuts[:2]), 0, None).astype(int)
    right, bottom = np.minimum(np.rint(box[2:] - size * cuts[2:]), photo.shape[1::-1]).astype(int)
    part = np.ascontiguousarray(photo[top:bottom, left:right])
    return part, Faces(box[None] - [left, top] * 2, faces.landmarks[:1] - [left, top], faces.scores[:1])


@pytest.mark.parametrize("aspect", ["auto", "1:1", "3:4", "original"])
@pytest.mark.parametrize("cuts", CUTS)
@pytest.mark.parametrize("name", NAMES)
def test_where_the_photo_ends_the_portrait_ends(portraitist, photos, name, cuts, aspect):
    image, faces = photos[name]
    photo, face = cut_close(image.pixels, faces, np.array(cuts, float))
    config = replace(portraitist.config, aspect=aspect)
    done = align_face(photo, face, 0, config, portraitist.engine.subject_mask)
    shown = done.window.cut(done.shown_valid)
    assert (shown == 0).mean() <= 0.1
    mask = portraitist.analyze(done).subject_mask
    outline = portraitist._painter.outline(done, mask)
    # No straight cut: the sitter fades nowhere before the end of the photo.
    assert done.window.cut(np.clip(mask - outline, 0, 1) * (mask > 0.95)).mean() < 0.01
    # The eyes are always in the picture.
    left, top, right, bottom = done.window.box(len(done.pixels))
    assert ((done.landmarks[:2] > [left, top]) & (done.landmarks[:2] < [right, bottom])).all()


def test_an_upright_close_up_keeps_the_crown_unless_a_square_is_asked_for(portraitist):
    # The photo ends at the temples, but goes on above and below the head.
    narrow = np.ascontiguousarray(read_image(ROOT / "examples" / "grace_hopper.jpg").pixels[:, 165:365])
    upright, square = (
        Portraitist(replace(portraitist.config, aspect=aspect), engine=portraitist.engine).find(
            SourceImage(narrow, "narrow")
        )[0]
        for aspect in ("auto", "1:1")
    )
    tall, low = (face.window.cut(face.pixels).shape[:2] for face in (upright, square))
    assert tall[1] / tall[0] == pytest.approx(0.75, abs=0.06)
    assert low[0] == pytest.approx(low[1], abs=2)
    assert upright.crop.scale < square.crop.scale * 1.02
    # A photo made for it stays square.
    photo = read_image(ROOT / "examples" / "grace_hopper.jpg")
    usual = portraitist.find(photo)[0]
    assert usual.window.cut(usual.pixels).shape[0] == usual.window.cut(usual.pixels).shape[1]


def test_a_face_that_fills_the_picture_is_painted_all_over(portraitist, photos):
    image, faces = photos["grace_hopper"]
    photo, face = cut_close(image.pixels, faces, np.full(4, 0.15))
    done = align_face(photo, face, 0, portraitist.config, portraitist.engine.subject_mask)
    assert done.crop.iod > 0.4
    # No larger on its canvas than in the tightest portraits from which the generator has learned.
    assert done.crop.iod * done.crop.size_px <= 0.4 * portraitist.config.paint_px + 8
    assert done.window.cut(done.subject_mask).mean() > 0.9


def test_a_face_that_the_photo_cuts_keeps_its_warning(portraitist, photos):
    image, faces = photos["astronaut"]
    photo, face = cut_close(image.pixels, faces, np.full(4, 0.15))
    done = align_face(photo, face, 0, portraitist.config, portraitist.engine.subject_mask)
    assert any("edge of the photo cuts the face" in text for text in face_warnings(done))


BORDERS = [((0, 120, 0, 120), (0, 0, 0)), ((25, 25, 25, 25), (255, 255, 255)), ((0, 0, 0, 90), (244, 246, 248))]


@pytest.mark.parametrize(("name", "turns"), [("astronaut", 0), ("astronaut", 1), ("grace_hopper", 0)])
@pytest.mark.parametrize(("margins", "colour"), BORDERS)
def test_a_border_changes_nothing_about_the_portrait(portraitist, photos, name, margins, colour, turns):
    image, _ = photos[name]
    (plain,) = portraitist.find(image)
    left, top, right, bottom = margins
    framed = cv2.copyMakeBorder(image.pixels, top, bottom, left, right, cv2.BORDER_CONSTANT, value=colour)
    turned = SourceImage(np.ascontiguousarray(np.rot90(framed, turns)), "", "framed")
    (done,) = portraitist.find(turned)
    assert np.abs(done.landmarks - plain.landmarks).max() < 3
    assert np.abs(done.pixels.astype(int) - plain.pixels).mean() < 6
    # Reports speak of the photo as it was given.
    assert np.abs(done.source.box - plain.source.box - [left, top] * 2).max() < 4


def beside_each_other(photos, gap):
    """The astronaut beside Grace Hopper, who stands before her."""
    (left, faces), (right, others) = photos["grace_hopper"], photos["astronaut"]
    unit, other = (np.linalg.norm(found.landmarks[0, 1] - found.landmarks[0, 0]) for found in (faces, others))
    scale = unit / other
    wide = cv2.copyMakeBorder(left.pixels, 0, 0, 0, round(2.5 * unit), cv2.BORDER_REPLICATE)
    shift = faces.landmarks[0, :2].mean(0) + np.array([gap, -0.3]) * unit - scale * others.landmarks[0, :2].mean(0)
    matrix = np.array([[scale, 0, shift[0]], [0, scale, shift[1]]])
    beside = cv2.warpAffine(right.pixels, matrix, wide.shape[1::-1])
    edge = round(faces.landmarks[0, :2, 0].mean() + 0.5 * gap * unit)
    wide[:, edge:] = beside[:, edge:]
    return wide


@pytest.mark.parametrize("gap", [2.3, 2.6, 2.9])
@pytest.mark.parametrize("number", [0, 1])
def test_a_neighbour_is_no_part_of_the_sitter(portraitist, photos, number, gap):
    photo = beside_each_other(photos, gap)
    both = find_faces(portraitist.engine.detector, portraitist.engine.face_mesh, photo)
    assert len(both) == 2
    done = align_face(photo, both, number, portraitist.config, portraitist.engine.subject_mask)
    mask = portraitist.analyze(done).subject_mask
    own, neighbour = (
        both.landmarks[index] @ done.crop.matrix[:, :2].T + done.crop.matrix[:, 2] for index in (number, 1 - number)
    )
    size = len(mask)

    def share(points):
        seen = [mask[y, x] for x, y in points.astype(int).tolist() if 0 <= x < size and 0 <= y < size]
        return np.mean(seen) if seen else 0.0

    assert share(own) > 0.9
    assert share(neighbour) < 0.05
