"""Faces are found whichever way up, cut, dark or small they are, and only faces are."""

from dataclasses import replace

import cv2
import numpy as np
import pytest

from portraitify.engines.base import Engine
from portraitify.engines.onnx_engine import OnnxEngine
from portraitify.errors import NoFaceError
from portraitify.evaluation.finding import MOSTLY_WHITE, hidden_in, spoilt_photos
from portraitify.faces.detection import Faces, no_faces
from portraitify.faces.search import Search, find_faces
from portraitify.faces.views import SEARCH_PX, tiles, usual_views, views_in_need
from portraitify.io.reading import read_image
from portraitify.weights import WeightsFolder, default_folder
from tests.faces.mesh_reference import EXAMPLES

pytestmark = pytest.mark.weights

BOXES = {"astronaut": np.array([179.0, 60, 268, 176]), "grace_hopper": np.array([170.0, 110, 354, 328])}


@pytest.fixture(scope="module")
def engine() -> Engine:
    return OnnxEngine(WeightsFolder(default_folder()))


@pytest.fixture(scope="module")
def photos() -> dict[str, np.ndarray]:
    return {name: read_image(EXAMPLES / f"{name}.jpg").pixels for name in BOXES}


def find(engine: Engine, image: np.ndarray) -> Faces:
    return find_faces(engine.detector, engine.face_mesh, image)


class Recorder:
    """A detector that remembers the sizes it was given, and finds nothing."""

    def __init__(self):
        self.sizes = []

    def detect(self, image):
        self.sizes.append(image.shape[:2])
        return no_faces()


@pytest.mark.parametrize("name", list(BOXES))
@pytest.mark.parametrize("turns", range(4))
def test_a_photo_is_turned_upright(engine, photos, name, turns):
    faces = find(engine, np.ascontiguousarray(np.rot90(photos[name], turns)))
    assert (turns + faces.quarter_turns) % 4 == 0
    assert np.allclose(faces.boxes[0], BOXES[name], atol=12)
    left_eye, right_eye, _, left_mouth, _ = faces.landmarks[0]
    assert left_eye[0] < right_eye[0]
    assert left_mouth[1] > left_eye[1]


@pytest.mark.parametrize("name", list(BOXES))
@pytest.mark.parametrize("turns", [1, 2, 3])
def test_a_face_that_an_inverted_photo_seems_to_show_is_none(engine, photos, name, turns):
    """The detector is sure of some faces that lie or stand on their heads; the mesh is not."""
    left, top, right, bottom = BOXES[name].astype(int)
    reach = (right - left) // 2
    close = photos[name][max(0, top - reach) : bottom + reach, max(0, left - reach) : right + reach]
    for size_px in (160, 400):
        small = cv2.resize(close, (size_px, size_px), interpolation=cv2.INTER_AREA)
        faces = find(engine, np.ascontiguousarray(np.rot90(small, turns)))
        assert (turns + faces.quarter_turns) % 4 == 0


@pytest.mark.parametrize("name", list(BOXES))
def test_faces_in_spoilt_photos_are_found(engine, photos, name):
    for kind, (image, box) in spoilt_photos(photos[name], BOXES[name]):
        if kind.endswith(MOSTLY_WHITE):
            continue
        faces = find(engine, image)
        assert faces.quarter_turns == 0, kind
        centre, wanted = (corners.reshape(2, 2).mean(0) for corners in (faces.boxes[0], box))
        assert np.abs(centre - wanted).max() < 0.2 * (box[2] - box[0]), kind


@pytest.mark.parametrize("name", list(BOXES))
@pytest.mark.parametrize("turns", [1, 2, 3])
def test_a_turned_selfie_that_is_cut_by_its_edges_is_found_in_its_place(engine, photos, name, turns):
    cut = dict(spoilt_photos(photos[name], BOXES[name]))["cut 10% inside the face"]
    upright, turned = find(engine, cut[0]), find(engine, np.ascontiguousarray(np.rot90(cut[0], turns)))
    assert (turns + turned.quarter_turns) % 4 == 0
    assert np.allclose(turned.landmarks[0], upright.landmarks[0], atol=0.03 * cut[0].shape[1])


@pytest.mark.parametrize("name", list(BOXES))
@pytest.mark.parametrize(
    "shown", [(1.1, 1.3, 1.1, 1.5), (0.95, 1.1, 0.95, 1.35), (0.9, 0.9, 0.9, 1.9), (1.5, 1, 0.8, 1.3)]
)
def test_eyes_and_mouth_of_a_face_that_the_photo_cuts_are_found_in_their_places(engine, photos, name, shown):
    """Shown to the left, above, to the right and below the point between the eyes, in distances of the eyes."""
    whole = find(engine, photos[name]).landmarks[0]
    between, apart = whole[:2].mean(0), float(np.linalg.norm(whole[1] - whole[0]))
    left, top = np.maximum(between - np.array(shown[:2]) * apart, 0).astype(int)
    right, bottom = (between + np.array(shown[2:]) * apart).astype(int)
    close = cv2.resize(photos[name][top:bottom, left:right], None, fx=3, fy=3, interpolation=cv2.INTER_CUBIC)
    found = find(engine, close).landmarks[0] / 3 + (left, top)
    # Eyes were 0.25 to 0.8 away, on cheeks, while what the networks say of a part was taken for the whole box.
    assert np.abs(found - whole).max() < 0.12 * apart


