"""``python -m tests.benchmarks.throughput``: what many photos cost, and what of it is not painting.

Paints a folder in each style, in as many processes as the machine has room for, and prints pictures a second and
processor seconds a picture; with ``--before FOLDER``, a checkout of another commit, both in turn. Small photos tell
which share reading, writing and starting take, and a table tells what more photos would take.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

from portraitify.evaluation.markdown import markdown_table
from portraitify.media.registry import STYLES
from tests.benchmarks import machine
from tests.benchmarks.inputs import make_inputs
from tests.benchmarks.processes import Measured, medians, run
from tests.benchmarks.report import number

ROOT = Path(__file__).resolve().parents[2]
SIZE_PX, SMALL_PX, SMALL_SIZE_PX = 512, 256, 256
# Photos that a table tells of, and cores of the machines in it.
MANY, MACHINES = (10_000, 1_000_000, 100_000_000), (8, 64)


@dataclass(frozen=True)
class Share:
    """Processor seconds of a folder, and what of it is not painting.

    Attributes:
        pictures: in the folder.
        whole: of all processes together.
        starting: of what each process does once, in all processes.
        reading: of all photos.
        writing: of all paintings, encoding included.
    """

    pictures: int
    whole: float
    starting: float
    reading: float
    writing: float

    def lines(self) -> list[str]:
        """For people."""
        parts = {"starting": self.starting, "reading": self.reading, "writing": self.writing}
        told = ", ".join(f"{name} {seconds / self.whole:.1%} ({seconds:.1f} s)" for name, seconds in parts.items())
        return [f"{self.pictures} small photos took {number(self.whole)} processor seconds: {told}."]


def main() -> None:
    """Measure and print."""
    options = _options()
    print(f"{machine.describe_machine()}; load by other work {os.getloadavg()[0]:.1f}", flush=True)
    with tempfile.TemporaryDirectory() as name:
        place = Path(name)
        inputs = make_inputs(place, max(options.photos, 1))
        found: dict[str, tuple[Measured | None, Measured]] = {}
        if options.photos:
            for style in options.styles:
                found[style] = in_turn(inputs.folder, place, style, options.before, options.runs)
            print(throughput_table(found, options.photos), flush=True)
        if options.small:
            print("\n".join(share(inputs.small, place, options.small).lines()), flush=True)
    if found:
        after = [result for _, result in found.values()]
        seconds = sum(result.cpu_seconds for result in after)
        use = seconds / (sum(result.seconds for result in after) * machine.cores())
        each = seconds / len(after) / options.photos
        print(f"The cores were in use {use:.0%} of the time. With {each:.2f} processor seconds a picture, the mean of")
        print("the styles, and all cores in use:")
        print(cost_table(each))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--photos", type=int, default=100, help="for each style; 0 leaves this out")
    parser.add_argument("--small", type=int, default=2000, help="small photos; 0 leaves them out")
    parser.add_argument("--runs", type=int, default=1, help="of each style; medians count")
    parser.add_argument("--styles", nargs="+", default=list(STYLES), choices=STYLES)
    parser.add_argument("--before", type=Path, help="checkout of another commit to run in turn with this one")
    return parser.parse_args()


def in_turn(photos: Path, place: Path, style: str, before: Path | None, runs: int) -> tuple[Measured | None, Measured]:
    """Medians of this checkout's runs, and of those of another one if there is one."""
    kept: dict[Path, list[Measured]] = {root: [] for root in (before, ROOT) if root is not None}
    for _ in range(runs):
        for root, results in kept.items():
            results.append(paint(root, photos, place / "out", "--style", style, "--size", str(SIZE_PX)))
    return medians(kept[before]) if before else None, medians(kept[ROOT])


def paint(root: Path, photos: Path, out: Path, *options: str) -> Measured:
    """Run a checkout's command for a folder or a photo; what it painted is thrown away."""
    shutil.rmtree(out, ignore_errors=True)
    program = f"import sys; sys.path.insert(0, {str(root)!r}); from portraitify.cli.main import run; run()"
    return run([sys.executable, "-c", program, str(photos), "-q", "-o", f"{out}/", *options], {"PYTHONPATH": str(root)})


def share(photo: Path, place: Path, count: int) -> Share:
    """Paint small photos, and take the time of all that is not painting by itself."""
    folder, out, style = place / "small", place / "small-out", ("--style", "ink", "--size", str(SMALL_SIZE_PX))
    folder.mkdir()
    with Image.open(photo) as image:
        head = image.resize((SMALL_PX, SMALL_PX))
    for index in range(count):
        head.save(folder / f"{index:06d}.jpg", quality=90, comment=f"{index}".encode())
    whole = paint(ROOT, folder, out, *style, "--jobs", str(machine.cores()))
    reading, writing = _reading_seconds(sorted(folder.iterdir())), _writing_seconds(sorted(out.iterdir()), place)
    # What nine photos take more than one is eight times painting, and the rest of one is what a process does once.
    one, nine = (
        min(paint(ROOT, part, place / "few", *style, "--jobs", "1").cpu_seconds for _ in range(3))
        for part in (_few(folder, place / "one", 1), _few(folder, place / "nine", 9))
    )
    starting = max(one - (nine - one) / 8, 0.0) * machine.cores()
    return Share(count, whole.cpu_seconds, starting, reading, writing)


def _few(folder: Path, part: Path, count: int) -> Path:
    part.mkdir()
    for path in sorted(folder.iterdir())[:count]:
        shutil.copy(path, part)
    return part


def _reading_seconds(paths: Iterable[Path]) -> float:
    from portraitify.batch.jobs import Job
    from portraitify.io.reading import read_image

    began = time.process_time()
    for path in paths:
        job = Job(path, path)
        job.check(1 << 30)
        read_image(job.read(), job.name)
    return time.process_time() - began


def _writing_seconds(paths: Iterable[Path], place: Path) -> float:
    from portraitify.io.encoding import encode
    from portraitify.io.files import write_atomically
    from portraitify.io.reading import read_image

    seconds = 0.0
    for path in paths:
        pixels = read_image(path).pixels
        began = time.process_time()
        write_atomically(place / "written.png", encode(pixels))
        seconds += time.process_time() - began
    return seconds


def throughput_table(found: dict[str, tuple[Measured | None, Measured]], photos: int) -> str:
    """Pictures a second and processor seconds a picture, by style; before and after where both were measured."""
    rows = []
    for style, (before, after) in found.items():
        row = [style]
        if before:
            row += [number(photos / before.seconds), number(before.cpu_seconds / photos)]
        row += [number(photos / after.seconds), number(after.cpu_seconds / photos)]
        rows.append(row + ([f"{after.cpu_seconds / before.cpu_seconds - 1:+.0%}"] if before else []))
    both = any(before for before, _ in found.values())
    names = ["pictures a second", "processor seconds a picture"]
    head = [f"{name} {when}" for when in ("before", "after") for name in names] + ["processor seconds"]
    return markdown_table(["style", *(head if both else names)], rows, align_right=True)


def cost_table(seconds: float) -> str:
    """What many photos take.

    Args:
        seconds: of a processor, a picture.
    """
    rows = []
    for photos in MANY:
        core_hours = photos * seconds / 3600
        rows.append([f"{photos:,}", _hours(core_hours), *(_hours(core_hours / cores) for cores in MACHINES)])
    names = [f"hours of a machine of {cores} cores" for cores in MACHINES]
    return markdown_table(["photos", "core-hours", *names], rows, align_right=True)


def _hours(hours: float) -> str:
    return f"{hours:,.0f}" if hours >= 100 else number(hours)


if __name__ == "__main__":
    main()
