"""Somebody made up, to be painted."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from portraitify.batch.inputs import Input
from portraitify.batch.jobs import Job, plan_jobs
from portraitify.config import BatchConfig
from portraitify.imagining.imaginer import Imagined, Imaginer
from portraitify.io.encoding import PNG, encode


@dataclass(frozen=True)
class ImagineJob(Job):
    """Somebody to make up and paint; to what paints them it is a photo like any other.

    Attributes:
        seed: who it is.
        asked: names of traits, each with what is asked.
        master: whose hair, dress and ground; empty leaves it to chance.
        imaginer: gives what makes people up.
    """

    seed: int = 0
    asked: tuple[tuple[str, float], ...] = ()
    master: str = ""
    imaginer: Callable[[], Imaginer] | None = None

    @property
    def name(self) -> str:
        """What to call them in messages."""
        return f"somebody of seed {self.seed}"

    def check(self, max_pixels: int) -> None:
        """There is no photo that could be wrong."""

    def read(self) -> bytes:
        """Their portrait, as an encoded picture.

        Raises:
            ConfigError: what is asked goes too far.
            WeightsError: a master's picture is damaged.
        """
        return encode(self._imagined.picture, PNG)

    def told(self) -> dict[str, str]:
        """See :meth:`Job.told`."""
        return self._imagined.told

    @cached_property
    def _imagined(self) -> Imagined:
        assert self.imaginer is not None
        return self.imaginer().imagine(self.seed, dict(self.asked), self.master)


def plan_imagined(
    seeds: range,
    asked: Mapping[str, float],
    master: str,
    output: Path | None,
    config: BatchConfig,
    into_folder: bool,
    imaginer: Callable[[], Imaginer],
) -> list[ImagineJob]:
    """Name the paintings of made-up people, ``imagined-7.portrait.png`` in this folder unless told otherwise.

    Args:
        seeds: of the people.
        asked: by names of traits.
        master: whose hair, dress and ground; empty leaves it to chance.
        output: file, folder, ``STANDARD_STREAM``, or nothing.
        config: format and how many versions.
        into_folder: whether the output is a folder.
        imaginer: gives what makes people up.

    Raises:
        ConfigError: the output makes no sense.
        ImageError: there is no such folder.
    """
    names = [Path(f"imagined-{seed}.jpg") for seed in seeds]
    jobs = plan_jobs([Input(name, name) for name in names], output, config, into_folder)
    told = tuple(asked.items())
    return [
        ImagineJob(job.source, job.target, job.kind, job.vacant, seed, told, master, imaginer)
        for job, seed in zip(jobs, seeds, strict=True)
    ]
