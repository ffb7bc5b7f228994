"""Why a style was chosen, for people: probabilities as bars, and what about the photo spoke for it."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from portraitify.media.shares import is_mix
from portraitify.style.reasons import MOST_REASONS

if TYPE_CHECKING:
    from portraitify.results import StyleChoice

_BAR_WIDTH = 30


def explanation(choice: StyleChoice) -> str:
    """A few lines under the line that tells of a painting.

    Args:
        choice: with reasons, if any were found.
    """
    lines = [
        f"  {style:<12}{_bar(share)} {share:6.1%}{' *' if style == choice.style else ''}"
        for style, share in choice.probabilities.items()
    ]
    for number, reason in enumerate(choice.reasons[:MOST_REASONS]):
        factor = math.exp(reason.effect)
        lines.append(f"  {'for it: ' if number == 0 else '        '}{reason.words} (odds x {factor:.1f})")
    if is_mix(choice.style):
        lines.append("  for it: you, or what you name to paint after; the classifier knows no mixtures")
    elif choice.style not in choice.probabilities:
        lines.append("  for it: you; the classifier does not know a style of your own")
    elif not choice.reasons and choice.reason.startswith("as ") and choice.reason != "as asked":
        lines.append(f"  for it: what is painted after; {choice.reason}")
    elif not choice.reasons:
        lines.append("  for it: nothing single; made ordinary one by one, light, colour and background change little")
    found = choice.attributes
    if found is not None:
        lines.append(
            f"  photo:  light from {_where(found.light)}; background {found.background}; "
            f"{found.pose}, mouth {found.mouth}; tonality {found.tonality}"
        )
    return "\n".join(lines)


def _where(light: str) -> str:
    side, hardness = light.split(", ")
    the = "" if side in ("above", "below") else "the "
    return f"{the}{side}, {hardness}"


def _bar(share: float) -> str:
    """A bar of block characters, drawn by rich to an eighth of a character."""
    from rich.bar import Bar
    from rich.console import Console

    console = Console(width=_BAR_WIDTH, color_system=None, legacy_windows=False, force_terminal=True)
    with console.capture() as capture:
        console.print(Bar(1.0, 0.0, share, width=_BAR_WIDTH), end="")
    return capture.get().rstrip("\n").ljust(_BAR_WIDTH)
