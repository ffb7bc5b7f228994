"""A gallery of what a batch paints, made while it paints."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from portraitify.batch.jobs import Job
from portraitify.batch.report import outcome_record
from portraitify.batch.runner import Outcome
from portraitify.errors import ConfigError
from portraitify.gallery.gallery import Gallery
from portraitify.gallery.told import failure_of, told_of

if TYPE_CHECKING:
    from portraitify.results import Painting


def gallery_folder(jobs: Sequence[Job]) -> Path:
    """Where the page of a batch goes: the nearest folder that all paintings lie in or below.

    Raises:
        ConfigError: there is none.
    """
    if not all(job.to_file for job in jobs):
        raise ConfigError("--gallery shows files, and this painting goes to a stream. Name a file or a folder with -o.")
    folders = {job.target.parent for job in jobs}
    if len(folders) == 1:
        return folders.pop()
    try:
        common = os.path.commonpath([os.path.abspath(folder) for folder in folders])
    except ValueError as error:
        raise ConfigError("--gallery needs one folder for all paintings. Name it with -o.") from error
    return Path(os.path.relpath(common))


def add_outcome(gallery: Gallery, outcome: Outcome, exit_code: Callable[[BaseException], int]) -> None:
    """Take up what became of a photo.

    Args:
        gallery: of the batch.
        outcome: as the runner gives it.
        exit_code: gives the code of an error.
    """
    record = outcome_record(outcome, exit_code)
    failure = failure_of(record)
    if failure:
        gallery.failures.append(failure)
    told = dict(told_of(record))
    befores = dict(zip(outcome.files, map(_before, outcome.paintings), strict=False))
    for path in outcome.files:
        gallery.add(path, told.get(path), befores.get(path))


def _before(painting: Painting) -> np.ndarray | None:
    """What of the photo a painting shows: ``(H, W, 3)`` uint8 sRGB; nothing for sheets, which show several."""
    options = json.loads(painting.provenance.options)
    if painting.parts or options.get("group") or options.get("sheet"):
        return None
    return painting.face.window.cut(painting.face.pixels)
