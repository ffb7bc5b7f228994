"""Several photos that become one painting."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from portraitify.batch.inputs import STANDARD_STREAM, Input
from portraitify.batch.jobs import Job, plan_jobs
from portraitify.config import BatchConfig
from portraitify.engines.base import Engine
from portraitify.errors import ConfigError
from portraitify.io.encoding import PNG, encode
from portraitify.io.files import file_number
from portraitify.io.reading import read_image
from portraitify.morphing.blending import Blender, told_of
from portraitify.morphing.sitter import Sitter, find_sitter

# Names of paintings are made from names of photos.
_SUFFIX = ".jpg"


@dataclass(frozen=True)
class BlendJob(Job):
    """A blend to paint; to what paints it is a photo like any other.

    Attributes:
        photos: those of all sitters, as jobs of their own.
        weights: how much of each sitter, one a photo.
        engine: gives what runs the networks.
        max_pixels: of a photo.
        head: which sitter gives hair, body and background; nothing is the heaviest.
    """

    photos: tuple[Job, ...] = ()
    weights: tuple[float, ...] = ()
    engine: Callable[[], Engine] | None = None
    max_pixels: int = 0
    head: int | None = None

    @property
    def name(self) -> str:
        """What to call the blend in messages."""
        names = [photo.name for photo in self.photos]
        return f"{', '.join(names[:-1])} and {names[-1]}"

    def check(self, max_pixels: int) -> None:
        """See :meth:`Job.check`; of all photos."""
        for photo in self.photos:
            photo.check(max_pixels)

    def read(self) -> bytes:
        """The blend as an encoded picture.

        Raises:
            ImageError: a photo cannot be read.
            FaceError: one shows no face, or none that is clear.
        """
        return encode(Blender().blend(self.sitters, self.weights, self.head), PNG)

    def told(self) -> dict[str, str]:
        """See :meth:`Job.told`."""
        return told_of(self.sitters, self.weights)

    @cached_property
    def sitters(self) -> tuple[Sitter, ...]:
        """Whom the photos show; each photo is read once only, since a stream cannot be read again."""
        assert self.engine is not None
        engine = self.engine()
        datas = [(photo.read(), photo.name) for photo in self.photos]
        return tuple(find_sitter(read_image(data, name, self.max_pixels), engine) for data, name in datas)


def plan_blend(
    photos: Sequence[Path],
    weights: Sequence[float],
    output: Path | None,
    config: BatchConfig,
    into_folder: bool,
    engine: Callable[[], Engine],
) -> BlendJob:
    """Name the painting of a blend, ``anna+bert.portrait.png`` beside the first photo unless told otherwise.

    Args:
        photos: of all sitters; one may be ``STANDARD_STREAM``.
        weights: how much of each sitter.
        output: file, folder, ``STANDARD_STREAM``, or nothing.
        config: format and how many versions.
        into_folder: whether the output is a folder.
        engine: gives what runs the networks.

    Raises:
        ConfigError: the output makes no sense.
        ImageError: there is no such folder.
    """
    named = [photo for photo in photos if photo != STANDARD_STREAM]
    if output is None and len(named) < len(photos):
        output = STANDARD_STREAM
    title = "+".join(photo.stem for photo in named) + _SUFFIX
    item = Input(named[0].with_name(title) if named else Path(title), Path(title))
    (job,) = plan_jobs([item], output, config, into_folder)
    numbers = {file_number(photo) for photo in named} - {None}
    if file_number(job.target) in numbers:
        raise ConfigError(f"{job.target}: would overwrite a photo that is to be blended. Choose another output.")
    jobs = tuple(Job(photo, job.target) for photo in photos)
    return BlendJob(job.source, job.target, job.kind, False, jobs, tuple(weights), engine, config.max_pixels)