class OneSided:
    """A detector that is blind for faces in the left half of a picture."""

    def __init__(self, detector):
        self._detector = detector

    def detect(self, image):
        found = self._detector.detect(image)
        seen = found.boxes[:, 0] > 0.5 * image.shape[1]
        return replace(found, boxes=found.boxes[seen], landmarks=found.landmarks[seen], scores=found.scores[seen])


def test_what_only_the_mirror_shows_is_found_in_its_place(engine, photos):
    left = photos["astronaut"][:, :480]
    search = Search(OneSided(engine.detector), engine.face_mesh, patient=True)
    with_margin = cv2.copyMakeBorder(left, 0, 0, 0, 400, cv2.BORDER_REPLICATE)
    assert not len(replace(search, patient=False).upright(with_margin))
    assert not len(replace(search, patient=False).in_view(with_margin))
    usual = engine.detector.detect(with_margin)
    found = search.in_view(with_margin)
    assert np.allclose(found.boxes[0], usual.boxes[0], atol=8)
    assert np.allclose(found.landmarks[0], usual.landmarks[0], atol=5)


@pytest.mark.parametrize("size", [(16000, 1500), (1000, 12000)])
def test_a_small_face_in_a_very_long_picture_is_found(engine, photos, size):
    image, box = hidden_in(photos["astronaut"], BOXES["astronaut"], *size)
    assert np.abs(find(engine, image).boxes[0] - box).max() < 15


def test_large_photos_are_searched_on_a_small_copy(engine):
    recorder = Recorder()
    with pytest.raises(NoFaceError):
        find_faces(recorder, engine.face_mesh, np.zeros((3000, 2000, 3), np.uint8))
    assert max(max(size) for size in recorder.sizes[:4]) == SEARCH_PX
    assert max(max(size) for size in recorder.sizes) == 2 * SEARCH_PX


def _blobs(seed: int) -> np.ndarray:
    """Colours without shape."""
    rng, total = np.random.default_rng(seed), np.zeros((256, 256, 3), np.float32)
    for sigma in (2, 4, 8, 16, 32):
        noise = rng.standard_normal(total.shape).astype(np.float32)
        total += cv2.GaussianBlur(noise, (0, 0), sigma) * sigma * 1.2
    return ((total - total.min()) / np.ptp(total) * 255).astype(np.uint8)


def _pebbles(seed: int) -> np.ndarray:
    """Grey ellipses, one over the other."""
    rng, canvas = np.random.default_rng(seed), np.full((256, 256, 3), 90, np.uint8)
    for _ in range(60):
        centre, axes = (tuple(int(value) for value in rng.integers(*between, 2)) for between in ((0, 256), (8, 40)))
        grey = int(rng.integers(60, 220))
        fill = (grey, int(grey * 0.95), int(grey * 0.9))
        cv2.ellipse(canvas, centre, axes, float(rng.uniform(0, 180)), 0, 360, fill, -1)
        cv2.ellipse(canvas, centre, axes, 0, 0, 360, (40, 40, 40), 2)
    return np.asarray(cv2.GaussianBlur(canvas, (0, 0), 1.2))


# Each convinces the detector by 0.85 or more in some orientation.
@pytest.mark.parametrize(
    ("make", "seed"), [(_blobs, 210), (_blobs, 294), (_blobs, 337), (_pebbles, 46), (_pebbles, 156)]
)
def test_what_only_the_detector_takes_for_a_face_is_none(engine, make, seed):
    picture = make(seed)
    convinced = [engine.detector.detect(np.ascontiguousarray(np.rot90(picture, turns))) for turns in range(4)]
    assert max(faces.scores.max(initial=0) for faces in convinced) > 0.85
    with pytest.raises(NoFaceError):
        find(engine, picture)


def test_views_say_where_the_photo_lies_in_them():
    rng = np.random.default_rng(0)
    coarse = rng.integers(0, 255, (6, 56, 3)).astype(np.uint8)
    photo = cv2.resize(coarse, (2800, 300), interpolation=cv2.INTER_CUBIC)
    for view in (*usual_views(photo), *views_in_need(photo), *tiles(photo)):
        scale = view.scale
        middle = np.array([[scale, 0, view.left], [0, scale, view.top]])
        shown = cv2.warpAffine(photo, middle, view.pixels.shape[1::-1], flags=cv2.INTER_AREA)
        covered = cv2.warpAffine(np.full(photo.shape[:2], 255, np.uint8), middle, view.pixels.shape[1::-1])
        inside = cv2.erode(covered, np.ones((5, 5), np.uint8)) == 255
        assert inside.mean() > 0.2
        # Lighter or darker as a whole, but the same picture.
        same = np.corrcoef(shown[inside].mean(1), view.pixels[inside].mean(1))[0, 1]
        assert same > 0.9
