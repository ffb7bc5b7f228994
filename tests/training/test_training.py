"""The training loop on random pictures, with small random networks in place of the frozen ones."""

from __future__ import annotations

import copy
import json
from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import functional as F

from portraitify.data.batches import BatchSampler, PreparedData, SquareWindow, Views
from portraitify.data.loader import batches
from portraitify.data.suitability import suitability
from portraitify.errors import ConfigError, WeightsMismatchError
from portraitify.imaging.face_regions import BROWS_TO_CHIN, face_mask
from portraitify.media.registry import STYLES
from portraitify.models.subject_mask import SubjectMask
from portraitify.models.trunk import TRUNK_CHANNELS
from portraitify.style.reference import TRAITS
from portraitify.training import losses
from portraitify.training.classifier import train_classifier
from portraitify.training.export import (
    export_classifier,
    export_mask,
    export_painter,
    measure_bank,
    prune_bank,
    update_manifest,
)
from portraitify.training.loop import Trainer
from portraitify.training.mask import evaluate_mask, train_mask
from portraitify.training.options import ClassifierConfig, MaskConfig, TrainConfig
from portraitify.training.texture import regularity_distance, sliced_distance
from portraitify.weights import WeightsFolder

VGG_CHANNELS, VGG_STRIDES = (4, 6, 8, 8), (1, 2, 4, 8)
CONFIG = TrainConfig(
    steps=2, batch_size=4, image_size=32, sample_every=100, save_every=100, warmup_steps=1, bfloat16=False
)


class RandomMaps(nn.Module):
    """Feature maps of given channels and strides from fixed random kernels."""

    def __init__(self, channels: tuple[int, ...], strides: tuple[int, ...]):
        super().__init__()
        torch.manual_seed(1)
        self.layers = nn.ModuleList(nn.Conv2d(3, c, s, s) for c, s in zip(channels, strides, strict=True))
        self.requires_grad_(False)

    def forward(self, image: torch.Tensor) -> list[torch.Tensor]:
        return [F.relu(layer(image)) for layer in self.layers]


def trainer(folder, run, **changes) -> Trainer:
    config = TrainConfig.from_dict(json.loads(CONFIG.to_json()) | changes)
    trunk, vgg = RandomMaps(TRUNK_CHANNELS, (4, 8, 16)), RandomMaps(VGG_CHANNELS, VGG_STRIDES)
    return Trainer(PreparedData(folder), config, run, trunk, vgg)


