"""Things with shares, as people write them: ``oil:0.6,watercolor:0.4``. Light, for the options import it."""

from __future__ import annotations

import re
from collections.abc import Sequence

from portraitify.errors import ConfigError

Shares = tuple[tuple[str, float], ...]
_SHARE = re.compile(r"(?P<name>.+):(?P<share>\d+(?:\.\d*)?|\.\d+)")
# Shares are written with so many digits; what is less is nothing.
_DIGITS = 3


def split_share(text: str) -> tuple[str, float | None]:
    """A name and the share that is written after it, if there is one."""
    found = _SHARE.fullmatch(text)
    return (found["name"], float(found["share"])) if found else (text, None)


def normalised(parts: Sequence[tuple[str, float | None]], what: str) -> Shares:
    """Bring shares to a sum of 1, the largest first.

    Args:
        parts: names with their shares; without any share all are equal.
        what: they are, for messages.

    Raises:
        ConfigError: only some have a share, one is nothing, or a name comes twice.
    """
    given = [share for _, share in parts if share is not None]
    if given and len(given) < len(parts):
        raise ConfigError(f"{what}: give a share to each, such as {parts[0][0]}:0.6, or to none.")
    names = [name for name, _ in parts]
    if len(set(names)) < len(names):
        raise ConfigError(f"{what}: {next(name for name in names if names.count(name) > 1)} comes twice.")
    total = sum(given)
    shares = [round(share / total, _DIGITS) if total else 0.0 for share in given] or [1 / len(parts)] * len(parts)
    if min(shares) <= 0:
        raise ConfigError(f"{what}: a share must be above 0, and none so large that another vanishes.")
    return tuple(sorted(zip(names, shares, strict=True), key=lambda part: -part[1]))


def parse_mix(text: str) -> Shares:
    """The styles of a mixture such as ``oil:0.6,watercolor:0.4``; one name alone has all.

    Raises:
        ConfigError: it cannot be understood.
    """
    parts = [split_share(part.strip()) for part in text.split(",")]
    if not all(name for name, _ in parts):
        raise ConfigError(f"style {text}: write a mixture as oil:0.6,watercolor:0.4.")
    return normalised(parts, f"style {text}")


def format_mix(shares: Shares) -> str:
    """A mixture as :func:`parse_mix` reads it; the name alone where there is one."""
    if len(shares) == 1:
        return shares[0][0]
    return ",".join(f"{name}:{share_text(share)}" for name, share in shares)


def share_text(share: float) -> str:
    """A share for people and records."""
    return f"{share:.{_DIGITS}f}".rstrip("0").rstrip(".")


def is_mix(style: str) -> bool:
    """Whether a style is a mixture."""
    return "," in style or ":" in style
