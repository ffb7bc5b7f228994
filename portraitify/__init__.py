"""portraitify: a selfie becomes an old-master portrait.

>>> from portraitify import PaintConfig, Portraitist          # doctest: +SKIP
>>> painting = Portraitist(PaintConfig(style="oil")).paint("selfie.jpg")
>>> painting.save("portrait.png")

A picture may be a path, bytes, a binary file object, a PIL image or a uint8 array; a portraitist may be closed:

>>> with Portraitist() as portraitist:                        # doctest: +SKIP
...     portraitist.paint(array).save("portrait.png")

The names are loaded when first used: importing the package does not import torch.
"""

from __future__ import annotations

import importlib
import os
from typing import TYPE_CHECKING

__version__ = "0.1.0"

# From 1.29 on onnxruntime, as soon as it is imported, leaves a device id and a database in the home folder and later
# reports to its maker. It reads this before all else, and processes that are begun from here inherit it.
os.environ["ORT_DISABLE_TELEMETRY"] = "1"

_PUBLIC = {
    "PaintConfig": "portraitify.config",
    "Painting": "portraitify.results",
    "Portraitist": "portraitify.pipeline",
    "PortraitifyError": "portraitify.errors",
    "SourceImage": "portraitify.io.reading",
    "StyleChoice": "portraitify.results",
    "paint_adjusted": "portraitify.morphing.painted",
    "paint_blend": "portraitify.morphing.painted",
    "paint_dream": "portraitify.dreaming.painted",
    "paint_imagined": "portraitify.imagining.painted",
    "read_image": "portraitify.io.reading",
}
__all__ = ["__version__", *sorted(_PUBLIC)]

if TYPE_CHECKING:
    from portraitify.config import PaintConfig as PaintConfig
    from portraitify.dreaming.painted import paint_dream as paint_dream
    from portraitify.errors import PortraitifyError as PortraitifyError
    from portraitify.imagining.painted import paint_imagined as paint_imagined
    from portraitify.io.reading import SourceImage as SourceImage
    from portraitify.io.reading import read_image as read_image
    from portraitify.morphing.painted import paint_adjusted as paint_adjusted
    from portraitify.morphing.painted import paint_blend as paint_blend
    from portraitify.pipeline import Portraitist as Portraitist
    from portraitify.results import Painting as Painting
    from portraitify.results import StyleChoice as StyleChoice


def __getattr__(name: str) -> object:
    if name not in _PUBLIC:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(_PUBLIC[name]), name)


def __dir__() -> list[str]:
    return __all__
