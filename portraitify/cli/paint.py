"""``portraitify INPUT...``: paint photos."""

from __future__ import annotations

import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from portraitify import __version__
from portraitify.cli import exits
from portraitify.cli.console import progress, say_error, say_warning
from portraitify.config import AUTO, DEFAULT_SIZE_PX, MAX_SIZE_PX, MIN_SIZE_PX, STYLES, PaintConfig
from portraitify.devices import DEVICES
from portraitify.errors import ImageError, PortraitifyError
from portraitify.images import write_atomically
from portraitify.jobs import STANDARD_STREAM, Job, plan_jobs

if TYPE_CHECKING:
    from portraitify.pipeline import Painting, Portraitist

EXAMPLES = """\b
Examples:
  portraitify selfie.jpg                     paint it as selfie.portrait.png
  portraitify selfie.jpg --style ink         choose the style yourself
  portraitify selfie.jpg -o me.png           choose the name
  portraitify holiday/ -o painted/           paint a folder of photos
  cat selfie.jpg | portraitify - > out.png   use it in a pipe

\b
Exit codes:
  0 done   1 unexpected error   2 usage   3 picture   4 no face
  5 weights   6 device   7 some pictures of several failed

`portraitify train --help` tells how to train the painter.
"""


class PaintCommand(click.Command):
    """A command without a name of its own in the usage line."""

    def format_usage(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        formatter.write_usage(ctx.command_path.strip(), " ".join(self.collect_usage_pieces(ctx)))


@dataclass(frozen=True)
class _Output:
    """How results are reported."""

    verbose: bool
    quiet: bool
    debug: bool


@click.command(cls=PaintCommand, epilog=EXAMPLES, context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("inputs", nargs=-1, required=True, metavar="INPUT...", type=click.Path(path_type=Path, allow_dash=True))
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path, allow_dash=True),
    help="File or folder to write; `-` for stdout. By default NAME.portrait.png beside each photo.",
)
@click.option(
    "-s", "--style", type=click.Choice((AUTO, *STYLES)), default=AUTO, show_default=True, help="How to paint."
)
@click.option(
    "--size",
    type=click.IntRange(MIN_SIZE_PX, MAX_SIZE_PX),
    default=DEFAULT_SIZE_PX,
    show_default=True,
    help="Side of the square painting in pixels.",
)
@click.option(
    "--seed",
    type=click.IntRange(min=0),
    default=0,
    show_default=True,
    help="0 paints after the most fitting old painting, 1 after the next one, and so on.",
)
@click.option("--device", type=click.Choice(DEVICES), default=AUTO, show_default=True, help="Where to compute.")
@click.option(
    "--weights",
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder of weights, such as `portraitify train export` writes. By default the shipped ones.",
)
@click.option("--overwrite", is_flag=True, help="Replace outputs that exist already.")
@click.option("-v", "--verbose", is_flag=True, help="Print probabilities, face and timings too.")
@click.option("-q", "--quiet", is_flag=True, help="Print nothing but errors.")
@click.option("--debug", is_flag=True, help="Show the traceback of an error.")
@click.version_option(__version__, prog_name="portraitify")
def paint(
    inputs: tuple[Path, ...],
    output: Path | None,
    style: str,
    size: int,
    seed: int,
    device: str,
    weights: Path | None,
    overwrite: bool,
    verbose: bool,
    quiet: bool,
    debug: bool,
) -> int:
    """Paint the most prominent face of each INPUT as an old-master portrait.

    INPUT is a photo, a folder of photos, or `-` for a photo on stdin.
    """
    config = PaintConfig(style=style, size_px=size, seed=seed, device=device)
    jobs = plan_jobs(inputs, output, overwrite)
    return _run(jobs, config, weights, _Output(verbose, quiet, debug))


def _run(jobs: list[Job], config: PaintConfig, weights: Path | None, output: _Output) -> int:
    """Paint all jobs; one that fails alone sets the exit code, one of several never stops the rest."""
    failed = 0
    readable = [job for job in jobs if _readable(job, alone=len(jobs) == 1)]
    failed += len(jobs) - len(readable)
    if readable:
        from portraitify.pipeline import Portraitist

        portraitist = Portraitist(config, weights)
    with progress("painting", len(jobs)) as step:
        for job in readable:
            try:
                _paint_one(portraitist, job, output)
            except PortraitifyError as error:
                if len(jobs) == 1 or output.debug:
                    raise
                say_error(str(error))
                failed += 1
            step(job.name)
    if len(jobs) > 1 and not output.quiet:
        click.echo(f"portraitify: {len(jobs) - failed} painted, {failed} failed.", err=True)
    return exits.SOME_FAILED if failed else exits.DONE


def _readable(job: Job, alone: bool) -> bool:
    """Look at a picture before torch is loaded, so that a wrong file is told of at once."""
    try:
        job.check()
    except ImageError as error:
        if alone:
            raise
        say_error(str(error))
        return False
    return True


def _paint_one(portraitist: Portraitist, job: Job, output: _Output) -> None:
    began = time.perf_counter()
    painting = portraitist.paint(job.read())
    data = painting.to_png()
    if job.target == STANDARD_STREAM:
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()
    else:
        write_atomically(job.target, data)
    seconds = time.perf_counter() - began
    for warning in painting.warnings:
        if not output.quiet:
            say_warning(f"{job.name}: {warning}.")
    if not output.quiet:
        # In a pipe stdout carries the picture, so the line goes where warnings go.
        click.echo(_summary(job, painting, seconds, output.verbose), err=job.target == STANDARD_STREAM)


def _summary(job: Job, painting: Painting, seconds: float, verbose: bool) -> str:
    where = "stdout" if job.target == STANDARD_STREAM else str(job.target)
    choice = painting.choice
    line = f"{job.name} -> {where}: {choice.style} ({choice.reason}), after {painting.after.label}, {seconds:.1f} s"
    if not verbose:
        return line
    odds = "  ".join(f"{style} {value:.1%}" for style, value in choice.probabilities.items())
    box = " ".join(f"{value:.0f}" for value in painting.face.box)
    stages = "  ".join(f"{name} {value:.2f} s" for name, value in painting.seconds.items())
    turned = f", photo turned by {90 * painting.face.turns} degrees" if painting.face.turns else ""
    return (
        f"{line}\n  styles: {odds}\n  face: {box} (certainty {painting.face.score:.2f}){turned}\n"
        f"  model: {painting.after.identifier}\n  time: {stages}"
    )
