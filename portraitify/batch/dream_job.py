"""A photo that is dreamt into before it is painted."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from portraitify.batch.jobs import Job
from portraitify.dreaming.dream import Dreamer
from portraitify.dreaming.painted import dream_around_faces, told_of
from portraitify.engines.base import Engine
from portraitify.io.encoding import PNG, encode
from portraitify.io.reading import SourceImage, read_image


@dataclass(frozen=True)
class DreamJob(Job):
    """A dream to paint; to what paints it is a photo like any other.

    Attributes:
        engine: gives what finds faces.
        dreamer: gives what dreams.
        max_pixels: of the photo.
        on_step: called with steps done and in all.
    """

    engine: Callable[[], Engine] | None = None
    dreamer: Callable[[], Dreamer] | None = None
    max_pixels: int = 0
    on_step: Callable[[int, int], None] = lambda done, total: None

    def read(self) -> bytes:
        """The dream as an encoded picture.

        Raises:
            ImageError: the photo cannot be read.
        """
        return encode(self.dreamt, PNG)

    def told(self) -> dict[str, str]:
        """See :meth:`Job.told`."""
        assert self.dreamer is not None
        return told_of(self.dreamer().options, self._image.digest)

    @cached_property
    def dreamt(self) -> np.ndarray:
        """The photo with the dream in it, ``(H, W, 3)`` uint8; dreamt once."""
        assert self.engine is not None
        assert self.dreamer is not None
        return dream_around_faces(self.dreamer(), self._image.pixels, self.engine(), self.on_step)

    @cached_property
    def _image(self) -> SourceImage:
        """The photo, which is read once only, since a stream cannot be read again."""
        return read_image(super().read(), self.name, self.max_pixels)
