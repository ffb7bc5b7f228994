"""Old paintings mixed, and pictures that a user gives: both stand where an entry of the bank would."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from portraitify.imaging.manner import Manner
from portraitify.media.shares import Shares, format_mix, parse_mix, share_text
from portraitify.weights import BankEntry

# Of a digest: enough to tell pictures apart, short enough to be read.
DIGEST_SHOWN = 12
_LEAST_SQUARE = 1e-6

# Puts entries of the bank in the order in which they suit a sitter.
Rank = Callable[[Sequence[BankEntry]], list[BankEntry]]


@dataclass(frozen=True)
class GivenEntry(BankEntry):
    """A picture of the user's own.

    Its title is the file's name, which no painting records.
    """

    brings_ground: ClassVar[bool] = True

    @property
    def hand(self) -> str:
        """The file's name would say too much on a sheet that is shown to others."""
        return "a given picture"

    @property
    def label(self) -> str:
        """For the user, who knows the picture."""
        return f"the picture {self.title}"

    @property
    def recorded(self) -> str:
        """For the painting's record, which names no files."""
        return f"a given picture ({self.identifier})"


@dataclass(frozen=True)
class MixedEntry(BankEntry):
    """Several paintings as one.

    Attributes:
        mixed: the paintings and their shares, which sum to 1, the largest first.
    """

    # Colours can be mixed; which curtain hangs there cannot.
    brings_ground: ClassVar[bool] = True
    mixed: tuple[tuple[BankEntry, float], ...] = ()

    @property
    def parts(self) -> tuple[tuple[BankEntry, float], ...]:
        """The paintings and their shares."""
        return self.mixed

    @property
    def label(self) -> str:
        """All of them, for people."""
        return " and ".join(f"{entry.label} ({share:.0%})" for entry, share in self.mixed)

    @property
    def recorded(self) -> str:
        """All of them, for the painting's record."""
        return " and ".join(f"{entry.recorded} ({share:.0%})" for entry, share in self.mixed)


def mix_codes(style_codes: Sequence[np.ndarray], shares: Sequence[float]) -> np.ndarray:
    """Interpolate style codes.

    Args:
        style_codes: ``(code_size,)`` float32 each, of unit mean square.
        shares: that sum to 1.

    Returns:
        ``(code_size,)`` float32 of unit mean square, as all codes that the generator knows.
    """
    mixed = sum(np.float32(share) * code for code, share in zip(style_codes, shares, strict=True))
    return np.asarray(mixed / np.sqrt(np.mean(np.square(mixed)) + _LEAST_SQUARE), np.float32)


def mix_entries(parts: Sequence[tuple[BankEntry, float]]) -> BankEntry:
    """Several paintings as one, in the mixture of their media; one alone stays what it is.

    Args:
        parts: paintings and shares, which sum to 1. One that comes twice counts once, with both shares.
    """
    joined = _joined(parts)
    if len(joined) == 1:
        return joined[0][0]
    entries, shares = zip(*joined, strict=True)
    grounds = [entry.background for entry in entries if entry.background is not None]
    ground = None
    if len(grounds) == len(entries):
        ground = np.asarray(sum(share * each for share, each in zip(shares, grounds, strict=True)), np.float32)
    manners = [entry.manner for entry in entries if entry.manner is not None]
    return MixedEntry(
        style_code=mix_codes([entry.style_code for entry in entries], shares),
        style=format_mix(mixed_media(joined)),
        painter=" and ".join(dict.fromkeys(entry.hand for entry in entries)),
        title="",
        date="",
        face_light=sum(entry.face_light * share for entry, share in joined),
        identifier="+".join(f"{entry.identifier}:{share_text(share)}" for entry, share in joined),
        background=ground,
        manner=Manner.mixed(manners, shares) if len(manners) == len(entries) else None,
        mixed=tuple(joined),
    )


def mixed_orders(orders: Sequence[tuple[Sequence[BankEntry], float]]) -> list[BankEntry]:
    """Mix the first of several orders with each other, then the second, and so on; short ones begin anew.

    Args:
        orders: each with its share; at least one, and none empty.
    """
    total = sum(share for _, share in orders)
    longest = max(len(order) for order, _ in orders)
    return [
        mix_entries([(order[place % len(order)], share / total) for order, share in orders]) for place in range(longest)
    ]


def mixed_media(parts: Sequence[tuple[BankEntry, float]]) -> Shares:
    """The media of several paintings with their shares, the largest first."""
    shares: dict[str, float] = {}
    for entry, share in parts:
        # One picture may be read in several media.
        for name, part in parse_mix(entry.style):
            shares[name] = shares.get(name, 0.0) + share * part
    return tuple(sorted(shares.items(), key=lambda part: -part[1]))


def _joined(parts: Sequence[tuple[BankEntry, float]]) -> list[tuple[BankEntry, float]]:
    """The parts with equal ones added up, the largest first."""
    found: dict[tuple[str, str], tuple[BankEntry, float]] = {}
    for entry, share in parts:
        key = entry.style, entry.identifier
        found[key] = entry, share + (found[key][1] if key in found else 0.0)
    return sorted(found.values(), key=lambda part: -part[1])
