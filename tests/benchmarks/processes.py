"""Whole processes from start to end: wall-clock time, processor time and memory."""

from __future__ import annotations

import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

# Linux counts in KiB, macOS in bytes.
_RSS_UNIT = 1 if sys.platform == "darwin" else 1024


@dataclass(frozen=True)
class Measured:
    """One run of a process, or medians of several.

    Attributes:
        seconds: from start to end.
        cpu_seconds: of all its threads, and of processes that it began.
        peak_mb: the most memory that one process held at a time, 10**6 bytes.
    """

    seconds: float
    cpu_seconds: float
    peak_mb: float


def run(command: Sequence[str], more: Mapping[str, str] | None = None) -> Measured:
    """Run a command and measure it, with all processes that it waits for.

    Args:
        command: program and arguments; what it prints is thrown away.
        more: variables of its environment besides this process's.

    Raises:
        RuntimeError: it failed.
    """
    # What is installed has its bytecode. A checkout writes its own in the round that does not count, if it may.
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    environment |= more or {}
    nothing = subprocess.DEVNULL
    with tempfile.TemporaryFile() as errors:
        began = time.perf_counter()
        process = subprocess.Popen(command, stdin=nothing, stdout=nothing, stderr=errors, env=environment)
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - began
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            errors.seek(0)
            said = errors.read().decode(errors="replace").strip()
            raise RuntimeError(f"`{' '.join(command)}` failed with code {process.returncode}: {said}")
    return Measured(seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * _RSS_UNIT / 1e6)


def own_peak_mb() -> float:
    """The most memory that this process held; its children's count from there, as they begin with a copy of it."""
    status = Path("/proc/self/status")
    if status.exists():
        # What `getrusage` says of a process counts from the one that started it, which may have held more.
        (line,) = (line for line in status.read_text(encoding="ascii").splitlines() if line.startswith("VmHWM:"))
        return int(line.split()[1]) * 1024 / 1e6
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * _RSS_UNIT / 1e6


def alternate(
    commands: Sequence[Sequence[str]], runs: int, measure: Callable[[Sequence[str]], Measured] = run
) -> list[Measured]:
    """Run commands in turn, so that all meet the machine in the same moods.

    Args:
        commands: to compare.
        runs: how often each is measured, after one time that does not count unless ``runs`` is 1.
        measure: runs one command.

    Returns:
        Medians, one a command.
    """
    kept: list[list[Measured]] = [[] for _ in commands]
    for round_number in range(runs if runs == 1 else runs + 1):
        for command, results in zip(commands, kept, strict=True):
            result = measure(command)
            if round_number or runs == 1:
                results.append(result)
    return [medians(results) for results in kept]


def medians(results: Sequence[Measured]) -> Measured:
    """Each figure's median by itself."""
    return Measured(
        statistics.median(result.seconds for result in results),
        statistics.median(result.cpu_seconds for result in results),
        statistics.median(result.peak_mb for result in results),
    )
