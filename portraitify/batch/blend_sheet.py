"""The way from one sitter to another, in steps, on one sheet."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from itertools import chain

from portraitify.batch.blend_job import BlendJob
from portraitify.config import PaintConfig
from portraitify.io.reading import SourceImage
from portraitify.layout.contact_sheet import Tile, tiles_in_rows
from portraitify.morphing.blending import Blender, told_of
from portraitify.pipeline import Portraitist
from portraitify.results import Painting

# How much of the first sitter, in percent.
STEPS = (100, 75, 50, 25, 0)


def blend_sheet(job: BlendJob, config: PaintConfig, open_portraitist: Callable[[PaintConfig], Portraitist]) -> Painting:
    """Paint the steps, all in the style of the first and after its painter; each has the head of the heavier sitter.

    Args:
        job: of two photos.
        config: the options.
        open_portraitist: opens one with options like them.

    Returns:
        The sheet, with what the first step tells of itself.

    Raises:
        FaceError: a photo shows no face, or none that is clear.
        ImageError: a photo cannot be read.
    """
    blended = (
        SourceImage(Blender().blend(job.sitters, (step, 100 - step), job.head), job.name, job.sitters[0].digest)
        for step in STEPS
    )
    with open_portraitist(config) as portraitist:
        first = portraitist.paint(next(blended))
    if not (config.reference or config.after or config.costume):
        painter = first.reference.painter
        config = replace(config, style=first.choice.style, after=(painter,) if painter else ())
    with open_portraitist(config) as portraitist:
        paintings = list(chain([first], map(portraitist.paint, blended)))
    tiles = [
        Tile(painting.pixels, f"{step} : {100 - step}", f"after {painting.reference.hand}")
        for step, painting in zip(STEPS, paintings, strict=True)
    ]
    told = told_of(job.sitters, (1, 1)) | {"sheet": True}
    provenance = first.provenance.with_options(**told)
    return replace(first, pixels=tiles_in_rows(tiles, len(tiles)), provenance=provenance)
