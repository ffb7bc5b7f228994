"""A photo whose sitter is changed before it is painted."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

from portraitify.batch.jobs import Job
from portraitify.engines.base import Engine
from portraitify.io.encoding import PNG, encode
from portraitify.io.reading import SourceImage, read_image
from portraitify.morphing.adjusting import Adjuster, told_of
from portraitify.morphing.sitter import find_sitter


@dataclass(frozen=True)
class AdjustJob(Job):
    """A changed sitter to paint; to what paints it is a photo like any other.

    Attributes:
        amounts: names of adjustments, each with its amount.
        hair: its colour; empty leaves it as it is.
        engine: gives what runs the networks.
        adjuster: gives what changes sitters.
        max_pixels: of the photo.
    """

    amounts: tuple[tuple[str, float], ...] = ()
    hair: str = ""
    engine: Callable[[], Engine] | None = None
    adjuster: Callable[[], Adjuster] | None = None
    max_pixels: int = 0

    def read(self) -> bytes:
        """The photo after the change, as an encoded picture.

        Raises:
            ImageError: it cannot be read.
            FaceError: it shows no face, or none that is clear.
        """
        assert self.engine is not None
        assert self.adjuster is not None
        sitter = find_sitter(self._image, self.engine())
        return encode(self.adjuster().adjust(sitter, dict(self.amounts), self.hair), PNG)

    def told(self) -> dict[str, str]:
        """See :meth:`Job.told`."""
        return told_of(dict(self.amounts), self.hair, self._image.digest)

    @cached_property
    def _image(self) -> SourceImage:
        """The photo, which is read once only, since a stream cannot be read again."""
        return read_image(super().read(), self.name, self.max_pixels)


def adjusted(
    jobs: Sequence[Job],
    amounts: dict[str, float],
    hair: str,
    engine: Callable[[], Engine],
    adjuster: Callable[[], Adjuster],
    max_pixels: int,
) -> list[AdjustJob]:
    """Jobs whose sitters are changed, each into the same file as before."""
    told = tuple(amounts.items())
    return [
        AdjustJob(job.source, job.target, job.kind, job.vacant, told, hair, engine, adjuster, max_pixels)
        for job in jobs
    ]
