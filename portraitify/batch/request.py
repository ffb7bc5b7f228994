"""All that decides what paintings look like, beside the photos."""

from __future__ import annotations

from typing import Any

from portraitify.config import PaintConfig
from portraitify.style.personal import painting_digest
from portraitify.weights import WeightsFolder


def painting_request(folder: WeightsFolder, config: PaintConfig) -> dict[str, Any]:
    """The options together with the digests of weights, of a style of one's own and of masters' pictures.

    Raises:
        ConfigError: there is no such style or picture.
        WeightsError: the weights cannot be used.
    """
    mark = ""
    if config.costume:
        from portraitify.costume.wardrobe import open_wardrobe

        mark = open_wardrobe(folder, config).mark
    return config.request(painting_digest(config.style, folder) + mark)
