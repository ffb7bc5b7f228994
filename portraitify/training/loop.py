"""One step after the other, until the steps, the time or the person says stop."""

from __future__ import annotations

import contextlib
import json
import math
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from portraitify.data.batches import Batch, BatchSampler, PreparedData, Views
from portraitify.data.loader import batches
from portraitify.devices import resolve_device
from portraitify.media.registry import STYLES
from portraitify.models.discriminator import hinge_discriminator, hinge_generator
from portraitify.training import losses
from portraitify.training.face_judges import FaceJudges
from portraitify.training.frozen import TrunkFeatures, VGGFeatures
from portraitify.training.options import TrainConfig
from portraitify.training.samples import save_sample_sheet
from portraitify.training.state import TrainingState
from portraitify.training.statistics import picture_statistics

# Share of the learning rates that is left at the end.
SETTLED_RATE = 0.05


@dataclass(frozen=True)
class _Targets:
    """Frozen features that a painting is compared with, each a list of maps ``(B, C, h, w)``.

    Attributes:
        content: the trunk's, of the sitter before the real painting's background.
        real: the trunk's, of the real painting.
        texture: the real painting's part whose texture is compared.
        real_vgg: VGG's, of that part.
    """

    content: list[Tensor]
    real: list[Tensor]
    texture: Views
    real_vgg: list[Tensor]


