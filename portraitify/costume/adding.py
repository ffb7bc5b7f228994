"""From a picture of somebody's own to one that can be sat in, or to a sentence that says why not."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from portraitify.costume.flaws import Flaw, plate_flaws
from portraitify.costume.master import Credits, Master, Traits
from portraitify.costume.outlining import outline
from portraitify.costume.preparation import prepare
from portraitify.costume.sitter_telling import MaskOf
from portraitify.errors import FaceError, ImageError
from portraitify.faces.detection import FaceDetector
from portraitify.faces.face_mesh import FaceMesh


def prepare_own(
    image: np.ndarray,
    name: str,
    style: str,
    credits: Credits,
    traits: Traits,
    networks: tuple[FaceDetector, FaceMesh, MaskOf],
    force: bool = False,
    on_stage: Callable[[str], None] = lambda stage: None,
) -> Master:
    """Outline a picture, make its clean plate, and look whether it is one.

    Args:
        image: ``(H, W, 3)`` uint8 RGB, upright.
        name: by which the picture will be asked for.
        style: the medium in which sitters will be painted.
        credits: whose picture it is.
        traits: whom it suits.
        networks: find faces, measure them, and give subject masks.
        force: take a picture with flaws, which then stand in ``Master.warnings``.
        on_stage: called with ``outlines``, ``plate`` and ``check`` as each begins.

    Raises:
        FaceError: there is no face that can be sat in, or one that should have gone.
        ImageError: the picture does not allow a clean plate.
    """
    detector, mesh, _ = networks
    on_stage("outlines")
    outlined = outline(image, name, style, credits, traits, networks)
    _refuse(name, outlined.flaws, force)
    on_stage("plate")
    master = prepare(image, outlined.curation, detector, mesh)
    on_stage("check")
    flaws = (*outlined.flaws, *plate_flaws(master, detector, mesh))
    _refuse(name, flaws, force)
    return replace(master, warnings=tuple(flaw.words for flaw in flaws))


def _refuse(name: str, flaws: Sequence[Flaw], force: bool) -> None:
    """Say what is wrong, unless it is wanted all the same.

    Raises:
        FaceError: a face is what is wrong.
        ImageError: something else is.
    """
    if not flaws or force:
        return
    error = FaceError if any(flaw.of_face for flaw in flaws) else ImageError
    words = "; ".join(flaw.words for flaw in flaws)
    raise error(f"{name}: not added, since {words}. Add --force to add it all the same, or choose another picture.")
