"""Photos and paintings outside of this machine's disks: whatever pyarrow's file systems reach, such as ``s3://``."""

from __future__ import annotations

import contextlib
import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pyarrow as pa
from pyarrow import fs

from portraitify.batch.jobs import Job
from portraitify.errors import ConfigError, ImageError
from portraitify.io.provenance import Provenance, complete_provenance
from portraitify.io.sources import read_source

# In these an object is there whole once its stream is closed, and not before; to rename one would copy it.
_OBJECT_STORES = ("s3", "gcs", "abfs")
_URI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://.")
_LONGEST_REASON = 200


@dataclass(frozen=True)
class Store:
    """A file system of pyarrow; can be sent to other processes.

    Attributes:
        filesystem: reads and writes.
        prefix: what its paths begin with in messages, such as ``s3://``; holds no keys.
        run: begins the names of unfinished files, so that those of one batch are known.
    """

    filesystem: fs.FileSystem
    prefix: str = ""
    run: str = field(default_factory=lambda: secrets.token_hex(4))

    def title(self, path: Path) -> str:
        """What to call a file in messages: its address."""
        return f"{self.prefix}{path.as_posix()}"

    def read(self, path: Path) -> bytes:
        """All of a photo.

        Raises:
            ImageError: it cannot be read, or is none.
        """
        name = self.title(path)
        with explained(name, "read"), self.filesystem.open_input_stream(path.as_posix()) as stream:
            return read_source(stream, name)

    def exists(self, path: Path) -> bool:
        """Whether there is a file.

        Raises:
            ImageError: nobody can say.
        """
        with explained(self.title(path), "found"):
            info = self.filesystem.get_file_info(path.as_posix())
            return bool(info.type == fs.FileType.File)

    def record(self, path: Path) -> Provenance | None:
        """What a painting says about itself; nothing if it is no whole painting."""
        try:
            return complete_provenance(self.read(path))
        except ImageError:
            return None

    def write(self, path: Path, data: bytes) -> None:
        """Write a file, so that it is there whole or not at all.

        Raises:
            ImageError: it cannot be written.
        """
        with self.writing(path) as stream, explained(self.title(path), "written"):
            stream.write(data)

    @contextmanager
    def writing(self, path: Path) -> Iterator[Any]:
        """A stream whose file gets its name once all is written.

        Raises:
            ImageError: it cannot be written.
        """
        name, whole = self.title(path), path.as_posix()
        with explained(name, "written"):
            if self.is_object_store:
                with self.filesystem.open_output_stream(whole) as stream:
                    yield stream
                return
            self.filesystem.create_dir(path.parent.as_posix(), recursive=True)
            unfinished = path.with_name(f".{self.run}.{secrets.token_hex(4)}.portraitify").as_posix()
            try:
                with self.filesystem.open_output_stream(unfinished) as stream:
                    yield stream
                self.filesystem.move(unfinished, whole)
            except BaseException:
                with contextlib.suppress(OSError):
                    self.filesystem.delete_file(unfinished)
                raise

    @property
    def is_object_store(self) -> bool:
        """Whether files become visible only when they are whole."""
        base = self.filesystem
        while isinstance(base, fs.SubTreeFileSystem):
            base = base.base_fs
        return base.type_name in _OBJECT_STORES

    def listed(self, folder: Path, recursive: bool) -> list[fs.FileInfo]:
        """What lies in a folder, in order of names; nothing where there is none.

        Raises:
            ImageError: it cannot be listed.
        """
        with explained(self.title(folder), "listed"):
            selector = fs.FileSelector(folder.as_posix(), recursive=recursive, allow_not_found=True)
            return sorted(self.filesystem.get_file_info(selector), key=lambda info: str(info.path))

    def sweep(self, folder: Path) -> None:
        """Remove what killed workers of this batch left unfinished in a folder and those inside of it."""
        if self.is_object_store:
            return
        with contextlib.suppress(ImageError, OSError):
            for info in self.listed(folder, recursive=True):
                if info.base_name.startswith(f".{self.run}.") and info.base_name.endswith(".portraitify"):
                    self.filesystem.delete_file(info.path)


@dataclass(frozen=True)
class StoredJob(Job):
    """A photo, a painting or both of which lie in a store.

    Attributes:
        origin: where the photo lies; nothing for a disk.
        destination: where the painting goes; nothing for a disk.
    """

    origin: Store | None = None
    destination: Store | None = None

    @property
    def name(self) -> str:
        """What to call the photo in messages."""
        return self.origin.title(self.source) if self.origin else super().name

    @property
    def to_file(self) -> bool:
        """Whether the painting becomes a file, not a part of a stream."""
        return self.destination is not None or super().to_file

    def title(self, path: Path) -> str:
        """What to call one of the paintings in messages."""
        return self.destination.title(path) if self.destination else super().title(path)

    def check(self, max_pixels: int) -> None:
        """Look at the photo's header; in a store that would take as long as reading all of it, which tells too."""
        if self.origin is None:
            super().check(max_pixels)

    def read(self) -> bytes:
        """The encoded photo."""
        return self.origin.read(self.source) if self.origin else super().read()

    def check_place(self, path: Path) -> None:
        """Make sure early that a painting can be made; a store tells only when it is written."""
        if self.destination is None:
            super().check_place(path)

    def stands(self, path: Path) -> bool:
        """Whether there is a file where a painting would go."""
        return self.destination.exists(path) if self.destination else super().stands(path)

    def record(self, path: Path) -> Provenance | None:
        """What a painting that stands there says about itself."""
        return self.destination.record(path) if self.destination else super().record(path)

    def write(self, path: Path, data: bytes) -> None:
        """Write a painting, so that it is there whole or not at all."""
        if self.destination:
            self.destination.write(path, data)
        else:
            super().write(path, data)


def is_address(word: str) -> bool:
    """Whether a word is an address such as ``s3://bucket/folder``, not a name on a disk."""
    return _URI.match(word) is not None


def open_store(address: str) -> tuple[Store | None, Path]:
    """The file system and the path that an address means; of ``file://`` the path alone.

    Raises:
        ConfigError: there is no such file system here, or it cannot be opened.
    """
    parts = urlsplit(address)
    shown = f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"
    try:
        filesystem, path = fs.FileSystem.from_uri(address)
    except (pa.ArrowException, OSError, ValueError) as error:
        raise ConfigError(f"{shown}: cannot be opened ({_reason(error)}).") from error
    if filesystem.type_name == "local":
        return None, Path(path)
    # Paths in object stores begin with the bucket, elsewhere the machine's name is no part of them.
    host = parts.hostname or ""
    inside = not host or path.split("/")[0].lower() in (host.lower(), parts.username or host.lower())
    prefix = f"{parts.scheme}://" if inside else f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"
    return Store(filesystem, prefix), Path(path)


@contextmanager
def explained(name: str, done: str) -> Iterator[None]:
    """Turn what pyarrow raises into errors that name the file.

    Args:
        name: of the file.
        done: what was to be done, such as ``read``.

    Raises:
        ImageError: it failed.
    """
    try:
        yield
    except FileNotFoundError as error:
        raise ImageError(f"{name}: no such file.") from error
    except (OSError, pa.ArrowException) as error:
        raise ImageError(f"{name}: cannot be {done} ({_reason(error)}).") from error


def _reason(error: Exception) -> str:
    """What stores say on many lines, in a few words."""
    text = " ".join(str(error).split())
    return text if len(text) <= _LONGEST_REASON else f"{text[:_LONGEST_REASON]}..."
