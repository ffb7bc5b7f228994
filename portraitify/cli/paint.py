"""``portraitify INPUT...``: paint photos."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from portraitify import __version__
from portraitify.cli import exit_codes
from portraitify.cli.costume_options import costume_options
from portraitify.cli.interrupt import Interrupt
from portraitify.cli.options import (
    INPUT,
    choosing_options,
    color_options,
    framing_options,
    input_options,
    output_options,
    painting_options,
    reporting_options,
    running_options,
)
from portraitify.cli.reference_options import reference_options
from portraitify.config import AUTO, FULL, LARGEST, BatchConfig, PaintConfig
from portraitify.errors import ImageError

if TYPE_CHECKING:
    from concurrent.futures import Future

    from portraitify.batch.jobs import Job
    from portraitify.batch.runner import BatchPainter
    from portraitify.cli.reporter import Reporter
    from portraitify.engines.base import Engine
    from portraitify.pipeline import Portraitist
    from portraitify.style.given import GivenReferences
    from portraitify.weights import WeightsFolder

EXAMPLES = """\b
Examples:
  portraitify selfie.jpg                          paint it as selfie.portrait.png
  portraitify selfie.jpg --style ink              choose the style yourself
  portraitify selfie.jpg --explain                say why that style was chosen
  portraitify selfie.jpg --variants 4             four versions, as selfie.1.portrait.png and on
  portraitify selfie.jpg -o me.jpg                choose name and format
  portraitify holiday/ -r -o painted/             paint a folder and those in it
  portraitify holiday/ -r -o painted/ --skip-existing     go on after an interruption
  portraitify group.jpg --faces all               each face by itself
  portraitify selfie.jpg --sheet                  all styles on one sheet, to choose from
  portraitify selfie.jpg --costume auto           sit for an old master, in the dress of one of his sitters
  portraitify selfie.jpg --reference mine.jpg     in the manner of a picture of your own
  portraitify selfie.jpg --after vermeer          in that of a painter whom the weights know
  cat selfie.jpg | portraitify - > out.png        use it in a pipe
  find . -name '*.heic' -print0 | portraitify --from-file - -o painted/

\b
Exit codes:
  0 done   1 unexpected error   2 usage   3 picture   4 no face, or none that fits --costume
  5 weights   6 device   7 some pictures of several failed   130 interrupted

\b
More commands:
  portraitify inspect FILE...    what a painting says about itself
  portraitify painters           after whom can be painted by name
  portraitify masters            the old masters' pictures for --costume; add your own
  portraitify completion SHELL   completion for bash, zsh or fish
  portraitify evaluate           measure the weights on held-out sitters
  portraitify train ...          train the painter
  portraitify ./train            paint a folder that is named like a command
