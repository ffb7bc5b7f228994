"""Options as frozen dataclasses, with a JSON round trip."""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import asdict, dataclass, fields
from numbers import Integral, Real
from os import PathLike, fsdecode
from pathlib import Path
from typing import Any, TypeVar

from portraitify.errors import ConfigError
from portraitify.media.registry import medium_names
from portraitify.media.shares import format_mix, is_mix, parse_mix

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
    "reference": (((),), "the sitter is painted as the master's picture is"),
    "after": (((),), "the sitter is painted as the master's picture is"),
}
_KINDS: dict[type, str] = {
    tuple: "names",
    str: "a name",
    int: "a whole number",
    float: "a number",
    bool: "True or False",
}
DEFAULT_SIZE_PX = 1024
DEFAULT_QUALITY = 92
MIN_SIZE_PX, MAX_SIZE_PX = 128, 4096
MAX_VARIANTS = 99

ConfigType = TypeVar("ConfigType", bound="Config")


def check_style(style: str, own: Collection[str] = ()) -> None:
    """Make sure that there is such a style, or all those of a mixture.

    Args:
        style: the name that was asked for.
        own: styles that were taught on this machine and are loaded, which are known too.

    Raises:
        ConfigError: a style is unknown.
    """
    known = (*medium_names(), *own)
    for name, _ in parse_mix(style):
        if name not in known and style != AUTO:
            raise ConfigError(f"{name}: unknown style. Choose one of {', '.join((AUTO, *known))}.")


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
        elif kind is tuple:
            fits = _all_names(config, option.name, value)
        elif fits := kind is int and isinstance(value, Integral):
            object.__setattr__(config, option.name, int(value))
        elif fits := kind is float and isinstance(value, Real):
            object.__setattr__(config, option.name, float(value))
        if not fits:
            raise ConfigError(f"{option.name} {value!r}: must be {_KINDS[kind]}.")


def _all_names(config: Config, name: str, value: Any) -> bool:
    """Whether a value is a name or several; paths become text, and one alone becomes several."""
    several = (value,) if isinstance(value, (str, PathLike)) else value
    if not isinstance(several, (tuple, list)) or not all(isinstance(each, (str, PathLike)) for each in several):
        return False
    object.__setattr__(config, name, tuple(fsdecode(each) for each in several))
    return True


@dataclass(frozen=True)
class PaintConfig(Config):
    """Options for painting.

    Attributes:
        style: one of the media, ``auto`` to let the classifier choose, a style of ``portraitify train style``, or a
            mixture such as ``oil:0.6,watercolor:0.4``.
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
        reasons: find reasons for a style that the classifier chose, and odds of the styles where one was asked for;
            without them painting is quicker.
        costume: the old master's picture to sit in, ``auto`` for the one that fits, empty for none; ``seed`` counts on.
        hair: one of ``HAIRS``: whose hair, and so whether the whole head is set on the master's bust or the face alone.
        beard: with the master's hair, wear his beard too.
        reference: pictures to paint after instead of the bank's, as paths; mixed where there are several, by shares
            such as in ``a.jpg:0.7`` and ``b.jpg:0.3``.
        after: painters of the bank to paint after, by name, likewise.

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
    reference: tuple[str, ...] = ()
    after: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        _check_kinds(self)
        self._check_mixture()
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
                given = name.replace("_", "-") + ("" if value is True or isinstance(value, tuple) else f" {value}")
                raise ConfigError(f"costume {self.costume}: {why}. Leave out --{given}.")

    def _check_mixture(self) -> None:
        """Write a mixture of styles in the one way by which it is known again.

        Raises:
            ConfigError: it makes no sense.
        """
        if not is_mix(self.style):
            return
        mix = parse_mix(self.style)
        if AUTO in dict(mix) and len(mix) > 1:
            raise ConfigError(f"style {self.style}: {AUTO} cannot be mixed. Name the styles.")
        object.__setattr__(self, "style", format_mix(mix))

    @property
    def keeps_background(self) -> bool:
        """Whether what stands behind the sitter is painted too."""
        return self.background == KEEP or (self.background == AUTO and self.crop == FULL)

    @property
    def wants_odds(self) -> bool:
        """Whether it matters how likely each style is for the photo."""
        return self.style == AUTO or self.reasons or self.explain

    def request(self, weights: str) -> dict[str, Any]:
        """All that decides what a photo's painting looks like; ``weights`` is their digest."""
        values = asdict(self) | {"weights": weights}
        # Paintings without a costume, or a borrowed beard, keep the digest that they had before there were any.
        # Pictures and painters are among the weights: what counts is not how they are called.
        unused = (*(() if self.costume else ("costume", "hair")), *(() if self.beard else ("beard",)))
        for name in ("device", "engine", "explain", "reasons", "reference", "after", *unused):
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
