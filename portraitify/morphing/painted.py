"""Several photos, one painting."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from portraitify.io.in_memory import Picture
from portraitify.io.reading import SourceImage, read_image
from portraitify.morphing.blending import Blender, told_of
from portraitify.morphing.sitter import find_sitter
from portraitify.pipeline import Portraitist
from portraitify.results import Painting


def paint_blend(
    portraitist: Portraitist,
    sources: Sequence[Picture | SourceImage],
    weights: Sequence[float] = (),
    head: int | None = None,
) -> Painting:
    """Paint one face of several sitters, in the head of one of them.

    >>> paint_blend(portraitist, ["anna.jpg", "bert.jpg"], [60, 40])     # doctest: +SKIP

    Args:
        portraitist: paints.
        sources: two photos or more; see :meth:`Portraitist.paint`.
        weights: how much of each sitter, 0 or more and not all 0; by default as much of each.
        head: position of the photo that gives hair, body and background; by default the one of the greatest weight.

    Raises:
        ConfigError: the weights or the head make no sense.
        FaceError: a photo shows no face, or none that is clear.
        ImageError: one cannot be read.
        PortraitifyError: the portraitist is closed.
    """
    shares = tuple(weights) or (1.0,) * len(sources)
    sitters = [find_sitter(read_image(source), portraitist.engine) for source in sources]
    blended = Blender().blend(sitters, shares, head)
    painting = portraitist.paint(SourceImage(blended, " and ".join(sitter.name for sitter in sitters)))
    return replace(painting, provenance=painting.provenance.with_options(**told_of(sitters, shares)))
