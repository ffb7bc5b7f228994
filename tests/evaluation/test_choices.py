"""How a classifier is taught from views, and how its choices are measured."""

from __future__ import annotations

import json

import numpy as np
import pytest
import torch

from portraitify.data.augmentation import photographed, retaken, scanned
from portraitify.data.batches import WHOLE, PreparedData
from portraitify.data.views import CLEAN, PASSED_ON, RETAKEN, ViewPool, draw_views, is_reserved
from portraitify.evaluation.choices import (
    COUNTERFACTUALS,
    HELD_OUT,
    PERTURBATIONS,
    UNSEEN,
    _ChoiceReading,
    _group,
    examine_choices,
    whole_pipeline_consistency,
)
from portraitify.evaluation.choices_report import choices_record, markdown, save_choices
from portraitify.media.registry import STYLES
from portraitify.models.classifier import StyleClassifier
from portraitify.training.calibrate import blind, evening_bias, photo_targets, skin_tone
from portraitify.training.photo_head import FRAMINGS, Framings, draw_framings, fit_head
from portraitify.training.teacher import fold_of, teach


class Trunk(torch.nn.Module):
    def forward(self, image):
        return [torch.nn.functional.avg_pool2d(image.float(), side) for side in (4, 8)]


@pytest.fixture
def data(prepared_folder) -> PreparedData:
    return PreparedData(prepared_folder)


def test_views_depend_on_the_seed_alone_and_are_of_the_right_kinds(data):
    rows = np.array([0, 4])
    pool = draw_views(data, rows, Trunk(), 32, (1, 2, 1), seed=3, kept_maps=(1,))
    assert pool.images.shape == (8, 3, 32, 32)
    assert pool.rows.tolist() == [0] * 4 + [4] * 4
    # A painting is passed on by another scan; it cannot be taken again in another light.
    assert pool.kinds.tolist() == [CLEAN, PASSED_ON, PASSED_ON, RETAKEN, CLEAN, PASSED_ON, PASSED_ON, PASSED_ON]
    assert [tuple(x.shape) for x in pool.maps] == [(8, 3, 4, 4)]
    assert torch.isfinite(pool.statistics).all()
    again = draw_views(data, rows, Trunk(), 32, (1, 2, 1), seed=3)
    assert torch.equal(pool.images, again.images)
    assert not torch.equal(pool.images, draw_views(data, rows, Trunk(), 32, (1, 2, 1), seed=4).images)
    assert torch.equal(pool.images[0], torch.from_numpy(data.view(0, WHOLE, False, 32)[0]).permute(2, 0, 1))


@pytest.mark.parametrize("change", [scanned, photographed])
def test_augmentation_keeps_size_and_kind(change):
    image = np.random.default_rng(0).integers(0, 255, (48, 48, 3)).astype(np.uint8)
    for seed in range(30):
        changed = change(image, np.random.default_rng(seed))
        assert changed.shape == image.shape
        assert changed.dtype == np.uint8
    points = np.array([[20.0, 20], [28, 20], [24, 25], [21, 30], [27, 30]])
    for seed in range(30):
        assert retaken(image, np.ones((48, 48), np.float32), points, np.random.default_rng(seed)).shape == image.shape


def test_jpeg_keeps_red_red():
    image = np.zeros((48, 48, 3), np.uint8)
    image[..., 0] = 200
    for seed in range(20):
        changed = photographed(image, np.random.default_rng(seed)).astype(int).mean((0, 1))
        assert changed[0] > 150 > 60 > changed[2]


def test_all_photos_of_a_sitter_are_reserved_or_none():
    def record(file: str, source: str = "", split: str = "train") -> dict:
        return {"set": "photos", "split": split, "file": file, "source": source}

    kept = [is_reserved(record(f"{n}.jpg")) for n in range(300)]
    assert 0.2 < np.mean(kept) < 0.45
    assert is_reserved(record("1.jpg", split="held-out"))
    assert not is_reserved({"set": "oil", "split": "train", "file": "1.jpg", "source": ""})
    for sitter in range(20):
        faces = [record(f"{sitter}{m}.jpg", f"x/inst/{m}_front/{sitter:03d}_03.jpg") for m in ("smiling", "neutral")]
        assert len({is_reserved(face) for face in faces}) == 1


