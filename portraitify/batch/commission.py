"""Between processes: what one that paints is told, and what became of a photo as it sends it back."""

from __future__ import annotations

import pickle
import traceback
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from portraitify import __version__
from portraitify.batch.jobs import Job
from portraitify.batch.runner import FAILED, Outcome
from portraitify.config import BatchConfig, PaintConfig
from portraitify.errors import ImageError
from portraitify.faces.aligned_face import Renditions

if TYPE_CHECKING:
    from portraitify.results import Painting

_NO_PIXELS = np.zeros((0, 0, 3), np.uint8)
_NO_JOB = Job(Path(), Path())


@dataclass(frozen=True)
class Commission:
    """What each worker is told.

    Attributes:
        config: how to paint.
        batch: how photos are read and paintings written.
        weights: folder of weights on every machine; nothing for the shipped ones.
        request: what paintings depend on where the command runs; it must be the same where workers run.
        version: of portraitify, likewise.
    """

    config: PaintConfig
    batch: BatchConfig
    weights: Path | None
    request: dict[str, Any]
    version: str = __version__


class _TracedError(Exception):
    """Where an error was raised in a worker, for ``--debug``."""


def packed(outcome: Outcome, with_photos: bool = False) -> bytes:
    """An outcome as bytes, without its job and what no report tells.

    Args:
        outcome: what became of a photo.
        with_photos: keep the crop of the photo, which a gallery shows.
    """
    paintings = tuple(_without_pixels(painting, with_photos) for painting in outcome.paintings)
    error, trace = outcome.error, ""
    if error is not None:
        trace = "".join(traceback.format_exception(error))
        if not _travels(error):
            error = RuntimeError(f"{type(error).__name__}: {error}")
    return pickle.dumps((replace(outcome, job=_NO_JOB, paintings=paintings, error=error), trace))


def _travels(error: Exception) -> bool:
    """Whether an error can be made again where it is sent; classes of libraries may take other arguments."""
    try:
        return type(pickle.loads(pickle.dumps(error))) is type(error)
    except Exception:
        return False


def unpacked(data: bytes) -> Outcome:
    """What became of a photo, as a worker sent it; its job is not in it."""
    outcome, trace = pickle.loads(data)
    if outcome.error is not None:
        outcome.error.__cause__ = _TracedError(f"\n{trace}")
    found: Outcome = outcome
    return found


def killed(job: Job) -> Outcome:
    """What became of a photo that nobody lived to tell of."""
    problem = f"{job.name}: each process that painted it was killed. Is there enough memory for it?"
    return Outcome(job, FAILED, error=ImageError(problem))


def _without_pixels(painting: Painting, with_photo: bool) -> Painting:
    face = replace(painting.face, valid=_NO_PIXELS[..., 0], renditions=Renditions(), subject_mask=None)
    if not with_photo:
        face = replace(face, pixels=_NO_PIXELS)
    parts = tuple(_without_pixels(part, with_photo=False) for part in painting.parts)
    return replace(painting, pixels=_NO_PIXELS, face=face, parts=parts)
