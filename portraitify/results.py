"""What painting gives: the choice of a style, the generator's picture, and the finished painting."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from portraitify import __version__
from portraitify.config import AUTO, DEFAULT_QUALITY, PaintConfig
from portraitify.costume.choice import PLAIN, Choice
from portraitify.faces.aligned_face import AlignedFace
from portraitify.io.encoding import PNG, Marks, encode, format_of
from portraitify.io.files import write_atomically
from portraitify.io.provenance import Provenance, source_digest
from portraitify.style.attributes import Attributes
from portraitify.style.reasons import Reason
from portraitify.weights import BankEntry

if TYPE_CHECKING:
    from portraitify.costume.fitting import Fit


@dataclass(frozen=True)
class StyleChoice:
    """Which style, how likely each was, and who decided.

    Attributes:
        style: one of ``STYLES``, another medium, a personal style, or a mixture.
        probabilities: of each style, summing to 1; empty where a style was asked for, and no odds were wanted.
        reason: half a sentence for people.
        reasons: what about the photo spoke for the style, the strongest first.
        attributes: what was measured of the photo; none where it was not looked at.
    """

    style: str
    probabilities: dict[str, float]
    reason: str
    reasons: tuple[Reason, ...] = ()
    attributes: Attributes | None = None


@dataclass(frozen=True)
class Sketch:
    """What the generator painted, before it is brought to the output size.

    Attributes:
        painted: ``(S, S, 3)`` uint8 sRGB.
        mask: float32 in 0 to 1, the sitter; square, of the same or of another size.
        choice: the style and why.
        reference: the painting whose code was used.
        face: the sitter in the crop.
        sitter: the same as it was painted, in daylight.
        seconds: time that each stage took.
        seed: which of the fitting paintings was taken.
        costume: which master's picture the sitter is to be set into, if any.
    """

    painted: np.ndarray
    mask: np.ndarray
    choice: StyleChoice
    reference: BankEntry
    face: AlignedFace
    sitter: AlignedFace
    seconds: dict[str, float]
    seed: int = 0
    costume: Choice = PLAIN

    def provenance(
        self, config: PaintConfig, weights: str, painted_with: str, given: Mapping[str, Any] | None = None
    ) -> Provenance:
        """What the painting will say about itself.

        Args:
            config: the options.
            weights: their digest.
            painted_with: digest of all that is not in the options: the weights, and more that was chosen from.
            given: options that name pictures and painters to paint after, as they are recorded.
        """
        source = self.face.source
        # Of several faces each has got another picture, and none could be had by the name of one.
        shared = {"costume": AUTO} if config.costume == AUTO and source.count > 1 else {}
        return Provenance(
            software=f"portraitify {__version__}",
            weights=weights,
            style=self.choice.style,
            requested=config.style,
            style_code=self.reference.identifier,
            reference=self.costume.label or self.reference.recorded,
            seed=self.seed,
            size_px=config.size_px,
            options=json.dumps(config.extras | self.costume.extras | shared | dict(given or {})),
            face=f"{source.number}/{source.count}",
            source=source_digest(source.photo, config.request(painted_with) | {"seed": self.seed}),
        )


@dataclass(frozen=True)
class Painting:
    """The result.

    Attributes:
        pixels: ``(H, W, 3)`` uint8 sRGB; with a picture frame, that is around the painting.
        choice: the style and why.
        reference: the painting whose code was used.
        face: the sitter in the crop.
        seconds: time that each stage took.
        provenance: what the file will say about itself.
        warnings: what may have spoilt the result, for people.
        parts: of a contact sheet, the paintings on it.
        costume: the master's picture in which the sitter sits; nothing for a portrait of the sitter alone.
    """

    pixels: np.ndarray
    choice: StyleChoice
    reference: BankEntry
    face: AlignedFace
    seconds: dict[str, float]
    provenance: Provenance
    warnings: tuple[str, ...] = field(default=())
    parts: tuple[Painting, ...] = field(default=())
    costume: Fit | None = None

    def encode(self, kind: str = PNG, quality: int = DEFAULT_QUALITY, metadata: bool = True, taken: str = "") -> bytes:
        """Encode as a picture that says what made it; nothing of the photo's metadata is in it.

        Args:
            kind: a key of ``portraitify.io.encoding.FORMATS``.
            quality: of JPEG and WebP, 1 to 100.
            metadata: whether it says so.
            taken: date of the photo to write, or empty.
        """
        return encode(self.pixels, kind, quality, self.provenance.marks(taken) if metadata else Marks(taken=taken))

    def save(self, path: Path | str) -> None:
        """Write a picture in the format that the name ends in; the file is either complete or not there.

        Raises:
            ConfigError: the name ends in no format that can be written.
            ImageError: it cannot be written.
        """
        write_atomically(Path(path), self.encode(format_of(Path(path))))
