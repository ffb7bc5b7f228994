"""The list of paintings that are kept, and carrying it out: copies, so that nothing is lost.

A list has one painting a line, as it lies from the gallery's folder on. A name
that a line cannot hold (it begins with a quotation mark or ``#``, begins or
ends with a space, or holds control characters or bytes that are no UTF-8)
stands there as a JSON string. Lines that begin with ``#`` are remarks;
``# gallery: file:///...`` says where the page lay when the list was made.
Names may be separated by NUL bytes instead. ``template/keepers.js`` writes and reads the same.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from urllib.parse import unquote_to_bytes

from portraitify.batch.inputs import STANDARD_STREAM, list_title, read_names
from portraitify.errors import ConfigError, ImageError, PortraitifyError
from portraitify.io.encoding import OUTPUT_SUFFIXES
from portraitify.io.files import check_folder, file_number, make_folder, write_atomically
from portraitify.io.reading import translated

COPIED, PRESENT, FAILED = "copied", "present", "failed"
_REMARK, _PLACE = b"#", b"# gallery: file://"


@dataclass(frozen=True)
class KeeperList:
    """A list of paintings to keep.

    Attributes:
        title: what to call it in messages.
        files: from the gallery's folder on, each once, in order.
        folders: where the gallery may lie, the likeliest first.
    """

    title: str
    files: tuple[PurePosixPath, ...]
    folders: tuple[Path, ...]

    def folder(self) -> Path:
        """The gallery's folder: the first one that holds all paintings, or else the one that holds the most.

        Raises:
            ConfigError: none holds any.
        """
        most, best = 0, Path()
        for folder in self.folders:
            count = sum((folder / file).is_file() for file in self.files)
            if count > most:
                most, best = count, folder
        if not most:
            places = " or ".join(str(folder) for folder in self.folders)
            raise ConfigError(f"{self.title}: {places} holds none of its paintings. Name the gallery with --from.")
        return best


@dataclass(frozen=True)
class Kept:
    """What became of one painting.

    Attributes:
        source: the painting.
        target: its copy.
        status: ``copied``, ``present`` where the same file was there, or ``failed``.
        error: why it failed.
    """

    source: Path
    target: Path
    status: str
    error: PortraitifyError | None = None


def read_keepers(source: Path, gallery: Path | None = None) -> KeeperList:
    """Read a list.

    Args:
        source: a file, or ``-`` for stdin.
        gallery: the gallery's folder, if it is not to be looked for.

    Raises:
        ConfigError: the list cannot be read, names nothing, or something outside of the gallery.
    """
    title = list_title(source)
    files: dict[PurePosixPath, None] = {}
    folders = [gallery] if gallery else []
    for number, line in enumerate(read_names(source), 1):
        if line.startswith(_PLACE) and not gallery:
            folders.append(_folder_in(line.removeprefix(_PLACE)))
        if not line.startswith(_REMARK):
            files[_named(line, f"{title}, name {number}")] = None
    if not files:
        raise ConfigError(f"{title}: the list names no painting.")
    if not gallery:
        folders.append(Path() if source == STANDARD_STREAM else source.parent)
    return KeeperList(title, tuple(files), tuple(dict.fromkeys(folders)))


def keep(keepers: KeeperList, folder: Path, output: Path, overwrite: bool = False) -> Iterator[Kept]:
    """Copy the paintings of a list, each into the same folder inside the output.

    Args:
        keepers: the list.
        folder: the gallery's.
        output: where copies go; made if it is not there.
        overwrite: replace other files of the same name.

    Yields:
        One a painting, as soon as it is copied.

    Raises:
        ConfigError: the output is the gallery itself, or a file.
        ImageError: the output cannot be made.
    """
    if os.path.lexists(output) and not os.path.isdir(output):
        raise ConfigError(f"{output}: several paintings need a folder, and this is a file.")
    make_folder(output)
    if file_number(output) == file_number(folder):
        raise ConfigError(f"{output}: is the folder of the gallery itself. Choose another one with -o.")
    for file in keepers.files:
        source, target = folder / file, output / file
        try:
            yield Kept(source, target, _copy(source, target, overwrite))
        except PortraitifyError as error:
            yield Kept(source, target, FAILED, error)


def _named(line: bytes, where: str) -> PurePosixPath:
    """The file that a line means.

    Raises:
        ConfigError: it is none that can be in a gallery.
    """
    name = os.fsdecode(line)
    if line.startswith(b'"'):
        try:
            name = json.loads(line)
        except ValueError as error:
            raise ConfigError(f"{where}: a quotation mark begins a JSON string, and this is none.") from error
    try:
        inside = isinstance(name, str) and b"\0" not in os.fsencode(name)
    except UnicodeEncodeError:
        inside = False
    path = PurePosixPath(name.replace("\\", "/") if inside and os.sep == "\\" else name if inside else "")
    # What a list asks for that came by mail must not reach past the gallery.
    if not path.parts or path.is_absolute() or ".." in path.parts or Path(path).drive:
        raise ConfigError(f"{where}: {name!r} does not lie in a gallery.")
    return path


def _folder_in(address: bytes) -> Path:
    """The folder of a page by its address, without ``file://``."""
    path = os.fsdecode(unquote_to_bytes(address.strip()).replace(b"\0", b""))
    # On Windows a drive stands behind the first slash.
    return Path(path[1:] if os.sep == "\\" else path).parent


def _copy(source: Path, target: Path, overwrite: bool) -> str:
    """Copy a painting, whole or not at all.

    Returns:
        What became of it.

    Raises:
        ImageError: it is missing or no picture, or something else has its name.
    """
    if source.suffix.lower() not in OUTPUT_SUFFIXES:
        raise ImageError(f"{source}: is no painting.")
    with translated(str(source)):
        data = source.read_bytes()
    if os.path.lexists(target):
        with translated(str(target)):
            if target.is_file() and target.read_bytes() == data:
                return PRESENT
        if not overwrite or os.path.isdir(target):
            raise ImageError(f"{target}: exists already, and is another file. Add --overwrite to replace it.")
    check_folder(target)
    make_folder(target.parent)
    write_atomically(target, data)
    return COPIED
