"""All that training changes, and how it is kept: checkpoints and shippable weights."""

from __future__ import annotations

import copy
import io
import os
import pickle
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save
from torch import Tensor, nn

from portraitify.errors import MissingWeightsError, WeightsMismatchError
from portraitify.io.files import write_atomically
from portraitify.media.registry import STYLES
from portraitify.models.discriminator import Discriminator
from portraitify.models.generator import Generator
from portraitify.models.style_encoder import StyleEncoder
from portraitify.models.trunk import STATISTICS_SIZE, TRUNK_CHANNELS
from portraitify.training.ema import follow
from portraitify.training.options import TrainConfig
from portraitify.weights import MANIFEST_NAME, WeightsFolder

NETWORKS = ("generator", "style_encoder", "discriminator", "face_discriminator")
# Without momentum the painter's updates were too noisy: at 4e-4 it broke down after 230 steps.
_PAINTER_BETAS, _DISCRIMINATOR_BETAS = (0.5, 0.99), (0.0, 0.99)
STYLE_RATE = 4.0
FACE_WIDTH = 48
_BEFORE = {"steps": "steps_before", "pairs": "pairs_before", "hours": "hours_before", "gpu_hours": "gpu_hours_before"}
_COUNTERS = ("step", "pairs", "fresh_since", "seconds", "gpu_seconds", "gradient_norm", *_BEFORE.values())
_OTHERS = "Give the -previous one beside it its name, or train in another folder."


def save_half(tensors: dict[str, Tensor], path: Path) -> None:
    """Write tensors as half-precision safetensors; the file is complete or not there."""
    save_tensors({key: value.half() for key, value in tensors.items() if value.is_floating_point()}, path)


def save_tensors(tensors: dict[str, Tensor], path: Path) -> None:
    """Write tensors as safetensors in the precision they have; the file is complete or not there.

    Raises:
        ImageError: it cannot be written; one that was there is left as it was.
    """
    write_atomically(path, save({key: value.detach().contiguous() for key, value in tensors.items()}))


def _keep_previous(path: Path) -> None:
    """Give a checkpoint a second name, which it keeps when it is replaced; at no time is there none."""
    previous = path.with_name(f"{path.stem}-previous{path.suffix}")
    try:
        previous.unlink(missing_ok=True)
        os.link(os.path.realpath(path), previous)
    except OSError:
        # Not every disk knows second names.
        write_atomically(previous, path.read_bytes())


def _carries_style(name: str) -> bool:
    return any(part in name for part in (".to_scale.", ".to_bias.", ".to_strength."))


