"""What happens inside one process; run as a process of its own, which prints JSON.

Usage: ``python -m tests.benchmarks.inside LARGE SMALL RUNS STYLES ENGINES SIDES``, the last three separated by
commas.
"""

from __future__ import annotations

import json
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from portraitify.pipeline import Portraitist

READ, ENCODE = "read", "encode"


def main(
    large: Path, small: Path, runs: int, styles: list[str], engines: list[str], sides: list[int]
) -> dict[str, Any]:
    """Measure: the first painting of a process, then stages, then the generator.

    Args:
        large: photo for the stages at 1024 pixels.
        small: photo for the first painting and for the stages at 512 pixels.
        runs: that medians are taken of.
        styles: for which stages are measured.
        engines: for which the generator is measured.
        sides: of its pictures, pixels.

    Returns:
        ``first``: parts of the first painting and their seconds. ``large`` and ``small``: seconds and processor
        seconds by style and stage. ``generator``: seconds by engine and side in pixels.
    """
    return {
        "first": first_painting(small),
        "large": {style: stages(large, style, 1024, runs) for style in styles},
        "small": {style: stages(small, style, 512, runs) for style in styles},
        "generator": {engine: generator(engine, sides, runs) for engine in engines},
    }


def first_painting(photo: Path) -> dict[str, float]:
    """Seconds of importing, of opening the networks, and of the first painting, at 512 pixels and without finish."""
    marks = [time.perf_counter()]
    from portraitify.config import PaintConfig
    from portraitify.engines import onnx_engine  # noqa: F401
    from portraitify.pipeline import Portraitist

    marks.append(time.perf_counter())
    # As the whole process is measured: with `--quiet`, which reads no reasons.
    portraitist = Portraitist(PaintConfig(size_px=512, finish=0, device="cpu", engine="onnx", reasons=False))
    marks.append(time.perf_counter())
    painting = portraitist.paint(photo)
    painting.encode()
    marks.append(time.perf_counter())
    names = ("importing", "opening the weights", "painting, with what is left of opening the networks")
    return {name: end - begin for name, begin, end in zip(names, marks, marks[1:], strict=False)}


def stages(photo: Path, style: str, size_px: int, runs: int) -> dict[str, tuple[float, float]]:
    """Seconds and processor seconds of each stage of a painting, warm: medians."""
    from portraitify.config import PaintConfig
    from portraitify.pipeline import Portraitist

    portraitist = Portraitist(PaintConfig(style=style, size_px=size_px, device="cpu", engine="onnx"))
    taken = [_stages_once(portraitist, photo) for _ in range(runs + 1)][1:]
    return {
        stage: (statistics.median(one[stage][0] for one in taken), statistics.median(one[stage][1] for one in taken))
        for stage in taken[0]
    }


def _stages_once(portraitist: Portraitist, photo: Path) -> dict[str, tuple[float, float]]:
    from portraitify.io.reading import read_image
    from portraitify.timing import StageTimer

    image, *reading = timed(lambda: read_image(photo))
    used: dict[str, float] = {}

    def begin(stage: str) -> None:
        used[stage] = time.process_time()

    timer = StageTimer(begin)
    with timer.stage("detect"):
        faces = portraitist.find(image)
    painting = portraitist.finish(portraitist.sketch(faces, timer)[0], timer)
    # Each stage begins where the one before it ends.
    ends = [*list(used.values())[1:], time.process_time()]
    inner = {stage: (timer.seconds[stage], end - used[stage]) for stage, end in zip(used, ends, strict=True)}
    _, *encoding = timed(painting.encode)
    return {READ: (reading[0], reading[1]), **inner, ENCODE: (encoding[0], encoding[1])}


def timed(function: Callable[[], Any]) -> tuple[Any, float, float]:
    """What a function gives, its seconds and its processor seconds."""
    began, used = time.perf_counter(), time.process_time()
    result = function()
    return result, time.perf_counter() - began, time.process_time() - used


def generator(engine: str, sides: list[int], runs: int) -> dict[int, float]:
    """Seconds of the generator alone, warm, by the side of its picture."""
    from portraitify.config import PaintConfig
    from portraitify.pipeline import Portraitist

    portraitist = Portraitist(PaintConfig(device="cpu", engine=engine))
    codes = portraitist.weights.bank["oil"][0].style_code[None]
    found = {}
    for side in sides:
        frames = np.random.default_rng(0).integers(0, 256, (1, side, side, 3)).astype(np.uint8)
        masks, noise = np.ones((1, side, side), np.float32), np.zeros((side // 2, side // 2), np.float32)
        results = [timed(lambda: portraitist.engine.paint(frames, masks, codes, noise)) for _ in range(runs + 1)]  # noqa: B023
        found[side] = statistics.median(seconds for _, seconds, _ in results[1:])
    return found


if __name__ == "__main__":
    large_photo, small_photo, run_count, *lists = sys.argv[1:]
    style_names, engine_names, side_texts = (text.split(",") for text in lists)
    side_list = [int(text) for text in side_texts]
    print(json.dumps(main(Path(large_photo), Path(small_photo), int(run_count), style_names, engine_names, side_list)))
