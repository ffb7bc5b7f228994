"""A style of one's own whose codes are those that the style encoder gives; needs no torch."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from portraitify.engines.base import Engine
from portraitify.errors import ConfigError, PortraitifyError
from portraitify.io.reading import read_image
from portraitify.media.registry import STYLES
from portraitify.style.painting_view import PaintingView, view_painting
from portraitify.style.personal import PersonalStyle, check_name
from portraitify.weights import BankEntry, WeightsFolder

# Fewer make no style; for one or a few there is ``--reference``.
MIN_PAINTINGS = 5


def encode_paintings(
    name: str,
    paths: Sequence[Path],
    weights: WeightsFolder,
    engine: Engine,
    like: str | None = None,
    on_progress: Callable[[int, int], None] = lambda done, total: None,
) -> tuple[PersonalStyle, Counter[str]]:
    """Encode paintings as a style.

    Args:
        name: for ``--style``.
        paths: of the paintings.
        weights: whose generator will paint.
        engine: runs the networks.
        like: the shipped style whose finish suits; found by the classifier if not given.
        on_progress: called with paintings done and in all.

    Returns:
        The style, and the number of paintings left out by reason.

    Raises:
        ConfigError: the name cannot be used, or too few paintings show a face.
        WeightsError: the weights lack what encodes paintings.
    """
    check_name(name)
    views: dict[str, PaintingView] = {}
    left_out: Counter[str] = Counter()
    for number, path in enumerate(paths, 1):
        view = _viewed(path, engine)
        if view is None or view.landmarks is None:
            left_out["no face" if view else "unreadable"] += 1
        else:
            views[path.stem] = view
        on_progress(number, len(paths))
    if len(views) < MIN_PAINTINGS:
        raise ConfigError(
            f"{len(views)} of {len(paths)} pictures show a usable face, and a style needs {MIN_PAINTINGS} or more; "
            "20 to 200 are good. For fewer, paint with --reference."
        )
    like = like or _most_like(list(views.values()), engine)
    entries = [_entry(view, stem, name, like, engine) for stem, view in views.items()]
    return PersonalStyle(name, weights.sha256("generator"), entries), left_out


def _viewed(path: Path, engine: Engine) -> PaintingView | None:
    """A painting in its crop; None if it cannot be read."""
    try:
        image = read_image(path).pixels
    except PortraitifyError:
        return None
    return view_painting(image, engine.detector, engine.face_mesh, engine.subject_mask)


def _most_like(views: Sequence[PaintingView], engine: Engine) -> str:
    """The style that the classifier names most often."""
    said = [int(np.argmax(engine.classify_painting(view.pixels))) for view in views]
    return STYLES[Counter(said).most_common(1)[0][0]]


def _entry(view: PaintingView, stem: str, name: str, like: str, engine: Engine) -> BankEntry:
    return BankEntry(
        style_code=engine.encode_style(*view.small(), [STYLES.index(like)])[0],
        style=like,
        painter=name,
        title=stem,
        date="",
        face_light=round(view.light(), 3),
        identifier=stem,
        traits=view.traits(),
        background=view.ground(),
    )