"""


class PaintCommand(click.Command):
    """A command without a name of its own in the usage line."""

    def format_usage(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        formatter.write_usage(ctx.command_path.strip(), " ".join(self.collect_usage_pieces(ctx)))


@click.command(cls=PaintCommand, epilog=EXAMPLES, context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("inputs", nargs=-1, metavar="INPUT...", type=INPUT)
@painting_options
@choosing_options
@reference_options
@costume_options
@framing_options
@color_options
@output_options
@input_options
@running_options
@reporting_options
@click.version_option(__version__, prog_name="portraitify")
# Its length is that of the list of options: click hands over each of them by name.
def paint(
    inputs: tuple[Path, ...],
    style: str,
    size: int,
    seed: int,
    finish: float,
    faces: str,
    group: bool,
    sheet: bool,
    variants: int,
    explain: bool,
    output: str | None,
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
    **looks: Any,
) -> int:
    """Paint the most prominent face of each INPUT as an old-master portrait.

    INPUT is a photo, a folder of photos, or `-` for a photo on stdin.
    """
    # Painting multiplies no large matrices, but the threads for it would wait by spinning from NumPy's import on.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    config = PaintConfig(
        style=style,
        size_px=size,
        seed=seed,
        device=device,
        engine=engine,
        finish=finish,
        explain=explain,
        # Looking for them takes a tenth of the time of a small painting; nobody would read them.
        reasons=as_json or report is not None or not quiet,
        **looks,
    )
    batch = BatchConfig(
        format=kind,
        quality=quality,
        overwrite=overwrite,
        skip_existing=skip_existing,
        metadata=not no_metadata,
        keep_date=keep_date,
        faces=faces,
        group=group,
        sheet=sheet,
        max_pixels=max_pixels,
        variants=variants,
    )
    _check_together(config, batch)
    entries = [*inputs, *(_listed(from_file) if from_file else ())]
    report, as_json = _to_stdout(report, as_json)
    jobs = _jobs(entries, output, batch, recursive, listed=from_file is not None)
    _check_streams(jobs, as_json)
    if report is not None:
        _check_report(report, jobs, from_file, overwrite or skip_existing)
    if not quiet:
        _mention_idle_gpu(config)
    from portraitify.io.tiff_messages import silence_libtiff

    interrupt = Interrupt()
    # A single photo is given up at once; what is half written never gets its name.
    with interrupt if len(jobs) > 1 else contextlib.nullcontext():
        silence_libtiff()
        painter = _painter(config, batch, weights, interrupt)
        from portraitify.cli.reporter import Reporter

        with Reporter(len(jobs), report, skip_existing, as_json, verbose, quiet, debug, explain) as reporter:
            code = _run(painter, jobs, reporter, interrupt)
        # Only now is the report closed.
        return exit_codes.IMAGE if reporter.lost and code == exit_codes.DONE else code


def _check_together(config: PaintConfig, batch: BatchConfig) -> None:
    """Options that exclude each other."""
    if config.crop == FULL and (batch.faces != LARGEST or batch.group):
        raise click.UsageError("--crop full paints all faces of a photo in one picture. Leave out --faces and --group.")
    if batch.sheet and config.costume:
        raise click.UsageError("--sheet shows all styles, and --costume paints as the master. Leave out one of them.")
    if batch.sheet and config.after:
        raise click.UsageError("--sheet shows all styles, and few painters have all. Leave out --sheet or --after.")
    if batch.sheet and config.style != AUTO:
        raise click.UsageError("--sheet shows all styles. Leave out --style.")


def _listed(source: Path) -> list[Path]:
    from portraitify.batch.inputs import read_list

    return read_list(source)


def _jobs(entries: list[Path], output: str | None, batch: BatchConfig, recursive: bool, listed: bool) -> list[Job]:
    from portraitify.batch.inputs import expand
    from portraitify.batch.jobs import plan_jobs

    if not entries:
        raise click.UsageError("Missing argument 'INPUT...'. Name a photo, a folder, or `-`; --help tells more.")
    target = None if output is None else Path(output)
    avoided = target if target is not None and os.path.isdir(target) else None
    found = expand(entries, recursive, avoided)
    into_folder = output is not None and output.endswith(("/", os.sep))
    several = into_folder or listed or len(entries) > 1 or any(os.path.isdir(entry) for entry in entries)
    return plan_jobs(found, target, batch, several)


def _to_stdout(report: Path | None, as_json: bool) -> tuple[Path | None, bool]:
    """The file for a report, if it is one, and whether JSON goes to stdout."""
    from portraitify.batch.jobs import is_stdout

    if report is None or not is_stdout(report):
        return report, as_json
    if as_json:
        raise click.UsageError(f"--json and --report {report} print the same. Leave out one of them.")
    return None, True


def _check_streams(jobs: list[Job], as_json: bool) -> None:
    import sys

    from portraitify.batch.inputs import STANDARD_STREAM
    from portraitify.cli.streams import stdout_is_closed

    if (as_json or jobs[0].target == STANDARD_STREAM) and stdout_is_closed():
        raise ImageError("standard output: is closed. Open it, or name a file with -o.")
    if jobs[0].target == STANDARD_STREAM:
        if as_json:
            raise click.UsageError("--json or --report - needs stdout for itself. Name a file or a folder with -o.")
        if sys.stdout.isatty():
            raise click.UsageError("This would write a picture to the terminal. Redirect it, or name a file with -o.")
    if jobs[0].source == STANDARD_STREAM and sys.stdin.isatty():
        raise click.UsageError("`-` reads a photo from a pipe. Name a file, or feed one in: portraitify - < photo.jpg")


def _check_report(report: Path, jobs: list[Job], from_file: Path | None, may_exist: bool) -> None:
    """A report must take nobody else's place."""
    from portraitify.io.files import file_number, is_stream

    others = [*(job.source for job in jobs), *(job.target for job in jobs), *([from_file] if from_file else [])]
    number = file_number(report)
    taken = number is not None and any(file_number(path) == number for path in others)
    if taken or any(path.absolute() == report.absolute() for path in others):
        raise click.UsageError(f"{report}: is another file of this command. Choose another name for --report.")
    if os.path.exists(report) and not may_exist and not is_stream(report):
        raise click.UsageError(f"{report}: exists already. Add --overwrite, or choose another name for --report.")


