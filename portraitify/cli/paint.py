"""``portraitify INPUT...``: paint photos."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from portraitify import __version__
from portraitify.cli import exits
from portraitify.cli.options import (
    INPUT,
    input_options,
    output_options,
    painting_options,
    reporting_options,
    running_options,
)
from portraitify.config import BatchConfig, PaintConfig

if TYPE_CHECKING:
    from portraitify.batch import BatchPainter
    from portraitify.cli.reporter import Reporter
    from portraitify.jobs import Job

EXAMPLES = """\b
Examples:
  portraitify selfie.jpg                          paint it as selfie.portrait.png
  portraitify selfie.jpg --style ink              choose the style yourself
  portraitify selfie.jpg -o me.jpg                choose name and format
  portraitify holiday/ -r -o painted/             paint a folder and those in it
  portraitify holiday/ -r -o painted/ --skip-existing     go on after an interruption
  portraitify group.jpg --faces all               each face by itself
  cat selfie.jpg | portraitify - > out.png        use it in a pipe
  find . -name '*.heic' -print0 | portraitify --from-file - -o painted/

\b
Exit codes:
  0 done   1 unexpected error   2 usage   3 picture   4 no face
  5 weights   6 device   7 some pictures of several failed   130 interrupted

\b
More commands:
  portraitify inspect FILE...    what a painting says about itself
  portraitify completion SHELL   completion for bash, zsh or fish
  portraitify evaluate           measure the weights on held-out sitters
  portraitify train ...          train the painter
"""


class PaintCommand(click.Command):
    """A command without a name of its own in the usage line."""

    def format_usage(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        formatter.write_usage(ctx.command_path.strip(), " ".join(self.collect_usage_pieces(ctx)))


@click.command(cls=PaintCommand, epilog=EXAMPLES, context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("inputs", nargs=-1, metavar="INPUT...", type=INPUT)
@painting_options
@output_options
@input_options
@running_options
@reporting_options
@click.version_option(__version__, prog_name="portraitify")
def paint(
    inputs: tuple[Path, ...],
    style: str,
    size: int,
    seed: int,
    finish: float,
    faces: str,
    group: bool,
    output: Path | None,
    kind: str | None,
    quality: int,
    overwrite: bool,
    skip_existing: bool,
    keep_date: bool,
    no_metadata: bool,
    recursive: bool,
    from_file: Path | None,
    max_pixels: int,
    device: str,
    engine: str,
    weights: Path | None,
    report: Path | None,
    as_json: bool,
    verbose: bool,
    quiet: bool,
    debug: bool,
) -> int:
    """Paint the most prominent face of each INPUT as an old-master portrait.

    INPUT is a photo, a folder of photos, or `-` for a photo on stdin.
    """
    config = PaintConfig(style=style, size_px=size, seed=seed, device=device, engine=engine, finish=finish)
    batch = BatchConfig(
        format=kind,
        quality=quality,
        overwrite=overwrite,
        skip_existing=skip_existing,
        metadata=not no_metadata,
        keep_date=keep_date,
        faces=faces,
        group=group,
        max_pixels=max_pixels,
    )
    jobs = _jobs(inputs, from_file, output, batch, recursive)
    if as_json and not jobs[0].to_file:
        raise click.UsageError("--json needs stdout for itself. Name a file or a folder with -o.")
    from portraitify.cli.reporter import Reporter

    painter = _painter(config, batch, weights)
    with Reporter(len(jobs), report, as_json, verbose, quiet, debug) as reporter:
        return _run(painter, jobs, reporter)


def _jobs(
    inputs: tuple[Path, ...], from_file: Path | None, output: Path | None, batch: BatchConfig, recursive: bool
) -> list[Job]:
    from portraitify.inputs import expand, read_list
    from portraitify.jobs import plan_jobs

    if not inputs and from_file is None:
        raise click.UsageError("Missing argument 'INPUT...'. Name a photo, a folder, or `-`; --help tells more.")
    entries = [*inputs, *(read_list(from_file) if from_file else ())]
    avoided = output if output is not None and output.is_dir() else None
    found = expand(entries, recursive, avoided)
    return plan_jobs(found, output, batch, folder_named=from_file is not None or any(e.is_dir() for e in entries))


def _painter(config: PaintConfig, batch: BatchConfig, weights: Path | None) -> BatchPainter:
    from portraitify.batch import BatchPainter
    from portraitify.weights import WeightsFolder, default_folder

    folder = WeightsFolder(weights or default_folder())

    def open_portraitist():
        from portraitify.pipeline import Portraitist

        return Portraitist(config, folder.folder)

    return BatchPainter(batch, config.request(folder.digest), open_portraitist)


def _run(painter: BatchPainter, jobs: list[Job], reporter: Reporter) -> int:
    """Paint all jobs; one that fails alone sets the exit code, one of several never stops the rest."""
    try:
        for outcome in painter.run(jobs, reporter.stage):
            reporter.add(outcome)
    except KeyboardInterrupt:
        for outcome in painter.stop():
            reporter.add(outcome)
        reporter.interrupted()
        return exits.INTERRUPTED
    reporter.summarise()
    if reporter.failed and len(jobs) > 1:
        return exits.SOME_FAILED
    return reporter.last_code
