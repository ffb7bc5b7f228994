"""From what people name for a cluster to jobs: folders on disks and in stores."""

from __future__ import annotations

import fnmatch
import glob
import os
import re
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from pyarrow import fs

from portraitify.batch.inputs import PHOTO_SUFFIXES, Input, expand, named, photo_stems
from portraitify.batch.jobs import Job, is_stdout, make_output_folder, name_jobs, plan_jobs
from portraitify.batch.outputs import OUTPUT_MARK, SHEET_MARK, is_named_as_painting
from portraitify.batch.resuming import ExistingPaintings
from portraitify.batch.stores import Store, StoredJob, is_address, open_store
from portraitify.config import BatchConfig
from portraitify.errors import ConfigError, ImageError
from portraitify.io.sources import START_BYTES, begins_like_picture

# Requests to a store that wait for their answers at the same time.
_REQUESTS = 16
_NUMBERED = re.compile(rf"(.+?)(?:\.[1-9][0-9]*){{1,2}}((?:{re.escape(OUTPUT_MARK)}|{re.escape(SHEET_MARK)})\.\w+)")


@dataclass(frozen=True)
class Place:
    """A path, and the store in which it lies; nothing for a disk."""

    store: Store | None
    path: Path

    @property
    def name(self) -> str:
        """What to call it in messages."""
        return self.store.title(self.path) if self.store else str(self.path)


@dataclass(frozen=True)
class Plan:
    """What is to be painted.

    Attributes:
        jobs: one a photo.
        sizes: bytes of each photo; 0 where it cannot be looked at.
    """

    jobs: tuple[Job, ...]
    sizes: tuple[int, ...]


def place_of(word: str) -> Place:
    """The place that a word means.

    Raises:
        ConfigError: it is an address that cannot be opened, or a stream.
    """
    if is_address(word):
        return Place(*open_store(word))
    path = named(word)
    if is_stdout(path):
        raise ConfigError("A cluster reads and writes no streams. Name a folder.")
    # Workers have working folders of their own.
    return Place(None, path.absolute())


def plan(words: Sequence[str], output: Place, config: BatchConfig, request: dict[str, Any], recursive: bool) -> Plan:
    """Find the photos and name their paintings, as a batch on one machine does.

    Args:
        words: photos, folders or patterns, on disks or all in one store.
        output: folder of the paintings; made if it is on a disk.
        config: how paintings are written.
        request: what else decides what a painting looks like.
        recursive: look into folders inside folders.

    Raises:
        ConfigError: places that do not go together, or paintings that would replace photos.
        ImageError: the only input gives no photo, or an output folder cannot be made.
    """
    origin, inputs, sizes = _found([place_of(word) for word in words], output, recursive)
    if origin is None and output.store is None:
        jobs = plan_jobs(inputs, output.path, config, folder_named=True)
    else:
        if output.store is None:
            make_output_folder(output.path)
        jobs = [
            StoredJob(job.source, job.target, job.kind, origin=origin, destination=output.store)
            for job in name_jobs(inputs, output.path, config)
        ]
    _check_photos_stay(jobs, origin, output, config)
    return Plan(tuple(_with_vacancies(jobs, output, config, request)), tuple(sizes))


def _found(places: Sequence[Place], output: Place, recursive: bool) -> tuple[Store | None, list[Input], list[int]]:
    """The store in which all photos lie, the photos, and how many bytes each has."""
    stores = {place.store.prefix if place.store else "" for place in places}
    if len(stores) > 1:
        raise ConfigError("Some photos lie on a disk and others in a store, or in several. Run the command for each.")
    origin = places[0].store
    if origin is None:
        avoided = output.path if output.store is None and os.path.isdir(output.path) else None
        inputs = expand([place.path for place in places], recursive, avoided)
        return None, inputs, [_size(item.path) for item in inputs]
    avoided = output.path if output.store and output.store.prefix == origin.prefix else None
    listing: dict[Path, tuple[Input, int]] = {}
    for place in places:
        try:
            for item, size in _stored_photos(origin, place.path, recursive, avoided):
                listing.setdefault(item.path, (item, size))
        except ImageError:
            if len(places) == 1:
                raise
            # It will fail by itself.
            listing.setdefault(place.path, (Input(place.path, Path(place.path.name)), 0))
    return origin, [item for item, _ in listing.values()], [size for _, size in listing.values()]


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0


