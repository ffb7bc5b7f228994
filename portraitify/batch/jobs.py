"""Which photo becomes which file."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from portraitify.batch.inputs import STANDARD_STREAM, Input
from portraitify.batch.naming import name_outputs
from portraitify.batch.outputs import OUTPUT_MARK, SHEET_MARK
from portraitify.config import MAX_VARIANTS, BatchConfig
from portraitify.errors import ConfigError, ImageError
from portraitify.io.encoding import FORMATS, OUTPUT_SUFFIXES, PNG, format_of
from portraitify.io.files import check_folder, file_number, is_stream, make_folder, write_atomically
from portraitify.io.provenance import Provenance, complete_provenance
from portraitify.io.reading import check_image, translated
from portraitify.io.sources import read_source

_STDOUT_NAMES = ("/dev/stdout", "/dev/fd/1", "/proc/self/fd/1")


@dataclass(frozen=True)
class Job:
    """One photo to paint, and how its files are reached; here on a disk, in :mod:`portraitify.batch.stores` elsewhere.

    Attributes:
        source: the photo, or ``STANDARD_STREAM``.
        target: where its painting goes, or ``STANDARD_STREAM``.
        kind: a key of ``portraitify.io.encoding.FORMATS``.
        vacant: whether nothing stood at the target when the batch began, so that what stands there now with this
            photo's mark was painted by a worker of the same batch that died since.
    """

    source: Path
    target: Path
    kind: str = PNG
    vacant: bool = False

    @property
    def name(self) -> str:
        """What to call the photo in messages."""
        return "standard input" if self.source == STANDARD_STREAM else str(self.source)

    def title(self, path: Path) -> str:
        """What to call one of the paintings in messages."""
        return str(path)

    @property
    def to_file(self) -> bool:
        """Whether the painting becomes a file, not a part of a stream."""
        return self.target != STANDARD_STREAM and not is_stream(self.target)

    def numbered(self, *numbers: int) -> Path:
        """Where one of several paintings of a photo goes: ``group.2.portrait.png``, or ``group.2.1.portrait.png``.

        Args:
            numbers: of the face, of the version, or of both; none gives the target itself.
        """
        name = self.target.name
        stem = name.removesuffix(self.target.suffix)
        mark = next((mark for mark in (OUTPUT_MARK, SHEET_MARK) if stem.endswith(mark)), "")
        base = stem.removesuffix(mark)
        marks = "".join(f".{number}" for number in numbers)
        return self.target.with_name(f"{base}{marks}{stem[len(base) :]}{self.target.suffix}")

    def check(self, max_pixels: int) -> None:
        """Look at the photo's header, to tell of a wrong file before any network is loaded.

        Raises:
            ImageError: it is missing or no picture.
        """
        # What is no file can be read only once.
        if self.source != STANDARD_STREAM and not is_stream(self.source):
            if os.path.isdir(self.source):
                with translated(self.name):
                    os.scandir(self.source).close()
                raise ImageError(f"{self.source}: the folder holds no photos.")
            check_image(self.source, max_pixels)

    def read(self) -> bytes:
        """The encoded photo.

        Raises:
            ImageError: it cannot be read.
        """
        with translated(self.name):
            return read_source(sys.stdin.buffer if self.source == STANDARD_STREAM else self.source, self.name)

    def told(self) -> dict[str, str]:
        """What the painting's record says of how the photo came about; of an ordinary one there is nothing to say."""
        return {}

    def check_place(self, path: Path) -> None:
        """Make sure early that a painting can be made.

        Raises:
            ImageError: it cannot.
        """
        check_folder(path)

    def stands(self, path: Path) -> bool:
        """Whether there is a file where a painting would go."""
        return os.path.exists(path)

    def record(self, path: Path) -> Provenance | None:
        """What a painting that stands there says about itself; nothing if it is no whole painting."""
        return complete_provenance(path)

    def write(self, path: Path, data: bytes) -> None:
        """Write a painting, so that it is there whole or not at all.

        Raises:
            ImageError: it cannot be written.
        """
        make_folder(path.parent)
        write_atomically(path, data)


