"""All that decides what paintings look like, beside the photos."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from portraitify.config import PaintConfig
from portraitify.style.personal import painting_digest
from portraitify.weights import WeightsFolder

if TYPE_CHECKING:
    from portraitify.style.given import GivenReferences


def painting_request(
    folder: WeightsFolder, config: PaintConfig, given: GivenReferences | None = None
) -> dict[str, Any]:
    """The options together with the digests of weights, of styles of one's own and of pictures.

    Args:
        folder: of weights.
        config: the options.
        given: what they name to paint after, where it was opened already.

    Raises:
        ConfigError: there is no such style, painter or picture.
        ImageError: a picture to paint after cannot be read.
        WeightsError: the weights cannot be used.
    """
    mark = ""
    if config.costume:
        from portraitify.costume.wardrobe import open_wardrobe

        mark = open_wardrobe(folder, config).mark
    if given is None and (config.reference or config.after):
        from portraitify.style.given import open_given

        given = open_given(folder, config)
    mark += given.mark if given else ""
    return config.request(painting_digest(config.style, folder) + mark)
