"""What a sitter is painted after: what the options name, or paintings of the bank, or of a style of one's own."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from portraitify.config import AUTO, PaintConfig
from portraitify.engines.base import Engine
from portraitify.media.registry import medium_of
from portraitify.media.shares import parse_mix
from portraitify.style.attributes import Attributes
from portraitify.style.mixing import Rank, mixed_orders
from portraitify.style.personal import PersonalStyle, load_styles
from portraitify.style.reference import ranked
from portraitify.weights import BankEntry, WeightsFolder

if TYPE_CHECKING:
    from portraitify.style.given import GivenReferences


@dataclass(frozen=True)
class References:
    """All paintings that there are to paint after.

    Attributes:
        weights: with the bank.
        personal: styles that were taught on this machine and are asked for, by name.
        given: what the options name; None if they name nothing.
    """

    weights: WeightsFolder
    personal: dict[str, PersonalStyle]
    given: GivenReferences | None

    @property
    def mark(self) -> str:
        """What is added to the digest of the weights and of personal styles."""
        return self.given.mark if self.given else ""

    @property
    def options(self) -> dict[str, Any]:
        """Options that name what is painted after, as records hold them."""
        return self.given.options if self.given else {}

    @property
    def notes(self) -> tuple[str, ...]:
        """What people should know of what the options name."""
        return self.given.notes if self.given else ()

    def order(self, style: str, found: Attributes, face_light: float) -> list[BankEntry]:
        """The paintings of a style, the one first that is nearest to the sitter in light, palette and pose.

        Those of a mixture are mixed: the nearest of each style, then the next ones.

        Args:
            style: a name or a mixture.
            found: what was measured of the sitter.
            face_light: mean luma of the sitter's face, 0 to 1.
        """
        rank = self._rank(found, face_light)
        return mixed_orders([(rank(self._codes_for(name)), share) for name, share in parse_mix(style)])

    def order_given(
        self,
        style: str,
        asked: str,
        found: Attributes,
        face_light: float,
        engine: Engine,
        probabilities: dict[str, float],
    ) -> list[BankEntry]:
        """The same, of what the options name, if they name anything.

        Args:
            style: see :meth:`order`.
            asked: the style that was asked for, perhaps ``auto``.
            found: see :meth:`order`.
            face_light: see :meth:`order`.
            engine: looks at given pictures.
            probabilities: how likely each style is for the photo.
        """
        if self.given is None:
            return self.order(style, found, face_light)
        return self.given.order(style, asked != AUTO, engine, probabilities, self._rank(found, face_light))

    def _rank(self, found: Attributes, face_light: float) -> Rank:
        return lambda entries: ranked(entries, found, face_light, self.weights.photo_statistics)

    def _codes_for(self, style: str) -> list[BankEntry]:
        """The codes of a style: of its own, or of the one from which a medium borrows them."""
        if style in self.personal:
            return self.personal[style].entries
        lender = medium_of(style).codes_of
        if not lender:
            return self.weights.bank[style]
        return [replace(entry, style=style) for entry in self.weights.bank[lender]]


def open_references(weights: WeightsFolder, config: PaintConfig, given: GivenReferences | None = None) -> References:
    """All that can be painted after with some options.

    Args:
        weights: with the bank.
        config: the options.
        given: what they name, where it was opened already.

    Raises:
        ConfigError: there is no such style or painter, or shares make no sense.
        ImageError: a picture cannot be read.
        WeightsError: a personal style was taught with other weights, or the weights lack what encodes pictures.
    """
    if given is None and (config.reference or config.after):
        # Others need nothing that looks at pictures.
        from portraitify.style.given import open_given

        given = open_given(weights, config)
    return References(weights, load_styles(config.style, weights), given)
