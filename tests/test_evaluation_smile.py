import numpy as np
import pytest

from portraitify.evaluation.smile import (
    SHAPE_SIZE,
    LabelledMouths,
    balanced_accuracy,
    fit_smile_model,
    mouth_shape,
    smile_label,
)


def face(lift: float, seed: int = 0) -> np.ndarray:
    """68 points: outer eye corners one apart, a mouth on an arc whose ends are lifted."""
    rng = np.random.default_rng(seed)
    points = rng.normal(0, 0.002, (68, 2))
    points[36] += [-0.5, 0]
    points[45] += [0.5, 0]
    x = np.linspace(-0.3, 0.3, 20)
    points[48:68] += np.stack([x, 0.8 - lift * (x / 0.3) ** 2], 1)
    return points


def test_the_shape_stays_under_tilt_size_and_place():
    points = face(0.1)
    angle = 0.4
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    moved = 130 * points @ turn.T + [40, -7]
    assert mouth_shape(moved) == pytest.approx(mouth_shape(points))
    assert mouth_shape(points).shape == (SHAPE_SIZE,)
    assert mouth_shape(face(0.2)) != pytest.approx(mouth_shape(points), abs=0.01)


def mouths(count, first):
    triples = [(mouth_shape(face(0.15 * (n % 2), first + n)), bool(n % 2), f"{first + n // 2}") for n in range(count)]
    return LabelledMouths.of(triples)


def test_smiles_are_learned_and_tested_on_others():
    model = fit_smile_model(mouths(40, 0), mouths(10, 500))
    assert (model.smiling, model.calm, model.held_out_count) == (20, 20, 10)
    assert model.crossed_accuracy == model.held_out_accuracy == 1
    assert model.smiles(face(0.15, 99))
    assert not model.smiles(face(0.0, 99))


def test_too_few_labels_make_no_model_and_no_held_out_ones_no_accuracy():
    assert fit_smile_model(mouths(8, 0), mouths(10, 500)) is None
    model = fit_smile_model(mouths(40, 0), LabelledMouths.of([]))
    assert np.isnan(model.held_out_accuracy)


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