def is_stdout(path: Path) -> bool:
    """Whether a path is one of the names of standard output."""
    return path == STANDARD_STREAM or str(path) in _STDOUT_NAMES


def plan_jobs(inputs: Sequence[Input], output: Path | None, config: BatchConfig, folder_named: bool) -> list[Job]:
    """Pair photos with paintings.

    Args:
        inputs: photos in order.
        output: a file, a folder, ``-`` or nothing.
        config: format and faces.
        folder_named: whether a folder was among what people named, so that several outputs are meant.

    Returns:
        One job a photo, in the same order.

    Raises:
        ConfigError: the pairing makes no sense.
        ImageError: an output folder cannot be made.
    """
    if len(inputs) > 1 and any(item.path == STANDARD_STREAM for item in inputs):
        raise ConfigError("`-` reads one picture from stdin and cannot be mixed with other inputs.")
    many = len(inputs) > 1 or folder_named
    if output is not None and is_stdout(output):
        output = STANDARD_STREAM
    if output is None and inputs[0].path == STANDARD_STREAM:
        output = STANDARD_STREAM
    if output is not None and not many and not os.path.isdir(output):
        return [_single_job(inputs[0], output, config)]
    if output == STANDARD_STREAM or (output is not None and is_stream(output)):
        raise ConfigError("Several pictures cannot go to one stream. Name a folder with -o.")
    if output is not None:
        make_output_folder(output)
    return name_jobs(inputs, output, config)


def make_output_folder(output: Path) -> None:
    """Make the folder for several paintings, unless it is there.

    Raises:
        ConfigError: it is a file.
        ImageError: it cannot be made.
    """
    if os.path.lexists(output) and not os.path.isdir(output):
        raise ConfigError(f"{output}: several pictures need a folder, and this is a file.")
    make_folder(output)


def name_jobs(inputs: Sequence[Input], output: Path | None, config: BatchConfig) -> list[Job]:
    """Name the paintings of several photos; looks for no file.

    Args:
        inputs: photos in order.
        output: folder of all paintings; nothing puts each beside its photo.
        config: format and faces.
    """
    targets = name_outputs(inputs, output, *ending(config))
    return [Job(item.path, target, config.format or PNG) for item, target in zip(inputs, targets, strict=True)]


def ending(config: BatchConfig) -> tuple[str, int]:
    """What names of several paintings end in, and how many bytes numbers of faces and versions may take before it."""
    mark = SHEET_MARK if config.sheet else OUTPUT_MARK
    numbers = "".join(f".{number}" for number in config.numbers(MAX_VARIANTS, MAX_VARIANTS - 1))
    return mark + FORMATS[config.format or PNG].suffixes[0], len(numbers)


def _single_job(item: Input, output: Path, config: BatchConfig) -> Job:
    if output == STANDARD_STREAM or is_stream(output):
        if config.variants > 1:
            raise ConfigError("Several versions cannot go to one stream. Name a file or a folder with -o.")
        if config.numbered:
            raise ConfigError("Several portraits cannot go to one stream. Add --group to paint them on one sheet.")
        return Job(item.path, output, config.format or PNG)
    kind = format_of(output) if config.format is None or output.suffix.lower() in OUTPUT_SUFFIXES else config.format
    if config.format not in (None, kind):
        raise ConfigError(f"{output}: the name does not fit --format {config.format}. Leave one of them out.")
    if not os.path.isdir(output.parent):
        raise ImageError(f"{output}: the folder {output.parent} does not exist.")
    # By number, not by name: a hard link or a disk that ignores case gives one file two names.
    number = file_number(output)
    if number is not None and number == file_number(item.path):
        raise ConfigError(f"{output}: would overwrite a photo that is to be painted. Choose another output.")
    return Job(item.path, output, kind)
