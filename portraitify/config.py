"""Options as frozen dataclasses, with a JSON round trip."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, fields
from numbers import Integral, Real
from pathlib import Path
from typing import Any, TypeVar

from portraitify.errors import ConfigError
from portraitify.media.registry import medium_names

ENGINES = ("auto", "torch", "onnx")
KEEP, PAINT = SKIN_TONES = ("keep", "paint")
NO_FRAME = "none"
FRAMES = (NO_FRAME, "gilt", "wood", "mat")
AUTO = "auto"
LARGEST, ALL = "largest", "all"
PORTRAIT, FACE, FULL = CROPS = ("portrait", "face", "full")
ASPECTS = ("auto", "1:1", "4:5", "3:4", "original")
# As in portraitify.io.encoding, which needs Pillow and is too slow to import for --help.
FORMAT_NAMES = ("png", "jpeg", "webp", "tiff")
BACKGROUNDS = (AUTO, KEEP, PAINT)
OWN_HAIR, MASTER_HAIR = HAIRS = ("own", "master")
# Options of PaintConfig that are one of a few names.
_CHOICES = {
    "crop": CROPS,
    "aspect": ASPECTS,
    "background": BACKGROUNDS,
    "skin_tone": SKIN_TONES,
    "frame": FRAMES,
    "hair": HAIRS,
}
# What a master's picture decides itself, with what may still be asked for.
_COSTUME_LEAVES: dict[str, tuple[tuple[Any, ...], str]] = {
    "style": ((AUTO, "renaissance", "oil"), "the sitter is painted as the master's picture is, in renaissance or oil"),
    "crop": ((PORTRAIT,), "the master's picture is head and shoulders of one sitter"),
    "aspect": ((ASPECTS[0], "4:5"), "the master's picture is 4:5"),
    "background": ((AUTO, PAINT), "the ground is the master's"),
    "strength": ((1.0,), "the photo shows no such dress that could be mixed in"),
    "keep_color": ((False,), "dress and ground have the master's colours, and skin keeps its own anyway"),
}
_KINDS: dict[type, str] = {str: "a name", int: "a whole number", float: "a number", bool: "True or False"}
DEFAULT_SIZE_PX = 1024
DEFAULT_QUALITY = 92
MIN_SIZE_PX, MAX_SIZE_PX = 128, 4096
MAX_VARIANTS = 99

ConfigType = TypeVar("ConfigType", bound="Config")


def check_style(style: str, own: str | None = None) -> None:
    """Make sure that there is such a style.

    Args:
        style: the name that was asked for.
        own: a style that was taught on this machine and is loaded, which is known too.

    Raises:
        ConfigError: the style is unknown.
    """
    known = (AUTO, *medium_names()) if own is None else (AUTO, *medium_names(), own)
    if style not in known:
        raise ConfigError(f"{style}: unknown style. Choose one of {', '.join(known)}.")


@dataclass(frozen=True)
class Config:
    """Base of all sets of options."""

    def to_json(self) -> str:
        """All options as indented JSON."""
        return json.dumps(asdict(self), indent=2)

    def save(self, path: Path) -> None:
        """Write the options to a JSON file."""
        path.write_text(self.to_json() + "\n", encoding="utf-8")

    @classmethod
    def from_dict(cls: type[ConfigType], values: dict[str, Any]) -> ConfigType:
        """Build from plain values.

        Raises:
            ConfigError: a name is unknown.
        """
        unknown = set(values) - {field.name for field in fields(cls)}
        if unknown:
            raise ConfigError(f"{cls.__name__}: unknown option {', '.join(sorted(unknown))}.")
        return cls(**{key: tuple(value) if isinstance(value, list) else value for key, value in values.items()})

    @classmethod
    def load(cls: type[ConfigType], path: Path) -> ConfigType:
        """Read options from a JSON file.

        Raises:
            ConfigError: the file is not JSON or has unknown options.
        """
        try:
            values = json.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise ConfigError(f"{path}: cannot be read as JSON ({error}).") from error
        return cls.from_dict(values)


def _check_kinds(config: Config) -> None:
    """Make sure that each option is of the kind of its default; numbers of other libraries become Python's own.

    Raises:
        ConfigError: one is not.
    """
    for option in fields(config):
        value = getattr(config, option.name)
        kind: type = type(option.default)
        if type(value) is bool or kind in (bool, str):
            fits = isinstance(value, kind) and (kind is bool or type(value) is not bool)
        elif fits := kind is int and isinstance(value, Integral):
            object.__setattr__(config, option.name, int(value))
        elif fits := kind is float and isinstance(value, Real):
            object.__setattr__(config, option.name, float(value))
        if not fits:
            raise ConfigError(f"{option.name} {value!r}: must be {_KINDS[kind]}.")


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
class PaintConfig(Config):
    """Options for painting.

    Attributes:
        style: one of the media, ``auto`` to let the classifier choose, or a style of ``portraitify train style``.
        size_px: longer side of the painting.
        crop: one of ``CROPS``: head and shoulders, the head, or the whole photo.
        aspect: one of ``ASPECTS``, width by height; ``auto`` is square, or upright where a square would cut a head
            that an upright photo shows; the whole photo keeps its own.
        level: 0 to 1, how much of the head's tilt is taken away.
        background: one of ``BACKGROUNDS``: keep what stands behind the sitter, or paint one like the one of the
            reference; ``auto`` keeps it in a whole photo only.
        seed: 0 takes the nearest painting of the style as reference, 1 the next one, and so on.
        device: one of ``portraitify.devices.DEVICES``.
        engine: one of ``ENGINES``, what runs the networks.
        paint_px: side at which the generator paints a usual portrait; a multiple of 16.
        finish: 0 to 1, how much of the medium's own texture is added at output size.
        strength: 0 to 1, from the photo itself to the whole painting.
        keep_color: paint with the photo's hues.
        skin_tone: one of ``SKIN_TONES``: keep the photo's, or leave it to the painter.
        frame: one of ``FRAMES``, which is put around the painting.
        explain: find reasons for a style that was asked for too.
        reasons: find reasons for a style that the classifier chose; without them painting is quicker.
        costume: the old master's picture to sit in, ``auto`` for the one that fits, empty for none; ``seed`` counts on.
        hair: one of ``HAIRS``: whose hair, and so whether the whole head is set on the master's bust or the face alone.
        beard: with the master's hair, wear his beard too.

    Raises:
        ConfigError: a value makes no sense.
    """

    style: str = AUTO
    size_px: int = DEFAULT_SIZE_PX
    crop: str = PORTRAIT
    aspect: str = ASPECTS[0]
    level: float = 0.7
    background: str = AUTO
    seed: int = 0
    device: str = AUTO
    engine: str = AUTO
    paint_px: int = 512
    finish: float = 1.0
    strength: float = 1.0
    keep_color: bool = False
    skin_tone: str = KEEP
    frame: str = NO_FRAME
    explain: bool = False
    reasons: bool = True
    costume: str = ""
    hair: str = OWN_HAIR
    beard: bool = False

    def __post_init__(self) -> None:
        _check_kinds(self)
        if not MIN_SIZE_PX <= self.size_px <= MAX_SIZE_PX:
            raise ConfigError(f"size {self.size_px}: must lie between {MIN_SIZE_PX} and {MAX_SIZE_PX} pixels.")
        if self.engine not in ENGINES:
            raise ConfigError(f"{self.engine}: unknown engine. Choose one of {', '.join(ENGINES)}.")
        if self.engine == "onnx" and self.device not in (AUTO, "cpu"):
            raise ConfigError(f"The onnx engine runs on the CPU only. Use --engine torch with --device {self.device}.")
        if self.seed < 0:
            raise ConfigError(f"seed {self.seed}: must be 0 or more.")
        for name in ("finish", "level", "strength"):
            if not 0 <= getattr(self, name) <= 1:
                raise ConfigError(f"{name} {getattr(self, name)}: must lie between 0 and 1.")
        for name, known in _CHOICES.items():
            if getattr(self, name) not in known:
                shown = name.replace("_", " ")
                raise ConfigError(f"{getattr(self, name)}: unknown {shown}. Choose one of {', '.join(known)}.")
        if not 64 <= self.paint_px <= MAX_SIZE_PX or self.paint_px % 16:
            raise ConfigError(f"paint_px {self.paint_px}: must be a multiple of 16, from 64 to {MAX_SIZE_PX}.")
        if self.hair != OWN_HAIR and not self.costume:
            raise ConfigError(f"hair {self.hair}: is for sitting in a master's picture. Add --costume auto.")
        if self.beard and (self.hair != MASTER_HAIR or self.costume in ("", AUTO)):
            raise ConfigError("beard: is that of a master who is named. Add --costume NAME --hair master.")
        for name, (allowed, why) in _COSTUME_LEAVES.items() if self.costume else ():
            if (value := getattr(self, name)) not in allowed:
                given = name.replace("_", "-") + ("" if value is True else f" {value}")
                raise ConfigError(f"costume {self.costume}: {why}. Leave out --{given}.")

    @property
    def keeps_background(self) -> bool:
        """Whether what stands behind the sitter is painted too."""
        return self.background == KEEP or (self.background == AUTO and self.crop == FULL)

    def request(self, weights: str) -> dict[str, Any]:
        """All that decides what a photo's painting looks like; ``weights`` is their digest."""
        values = asdict(self) | {"weights": weights}
        # Paintings without a costume, or a borrowed beard, keep the digest that they had before there were any.
        unused = (*(() if self.costume else ("costume", "hair")), *(() if self.beard else ("beard",)))
        for name in ("device", "engine", "explain", "reasons", *unused):
            del values[name]
        return values

    @property
    def extras(self) -> dict[str, Any]:
        """Options that a painting's record names only where they are not the usual ones, as they are typed."""
        names = ("finish", "level", "strength", "keep_color", *(name for name in _CHOICES if name != "hair"))
        values, usual = asdict(self), asdict(PaintConfig())
        return {name.replace("_", "-"): values[name] for name in names if values[name] != usual[name]}


