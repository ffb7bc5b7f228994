"""Paintings that are there already: which are kept, which are skipped, which are replaced."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from portraitify.batch.jobs import Job
from portraitify.config import MAX_VARIANTS, BatchConfig
from portraitify.errors import ImageError
from portraitify.io.encoding import LOSSY, PNG
from portraitify.io.provenance import Provenance, source_digest
from portraitify.io.reading import short_digest


class ExistingPaintings:
    """Knows a photo's painting, made with the same options, by the record in it.

    Args:
        config: how paintings are written.
        request: what else decides what a painting looks like; versions take its seed and those after it.
    """

    def __init__(self, config: BatchConfig, request: dict[str, Any]):
        faces = config.faces if config.numbered else ""
        self._config = config
        self._seeds = config.seeds(int(request.get("seed", 0)))
        sheets = {"group": config.group, "sheet": config.sheet}
        self._request = request | sheets | {"faces": faces, "date": config.keep_date}

    def find(self, job: Job) -> tuple[Path, ...]:
        """The files that stand where the paintings would go.

        Raises:
            ImageError: there are some, and nothing allows to touch them; or no file can be made there.
        """
        if not job.to_file:
            return ()
        job.check_place(job.numbered(*self._config.numbers(MAX_VARIANTS, MAX_VARIANTS - 1)))
        if job.vacant:
            return ()
        found = tuple(self.standing(job, job.stands))
        if found and not (self._config.overwrite or self._config.skip_existing):
            raise ImageError(f"{job.title(found[0])}: exists already. Add --overwrite or --skip-existing.")
        return found

    def standing(self, job: Job, stands: Callable[[Path], bool]) -> Iterator[Path]:
        """The files that stand where the paintings would go.

        Args:
            job: photo and target.
            stands: tells of a path whether there is a file.
        """
        faces = itertools.count(1) if self._config.numbered else (0,)
        for face in faces:
            paths = [job.numbered(*self._config.numbers(face, version)) for version in range(self._config.variants)]
            found = [path for path in paths if stands(path)]
            yield from found
            if not found:
                return

    def is_done(self, job: Job, found: tuple[Path, ...], data: bytes) -> bool:
        """Whether files are all the paintings of a photo, whole and made with these options.

        Raises:
            ImageError: one of them is something else, and may not be replaced.
        """
        if not self._config.skip_existing:
            return False
        photo = short_digest(data)
        marks = [self._mark(job, path, photo) for path in found]
        count = len(found) // self._config.variants
        if marks == [(f"{number}/{count}", seed) for number in range(1, count + 1) for seed in self._seeds]:
            return True
        if not (all(marks) or self._config.overwrite):
            raise ImageError(
                f"{job.title(found[marks.index(None)])}: exists, and is not this photo's painting with these options. "
                "Add --overwrite to replace it."
            )
        return False

    def is_begun(self, job: Job, photo: str) -> bool:
        """Whether a painting of this photo, made with these options, stands where one of the job's would go.

        Args:
            job: photo and target.
            photo: digest of the photo.
        """
        return any(self._mark(job, path, photo) for path in self.standing(job, job.stands))

    def check_free(self, job: Job, path: Path, photo: str) -> None:
        """Make sure that a painting may be written, just before it is: a file may have appeared.

        Raises:
            ImageError: there is a file that may not be replaced.
        """
        if not self._config.overwrite and job.stands(path):
            if (self._config.skip_existing or job.vacant) and self._mark(job, path, photo):
                return
            if job.vacant and not self._config.metadata:
                # It cannot say whose it is; all that is known is that it was not there before.
                return
            raise ImageError(f"{job.title(path)}: exists already. Add --overwrite to replace it.")

    def marked(self, record: Provenance, job: Job, photo: str, engine: str) -> Provenance:
        """A record by which the painting is known again, and from which the same file can be made again.

        Args:
            record: of the painting alone.
            job: photo and target.
            photo: digest of the photo.
            engine: name of what painted it: the same numbers come from the same engine only.
        """
        return replace(record, source=self._digest(job, photo, record.seed)).with_options(
            faces=self._config.faces if self._config.numbered else None,
            group=self._config.group or None,
            sheet=self._config.sheet or None,
            format=job.kind if job.kind != PNG else None,
            quality=self._config.quality if job.kind in LOSSY else None,
            engine=engine,
            **job.told(),
        )

    def _mark(self, job: Job, path: Path, photo: str) -> tuple[str, int] | None:
        """Which of how many faces a file shows, and its seed, if it is a whole painting of this photo and request."""
        found = job.record(path)
        if found and found.seed in self._seeds and found.source == self._digest(job, photo, found.seed):
            return found.face, found.seed
        return None

    def _digest(self, job: Job, photo: str, seed: int) -> str:
        quality = self._config.quality if job.kind in LOSSY else None
        return source_digest(photo, self._request | {"quality": quality, "seed": seed})