class TrainingState:
    """Networks, their averages, optimisers and the step.

    Args:
        config: of the run.
        device: where the networks are.

    Attributes:
        step: updates so far.
        pairs: pairs of photo and painting seen so far.
        fresh_since: step at which the optimisers began without memory.
        seconds: of the steps on a CPU.
        gpu_seconds: of the steps on a GPU.
        gradient_norm: running mean of the painter's; 0 before the first.
        steps_before: updates of the weights that the run began with; ``pairs_before``, ``hours_before`` and
            ``gpu_hours_before`` likewise.
    """

    def __init__(self, config: TrainConfig, device: str = "cpu"):
        torch.manual_seed(config.seed)
        self.device = device
        self.generator = Generator().to(device).to(memory_format=torch.channels_last)
        self.style_encoder = StyleEncoder(STATISTICS_SIZE, len(STYLES)).to(device)
        self.discriminator = Discriminator(TRUNK_CHANNELS, len(STYLES)).to(device).to(memory_format=torch.channels_last)
        # As small as the faces that it sees.
        self.face_discriminator = Discriminator(TRUNK_CHANNELS, len(STYLES), FACE_WIDTH).to(device)
        self.face_discriminator.to(memory_format=torch.channels_last)
        self.generator_ema = copy.deepcopy(self.generator).requires_grad_(False)
        self.style_encoder_ema = copy.deepcopy(self.style_encoder).requires_grad_(False)
        self.painter_optimizer = torch.optim.Adam(self._painter_groups(), config.learning_rate, _PAINTER_BETAS)
        judges = [*self.discriminator.parameters(), *self.face_discriminator.parameters()]
        self.discriminator_optimizer = torch.optim.Adam(
            judges, config.learning_rate_discriminator, _DISCRIMINATOR_BETAS
        )
        self.step = 0
        self.pairs = 0
        self.fresh_since = 0
        self.seconds = 0.0
        self.gpu_seconds = 0.0
        self.gradient_norm = 0.0
        self.steps_before = self.pairs_before = 0
        self.hours_before = self.gpu_hours_before = 0.0

    def _painter_groups(self) -> list[dict[str, Any]]:
        """Parameters that carry the style learn faster: at one common rate all style codes painted alike for long."""
        named = list(self.generator.named_parameters())
        modulation = [p for name, p in named if _carries_style(name)]
        rest = [p for name, p in named if not _carries_style(name)]
        return [
            {"params": rest, "rate": 1.0},
            {"params": [*modulation, *self.style_encoder.parameters()], "rate": STYLE_RATE},
        ]

    def update_averages(self, decay: float) -> None:
        """Move the averaged networks towards the current ones."""
        follow(self.generator_ema, self.generator, decay, self.step)
        follow(self.style_encoder_ema, self.style_encoder, decay, self.step)

    def _parts(self) -> dict[str, nn.Module | torch.optim.Optimizer]:
        return {
            "generator": self.generator,
            "style_encoder": self.style_encoder,
            "discriminator": self.discriminator,
            "face_discriminator": self.face_discriminator,
            "generator_ema": self.generator_ema,
            "style_encoder_ema": self.style_encoder_ema,
            "painter_optimizer": self.painter_optimizer,
            "discriminator_optimizer": self.discriminator_optimizer,
        }

    def save_checkpoint(self, path: Path) -> None:
        """Write everything that is needed to go on as if never stopped; the checkpoint before is kept beside it.

        Raises:
            ImageError: it cannot be written; the one that was there is left as it was.
        """
        state = {name: part.state_dict() for name, part in self._parts().items()}
        state |= {name: getattr(self, name) for name in _COUNTERS}
        stream = io.BytesIO()
        torch.save(state, stream)
        if path.exists():
            _keep_previous(path)
        write_atomically(path, stream.getvalue())

    def load_checkpoint(self, path: Path) -> None:
        """Go on from :meth:`save_checkpoint`'s file.

        Raises:
            MissingWeightsError: there is no such file, or it cannot be read.
            WeightsMismatchError: it is damaged, or belongs to other networks.
        """
        try:
            data = path.read_bytes()
        except OSError as error:
            raise MissingWeightsError(f"{path}: cannot be read ({error.strerror}).") from error
        try:
            state = torch.load(io.BytesIO(data), map_location=self.device, weights_only=True)
            for name, part in self._parts().items():
                part.load_state_dict(state[name])
        except (EOFError, OSError, pickle.UnpicklingError) as error:
            # torch's own message advises to load it without the check.
            raise WeightsMismatchError(f"{path}: damaged, or not a checkpoint. {_OTHERS}") from error
        except (AttributeError, KeyError, RuntimeError, TypeError, ValueError) as error:
            message = f"{path}: not a checkpoint of these networks ({error}). {_OTHERS}"
            raise WeightsMismatchError(message) from error
        for name in _COUNTERS:
            # Older checkpoints count fewer things.
            setattr(self, name, state.get(name, 0))

    def load_weights(self, folder: Path) -> None:
        """Begin from shipped weights with fresh optimisers; the averages become the networks.

        Raises:
            MissingWeightsError: a file is not there.
            WeightsMismatchError: a file is damaged, or belongs to other networks.
        """
        targets: dict[str, list[nn.Module]] = {
            "generator": [self.generator, self.generator_ema],
            "style_encoder": [self.style_encoder, self.style_encoder_ema],
            "discriminator": [self.discriminator],
            "face_discriminator": [self.face_discriminator],
        }
        for name, networks in targets.items():
            path = folder / f"{name}.safetensors"
            try:
                tensors = {key: value.float() for key, value in load_file(path).items()}
                for network in networks:
                    network.load_state_dict(tensors)
            except FileNotFoundError as error:
                if name == "face_discriminator":
                    # Weights from before it was there; it learns quickly.
                    continue
                needed = ", ".join(f"{name}.safetensors" for name in targets)
                raise MissingWeightsError(f"{path}: no such file. Training can begin with {needed}.") from error
            except (OSError, RuntimeError, SafetensorError) as error:
                raise WeightsMismatchError(f"{path}: training cannot begin with it ({error}).") from error
        self.fresh_since = self.step
        if (folder / MANIFEST_NAME).exists():
            known = WeightsFolder(folder).manifest.get("training", {})
            for name, attribute in _BEFORE.items():
                setattr(self, attribute, known.get(name, 0))

    @property
    def all_seconds(self) -> float:
        """Of the steps on any device."""
        return self.seconds + self.gpu_seconds

    def count(self, pairs: int, seconds: float) -> None:
        """Note what a step has taken."""
        self.pairs += pairs
        if self.device == "cpu":
            self.seconds += seconds
        else:
            self.gpu_seconds += seconds

    def save_weights(self, folder: Path) -> None:
        """Write the averaged painter and the discriminator as half-precision safetensors."""
        folder.mkdir(parents=True, exist_ok=True)
        for name in NETWORKS:
            network = getattr(self, f"{name}_ema", None) or getattr(self, name)
            save_half(network.state_dict(), folder / f"{name}.safetensors")
