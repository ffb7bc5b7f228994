"""Dreams that leave faces, and paintings of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from portraitify.dreaming.options import DreamOptions
from portraitify.engines.base import Engine
from portraitify.errors import NoFaceError
from portraitify.extras import require_extra
from portraitify.faces.search import find_faces
from portraitify.imaging.face_regions import face_mask
from portraitify.io.in_memory import Picture
from portraitify.io.reading import SourceImage, read_image
from portraitify.pipeline import Portraitist
from portraitify.results import Painting

if TYPE_CHECKING:
    # It imports torch, which a light installation has not.
    from portraitify.dreaming.dream import Dreamer

# How much of a dream reaches faces: at all of it nobody would be known.
_IN_FACES = 0.05


def dream_around_faces(
    dreamer: Dreamer,
    picture: np.ndarray,
    engine: Engine,
    on_step: Callable[[int, int], None] = lambda done, total: None,
) -> np.ndarray:
    """Draw into a picture what the network sees in it, and hardly anything of that into faces.

    Args:
        dreamer: dreams.
        picture: ``(H, W, 3)`` uint8 RGB.
        engine: finds faces.
        on_step: called with steps done and in all.

    Returns:
        ``(H, W, 3)`` uint8.
    """
    where: np.ndarray = np.ones(picture.shape[:2], np.float32)
    try:
        faces = find_faces(engine.detector, engine.face_mesh, picture)
    except NoFaceError:
        pass
    else:
        upright = np.rot90(where, faces.quarter_turns).shape
        inside = np.rot90(face_mask(faces.landmarks, upright), -faces.quarter_turns)
        where = where - (1 - _IN_FACES) * inside
    return dreamer.dream(np.ascontiguousarray(picture), where, on_step)


def told_of(options: DreamOptions, digest: str) -> dict[str, str]:
    """What a painting's record says of its dream: how it was dreamt, and the photo by its digest."""
    parts = [f"layer {options.layer}", f"octaves {options.octaves}", f"steps {options.steps}"]
    parts.append(f"dream-strength {options.strength:g}")
    return {"dream": f"{', '.join(parts)}; {digest}"}


def paint_dream(
    portraitist: Portraitist, source: Picture | SourceImage, options: DreamOptions | None = None
) -> Painting:
    """Draw what a network sees in a photo into it, and paint that.

    >>> paint_dream(portraitist, "anna.jpg", DreamOptions(layer="swirls"))     # doctest: +SKIP

    Args:
        portraitist: paints; ``background="keep"`` shows what is dreamt around the sitter.
        source: the photo; see :meth:`Portraitist.paint`.
        options: how to dream.

    Raises:
        ConfigError: torch is not installed.
        FaceError: the photo shows no face.
        ImageError: it cannot be read.
        WeightsError: the weights hold no network that reads paintings.
        PortraitifyError: the portraitist is closed.
    """
    require_extra("gpu")
    from portraitify.dreaming.dream import open_dreamer

    image, chosen = read_image(source), options or DreamOptions()
    dreamer = open_dreamer(portraitist.weights, chosen)
    dreamt = dream_around_faces(dreamer, image.pixels, portraitist.engine)
    painting = portraitist.paint(SourceImage(dreamt, image.name))
    told = told_of(chosen, image.digest)
    return replace(painting, provenance=painting.provenance.with_options(**told))