def test_a_teacher_judges_what_it_has_not_seen():
    torch.manual_seed(0)
    rows = torch.arange(100).repeat_interleave(2)
    labels = rows % 4
    statistics = torch.nn.functional.one_hot(labels, 4).float() + 0.05 * torch.randn(200, 4)
    # One painting is labelled wrongly: its own views must not teach its own fold that.
    labels[:2] = 1
    teacher = teach(statistics, labels, rows, seed=0)
    assert len(teacher.networks) == int(fold_of(rows).max()) + 1
    said = teacher.unseen_logits(statistics, rows).argmax(1)
    assert said[:2].tolist() == [0, 0]
    assert (said[2:] == labels[2:]).float().mean() > 0.95
    assert teacher.logits(statistics[:2]).shape == (2, 4)


def test_photo_targets_are_even_steady_and_blind_to_the_tone_of_skin(data):
    photos = [row for row, record in enumerate(data.records) if record["set"] == "photos"]
    tones = torch.tensor([skin_tone(data, row) for row in photos])
    tones = (tones - tones.mean()) / tones.std()
    rows, kinds = torch.tensor(photos).repeat_interleave(3), torch.tensor([CLEAN, PASSED_ON, RETAKEN] * len(photos))
    pool = ViewPool(torch.zeros(0), rows, kinds, (), torch.zeros(0))
    torch.manual_seed(0)
    opinions = 0.3 * torch.randn(len(rows), 4)
    opinions[:, 0] += 3 * tones.repeat_interleave(3)
    targets = photo_targets(opinions, pool, data)
    assert torch.allclose(targets.sum(1), torch.ones(len(rows)), atol=1e-5)
    assert torch.equal(targets[0::3], targets[1::3])
    assert not torch.allclose(targets[0::3], targets[2::3])
    assert torch.allclose(targets[0::3].mean(0), torch.full((4,), 0.25), atol=0.02)
    slope = (tones[:, None] * targets[0::3].log()).mean(0)
    assert float((slope - slope.mean()).abs().max()) < 0.25


def test_the_bias_makes_styles_even():
    logits = torch.randn(500, 4, generator=torch.Generator().manual_seed(0)) + torch.tensor([3.0, 0.0, -1.0, 0.5])
    mean = (logits + evening_bias(logits)).softmax(1).mean(0)
    assert torch.allclose(mean, torch.full((4,), 0.25), atol=0.01)


def test_a_head_learns_to_say_the_same_of_all_framings():
    torch.manual_seed(0)
    truth = torch.randint(0, 4, (60,))
    framed = torch.zeros(60, 5, 9)
    framed[..., :4] = torch.nn.functional.one_hot(truth, 4)[:, None] + 0.3 * torch.randn(60, 5, 4)
    # Something that tells as much, but changes with the framing.
    framed[..., 4:8] = 2 * torch.nn.functional.one_hot(truth, 4)[:, None] + 3 * torch.randn(60, 5, 4)
    targets = 0.9 * torch.nn.functional.one_hot(truth, 4) + 0.025
    framings = Framings(framed, targets, framed[:, 0], targets)
    spreads = []
    for weight in (0.0, 5.0):
        torch.manual_seed(1)
        layer = torch.nn.Linear(9, 4)
        fit_head(layer, framings, weight)
        said = layer(framed).log_softmax(2)
        spreads.append(float(said.detach().var(1).mean()))
        assert (layer(framed[:, 0]).argmax(1) == truth).float().mean() > 0.9
    assert spreads[1] < 0.7 * spreads[0]


def test_framings_are_of_photos_and_depend_on_the_seed(data):
    pool = draw_views(data, np.array([0, 1]), Trunk(), 32, (1, 0, 2), seed=3)
    network = StyleClassifier(channels=(4, 4, 6, 6), input_px=32).eval()
    targets = torch.arange(24.0).view(6, 4)
    first, again, other = (draw_framings(network, data, pool, targets, seed) for seed in (0, 0, 1))
    assert first.framed.shape[:2] == (2, FRAMINGS)
    assert first.targets.tolist() == [targets[0].tolist(), targets[3].tolist()]
    assert len(first.retaken) == len(first.retaken_targets) == 4
    assert torch.equal(first.framed, again.framed)
    assert torch.equal(first.framed[:, 0], other.framed[:, 0])
    assert not torch.equal(first.framed[:, 1], other.framed[:, 1])


