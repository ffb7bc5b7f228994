import numpy as np
import pytest

from portraitify.data.batches import PreparedData
from portraitify.evaluation.features import FEATURE_COUNT, LEVELS, REGIONS, medium_features, region_weights
from portraitify.evaluation.judge import Gallery, Judge, examine_judge, read_gallery
from portraitify.evaluation.logistic import MOST_DEVIATIONS, Scale, fit_logistic
from portraitify.media.registry import STYLES

LANDMARKS = np.array([[0.39, 0.45], [0.61, 0.45], [0.5, 0.58], [0.41, 0.7], [0.59, 0.7]])
SIZE = 64


@pytest.fixture
def masks():
    masks = np.zeros((SIZE, SIZE, 2), np.uint8)
    masks[16:, 12:52, 0] = 255
    masks[..., 1] = 255
    return masks


def features(image, masks):
    return medium_features(image, masks, LANDMARKS).reshape(len(REGIONS), -1)


def test_a_grey_picture_has_colour_and_no_texture(masks):
    found = features(np.full((SIZE, SIZE, 3), 119, np.uint8), masks)
    assert found.size == FEATURE_COUNT
    assert np.isfinite(found).all()
    # Mean lightness 50, no chroma and no deviation.
    assert found[:, 0] == pytest.approx([50] * 3, abs=0.2)
    assert found[:, 1:3] == pytest.approx(0, abs=0.05)
    assert found[:, 3:6] == pytest.approx(0, abs=1e-3)


def test_regions_share_out_the_picture(masks):
    masks[:, :8, 1] = 0
    weights = region_weights(masks, LANDMARKS)
    assert weights.sum(0) == pytest.approx(masks[..., 1] / 255, abs=1e-6)
    assert weights[2, 36, 32] == 1
    assert weights[0, 4, 40] == 1


def test_hatching_shows_in_its_direction(masks):
    lines = np.zeros((SIZE, SIZE, 3), np.uint8)
    lines[:, ::8] = 255
    lines[:, 1::8] = 255
    upright, level = features(lines, masks), features(lines.transpose(1, 0, 2).copy(), masks)
    # The first level of strokes follows 16 colours; its directions are the last four of its ten values.
    directions = slice(22, 26)
    assert (upright[:, directions].argmax(1) == 0).all()
    assert (level[:, directions].argmax(1) == 2).all()
    assert LEVELS == 4


def test_what_lies_outside_the_picture_does_not_count(masks):
    rng = np.random.default_rng(0)
    image = rng.integers(0, 255, (SIZE, SIZE, 3)).astype(np.uint8)
    other = image.copy()
    masks[:24, :, 1] = 0
    other[:12] = 0
    # Twelve rows keep the filters from looking across the edge; only the mean colours are compared.
    assert features(image, masks)[:, :3] == pytest.approx(features(other, masks)[:, :3])


def test_standardised_values_are_limited():
    scale = Scale.fit(np.array([[0.0], [2.0]]))
    assert scale(np.array([[1.0], [2.0], [1000.0]])) == pytest.approx(np.array([[0], [1], [MOST_DEVIATIONS]]), abs=1e-5)


def test_the_regression_finds_the_line_and_counts_classes_alike():
    rng = np.random.default_rng(0)
    many, few = rng.normal(-2, 1, (900, 1)), rng.normal(2, 1, (100, 1))
    found = fit_logistic(np.concatenate([many, few]), np.repeat([0, 1], [900, 100]), 2, 1e-3)
    logits = found.logits(np.array([[-1.0], [0.0], [1.0]]))
    assert (logits.argmax(1)[[0, 2]] == [0, 1]).all()
    # Were the nine times larger class to count more, the middle would be far on its side.
    assert abs(logits[1, 1] - logits[1, 0]) < 1


def blobs(count, names, seed):
    """Kinds that differ in their first values."""
    rng = np.random.default_rng(seed)
    return {name: rng.standard_normal((count, 6)) + 4 * np.eye(6)[index] for index, name in enumerate(names)}


def test_the_judge_names_what_it_has_not_seen():
    kinds = (*STYLES, "photos")
    held_out = blobs(20, kinds, 1)
    gallery = Gallery(blobs(60, kinds, 0), {style: held_out[style] for style in STYLES})
    judge = Judge(gallery, 0)
    report = examine_judge(judge, gallery)
    assert report.mean_accuracy > 0.9
    assert report.trained_on["photos"] == 60
    assert report.held_out == dict.fromkeys(STYLES, 20)
    # Asked for a style it names one; asked for anything it says that photos are photos.
    assert "photos" not in judge.name(held_out["photos"])
    assert (judge.name(held_out["photos"], photos=True) == "photos").mean() > 0.9


@pytest.mark.parametrize(("seed", "same"), [(0, True), (1, False)])
def test_the_judge_depends_on_the_seed_only(monkeypatch, seed, same):
    monkeypatch.setattr("portraitify.evaluation.judge._STEPS", 3)
    gallery = Gallery(blobs(9, (*STYLES, "photos"), 0), {})
    several = blobs(50, ("ink",), 2)["ink"]
    assert (Judge(gallery, 0).name(several) == Judge(gallery, seed).name(several)).all() == same


def test_the_judge_knows_only_what_it_was_shown(monkeypatch):
    monkeypatch.setattr("portraitify.evaluation.judge._STEPS", 3)
    training = blobs(20, STYLES, 0) | {"photos": np.zeros((0, 1)), "ink": np.zeros((0, 1))}
    gallery = Gallery(training, dict.fromkeys(STYLES, np.zeros((0, 1))))
    judge = Judge(gallery, 0)
    assert judge.kinds == STYLES[:3]
    assert not judge.knows_photos
    report = examine_judge(judge, gallery)
    assert report.accuracy == report.accuracy_with_photo == {}


def test_the_gallery_draws_from_the_training_split(prepared_folder):
    seen = []
    gallery = read_gallery(PreparedData(prepared_folder), 2, 0, lambda done, total: seen.append((done, total)))
    assert {name: len(rows) for name, rows in gallery.training.items()} == dict.fromkeys((*STYLES, "photos"), 2)
    assert {name: len(rows) for name, rows in gallery.held_out.items()} == dict.fromkeys(STYLES, 1)
    assert seen[-1] == (14, 14)
