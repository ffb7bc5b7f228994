"""Paintings of sitters who are not quite what their photos show."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from portraitify.face_space.space import FaceSpace
from portraitify.io.in_memory import Picture
from portraitify.io.reading import SourceImage, read_image
from portraitify.morphing import adjusting
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


def paint_adjusted(
    portraitist: Portraitist, source: Picture | SourceImage, amounts: Mapping[str, float], hair: str = ""
) -> Painting:
    """Paint a sitter older or younger, smiling, turned, or with other hair.

    >>> paint_adjusted(portraitist, "anna.jpg", {"age": 20, "smile": 0.5}, "grey")     # doctest: +SKIP

    Args:
        portraitist: paints.
        source: the photo; see :meth:`Portraitist.paint`.
        amounts: by name of :data:`portraitify.morphing.adjusting.ADJUSTMENTS`.
        hair: a key of :data:`portraitify.morphing.hair.HAIR_COLOURS`; empty leaves it as it is.

    Raises:
        ConfigError: there is no such adjustment, or it goes too far.
        FaceError: the photo shows no face, or none that is clear.
        ImageError: it cannot be read.
        WeightsError: the weights hold no face space.
        PortraitifyError: the portraitist is closed.
    """
    adjusting.check_amounts(amounts, hair)
    image = read_image(source)
    adjuster = adjusting.Adjuster(FaceSpace.load(portraitist.weights))
    changed = adjuster.adjust(find_sitter(image, portraitist.engine), amounts, hair)
    painting = portraitist.paint(SourceImage(changed, image.name))
    told = adjusting.told_of(amounts, hair, image.digest)
    return replace(painting, provenance=painting.provenance.with_options(**told))
