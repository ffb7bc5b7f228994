"""From what people name on the command line to photos: files, folders, patterns and lists."""

from __future__ import annotations

import glob
import os
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from portraitify.batch.outputs import is_painting
from portraitify.errors import ConfigError, ImageError
from portraitify.io.reading import looks_like_picture

STANDARD_STREAM = Path("-")
_SUFFIXES = ".jpg .jpeg .jpe .jfif .mpo .png .apng .webp .tif .tiff .bmp .gif .avif .heic .heif .hif"
PHOTO_SUFFIXES = frozenset(_SUFFIXES.split(" "))


@dataclass(frozen=True)
class Input:
    """One photo to paint.

    Attributes:
        path: the photo, or ``STANDARD_STREAM``.
        place: where it lies relative to the folder that was named; its name alone otherwise.
    """

    path: Path
    place: Path


def read_list(source: Path) -> list[Path]:
    """Read names of photos, one a line or separated by NUL bytes, from a file or from stdin.

    Raises:
        ConfigError: the list cannot be read or names nothing.
    """
    try:
        data = sys.stdin.buffer.read() if source == STANDARD_STREAM else source.read_bytes()
    except OSError as error:
        raise ConfigError(f"{source}: the list cannot be read ({error.strerror}).") from error
    separator = b"\0" if b"\0" in data else b"\n"
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise ConfigError(f"{source}: the list is in UTF-16. Save it as UTF-8.")
    data = data.removeprefix(b"\xef\xbb\xbf")
    names = [name if separator == b"\0" else name.rstrip(b"\r") for name in data.split(separator)]
    paths = [Path(os.fsdecode(name)) for name in names if name]
    if not paths:
        raise ConfigError(f"{'standard input' if source == STANDARD_STREAM else source}: the list names no photo.")
    return paths


def expand(entries: Sequence[Path], recursive: bool = False, without: Path | None = None) -> list[Input]:
    """List the photos that are meant, each once, in the order given; folders in order of names.

    Hidden files and earlier paintings (see :func:`portraitify.batch.outputs.is_painting`)
    are left out of folders and patterns. Of several entries one that gives no
    photo is kept as it is: it will fail by itself.

    Args:
        entries: files, folders, patterns such as ``*.jpg`` (for shells that leave them), or ``-``.
        recursive: look into folders inside folders.
        without: a folder whose files are not to be listed, such as that of the outputs.

    Raises:
        ImageError: the only entry is a folder or a pattern that gives no photo.
    """
    found: dict[str, Input] = {}
    for entry in entries:
        try:
            items = _expand(entry, recursive, without)
        except ImageError:
            if len(entries) == 1:
                raise
            items = [Input(entry, Path(entry.name))]
        for item in items:
            found.setdefault(os.path.realpath(item.path) if item.path != STANDARD_STREAM else "-", item)
    return list(found.values())


def _expand(entry: Path, recursive: bool, without: Path | None) -> list[Input]:
    if entry == STANDARD_STREAM:
        return [Input(entry, Path("stdin"))]
    if os.path.isdir(entry):
        paintings: list[Path] = []
        inputs = [Input(path, path.relative_to(entry)) for path in _photos(entry, recursive, without, paintings)]
        if not inputs:
            others = ", only earlier paintings" if paintings else ""
            deeper = "" if recursive else " Add --recursive to look into folders inside it."
            raise ImageError(f"{entry}: the folder holds no photos{others}.{deeper}")
        return inputs
    if glob.has_magic(str(entry)) and not os.path.lexists(entry):
        matches = sorted(Path(name) for name in glob.glob(str(entry), recursive=True))
        stems = cache(_stems_in)
        files = [path for path in matches if path.is_file() and not path.name.startswith(".")]
        photos = [path for path in files if not is_painting(path, stems(path.parent))]
        if not photos:
            reason = "only folders and earlier paintings match" if matches else "no file matches"
            raise ImageError(f"{entry}: {reason}.")
        return [Input(path, Path(path.name)) for path in photos]
    return [Input(entry, Path(entry.name))]


def _photos(folder: Path, recursive: bool, without: Path | None, paintings: list[Path]) -> Iterator[Path]:
    """The photos in a folder; adds to ``paintings`` what is left out as such."""
    avoided = None if without is None or without.resolve() == folder.resolve() else without.resolve()
    closed: list[OSError] = []
    for parent, folders, names in os.walk(folder, onerror=closed.append):
        here = Path(parent)
        folders[:] = sorted(
            name for name in folders if recursive and not name.startswith(".") and (here / name).resolve() != avoided
        )
        stems = _stems(names)
        for path in (here / name for name in sorted(names) if not name.startswith(".")):
            if _is_photo(path):
                if is_painting(path, stems):
                    paintings.append(path)
                else:
                    yield path
    # They will fail by name when they are read.
    yield from (Path(error.filename) for error in closed)


def _stems(names: Iterable[str]) -> set[str]:
    """What the names of paintings of these files begin with: their own, with and without the suffix."""
    split = ((name, *os.path.splitext(name)) for name in names)
    photos = [(name, stem) for name, stem, suffix in split if not suffix or suffix.lower() in PHOTO_SUFFIXES]
    return {text for photo in photos for text in photo}


def _stems_in(folder: Path) -> set[str]:
    for _, _, names in os.walk(folder):
        return _stems(names)
    # It lets its files be opened but not listed.
    return set()


def _is_photo(path: Path) -> bool:
    suffix = path.suffix.lower()
    if not path.is_file():
        return False
    return suffix in PHOTO_SUFFIXES or (not suffix and looks_like_picture(path))
