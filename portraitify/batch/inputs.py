"""From what people name on the command line to photos: files, folders, patterns and lists."""

from __future__ import annotations

import errno
import glob
import os
import re
import stat
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import BinaryIO

from portraitify.batch.outputs import is_painting
from portraitify.errors import ConfigError, ImageError
from portraitify.io.reading import looks_like_picture
from portraitify.io.sources import open_source

STANDARD_STREAM = Path("-")
_SUFFIXES = ".jpg .jpeg .jpe .jfif .mpo .png .apng .webp .tif .tiff .bmp .gif .avif .heic .heif .hif"
# No system takes longer paths, and a million photos are named in so many.
_MOST_NAME_BYTES, _MOST_LIST_BYTES, _PART_BYTES = 32_767, 128 << 20, 1 << 20
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
    """The photos that a list names; see :func:`read_places`."""
    return [named(text, dash_is_stdin=False) for text in read_places(source)]


def read_places(source: Path) -> list[str]:
    """Names or addresses of photos, one a line or separated by NUL bytes, from a file or from stdin.

    Raises:
        ConfigError: the list cannot be read, names nothing, or is no list.
    """
    texts = [os.fsdecode(name) for name in read_names(source)]
    if not texts:
        raise ConfigError(f"{list_title(source)}: the list names no photo.")
    return texts


def read_names(source: Path) -> list[bytes]:
    """Read a list as it stands, one name a line or separated by NUL bytes, without what is empty.

    Args:
        source: a file, or ``STANDARD_STREAM``.

    Raises:
        ConfigError: the list cannot be read, or is no list.
    """
    title = list_title(source)
    try:
        if source == STANDARD_STREAM:
            data = _list_bytes(sys.stdin.buffer, title)
        else:
            with open_source(source) as stream:
                data = _list_bytes(stream, title)
    except OSError as error:
        raise ConfigError(f"{title}: the list cannot be read ({error.strerror}).") from error
    except ImageError as error:
        raise ConfigError(f"{title}: the list cannot be read ({str(error).removeprefix(f'{title}: ')})") from error
    separator = b"\0" if b"\0" in data else b"\n"
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise ConfigError(f"{title}: the list is in UTF-16. Save it as UTF-8.")
    names = data.removeprefix(b"\xef\xbb\xbf").split(separator)
    if separator == b"\n":
        # Blank lines come from editors; a name of spaces alone needs a list with NUL bytes.
        names = [name.rstrip(b"\r") for name in names if name.strip()]
    return [name for name in names if name]


def list_title(source: Path) -> str:
    """What to call a list in messages."""
    return "standard input" if source == STANDARD_STREAM else str(source)


def named(text: str, dash_is_stdin: bool = True) -> Path:
    """The path that a word means; ``./-`` is a file of that name, though the path that Python makes of it is not."""
    path = Path(text)
    if path == STANDARD_STREAM and not (dash_is_stdin and text == "-"):
        return Path(os.path.abspath(text))
    return path


def _list_bytes(stream: BinaryIO, title: str) -> bytes:
    """All of a list, unless it turns out to be none.

    Raises:
        ConfigError: it has no end, or a line is longer than a name can be.
    """
    parts, size, unended = [], 0, 0
    while part := stream.read(_PART_BYTES):
        parts.append(part)
        size += len(part)
        longest = max(map(len, re.split(rb"[\0\n]", part)))
        unended = unended + len(part) if longest == len(part) else len(part) - 1 - max(map(part.rfind, (b"\0", b"\n")))
        if max(longest, unended) > _MOST_NAME_BYTES:
            raise ConfigError(f"{title}: no list of names; a line is longer than {_MOST_NAME_BYTES} bytes.")
        if size > _MOST_LIST_BYTES or (len(part) == _PART_BYTES and not part.strip(b"\0\r\n")):
            raise ConfigError(
                f"{title}: no list of names; it is longer than {_MOST_LIST_BYTES >> 20} MiB, or empty lines."
            )
    return b"".join(parts)


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
        files = [path for path in matches if os.path.isfile(path) and not path.name.startswith(".")]
        photos = [path for path in files if not is_painting(path, stems(path.parent))]
        if not photos:
            reason = "only folders and earlier paintings match" if matches else "no file matches"
            raise ImageError(f"{entry}: {reason}.")
        return [Input(path, Path(path.name)) for path in photos]
    return [Input(entry, Path(entry.name))]


def _photos(folder: Path, recursive: bool, without: Path | None, paintings: list[Path]) -> Iterator[Path]:
    """The photos in a folder; adds to ``paintings`` what is left out as such."""
    avoided = None if without is None else os.path.realpath(without)
    if avoided == os.path.realpath(folder):
        avoided = None
    closed: list[OSError] = []
    for parent, folders, names in os.walk(folder, onerror=closed.append):
        here = Path(parent)
        folders[:] = sorted(
            name
            for name in folders
            if recursive and not name.startswith(".") and os.path.realpath(here / name) != avoided
        )
        stems = photo_stems(names)
        for path in (here / name for name in sorted(names) if not name.startswith(".")):
            if _is_photo(path):
                if is_painting(path, stems):
                    paintings.append(path)
                else:
                    yield path
    # They will fail by name when they are read.
    yield from (Path(error.filename) for error in closed)


def photo_stems(names: Iterable[str]) -> set[str]:
    """What the names of paintings of these files begin with: their own, with and without the suffix."""
    split = ((name, *os.path.splitext(name)) for name in names)
    photos = [(name, stem) for name, stem, suffix in split if not suffix or suffix.lower() in PHOTO_SUFFIXES]
    return {text for photo in photos for text in photo}


def _stems_in(folder: Path) -> set[str]:
    for _, _, names in os.walk(folder):
        return photo_stems(names)
    # It lets its files be opened but not listed.
    return set()


def _is_photo(path: Path) -> bool:
    suffix = path.suffix.lower()
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            return False
    except OSError as error:
        # A link to nowhere is no photo; one that is closed to us will fail by name when it is read.
        return suffix in PHOTO_SUFFIXES and error.errno not in (errno.ENOENT, errno.ELOOP)
    return suffix in PHOTO_SUFFIXES or (not suffix and looks_like_picture(path))
