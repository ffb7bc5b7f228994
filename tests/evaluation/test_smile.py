import cv2
import numpy as np
import pytest

from portraitify.evaluation.identity import MIRRORED_MOUTH
from portraitify.evaluation.smile import (
    SHAPE_SIZE,
    LabelledMouths,
    balanced_accuracy,
    fit_smile_model,
    mouth_is_seen,
    mouth_shape,
    smile_label,
)
from portraitify.evaluation.surfaces import surfaces


def face(lift: float, seed: int = 0) -> np.ndarray:
    """68 points: outer eye corners one apart, a mouth on an arc whose ends are lifted."""
    rng = np.random.default_rng(seed)
    points = rng.normal(0, 0.002, (68, 2))
    points[36] += [-0.5, 0]
    points[45] += [0.5, 0]
    # As 300-W goes around: the outer line from the left over the top, then the inner one.
    turns = np.radians([*(180 + 30 * np.arange(12)), *(180 + 45 * np.arange(8))])
    x = 0.3 * np.cos(turns) * np.repeat([1, 0.8], [12, 8])
    points[48:68] += np.stack([x, 0.8 + 0.05 * np.sin(turns) - lift * (x / 0.3) ** 2], 1)
    return points


def test_the_shape_stays_under_tilt_size_and_place():
    points = face(0.1)
    angle = 0.4
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    moved = 130 * points @ turn.T + [40, -7]
    assert mouth_shape(moved) == pytest.approx(mouth_shape(points))
    assert mouth_shape(points).shape == (SHAPE_SIZE,)
    assert mouth_shape(face(0.2)) != pytest.approx(mouth_shape(points), abs=0.01)


def test_a_mirrored_mouth_has_the_same_shape():
    points = face(0.1)
    points[48:54] += [0.02, 0.05]
    mirrored = points * [-1, 1]
    mirrored[[36, 45]] = mirrored[[45, 36]]
    mirrored[48:68] = mirrored[48:68][list(MIRRORED_MOUTH - np.array(48))]
    assert mouth_shape(mirrored) == pytest.approx(mouth_shape(points))


def mouths(count, first, copies=2):
    """Neutral and smiling ones in turn; every copy is blurred a little more than the photo."""
    triples = []
    for n in range(count):
        shapes = [mouth_shape(face(0.15 * (n % 2), first + n)) * (1 - 0.02 * copy) for copy in range(1 + copies)]
        triples.append((np.array(shapes), bool(n % 2), f"{first + n // 2}"))
    return LabelledMouths.of(triples)


def test_smiles_are_learned_and_tested_on_others():
    model = fit_smile_model(mouths(40, 0), mouths(10, 500))
    assert (model.smiling, model.neutral, model.held_out_count) == (20, 20, 10)
    assert model.cross_validated_accuracy == model.augmented_accuracy == model.held_out_accuracy == 1
    assert model.smiles(face(0.15, 99))
    assert not model.smiles(face(0.0, 99))


def test_too_few_labels_make_no_model_and_no_held_out_ones_no_accuracy():
    assert fit_smile_model(mouths(8, 0), mouths(10, 500)) is None
    model = fit_smile_model(mouths(40, 0, copies=0), LabelledMouths.of([]))
    assert model.cross_validated_accuracy == 1
    assert np.isnan([model.held_out_accuracy, model.augmented_accuracy]).all()


def test_a_mouth_below_the_photo_is_not_seen():
    landmarks = np.array([[0.4, 0.4], [0.6, 0.4], [0.5, 0.5], [0.42, 0.6], [0.58, 0.6]])
    inside = np.full((64, 64), 255, np.uint8)
    assert mouth_is_seen(inside, landmarks)
    inside[40:] = 0
    assert not mouth_is_seen(inside, landmarks)
    inside[:] = 255
    for shift in ([0, 0.36], [0, 0.45], [0, 2], [-0.4, 0]):
        assert not mouth_is_seen(inside, landmarks + np.array(shift))


def test_surfaces_keep_the_picture_and_are_repeatable(astronaut):
    pictures = surfaces(astronaut, 3)
    for picture, again in zip(pictures, surfaces(astronaut, 3), strict=True):
        assert picture.dtype == np.uint8
        assert (picture == again).all()
        small, before = (cv2.resize(x, (16, 16), interpolation=cv2.INTER_AREA).mean(2) for x in (picture, astronaut))
        assert np.corrcoef(small.ravel(), before.ravel())[0, 1] > 0.9
    assert (pictures[3].std(2) == 0).all()


def test_balanced_accuracy_counts_both_kinds_alike():
    true = np.array([True, False, False, False])
    assert balanced_accuracy(np.array([False] * 4), true) == 0.5
    assert balanced_accuracy(np.array([True, True, False, False]), true) == pytest.approx((1 + 2 / 3) / 2)


@pytest.mark.parametrize(
    ("source", "label"),
    [
        ("repo@1:inst/smiling_front/004_08.jpg", (True, "004")),
        ("repo@1:inst/neutral_front/172_03.jpg", (False, "172")),
        ("repo@1:inst/canada/003f.jpg", None),
        ("", None),
    ],
)
def test_labels_are_read_off_the_source(source, label):
    assert smile_label(source) == label
