"""How many processes that paint a machine has room for."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path

from portraitify.batch.inputs import STANDARD_STREAM
from portraitify.batch.jobs import Job
from portraitify.config import PaintConfig
from portraitify.engines.select import choose_engine
from portraitify.engines.threads import computing_threads
from portraitify.io.files import is_stream
from portraitify.style.given import split_picture
from portraitify.weights import WeightsFolder

# What a process holds at most, and for how many photos each it is worth its start, of a second.
PROCESS_BYTES, LEAST_PHOTOS = 600 << 20, 8
_MEMINFO, _CGROUP = Path("/proc/meminfo"), Path("/sys/fs/cgroup")


def processes_for(jobs: Sequence[Job], folder: WeightsFolder, config: PaintConfig, asked: int | None = None) -> int:
    """In how many processes to paint; 1 is this one.

    Args:
        jobs: what is to be painted.
        folder: of weights.
        config: how to paint.
        asked: how many are wished for; nothing leaves it to the machine: on a CPU one a core, as far as there is
            memory, and enough photos to make their start worth it.
    """
    if asked == 1 or len(jobs) < 2 or not _may_be_shared_out(jobs, config):
        return 1
    if asked is not None:
        return min(asked, len(jobs))
    if choose_engine(folder, config) != "onnx":
        return 1
    most = min(cores_with_quota(), len(jobs) // LEAST_PHOTOS, int(free_memory() // PROCESS_BYTES))
    return max(most, 1)


def _may_be_shared_out(jobs: Sequence[Job], config: PaintConfig) -> bool:
    """Whether all that is read can be read by any process, and more than once."""
    sources = [*(job.source for job in jobs), *(Path(split_picture(text)[0]) for text in config.reference)]
    return all(job.to_file for job in jobs) and not any(
        source == STANDARD_STREAM or is_stream(source) for source in sources
    )


def cores_with_quota() -> int:
    """How many cores may be kept busy: those of this process, or a container's share of time if that is less."""
    cores = computing_threads()
    words = _words(_CGROUP / "cpu.max")
    if len(words) == 2 and words[0].isdecimal():
        cores = min(cores, max(1, math.ceil(int(words[0]) / int(words[1]))))
    return cores


def free_memory() -> float:
    """Bytes that are free, as far as the system tells: of the machine, or of the container if that is less."""
    free = math.inf
    for line in _lines(_MEMINFO):
        if line.startswith("MemAvailable:"):
            free = int(line.split()[1]) * 1024
    limit, used = _words(_CGROUP / "memory.max"), _words(_CGROUP / "memory.current")
    if limit and used and limit[0].isdecimal():
        free = min(free, int(limit[0]) - int(used[0]))
    return free


def _words(path: Path) -> list[str]:
    return [word for line in _lines(path) for word in line.split()]


def _lines(path: Path) -> list[str]:
    try:
        return path.read_text(encoding="ascii").splitlines()
    except (OSError, ValueError):
        return []