def _stored_photos(store: Store, entry: Path, recursive: bool, avoided: Path | None) -> list[tuple[Input, int]]:
    """The photos that a path in a store means.

    Raises:
        ImageError: it gives none.
    """
    if store.exists(entry):
        info = store.filesystem.get_file_info(entry.as_posix())
        return [(Input(entry, Path(entry.name)), info.size or 0)]
    pattern = entry.name if glob.has_magic(entry.name) else ""
    folder = entry.parent if pattern else entry
    if glob.has_magic(folder.as_posix()):
        raise ImageError(f"{store.title(entry)}: in a store only the last part of a name can be a pattern.")
    found = [info for info in store.listed(folder, recursive and not pattern) if info.type == fs.FileType.File]
    found = [info for info in found if not _is_hidden(Path(info.path), folder, avoided)]
    if pattern:
        found = [info for info in found if fnmatch.fnmatchcase(info.base_name, pattern)]
    photos = _without_paintings(_pictures(store, found, any_suffix=bool(pattern)))
    if not photos:
        deeper = "" if recursive or pattern else " Add --recursive to look into folders inside it."
        raise ImageError(f"{store.title(entry)}: no photos were found there.{deeper}")
    places = [Path(info.base_name) if pattern else Path(info.path).relative_to(folder) for info in photos]
    return [(Input(Path(info.path), place), info.size or 0) for info, place in zip(photos, places, strict=True)]


def _is_hidden(path: Path, folder: Path, avoided: Path | None) -> bool:
    parts = path.relative_to(folder).parts
    outside = avoided is None or avoided == folder or avoided not in path.parents
    return any(part.startswith(".") for part in parts) or not outside


def _pictures(store: Store, found: Sequence[fs.FileInfo], any_suffix: bool) -> list[fs.FileInfo]:
    """Files that are called like photos, or begin like ones and have no suffix."""
    if any_suffix:
        return list(found)

    def is_photo(info: fs.FileInfo) -> bool:
        suffix = Path(info.path).suffix.lower()
        return suffix in PHOTO_SUFFIXES or (not suffix and _begins_like_picture(store, info))

    with ThreadPoolExecutor(_REQUESTS) as pool:
        return [info for info, wanted in zip(found, pool.map(is_photo, found), strict=True) if wanted]


def _begins_like_picture(store: Store, info: fs.FileInfo) -> bool:
    try:
        with store.filesystem.open_input_stream(info.path) as stream:
            return begins_like_picture(stream.read(START_BYTES))
    except OSError:
        # It will fail by name when it is read.
        return True


def _without_paintings(found: Sequence[fs.FileInfo]) -> list[fs.FileInfo]:
    """Leave out earlier paintings, known by their names: to look into each file would take a request for each."""
    names: dict[Path, list[str]] = {}
    for info in found:
        names.setdefault(Path(info.path).parent, []).append(info.base_name)
    stems = {folder: photo_stems(inside) for folder, inside in names.items()}
    return [info for info in found if not is_named_as_painting(info.base_name, stems[Path(info.path).parent])]


def _check_photos_stay(jobs: Sequence[Job], origin: Store | None, output: Place, config: BatchConfig) -> None:
    """Make sure that no face's or version's painting is named like a photo; each worker sees only some of them.

    Raises:
        ConfigError: one is.
    """
    same = (origin.prefix if origin else None) == (output.store.prefix if output.store else None)
    if not (same and config.overwrite and (config.numbered or config.variants > 1)):
        return
    targets = {job.target for job in jobs}
    for job in jobs:
        match = _NUMBERED.fullmatch(job.source.name)
        if match and job.source.with_name(match[1] + match[2]) in targets:
            raise ConfigError(f"{job.name}: would be overwritten by another photo's painting. Choose another output.")


def _with_vacancies(jobs: Sequence[Job], output: Place, config: BatchConfig, request: dict[str, Any]) -> list[Job]:
    """Note where nothing stands yet."""
    existing = ExistingPaintings(config, request)
    if output.store is None:
        return [replace(job, vacant=not any(existing.standing(job, job.stands))) for job in jobs]
    # One listing instead of a request for each photo.
    there = {Path(info.path) for info in output.store.listed(output.path, recursive=True)}
    return [replace(job, vacant=not any(existing.standing(job, there.__contains__))) for job in jobs]