def views(image: torch.Tensor) -> Views:
    ones = torch.ones_like(image[:, :1])
    subject_mask = ones.clone()
    subject_mask[:, :, : image.shape[2] // 2] = 0
    face = torch.zeros_like(ones)
    face[:, :, -image.shape[2] // 4 :] = 1
    return Views(image, subject_mask, ones, face, face, torch.zeros_like(ones))


def test_batches_depend_on_seed_and_step_only(prepared_folder):
    data = PreparedData(prepared_folder)
    first = BatchSampler(data, 4, 32, 0.5, seed=3).batch(5)
    again = BatchSampler(data, 4, 32, 0.5, seed=3).batch(5)
    other = BatchSampler(data, 4, 32, 0.5, seed=4).batch(5)
    assert torch.equal(first.photo.images, again.photo.images)
    assert not torch.equal(first.photo.images, other.photo.images)
    assert first.style_index.tolist() == [0, 1, 2, 3]


def test_held_out_pictures_are_never_drawn(prepared_folder):
    data = PreparedData(prepared_folder)
    sampler = BatchSampler(data, 4, 32, 0.5, seed=0)
    drawn = {int(row) for step in range(30) for row in sampler.batch(step).painting_index}
    assert drawn
    assert {data.records[row]["split"] for row in drawn} == {"train"}


def test_workers_draw_the_batches_that_a_thread_draws(prepared_folder):
    sampler = BatchSampler(PreparedData(prepared_folder), 4, 32, 0.5, seed=0)
    alone, shared = (list(batches(sampler.batch, 3, 7, workers, pin=False)) for workers in (0, 2))
    assert len(alone) == len(shared) == 4
    for one, other in zip(alone, shared, strict=True):
        assert torch.equal(one.photo.images, other.photo.images)
        assert torch.equal(one.painting.masks, other.painting.masks)


def test_windows_hardly_enlarge_small_pictures(prepared_folder):
    data = PreparedData(prepared_folder)
    sharp = BatchSampler(data, 4, 32, 0.5, seed=0).batch(0)
    for record in data.records:
        record["native_px"] = 16
    coarse = BatchSampler(data, 4, 32, 0.5, seed=0)
    assert not torch.equal(sharp.photo.images, coarse.batch(0).photo.images)
    whole = BatchSampler(data, 4, 32, 1.0, seed=0).batch(0)
    assert torch.equal(coarse.batch(0).painting.masks, whole.painting.masks)


def test_learning_rates_rise_and_settle(prepared_folder, tmp_path):
    run = trainer(prepared_folder, tmp_path, steps=100, warmup_steps=10, settle_steps=40)

    def rate(step: int) -> float:
        run.state.step = step
        run._set_learning_rates()
        return run.state.painter_optimizer.param_groups[0]["lr"] / run.config.learning_rate

    assert rate(0) == pytest.approx(0.1)
    assert rate(30) == 1
    assert rate(80) == pytest.approx(0.05 + 0.95 * 0.5)
    assert rate(99) < 0.06


def test_brushwork_colour_and_paper_count():
    rng = np.random.default_rng(0)
    masks = np.full((64, 64, 2), 255, np.uint8)
    masks[:, :16, 0] = 0
    smooth = np.full((64, 64, 3), (70, 60, 50), np.uint8)
    smooth[:, 32:] = (120, 100, 80)
    rough = np.clip(smooth + rng.normal(0, 30, (64, 64, 3)), 0, 255).astype(np.uint8)
    assert suitability(rough, masks, "oil") > 2 * suitability(smooth, masks, "oil")
    paper = smooth.copy()
    paper[:, :16] = 245
    assert suitability(paper, masks, "watercolor") > suitability(smooth, masks, "watercolor")
    assert suitability(paper, masks, "ink") > suitability(smooth, masks, "ink")
    assert suitability(rough, masks, "renaissance") == 1


def test_a_flipped_view_is_the_mirror_of_the_picture(prepared_folder):
    data = PreparedData(prepared_folder)
    whole = SquareWindow(0, 0, 1)
    image, _, points = data.view(0, whole, False, 96)
    mirrored, _, mirrored_points = data.view(0, whole, True, 96)
    assert np.array_equal(mirrored, image[:, ::-1])
    assert np.allclose(mirrored_points[0], [96 - points[1][0], points[1][1]])


def test_the_face_ellipse_holds_the_landmarks():
    landmarks = np.array([[39, 45], [61, 45], [50, 58], [41, 70], [59, 70]], float)
    ellipse = face_mask(landmarks, (100, 100), BROWS_TO_CHIN)
    assert all(ellipse[int(y), int(x)] > 0.4 for x, y in landmarks)
    assert ellipse[5, 5] == 0


def style_distance(fake, real):
    frozen = RandomMaps(VGG_CHANNELS, VGG_STRIDES)
    rng = torch.Generator().manual_seed(0)
    return losses.style_loss([fake, *frozen(fake)], [real, *frozen(real)], views(fake), views(real), rng)


def test_style_loss_sees_the_distribution_and_not_the_place():
    torch.manual_seed(0)
    painting, flat = torch.rand(2, 3, 48, 48), torch.rand(2, 3, 48, 48) * 0.3
    again = torch.rand(2, 3, 48, 48)
    # What remains between two draws from one texture is the chance of the draw.
    assert style_distance(again, painting) < 0.25 * style_distance(flat, painting)


def test_a_painted_forehead_counts_with_the_face_and_a_real_one_does_not():
    image = torch.zeros(1, 3, 48, 48)
    photo = replace(views(image), skin=torch.ones_like(image[:, :1]))
    forehead = photo.face == 0
    assert losses.regions(photo)[2][forehead].max() == 0
    assert losses.regions(photo, 0.5)[2][forehead].min() == 0.5


def test_style_loss_leaves_the_colour_of_the_face_free():
    torch.manual_seed(0)
    x, face = torch.rand(1, 3, 32, 32), torch.ones(1, 1, 32, 32)
    rng = torch.Generator().manual_seed(0)
    free = sliced_distance(x + 0.5, x, face, face, (1.0,), rng)
    bound = sliced_distance(x + 0.5, x, face, face, (0.0,), rng)
    assert free.shape == (1, 1)
    assert free < 0.2 * bound


def test_a_weave_is_told_from_a_free_texture():
    torch.manual_seed(0)
    ticks = torch.arange(96) * (2 * np.pi / 12)
    weave = (torch.sin(ticks)[:, None] * torch.sin(ticks)[None, :]).expand(1, 1, 96, 96)
    free, other = (F.avg_pool2d(torch.randn(1, 1, 98, 98), 3, 1) for _ in range(2))
    whole = torch.ones(1, 1, 96, 96)
    assert regularity_distance(free, free, whole, whole) == 0
    assert regularity_distance(weave, other, whole, whole) > 3 * regularity_distance(free, other, whole, whole)


def test_the_background_passes_on_less_of_the_gradient():
    image = torch.rand(1, 3, 16, 16, requires_grad=True)
    seen = losses.scale_background_gradient(image, views(image))
    assert torch.allclose(seen, image)
    seen.sum().backward()
    assert image.grad is not None
    assert image.grad[0, 0, 0, 0] == pytest.approx(losses.BACKGROUND_GRADIENT)
    assert image.grad[0, 0, -1, 0] == pytest.approx(1)


def test_skin_may_become_darker_rather_than_lighter():
    photo, face = torch.zeros(1, 3, 8, 8), torch.ones(1, 1, 8, 8)
    oil, ink = torch.tensor([1]), torch.tensor([3])
    assert losses.skin_loss(photo + 0.04, photo, face, oil) == 0
    assert losses.skin_loss(photo - 0.1, photo, face, oil) == 0
    lighter = losses.skin_loss(photo + 0.2, photo, face, oil)
    assert lighter > 0
    assert lighter > losses.skin_loss(photo - 0.2, photo, face, oil)
    assert losses.skin_loss(photo + 0.15, photo, face, ink) == 0
    assert losses.skin_loss(photo + 0.3, photo, face, ink) > 0


def test_colours_are_bound_in_the_face_and_free_in_ink():
    photo = torch.zeros(1, 3, 32, 32)
    tint = photo + torch.tensor([0.1, 0.0, -0.1]).view(1, 3, 1, 1)
    oil, ink = torch.tensor([1]), torch.tensor([3])
    assert losses.color_loss(photo + 0.5, photo, views(photo), oil) == 0
    assert losses.color_loss(tint, photo, views(photo), oil) > 0
    assert losses.color_loss(tint, photo, views(photo), ink) == 0


def test_a_neck_keeps_its_colour_and_cloth_is_freer():
    skin, cloth = torch.tensor([0.5, 0.1, -0.1]).view(1, 3, 1, 1), torch.tensor([-0.4, 0.0, 0.4]).view(1, 3, 1, 1)
    photo = skin.expand(1, 3, 32, 32).clone()
    photo[:, :, 16:20, :16] = cloth
    seen, oil = views(photo), torch.tensor([1])
    shift = torch.tensor([0.08, 0.0, -0.08]).view(1, 3, 1, 1)
    neck, sleeve = photo.clone(), photo.clone()
    neck[:, :, 16:20, 16:] += shift
    sleeve[:, :, 16:20, :16] += shift
    assert losses.color_loss(neck, photo, seen, oil) > 0
    assert losses.color_loss(sleeve, photo, seen, oil) == 0


def test_dark_hair_stays_darker_than_the_face():
    photo = torch.full((1, 3, 48, 48), 0.3)
    photo[:, :, 24:30] = -0.7
    grey = photo.clone()
    grey[:, :, 24:30] = 0.3
    assert losses.modelling_loss(grey, photo, views(photo)) > losses.modelling_loss(photo * 0.7, photo, views(photo))


def test_expression_counts_only_over_eyes_and_mouth():
    photo, eyes = torch.rand(1, 5, 8, 8), torch.zeros(1, 1, 32, 32)
    eyes[:, :, :16] = 1
    elsewhere = photo.clone()
    elsewhere[:, :, 4:] += 1
    assert losses.expression_loss(elsewhere, photo, eyes) == 0
    assert losses.expression_loss(photo + 1, photo, eyes).item() == pytest.approx(1)


def test_the_content_target_keeps_the_sitter_and_takes_the_background():
    photo, painting = torch.rand(1, 3, 32, 32), torch.full((1, 3, 32, 32), -0.8)
    seen = views(photo)
    target = losses.on_painted_background(photo, painting, seen, views(painting))
    assert torch.equal(target[:, :, 16:], photo[:, :, 16:])
    assert target[:, :, :16].mean().item() == pytest.approx(-0.8, abs=1e-3)


def test_shape_loss_ignores_level_and_contrast():
    ramp = torch.linspace(-1, 1, 32).view(1, 1, 32, 1).expand(1, 3, 32, 32)
    photo, face = ramp, torch.ones(1, 1, 32, 32)
    bowl = photo.square()
    assert losses.shape_loss(bowl * 0.8 + 0.1, bowl, face, 4) < 0.05
    assert losses.shape_loss(-bowl, bowl, face, 4) > 1
    # A light from one side is a painter's to choose.
    assert losses.shape_loss(bowl + photo.transpose(2, 3), bowl, face, 4) < 1e-3


def test_training_overfits_one_batch(prepared_folder, tmp_path):
    others = ("adversarial", "style", "background", "shape", "color", "skin", "faces", "light")
    without = {f"lambda_{name}": 0.0 for name in others}
    run = trainer(prepared_folder, tmp_path / "run", learning_rate=1e-4, lambda_content=20.0, **without)
    batch = run.sampler.batch(0).unpack()
    values = [run.train_step(batch) for _ in range(40)]
    assert values[-1]["content"] < 0.5 * values[0]["content"]


def test_resumed_equals_uninterrupted(prepared_folder, tmp_path):
    whole = trainer(prepared_folder, tmp_path / "whole", steps=4)
    whole.run()
    trainer(prepared_folder, tmp_path / "parts", steps=2).run()
    resumed = trainer(prepared_folder, tmp_path / "parts", steps=4)
    resumed.state.load_checkpoint(tmp_path / "parts" / "checkpoint.pt")
    assert resumed.state.step == 2
    resumed.run()
    for a, b in zip(whole.state.generator_ema.parameters(), resumed.state.generator_ema.parameters(), strict=True):
        assert torch.equal(a, b)


def test_a_run_leaves_log_sheet_and_checkpoint(prepared_folder, tmp_path):
    trainer(prepared_folder, tmp_path / "run", steps=10).run()
    names = {path.name for path in (tmp_path / "run").iterdir()}
    assert {"log.jsonl", "checkpoint.pt", "sample-000010.png"} <= names
    line = json.loads((tmp_path / "run" / "log.jsonl").read_text().splitlines()[-1])
    assert line["step"] == 10
    assert np.isfinite(list(line.values())).all()


def test_a_foreign_checkpoint_is_refused(prepared_folder, tmp_path):
    path = tmp_path / "checkpoint.pt"
    torch.save({"generator": {}}, path)
    with pytest.raises(WeightsMismatchError, match="not a checkpoint"):
        trainer(prepared_folder, tmp_path / "run").state.load_checkpoint(path)


def test_exported_weights_paint_and_resume(prepared_folder, tmp_path, astronaut):
    from portraitify.engines.torch_engine import TorchEngine

    run = trainer(prepared_folder, tmp_path / "run")
    run.run()
    config = ClassifierConfig(steps=2, batch_size=10, input_px=64)
    network = train_classifier(run.data, config, RandomMaps((3, 4, 4, 4, 6), (4, 8, 16, 16, 32)))
    export_classifier(network, config, tmp_path / "weights")
    untaught = SubjectMask()
    before = copy.deepcopy(untaught.state_dict())
    finder = train_mask(run.data, MaskConfig(steps=2, batch_size=2), untaught)
    # What the trunk knows changes less than the rest.
    moved = {name: float((untaught.state_dict()[name] - before[name]).abs().max()) for name in before}
    assert 0 < moved["trunk.stem.weight"] < 0.5 * moved["fine.weight"]
    export_mask(finder, evaluate_mask(finder, run.data), MaskConfig(), tmp_path / "weights")
    export_painter(run, network, tmp_path / "weights", codes_per_style=2)

    weights = WeightsFolder(tmp_path / "weights")
    assert {style: len(entries) for style, entries in weights.bank.items()} == dict.fromkeys(STYLES, 2)
    assert prune_bank(tmp_path / "weights", [weights.bank["ink"][0].identifier, "none"]) == 1
    assert len(WeightsFolder(tmp_path / "weights").bank["ink"]) == 1
    traits = weights.bank["oil"][0].traits
    assert set(traits) == set(TRAITS)
    entries = WeightsFolder(tmp_path / "weights").manifest["bank"]
    update_manifest(tmp_path / "weights", {}, bank=[entry | {"traits": {}} for entry in entries])
    assert measure_bank(tmp_path / "weights", run.data) == len(entries)
    assert WeightsFolder(tmp_path / "weights").manifest["bank"] == entries
    before = WeightsFolder(tmp_path / "weights").load("bank")["style_codes"]
    export_painter(run, network, tmp_path / "weights", codes_per_style=None)
    assert WeightsFolder(tmp_path / "weights").manifest["bank"] == entries
    np.testing.assert_allclose(WeightsFolder(tmp_path / "weights").load("bank")["style_codes"], before, atol=1e-2)
    update_manifest(tmp_path / "weights", {}, bank=[*entries[:-1], entries[-1] | {"identifier": "gone"}])
    with pytest.raises(ConfigError, match="1 paintings of the bank are not in the data"):
        export_painter(run, network, tmp_path / "weights", codes_per_style=None)
    update_manifest(tmp_path / "weights", {}, bank=entries)
    engine = TorchEngine(weights, "cpu")
    crop = astronaut[:64, 200:264]
    mask, style_code = engine.subject_mask(crop), weights.bank["oil"][0].style_code
    painted = engine.paint(crop[None], mask[None], style_code[None], np.zeros((32, 32), np.float32))
    assert painted.shape == (1, 64, 64, 3)
    assert engine.classify(crop).sum() == pytest.approx(1, abs=1e-5)

    second = trainer(prepared_folder, tmp_path / "second")
    second.state.load_weights(tmp_path / "weights")
    for a, b in zip(second.state.generator.parameters(), run.state.generator_ema.parameters(), strict=True):
        assert torch.allclose(a, b, atol=1e-2)
    second.run()
    # What the weights had learned before counts on.
    export_painter(second, network, tmp_path / "weights", codes_per_style=None)
    record = WeightsFolder(tmp_path / "weights").manifest["training"]
    assert (record["steps"], record["pairs"]) == (4, 16)


def test_unprepared_data_is_told_of(tmp_path):
    with pytest.raises(ConfigError, match="train prepare"):
        PreparedData(tmp_path)