def _mention_idle_gpu(config: PaintConfig) -> None:
    from portraitify.engines.select import gpu_is_idle
    from portraitify.extras import install_hint

    if gpu_is_idle(config):
        click.echo(f"portraitify: a GPU was found; `{install_hint('gpu')}` uses it.", err=True)


def _painter(config: PaintConfig, batch: BatchConfig, weights: Path | None, interrupt: Interrupt) -> BatchPainter:
    from portraitify.weights import WeightsFolder, default_folder

    folder = WeightsFolder(weights or default_folder())
    # Where photos may be passed over there may be nothing to paint.
    engine = None if batch.skip_existing else _begun_engine(folder, config)

    from portraitify.batch.runner import BatchPainter
    from portraitify.style.personal import painting_digest

    given = _given(folder, config)

    def open_portraitist() -> Portraitist:
        from portraitify.pipeline import Portraitist

        return Portraitist(config, folder.folder, engine.result() if engine else None, given)

    mark = _costume_mark(folder, config) + (given.mark if given else "")
    request = config.request(painting_digest(config.style, folder) + mark)
    return BatchPainter(batch, request, open_portraitist, interrupt.is_set)


def _given(folder: WeightsFolder, config: PaintConfig) -> GivenReferences | None:
    """What the options name to paint after; read once, for a pipe can be read no more often."""
    if not (config.reference or config.after):
        return None
    from portraitify.style.given import open_given

    return open_given(folder, config)


def _costume_mark(folder: WeightsFolder, config: PaintConfig) -> str:
    """What the masters' pictures add to the digest of the weights; says here already if there is no such picture."""
    if not config.costume:
        return ""
    from portraitify.costume.wardrobe import open_wardrobe

    return open_wardrobe(folder, config).mark


def _begun_engine(folder: WeightsFolder, config: PaintConfig) -> Future[Engine] | None:
    """The engine for a CPU, whose networks begin while modules are imported and the photo is read; else nothing."""
    from concurrent.futures import ThreadPoolExecutor

    from portraitify.engines.select import choose_engine, open_engine

    if choose_engine(folder, config) != "onnx":
        return None
    pool = ThreadPoolExecutor(1, "open")
    engine = pool.submit(open_engine, folder, config)
    pool.shutdown(wait=False)
    return engine


def _run(painter: BatchPainter, jobs: list[Job], reporter: Reporter, interrupt: Interrupt) -> int:
    """Paint all jobs; one that fails alone sets the exit code, one of several never stops the rest."""
    for outcome in painter.run(jobs, reporter.stage):
        reporter.add(outcome)
    if interrupt.is_set():
        if reporter.interrupted():
            return exit_codes.SIGNALLED + interrupt.number
    else:
        reporter.summarise()
    if reporter.failed and len(jobs) > 1:
        return exit_codes.SOME_FAILED
    return reporter.last_code
