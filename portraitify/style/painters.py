"""The painters of the bank, by name."""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

from portraitify.errors import ConfigError
from portraitify.weights import BankEntry, WeightsFolder

_NEAREST = 4
# Likeness of a word to one of a name, 0 to 1, from which on it may have been meant.
_LIKE = 0.6


@dataclass(frozen=True)
class BankPainter:
    """A painter with the paintings whose codes the bank holds.

    Attributes:
        name: as the bank has it.
        entries: the paintings, in the bank's order.
    """

    name: str
    entries: tuple[BankEntry, ...]

    @property
    def styles(self) -> tuple[str, ...]:
        """In which the painter has paintings, in the order of the entries."""
        return tuple(dict.fromkeys(entry.style for entry in self.entries))

    def of(self, style: str) -> list[BankEntry]:
        """The paintings of one style."""
        return [entry for entry in self.entries if entry.style == style]


def list_painters(weights: WeightsFolder) -> list[BankPainter]:
    """All painters who are known by name, in the order of the alphabet."""
    by_name: dict[str, list[BankEntry]] = {}
    for entries in weights.bank.values():
        for entry in entries:
            if entry.painter:
                by_name.setdefault(entry.painter, []).append(entry)
    return [BankPainter(name, tuple(by_name[name])) for name in sorted(by_name, key=_plain)]


def find_painter(painters: Iterable[BankPainter], name: str) -> BankPainter:
    """The painter whom a name means: in any case, without accents, in full or in a part that only one has.

    Raises:
        ConfigError: nobody is called so, or several are.
    """
    known, wanted = list(painters), _plain(name)
    exact = [painter for painter in known if _plain(painter.name) == wanted]
    found = exact or [painter for painter in known if wanted and wanted in _plain(painter.name)]
    if len(found) == 1:
        return found[0]
    if found:
        raise ConfigError(f"after {name}: may be {_listed(found)}. Write more of the name.")
    near = _nearest(known, wanted)
    hint = f"Did you mean {_listed(near)}? " if near else ""
    raise ConfigError(f"after {name}: no such painter. {hint}`portraitify painters` lists all.")


def _nearest(painters: list[BankPainter], wanted: str) -> list[BankPainter]:
    def likeness(painter: BankPainter) -> float:
        plain = _plain(painter.name)
        words = [plain, *re.findall(r"\w+", plain)]
        return max(difflib.SequenceMatcher(None, wanted, word).ratio() for word in words)

    near = sorted(((likeness(painter), painter) for painter in painters), key=lambda pair: -pair[0])
    return [painter for like, painter in near[:_NEAREST] if like >= _LIKE]


def _listed(painters: list[BankPainter]) -> str:
    return ", ".join(painter.name for painter in painters)


def _plain(name: str) -> str:
    """A name in small letters without accents, with single spaces."""
    apart = unicodedata.normalize("NFKD", name)
    return " ".join("".join(each for each in apart if not unicodedata.combining(each)).casefold().split())
