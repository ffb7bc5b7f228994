"""Making a gallery: what is known of each painting, its small copies, and the page."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np

from portraitify.errors import ConfigError, ImageError
from portraitify.gallery.entry import Entry, mark_of, painters_of, stamp_of
from portraitify.gallery.page import NAME, is_gallery, page, read_entries
from portraitify.gallery.thumbnails import (
    FOLDER,
    before_name,
    remove_others,
    thumbnail_name,
    write_before,
    write_thumbnail,
)
from portraitify.gallery.told import Failure, Told
from portraitify.io.files import check_folder, write_atomically
from portraitify.io.provenance import Provenance, read_provenance
from portraitify.io.reading import opened, translated

_NOTHING = Told()


class Gallery:
    """Collects paintings, and writes the page beside them.

    What an earlier page of the same folder knows is kept: its paintings, if
    they are still there, and what reports told of them.

    Args:
        folder: where the page goes; the paintings lie in it or below.
        photos: keep small copies of the photos; otherwise those of earlier runs are removed.
        overwrite: replace a page of that name that somebody else made.
        workers: threads that make small copies.

    Raises:
        ConfigError: there is another page of that name.
        ImageError: no file can be made there.
    """

    def __init__(self, folder: Path, photos: bool = False, overwrite: bool = False, workers: int = 1):
        self.path = folder / NAME
        self.problems: list[str] = []
        self.failures: list[Failure] = []
        self._folder, self._photos = folder, photos
        self._small = folder / FOLDER
        if os.path.lexists(self.path) and not overwrite and not is_gallery(self.path):
            raise ConfigError(f"{self.path}: exists already, and is no gallery. Add --overwrite to replace it.")
        check_folder(self.path)
        self._earlier = read_entries(self.path)
        self._coming: dict[str, Future[Entry]] = {}
        self._pool = ThreadPoolExecutor(workers, "gallery")

    def __enter__(self) -> Gallery:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._pool.shutdown(cancel_futures=True)

    def add(self, path: Path, told: Told | None = None, before: np.ndarray | None = None) -> Future[Entry]:
        """Take up a painting; its small copies are made meanwhile.

        Args:
            path: its file, in the gallery's folder or below.
            told: what a report tells of it.
            before: ``(H, W, 3)`` uint8 sRGB, the part of the photo that it shows.
        """
        file = Path(os.path.relpath(path, self._folder)).as_posix()
        future = self._pool.submit(self._entry, file, told, before if self._photos else None)
        self._coming[file] = future
        return future

    def keep_earlier(self) -> None:
        """Take up what an earlier page shows and was not added again."""
        for file in self._earlier:
            if file not in self._coming and os.path.isfile(self._folder / file):
                self.add(self._folder / file)

    @property
    def empty(self) -> bool:
        """Whether there is nothing to show."""
        return not self._coming

    def write(self) -> int:
        """Write the page, and remove small copies that it does not show.

        Returns:
            How many paintings it shows.

        Raises:
            ImageError: it cannot be written.
        """
        entries = []
        for future in self._coming.values():
            try:
                entries.append(future.result())
            except ImageError as error:
                self.problems.append(f"{str(error).rstrip('.')}; left out of the gallery")
        title = os.path.basename(os.path.abspath(self._folder)) or str(self._folder)
        write_atomically(self.path, page(title, entries, self.failures))
        remove_others(self._small, {name for entry in entries for name in (entry.thumbnail, entry.before)})
        return len(entries)

    def _entry(self, file: str, told: Told | None, before: np.ndarray | None) -> Entry:
        path, earlier = self._folder / file, self._earlier.get(file)
        with translated(str(path)):
            stamp = stamp_of(path)
        if earlier and told is None and earlier.stamp == stamp:
            write_thumbnail(path, self._small, earlier.mark)
            return self._with_before(earlier, before)
        found = read_provenance(path)
        mark = mark_of(file, found, stamp[0])
        if told is None and earlier and earlier.mark == mark:
            told = earlier.told
        if told and found and not told.is_of(found):
            told = None
        with translated(str(path)), open(path, "rb") as stream, opened(stream, str(path)) as image:
            width, height = image.size
        write_thumbnail(path, self._small, mark)
        entry = Entry(file, stamp, width, height, thumbnail_name(mark), mark)
        return self._with_before(replace(entry, **_known(told or _NOTHING, found)), before)

    def _with_before(self, entry: Entry, before: np.ndarray | None) -> Entry:
        """With the photo's small copy, if photos are wanted and there is one."""
        if before is not None:
            write_before(before, self._small, entry.mark)
        name = before_name(entry.mark)
        shows = self._photos and (self._small / name).exists()
        return replace(entry, before=name if shows else "")


def _known(told: Told, found: Provenance | None) -> dict[str, Any]:
    """Fields of an entry: what the painting says about itself counts before what was told of it."""
    values: dict[str, Any] = {
        "style": told.style,
        "seed": told.seed,
        "reference": told.reference,
        "costume": told.costume,
        "beside": bool(told.costume),
        **{name: getattr(told, name) for name in ("photo", "reason", "reasons", "odds", "warnings")},
    }
    if found:
        options: Mapping[str, Any] = json.loads(found.options)
        worn = options.get("costume", "")
        values |= {
            "style": found.style,
            "seed": found.seed,
            "reference": found.reference,
            "size_px": found.size_px,
            "face": "" if found.face == "1/1" else found.face,
            "command": found.command(),
            "costume": told.costume or worn,
            "beside": bool(told.costume or worn),
        }
    return values | {"painters": painters_of(values["reference"])}