def test_a_blinded_layer_is_blind():
    torch.manual_seed(0)
    tones = 20 * torch.randn(400)
    features = torch.randn(400, 6)
    features[:, 0] += tones / 15
    layer = torch.nn.Linear(6, 4)
    before = layer(features).detach()
    blind(layer, features, tones)
    after = layer(features).detach()
    centred = tones - tones.mean()
    assert float(((before - before.mean(0)).T @ centred).abs().max()) > 100
    assert float(((after - after.mean(0)).T @ centred).abs().max()) < 1
    # What has nothing to do with the tone stays.
    assert float((after - before).std()) < float(before.std())


def by_light(crop: np.ndarray) -> np.ndarray:
    """Chooses by the brightness of the left half, so that a mirror image is another choice."""
    step = int(np.clip(crop[:, : crop.shape[1] // 2].mean() / 64, 0, 3))
    return np.eye(4)[step] * 0.96 + 0.01


def test_choices_are_measured_and_written(data, tmp_path):
    seen: list[int] = []
    report = examine_choices(by_light, by_light, data, lambda done, total: seen.append(done))
    assert report.confusion.sum() == len(STYLES)
    assert report.groups[HELD_OUT].count == 1
    assert report.groups[UNSEEN].count == len(seen)
    assert sum(report.groups[UNSEEN].shares.values()) == pytest.approx(1)
    assert set(report.effects) == set(COUNTERFACTUALS)
    paths = save_choices(report, tmp_path / "out", "abcdef0123456789")
    record = json.loads(paths[0].read_text())
    assert record["confusion"] == report.confusion.tolist()
    assert record["balanced_accuracy"] == pytest.approx(report.balanced_accuracy, abs=1e-4)
    text = paths[1].read_text()
    assert "| renaissance | " in text
    assert all(name in text for name in (*PERTURBATIONS, *COUNTERFACTUALS))
    assert choices_record(report)["counterfactuals"]
    assert markdown(report, "abcdef0123456789") == text


def test_shares_gaps_and_survival_by_hand():
    zero = np.zeros((len(COUNTERFACTUALS), 4))
    readings = [
        _ChoiceReading(choice, tone, [True, True, choice != 1, True], np.zeros(4), zero)
        for choice, tone in ((0, 60.0), (0, 55.0), (1, 30.0), (1, 20.0), (2, -10.0), (0, -20.0))
    ]
    group = _group(readings)
    assert group.shares["renaissance"] == pytest.approx(0.5)
    assert group.lightest == {"renaissance": 1.0, "oil": 0.0, "watercolor": 0.0, "ink": 0.0}
    assert group.gap["renaissance"].value == pytest.approx(0.5)
    assert group.gap["watercolor"].value == pytest.approx(-0.5)
    assert group.consistency["mirror image"].value == pytest.approx(4 / 6)
    assert group.consistency["half the size"].value == 1


def test_a_face_that_is_lost_is_a_choice_that_is_lost():
    photos = [np.full((40, 40, 3), value, np.uint8) for value in (10, 200)]
    kept = whole_pipeline_consistency(lambda photo: "oil" if photo.shape[0] == 40 else None, photos)
    assert kept["mirror image"].value == 1
    assert kept["half the size"].value == 0
    assert whole_pipeline_consistency(lambda photo: None, photos)["mirror image"].count == 0


def test_changes_keep_pictures_pictures():
    photo = np.random.default_rng(0).integers(0, 255, (50, 40, 3)).astype(np.uint8)
    sizes = [change(photo).shape for change in PERTURBATIONS.values()]
    assert sizes == [(50, 40, 3), (25, 20, 3), (50, 40, 3), (46, 38, 3)]
    assert np.array_equal(PERTURBATIONS["mirror image"](PERTURBATIONS["mirror image"](photo)), photo)
