"""Times what people wait for: ``make bench``.

Prints one Markdown table. Each figure is the median of several runs in this
process, after one run to warm up; cold starts are processes of their own.
"""

from __future__ import annotations

import platform
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from portraitify.config import PaintConfig

THREADS = 2
RUNS = 7
EXAMPLE = Path("examples/astronaut.jpg")


def median_seconds(function: Callable[[], object], runs: int = RUNS) -> float:
    """Median wall-clock seconds of a function, after one call to warm up."""
    function()
    return statistics.median(_seconds(function) for _ in range(runs))


def _seconds(function: Callable[[], object]) -> float:
    began = time.perf_counter()
    function()
    return time.perf_counter() - began


def _process(*args: str) -> Callable[[], object]:
    command = [sys.executable, "-m", "portraitify", *args]
    return lambda: subprocess.run(command, check=True, capture_output=True)


def main() -> None:
    """Measure and print."""
    import torch

    torch.set_num_threads(THREADS)
    rows = [row for engine in ("onnx", "torch") for row in _engine_rows(engine)]
    rows.append(("portraitify --help", median_seconds(_process("--help"), 5)))
    print(f"{platform.processor() or platform.machine()}, {THREADS} threads, torch {torch.__version__}, median\n")
    print("| what | seconds |\n|---|---|")
    for name, seconds in rows:
        print(f"| {name} | {seconds:.3f} |")


def _engine_rows(engine: str) -> list[tuple[str, float]]:
    """What is measured of each engine."""
    from portraitify.pipeline import Portraitist

    portraitist = Portraitist(PaintConfig(device="cpu", engine=engine))
    frames = np.random.default_rng(0).integers(0, 255, (1, 512, 512, 3)).astype(np.uint8)
    codes = portraitist.weights.bank["oil"][0].code[None]
    masks, noise = np.ones((1, 512, 512), np.float32), np.zeros((256, 256), np.float32)
    whole = _process(str(EXAMPLE), "-o", "-", "-q", "--engine", engine)
    return [
        (
            f"{engine}: generator, warm, 512 x 512",
            median_seconds(lambda: portraitist.engine.paint(frames, masks, codes, noise)),
        ),
        (f"{engine}: style classifier, warm", median_seconds(lambda: portraitist.engine.classify(frames[0]))),
        (
            f"{engine}: photo to 1024-pixel portrait, warm",
            median_seconds(lambda: portraitist.paint(EXAMPLE).encode()),
        ),
        (f"{engine}: photo to 1024-pixel portrait, whole process", median_seconds(whole, 3)),
    ]


if __name__ == "__main__":
    main()
