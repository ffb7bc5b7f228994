"""What a sitter is to wear: for plain portraits too, so that nothing is imported that only dressing needs."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from portraitify.config import OWN_HAIR

if TYPE_CHECKING:
    from portraitify.costume.fitting import Fit
    from portraitify.costume.head import Head
    from portraitify.faces.aligned_face import AlignedFace
    from portraitify.weights import BankEntry

# Whoever painted later is no old master.
_LAST_OLD_MASTER = 1860


@dataclass(frozen=True)
class Choice:
    """What a sitter is to wear.

    Attributes:
        fit: the picture; None for a portrait of the sitter alone.
        head: the sitter's own; None where no picture was found for it.
        why: why there is none, for people.
    """

    fit: Fit | None = None
    head: Head | None = None
    why: str = ""

    @property
    def label(self) -> str:
        """The master's picture, in a few words; empty where there is none."""
        return self.fit.label if self.fit else ""

    @property
    def reason(self) -> str:
        """Why a sitter is painted in the master's style; empty where there is no master."""
        return "as the master's picture is" if self.fit else ""

    @property
    def extras(self) -> dict[str, Any]:
        """Options by which it is asked for."""
        if self.fit is None:
            return {}
        if self.fit.hair == OWN_HAIR:
            return {"costume": self.fit.entry.name}
        beard = {"beard": True} if self.fit.entry.traits.bearded else {}
        return {"costume": self.fit.entry.name, "hair": self.fit.hair, **beard}

    def reference(self, order: Sequence[BankEntry], seed: int) -> BankEntry:
        """The old painting by whose code the sitter is painted: by the master's own hand, or at least by no modern one.

        Args:
            order: those of the style, the most fitting first.
            seed: which of them, where there is no costume.
        """
        if self.fit is None:
            return order[seed % len(order)]
        artist = self.fit.entry.credits.artist
        own = [entry for entry in order if entry.painter and entry.painter in artist]
        old = [entry for entry in order if 0 < _year(entry.date) <= _LAST_OLD_MASTER]
        return (own or old or order)[0]

    def warnings(self, face: AlignedFace) -> Iterator[str]:
        """Why a sitter is painted without a master's picture, for people."""
        whose = f"face {face.source.number}: " if face.source.count > 1 else ""
        if self.fit:
            yield from (f"{whose}{self.fit.entry.name} was added with --force: {it}" for it in self.fit.entry.warnings)
        if self.why:
            yield f"{whose}no master's picture fits, so this is a plain portrait: {self.why}"


PLAIN = Choice()


def _year(date: str) -> int:
    """The first year in a date as museums give it; 0 where there is none."""
    found = re.search(r"1[3-9]\d\d", date)
    return int(found[0]) if found else 0
