"""Options of training, as frozen dataclasses."""

from __future__ import annotations

from dataclasses import dataclass

from portraitify.config import Config
from portraitify.errors import ConfigError

# The networks halve their input four times.
_SIDE_STEP = 16


def _check_side(name: str, side_px: int) -> None:
    if side_px < _SIDE_STEP or side_px % _SIDE_STEP:
        raise ConfigError(f"{name} {side_px}: a multiple of {_SIDE_STEP} is needed.")


@dataclass(frozen=True)
class TrainConfig(Config):
    """Options of a training run.

    Attributes:
        steps: to reach in all, counted over resumed runs.
        minutes: stop earlier after so long; 0 means no limit.
        batch_size: pairs of photo and painting a step.
        image_size: side of the training pictures, pixels; a multiple of 16.
        zoom: smallest window, in fractions of the frame's side.
        style_window: side of the part whose texture is compared, in fractions of the training picture's; the network
            that sees it takes more than half of a step.
        learning_rate: of the generator and the style encoder.
        learning_rate_discriminator: of the discriminator.
        warmup_steps: over which the learning rates rise after a start without optimiser.
        ema_decay: of the averaged weights, per step.
        lambda_adversarial: weight of the hinge loss.
        lambda_content: weight of the content distance.
        lambda_expression: weight of what lies over eyes and mouth.
        lambda_style: weight of the texture statistics.
        lambda_background: weight of the background's colours.
        lambda_regularity: weight of how far the background repeats itself.
        lambda_color: weight of the bounds on the sitter's colours.
        lambda_skin: weight of the bounds on the face's brightness.
        lambda_shape: weight of the face's modelling.
        lambda_faces: weight of the hinge loss on faces alone.
        lambda_identity: weight of what a recogniser misses of the sitter.
        lambda_features: weight of how far lids, brows and lips moved.
        lambda_light: weight of the light from one side.
        sample_every: steps between sample sheets.
        save_every: steps between checkpoints.
        seed: of data, initial weights and their order.
        threads: CPU threads; 0 leaves torch's choice.
        bfloat16: run convolutions in bfloat16.
        device: one of ``portraitify.devices.DEVICES``.
        workers: processes that make batches; 0 means one thread.
        settle_steps: over the last so many of ``steps`` the learning rates fall to a twentieth.
    """

    steps: int = 20000
    minutes: float = 0.0
    batch_size: int = 4
    image_size: int = 192
    zoom: float = 0.4
    style_window: float = 1.0
    learning_rate: float = 2e-4
    learning_rate_discriminator: float = 1e-4
    warmup_steps: int = 50
    ema_decay: float = 0.998
    lambda_adversarial: float = 0.4
    lambda_content: float = 1.2
    lambda_expression: float = 0.3
    lambda_style: float = 40.0
    lambda_background: float = 8.0
    lambda_regularity: float = 5.0
    lambda_color: float = 40.0
    lambda_skin: float = 20.0
    lambda_shape: float = 8.0
    lambda_faces: float = 0.4
    lambda_identity: float = 8.0
    lambda_features: float = 6.0
    lambda_light: float = 2.0
    sample_every: int = 250
    save_every: int = 250
    seed: int = 7
    threads: int = 0
    bfloat16: bool = True
    device: str = "auto"
    workers: int = 0
    settle_steps: int = 0

    def __post_init__(self) -> None:
        """Raises :class:`ConfigError` for a side that the networks cannot halve."""
        _check_side("image_size", self.image_size)


@dataclass(frozen=True)
class ClassifierConfig(Config):
    """Options for training the style classifier.

    Attributes:
        steps: updates.
        batch_size: views an update.
        photo_share: of photos among them; the rest are the same number of paintings of each style.
        input_px: side of the views.
        learning_rate: highest of a one-cycle schedule.
        weight_decay: of AdamW.
        label_share: how much a painting's label counts beside the opinion of a teacher who has not seen it.
        lambda_guide: weight of predicting the frozen network's features.
        seed: of data and initial weights.
    """

    steps: int = 2600
    batch_size: int = 64
    photo_share: float = 0.25
    input_px: int = 160
    learning_rate: float = 3e-3
    weight_decay: float = 0.05
    label_share: float = 0.6
    lambda_guide: float = 1.0
    seed: int = 7


@dataclass(frozen=True)
class MaskConfig(Config):
    """Options for training the sitter's mask.

    Attributes:
        steps: updates.
        batch_size: photos an update.
        learning_rate: highest of a one-cycle schedule.
        input_px: side to which crops are brought, a multiple of 16; the mask has half as many pixels.
        outline: how much more places near the sitter's outline count than others.
        seed: of data and initial weights.
        bfloat16: convolutions in half precision; quick only on processors with AMX, and very slow on others.
    """

    steps: int = 1600
    batch_size: int = 16
    input_px: int = 320
    outline: float = 3.0
    learning_rate: float = 3e-3
    seed: int = 7
    bfloat16: bool = False

    def __post_init__(self) -> None:
        """Raises :class:`ConfigError` for a side that the network cannot halve."""
        _check_side("input_px", self.input_px)
