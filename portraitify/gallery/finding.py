"""Which files of a folder are paintings, for a gallery of what is there already."""

from __future__ import annotations

import os
from collections.abc import Collection
from pathlib import Path

from portraitify.batch.outputs import has_painting_name
from portraitify.errors import ImageError
from portraitify.io.encoding import OUTPUT_SUFFIXES
from portraitify.io.provenance import holds_record


def find_paintings(folder: Path, recursive: bool, reported: Collection[Path] = ()) -> list[Path]:
    """The paintings in a folder, in order of names: those with our record, with a name of ours, or in a report.

    Hidden files and folders are left out.

    Args:
        folder: where to look.
        recursive: look into folders inside it.
        reported: files that a report names.

    Raises:
        ImageError: the folder cannot be read, or holds no paintings.
    """
    told = {os.path.realpath(path) for path in reported}
    closed: list[OSError] = []
    found: list[Path] = []
    for parent, folders, names in os.walk(folder, onerror=closed.append):
        folders[:] = sorted(name for name in folders if recursive and not name.startswith("."))
        for name in sorted(names):
            path = Path(parent, name)
            if name.startswith(".") or path.suffix.lower() not in OUTPUT_SUFFIXES or not path.is_file():
                continue
            if has_painting_name(path) or os.path.realpath(path) in told or holds_record(path):
                found.append(path)
    if closed:
        raise ImageError(f"{closed[0].filename}: the folder cannot be read ({closed[0].strerror}).")
    if not found:
        deeper = "" if recursive else " Add --recursive to look into folders inside it."
        raise ImageError(f"{folder}: the folder holds no paintings.{deeper}")
    return found


def reported_file(folder: Path, path: Path) -> Path:
    """Where a file of a report lies now: where the report says, or in the folder, which may have been moved.

    Args:
        folder: the gallery's.
        path: as it was written, relative to wherever the batch was begun.
    """
    if path.exists() and Path(os.path.realpath(folder)) in Path(os.path.realpath(path)).parents:
        return path
    parts = path.parts
    # The longest end of the path that leads to a file.
    ends = (folder.joinpath(*parts[start:]) for start in range(1 if path.is_absolute() else 0, len(parts)))
    return next((end for end in ends if end.is_file()), path)
