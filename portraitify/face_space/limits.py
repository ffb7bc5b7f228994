"""How far what is asked of a face may go."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from portraitify.errors import ConfigError

# What a weight of 1, from a usual face to a full one, is in the units of the face space.
WEIGHT_UNIT = 0.12


@dataclass(frozen=True)
class Limits:
    """Something that can be asked of a face, and how far.

    Attributes:
        name: of the option.
        least, most: what may be asked.
        what: for people.
    """

    name: str
    least: float
    most: float
    what: str


def check_limits(asked: Mapping[str, float], known: Sequence[Limits], others: Sequence[str] = ()) -> None:
    """Make sure that all that is asked exists and stays within what was looked at.

    Args:
        asked: amounts by name.
        known: what can be asked.
        others: names of what else there is, for people.

    Raises:
        ConfigError: something does not.
    """
    limits = {each.name: each for each in known}
    for name, amount in asked.items():
        if name not in limits:
            raise ConfigError(f"{name}: cannot be asked of a face. Known are {', '.join((*limits, *others))}.")
        least, most = limits[name].least, limits[name].most
        if not least <= amount <= most:
            raise ConfigError(f"{name} {amount:g}: must lie between {least:g} and {most:g}; faces fall apart beyond.")
