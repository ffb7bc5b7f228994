"""Which picture is read from where and goes where."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from portraitify.errors import ConfigError, ImageError
from portraitify.images import SourceImage, check_image, read_image

STANDARD_STREAM = Path("-")
OUTPUT_SUFFIX = ".portrait.png"
PHOTO_SUFFIXES = frozenset({".jpg", ".jpeg", ".png", ".webp", ".tif", ".tiff", ".bmp", ".gif"})


@dataclass(frozen=True)
class Job:
    """One photo to paint.

    Attributes:
        source: the photo, or ``STANDARD_STREAM``.
        target: the PNG to write, or ``STANDARD_STREAM``.
        overwrite: whether ``target`` may exist.
    """

    source: Path
    target: Path
    overwrite: bool

    @property
    def name(self) -> str:
        """What to call the photo in messages."""
        return "standard input" if self.source == STANDARD_STREAM else str(self.source)

    def check(self) -> None:
        """Make sure, without decoding the picture, that there is one and that its painting has a place.

        Raises:
            ImageError: it is missing or no picture, or the target exists or has no folder.
        """
        if self.target != STANDARD_STREAM:
            if self.target.exists() and not self.overwrite:
                raise ImageError(f"{self.target}: exists already. Add --overwrite to replace it.")
            if not self.target.parent.is_dir():
                raise ImageError(f"{self.target}: the folder {self.target.parent} does not exist.")
        if self.source != STANDARD_STREAM:
            check_image(self.source)

    def read(self) -> SourceImage:
        """Read the photo.

        Raises:
            ImageError: it cannot be read.
        """
        if self.source == STANDARD_STREAM:
            return read_image(sys.stdin.buffer.read(), self.name)
        return read_image(self.source)


def plan_jobs(inputs: Sequence[Path], output: Path | None, overwrite: bool = False) -> list[Job]:
    """Pair inputs with outputs.

    Args:
        inputs: photos, folders, or ``-``.
        output: a file, a folder, ``-`` or nothing.
        overwrite: whether outputs may exist.

    Returns:
        One job a photo, in the order given; folders in order of names.

    Raises:
        ConfigError: the pairing makes no sense.
        ImageError: a folder holds no photo, or an output folder cannot be made.
    """
    sources = [source for entry in inputs for source in _expand(entry)]
    if STANDARD_STREAM in sources and len(sources) > 1:
        raise ConfigError("`-` reads one picture from stdin and cannot be mixed with other inputs.")
    many = len(sources) > 1 or inputs[0].is_dir()
    targets = _targets(sources, output, many)
    resolved = {source.resolve() for source in sources}
    for target, count in Counter(targets).items():
        if target != STANDARD_STREAM and count > 1:
            raise ConfigError(f"{target}: several inputs would be written there. Paint them one by one.")
        if target.resolve() in resolved and target != STANDARD_STREAM:
            raise ConfigError(f"{target}: would overwrite a photo that is to be painted. Choose another output.")
    return [Job(source, target, overwrite) for source, target in zip(sources, targets, strict=True)]


def _expand(entry: Path) -> list[Path]:
    if entry == STANDARD_STREAM or not entry.is_dir():
        return [entry]
    photos = [
        path
        for path in sorted(entry.iterdir())
        if path.suffix.lower() in PHOTO_SUFFIXES
        and not path.name.startswith(".")
        and not path.name.endswith(OUTPUT_SUFFIX)
        and path.is_file()
    ]
    if not photos:
        raise ImageError(f"{entry}: the folder holds no photos ({', '.join(sorted(PHOTO_SUFFIXES))}).")
    return photos


def _targets(sources: list[Path], output: Path | None, many: bool) -> list[Path]:
    if output == STANDARD_STREAM or (output is None and sources[0] == STANDARD_STREAM):
        if many:
            raise ConfigError("Several pictures cannot go to stdout. Name a folder with -o.")
        return [STANDARD_STREAM]
    if output is None:
        return [source.with_name(f"{source.stem}{OUTPUT_SUFFIX}") for source in sources]
    if many or output.is_dir():
        if output.exists() and not output.is_dir():
            raise ConfigError(f"{output}: several pictures need a folder, and this is a file.")
        _make_folder(output)
        return [output / f"{_stem(source)}{OUTPUT_SUFFIX}" for source in sources]
    if output.suffix.lower() != ".png":
        raise ConfigError(f"{output}: paintings are written as PNG. Choose a name that ends in .png, or a folder.")
    return [output]


def _stem(source: Path) -> str:
    return "stdin" if source == STANDARD_STREAM else source.stem


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ImageError(f"{folder}: cannot be made ({error.strerror}).") from error