class Trainer:
    """Owns the networks and runs steps.

    Args:
        data: prepared pictures.
        config: of the run.
        folder: for the log, samples and checkpoints.
        trunk: frozen features for content and discriminator; ``TrunkFeatures`` by default.
        vgg: frozen features for style; ``VGGFeatures`` by default.
        recogniser: frozen, tells faces apart; see ``FaceRecogniser``. Without one likeness has no term of its own.
        mesh: frozen, finds the points of faces; see ``FaceMeshNetwork``. None likewise.
    """

    def __init__(
        self,
        data: PreparedData,
        config: TrainConfig,
        folder: Path,
        trunk: nn.Module | None = None,
        vgg: nn.Module | None = None,
        recogniser: nn.Module | None = None,
        mesh: nn.Module | None = None,
    ):
        if config.threads:
            torch.set_num_threads(config.threads)
        self.data, self.config, self.folder = data, config, folder
        self.device = resolve_device(config.device)
        if self.device == "cuda":
            torch.set_float32_matmul_precision("high")
        folder.mkdir(parents=True, exist_ok=True)
        self.state = TrainingState(config, self.device)
        self.trunk = (trunk or TrunkFeatures()).to(self.device).to(memory_format=torch.channels_last)
        self.vgg = (vgg or VGGFeatures()).to(self.device).to(memory_format=torch.channels_last)
        recogniser, mesh = (network and network.to(self.device) for network in (recogniser, mesh))
        self.face_judges = FaceJudges(self.trunk, recogniser, mesh)
        self.sampler = BatchSampler(data, config.batch_size, config.image_size, config.zoom, config.seed)
        self.statistics = picture_statistics(data, self.trunk, self.device)

    def run(
        self,
        on_step: Callable[[int, dict[str, float]], None] = lambda step, values: None,
        should_stop: Callable[[], bool] = lambda: False,
    ) -> None:
        """Train until the configured steps or minutes are reached, then save.

        Args:
            on_step: called after each step with its number and loss values.
            should_stop: asked after each step.
        """
        began = time.monotonic()
        config, state = self.config, self.state
        coming = batches(self.sampler.batch, state.step, config.steps, config.workers, self.device == "cuda")
        log = (self.folder / "log.jsonl").open("a", encoding="utf-8")
        with log, contextlib.closing(coming):
            for batch in coming:
                started = time.monotonic()
                values = self.train_step(batch.unpack(self.device))
                state.count(config.batch_size, time.monotonic() - started)
                if state.step % 10 == 0:
                    seconds = round(state.all_seconds, 1)
                    record = {"step": state.step, "pairs": state.pairs, "seconds": seconds, **values}
                    log.write(json.dumps(record) + "\n")
                    log.flush()
                on_step(state.step, values)
                self._keep()
                minutes = (time.monotonic() - began) / 60
                if should_stop() or (config.minutes and minutes >= config.minutes):
                    break
        self.state.save_checkpoint(self.folder / "checkpoint.pt")
        save_sample_sheet(self, self.folder / f"sample-{self.state.step:06d}.png")

    def _keep(self) -> None:
        step = self.state.step
        if step % self.config.sample_every == 0:
            save_sample_sheet(self, self.folder / f"sample-{step:06d}.png")
        if step % self.config.save_every == 0:
            self.state.save_checkpoint(self.folder / "checkpoint.pt")

    def train_step(self, batch: Batch) -> dict[str, float]:
        """One update of painter and discriminator.

        Returns:
            The unweighted loss terms.

        Raises:
            FloatingPointError: a loss is not a finite number.
        """
        state = self.state
        self._set_learning_rates()
        targets = self._targets(batch)
        style_code = state.style_encoder(self.statistics[batch.painting_index], batch.style_index)
        with self._autocast():
            fake_image = state.generator(batch.photo.image, batch.photo.subject_mask, style_code, self._noise())
        fake_image = fake_image.float()
        terms, fake_features = self._painter_terms(batch, fake_image, targets)
        weighted = (getattr(self.config, f"lambda_{name}") * term for name, term in terms.items())
        total = sum(weighted, torch.zeros((), device=self.device))
        if not math.isfinite(float(total.detach())):
            raise FloatingPointError(f"step {state.step}: the loss is not finite: {terms}")
        state.painter_optimizer.zero_grad(set_to_none=True)
        torch.autograd.backward(total)
        terms["gradient"] = self._clip_gradients()
        state.painter_optimizer.step()
        terms |= self._discriminator_step(batch, fake_image.detach(), fake_features, targets.real)
        state.step += 1
        state.update_averages(self.config.ema_decay)
        # One transfer for all terms: each waits for the device.
        values = torch.stack([term.detach().float() for term in terms.values()]).tolist()
        return {name: round(value, 5) for name, value in zip(terms, values, strict=True)}

    @torch.no_grad()
    def _targets(self, batch: Batch) -> _Targets:
        photo, painting = batch.photo, batch.painting
        content = losses.on_painted_background(photo.image, painting.image, photo, painting)
        texture = self._texture_part(painting, 2)
        with self._autocast():
            return _Targets(self.trunk(content), self.trunk(painting.image), texture, self.vgg(texture.image))

    def _texture_part(self, views: Views, use: int) -> Views:
        """A part anywhere, drawn by seed, step and use."""
        whole = self.config.image_size
        side = round(self.config.style_window * whole / 16) * 16
        left, top = np.random.default_rng([self.config.seed, self.state.step, use]).integers(0, whole - side + 1, 2)
        return views.part(int(left), int(top), side)

    def _painter_terms(
        self, batch: Batch, fake_image: Tensor, targets: _Targets
    ) -> tuple[dict[str, Tensor], list[Tensor]]:
        """Unweighted losses by name, and the trunk's features of what was painted."""
        state, photo, painting = self.state, batch.photo, batch.painting
        rng = self._rng(0)
        state.discriminator.requires_grad_(False)
        with self._autocast():
            quiet = losses.scale_background_gradient(fake_image, photo)
            fake_features = self.trunk(quiet)
            texture = self._texture_part(replace(photo, image=fake_image), 3)
            fake_vgg = self.vgg(texture.image)
            logits = state.discriminator(quiet, fake_features, batch.style_index)
        state.discriminator.requires_grad_(True)
        terms = {
            "adversarial": hinge_generator([x.float() for x in logits]),
            "content": losses.content_loss(fake_features, targets.content, losses.content_importance(photo)),
            "expression": losses.expression_loss(fake_features[1], targets.content[1], photo.expression),
            "style": losses.style_loss(
                [texture.image, *fake_vgg],
                [targets.texture.image, *targets.real_vgg],
                texture,
                targets.texture,
                rng,
            ),
            "background": losses.background_loss(fake_image, painting.image, photo, painting),
            "regularity": losses.regularity_loss(fake_image, painting.image, photo, painting),
            "color": losses.color_loss(fake_image, photo.image, photo, batch.style_index),
            "skin": losses.skin_loss(fake_image, photo.image, photo.face, batch.style_index),
            "shape": losses.modelling_loss(fake_image, photo.image, photo),
        }
        with self._autocast():
            terms |= self.face_judges.terms(batch, fake_image, state.face_discriminator, rng)
        return terms, fake_features

    def _clip_gradients(self) -> Tensor:
        """Bound the gradient by twice its running mean: one spike once undid two hundred steps.

        Returns:
            The norm before clipping.
        """
        state = self.state
        mean = state.gradient_norm or math.inf
        norm = torch.nn.utils.clip_grad_norm_(state.generator.parameters(), 2.0 * mean)
        bounded = min(float(norm), 2.0 * mean)
        state.gradient_norm = bounded if state.gradient_norm == 0 else 0.98 * state.gradient_norm + 0.02 * bounded
        return norm

    def _discriminator_step(
        self, batch: Batch, fake_image: Tensor, fake_features: list[Tensor], real_features: list[Tensor]
    ) -> dict[str, Tensor]:
        state, real_image, others = self.state, batch.painting.image, self._other_styles(batch)
        rng = self._rng(1)
        with self._autocast():
            real = state.discriminator(real_image, real_features, batch.style_index)
            fake = state.discriminator(fake_image, [x.detach() for x in fake_features], batch.style_index)
            mismatched = state.discriminator(real_image, real_features, others)
            faces = self.face_judges.discriminator_loss(batch, fake_image, state.face_discriminator, others, rng)
        real, fake, mismatched = ([x.float() for x in logits] for logits in (real, fake, mismatched))
        loss = hinge_discriminator(real, fake, mismatched)
        state.discriminator_optimizer.zero_grad(set_to_none=True)
        torch.autograd.backward(loss + faces)
        state.discriminator_optimizer.step()
        return {"discriminator": loss, "face_discriminator": faces}

    def _other_styles(self, batch: Batch) -> Tensor:
        """For each painting a style that is not its own, each of the three in turn."""
        return (batch.style_index + 1 + self.state.step % (len(STYLES) - 1)) % len(STYLES)

    def _rng(self, use: int) -> torch.Generator:
        """One sequence a step and use, so that a resumed run draws what an uninterrupted one would."""
        seed = self.config.seed * 1_000_003 + self.state.step + use * 500_000_003
        return torch.Generator(self.device).manual_seed(seed)

    def _noise(self) -> Tensor:
        """Noise that depends on seed and step only."""
        side = self.config.image_size // 2
        rng = np.random.default_rng([self.config.seed, self.state.step, 1])
        noise = rng.standard_normal((self.config.batch_size, 1, side, side), np.float32)
        return torch.from_numpy(noise).to(self.device)

    def _set_learning_rates(self) -> None:
        rise = min(1.0, (self.state.step - self.state.fresh_since + 1) / max(self.config.warmup_steps, 1))
        rise *= self._settling()
        for optimizer, rate in (
            (self.state.painter_optimizer, self.config.learning_rate),
            (self.state.discriminator_optimizer, self.config.learning_rate_discriminator),
        ):
            for group in optimizer.param_groups:
                group["lr"] = rate * rise * group.get("rate", 1.0)

    def _settling(self) -> float:
        """Half a wave of a cosine, from 1 to ``SETTLED_RATE``, over the last steps."""
        left = (self.config.steps - self.state.step) / max(self.config.settle_steps, 1)
        return SETTLED_RATE + (1 - SETTLED_RATE) * 0.5 * (1 - math.cos(math.pi * min(max(left, 0.0), 1.0)))

    def _autocast(self) -> torch.autocast:
        return torch.autocast(self.device, torch.bfloat16, enabled=self.config.bfloat16)
