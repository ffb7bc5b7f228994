"""Time and memory of a whole process, from its start to its end."""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass

from portraitify.errors import PortraitifyError

# A process counts the memory of whoever started it, as it begins as a copy: so a small one starts it.
_STARTER = """
import json, resource, subprocess, sys, time
began = time.perf_counter()
done = subprocess.run(sys.argv[1:], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
seconds = time.perf_counter() - began
# Linux counts in KiB, macOS in bytes.
unit = 1 if sys.platform == "darwin" else 1024
peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * unit
print(json.dumps([done.returncode, seconds, peak / 1e6]))
"""


@dataclass(frozen=True)
class ProcessCost:
    """What a process took.

    Attributes:
        seconds: from start to end, median of the runs.
        peak_mb: the most memory that it held at a time, 10**6 bytes, likewise.
        runs: that were counted.
    """

    seconds: float
    peak_mb: float
    runs: int


def measure_process(command: Sequence[str], runs: int = 3) -> ProcessCost:
    """Run a command once to warm the disk's cache, and then several times.

    Args:
        command: program and arguments.
        runs: that count.

    Raises:
        PortraitifyError: it failed, or this system does not count memory.
    """
    _run(command)
    seconds, peaks = zip(*(_run(command) for _ in range(runs)), strict=True)
    return ProcessCost(statistics.median(seconds), statistics.median(peaks), runs)


def _run(command: Sequence[str]) -> tuple[float, float]:
    started = subprocess.run([sys.executable, "-c", _STARTER, *command], capture_output=True, text=True, check=False)
    if started.returncode:
        raise PortraitifyError(f"{command[0]}: cannot be measured on this system: {started.stderr.strip()[-300:]}")
    code, seconds, peak_mb = json.loads(started.stdout)
    if code:
        raise PortraitifyError(f"{' '.join(command)}: failed with code {code}: {started.stderr.strip()[-300:]}")
    return float(seconds), float(peak_mb)