@dataclass(frozen=True)
class BatchConfig(Config):
    """Options for reading photos and writing paintings.

    Attributes:
        format: one of ``FORMAT_NAMES``; nothing leaves it to the file name.
        quality: of JPEG and WebP, 1 to 100.
        overwrite: replace files that exist.
        skip_existing: pass over photos whose painting exists, made with the same options.
        metadata: let paintings say what made them.
        keep_date: let paintings carry the date of their photos.
        faces: ``largest``, ``all``, or how many of the most prominent ones.
        group: put all faces of a photo on one sheet.
        sheet: put the photo and its paintings in all styles on one sheet, one for each face.
        max_pixels: larger photos are refused.
        variants: how many versions of each face are painted, with the seed and those after it.

    Raises:
        ConfigError: a value makes no sense.
    """

    format: str | None = None
    quality: int = DEFAULT_QUALITY
    overwrite: bool = False
    skip_existing: bool = False
    metadata: bool = True
    keep_date: bool = False
    faces: str = LARGEST
    group: bool = False
    sheet: bool = False
    max_pixels: int = 250_000_000
    variants: int = 1

    def __post_init__(self) -> None:
        text = self.faces if isinstance(self.faces, str) else ""
        if text not in (LARGEST, ALL) and not (text.isascii() and text.isdecimal() and int(text) > 0):
            raise ConfigError(f"faces {self.faces}: must be {LARGEST}, {ALL}, or a number from 1, as text.")
        if self.format is not None and self.format not in FORMAT_NAMES:
            raise ConfigError(f"{self.format}: unknown format. Choose one of {', '.join(FORMAT_NAMES)}.")
        if self.sheet and self.group:
            raise ConfigError("--group and --sheet make different sheets. Leave out one of them.")
        if not 1 <= self.quality <= 100:
            raise ConfigError(f"quality {self.quality}: must lie between 1 and 100.")
        if self.max_pixels < 1:
            raise ConfigError(f"max_pixels {self.max_pixels}: must be 1 or more.")
        if not 1 <= self.variants <= MAX_VARIANTS:
            raise ConfigError(f"variants {self.variants}: must lie between 1 and {MAX_VARIANTS}.")
        if self.variants > 1 and self.group:
            raise ConfigError("--variants paints files of their own. Leave out --group.")
        if self.skip_existing and not self.metadata:
            raise ConfigError("--skip-existing knows paintings by their metadata. Leave out --no-metadata.")

    @property
    def face_limit(self) -> int | None:
        """How many faces of a photo are painted at most; nothing for all."""
        if self.faces in (LARGEST, ALL):
            return 1 if self.faces == LARGEST and not self.group else None
        return int(self.faces)

    @property
    def numbered(self) -> bool:
        """Whether each face of a photo becomes a file of its own, with a number in its name."""
        return self.faces != LARGEST and not self.group

    def seeds(self, first: int) -> range:
        """The seeds of all versions."""
        return range(first, first + self.variants)

    def numbers(self, face: int, version: int) -> tuple[int, ...]:
        """What numbers a painting's file name gets, for a face counted from 1 and a version counted from 0."""
        return (face,) * self.numbered + (version + 1,) * (self.variants > 1)


@dataclass(frozen=True)
class MaskConfig(Config):
    """Options for training the sitter's mask.

    Attributes:
        steps: updates.
        batch_size: photos an update.
        learning_rate: highest of a one-cycle schedule.
        seed: of data and initial weights.
        bfloat16: convolutions in half precision; quick only on processors with AMX, and very slow on others.
    """

    steps: int = 1600
    batch_size: int = 16
    learning_rate: float = 3e-3
    seed: int = 7
    bfloat16: bool = False
