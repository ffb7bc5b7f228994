"""What was asked of each figure, and what bounds those that miss it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from tests.benchmarks import cases
from tests.benchmarks.cases import Result

# Ratio to the rival's time that the plain 512-pixel painting may have.
_RIVAL_RATIO = 1.3


@dataclass(frozen=True)
class Target:
    """One figure with its bound.

    Attributes:
        title: what is measured, for people.
        unit: of the figure.
        bound: the most, or the least where ``more_is_better``.
        figure: takes results by key and what was measured inside; nothing where it was not measured.
        remedy: what would move it, for people.
        more_is_better: which side of the bound is meant.
    """

    title: str
    unit: str
    bound: float
    figure: Callable[[Mapping[str, Result], Mapping[str, Any]], float | None]
    remedy: str
    more_is_better: bool = False

    def met(self, value: float) -> bool:
        """Whether a figure is on the right side of the bound."""
        return value >= self.bound if self.more_is_better else value <= self.bound


def pictures_a_second(result: Result) -> float:
    """Of the own command of a folder's result."""
    return result.case.pictures / result.own.seconds


def _seconds(key: str) -> Callable[[Mapping[str, Result], Mapping[str, Any]], float | None]:
    return lambda results, inside: results[key].own.seconds


def _ratio(results: Mapping[str, Result], inside: Mapping[str, Any]) -> float | None:
    result = results[cases.SMALL_PLAIN]
    return result.own.seconds / result.rival.seconds if result.rival else None


_SMALLER = "A smaller generator, or one in 8-bit integers"
_STARTING = "Less to import, graphs that ONNX Runtime need not optimise again in each process, and a smaller generator"

TARGETS = (
    Target("512-pixel photo to 1024 pixels, with finish, whole process", "s", 1.6, _seconds(cases.SMALL), _STARTING),
    Target("512-pixel photo to 512 pixels, `--finish 0`, times the rival's", "x", _RIVAL_RATIO, _ratio, _STARTING),
    Target("`--help`", "s", 0.25, _seconds(cases.HELP), "Less to import"),
    Target("`--version`", "s", 0.25, _seconds(cases.VERSION), "Less to import"),
    Target(
        "generator, warm, 512 x 512", "s", 0.22, lambda results, inside: inside["generator"]["onnx"]["512"], _SMALLER
    ),
    Target(
        "folder to 512-pixel portraits",
        "pictures a second",
        2.5,
        lambda results, inside: pictures_a_second(results[cases.FOLDER]),
        f"{_SMALLER}, and fewer single strokes in the finish",
        more_is_better=True,
    ),
    Target(
        "peak memory, one 12-megapixel photo",
        "MB",
        450,
        lambda results, inside: results[cases.LARGE].own.peak_mb,
        "Reading the photo at reduced scale, and painting in tiles",
    ),
)
