"""``portraitify INPUT...``: paint photos."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from portraitify import __version__
from portraitify.cli import exit_codes
from portraitify.cli.chosen import calm_threads, check_report, chosen_configs, given_references, report_or_stdout
from portraitify.cli.costume_options import costume_options
from portraitify.cli.interrupt import Interrupt
from portraitify.cli.options import (
    choosing_options,
    color_options,
    framing_options,
    input_options,
    jobs_option,
    output_options,
    painting_options,
    reporting_options,
    running_options,
)
from portraitify.cli.reference_options import reference_options
from portraitify.cli.values import INPUT
from portraitify.cli.watch import check_watch, watch_config, watch_folder, watch_option
from portraitify.config import AUTO, BatchConfig, PaintConfig
from portraitify.errors import ImageError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from concurrent.futures import Future

    from portraitify.batch.jobs import Job
    from portraitify.batch.processes import ProcessPainter
    from portraitify.batch.runner import BatchPainter
    from portraitify.cli.reporter import Reporter
    from portraitify.engines.base import Engine
    from portraitify.gallery.gallery import Gallery
    from portraitify.pipeline import Portraitist
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
  portraitify booth/ -o painted/ --watch          stay, and paint each photo that arrives
  portraitify group.jpg --faces all               each face by itself
  portraitify selfie.jpg --sheet                  all styles on one sheet, to choose from
  portraitify holiday/ -o painted/ --jobs 2       in two processes, on a machine with other work
  portraitify holiday/ -o painted/ --gallery      and a page to choose from, painted/index.html
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
  portraitify gallery FOLDER     a page to look at paintings and to choose among them
  portraitify keep LIST -o DIR   copy those that were chosen there
  portraitify masters            the old masters' pictures for --costume; add your own
  portraitify blend A B          one face of several, painted
  portraitify adjust PHOTO       older, smiling, with other hair, painted
  portraitify imagine            somebody who does not exist, painted
  portraitify dream PHOTO        what a network sees in it, painted
  portraitify cluster            paint very many photos on several machines
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
@watch_option
@jobs_option
@running_options
@reporting_options
@click.version_option(__version__, prog_name="portraitify")
def paint(
    inputs: tuple[Path, ...],
    output: str | None,
    gallery: bool,
    gallery_photos: bool,
    recursive: bool,
    from_file: Path | None,
    watch: bool,
    jobs: int | None,
    weights: Path | None,
    report: Path | None,
    as_json: bool,
    verbose: bool,
    quiet: bool,
    debug: bool,
    **chosen: Any,
) -> int:
    """Paint the most prominent face of each INPUT as an old-master portrait.

    INPUT is a photo, a folder of photos, or `-` for a photo on stdin.
    """
    calm_threads()
    # Looking for reasons, or for odds, takes a tenth of the time of a small painting; nobody would read them.
    gallery = gallery or gallery_photos
    told = as_json or report is not None or verbose or gallery or not (quiet or chosen["style"] != AUTO)
    config, batch = chosen_configs(reasons=told, **chosen)
    entries = [*inputs, *(_listed(from_file) if from_file else ())]
    report, as_json = report_or_stdout(report, as_json)
    listed = from_file is not None
    if watch:
        check_watch(entries, output, listed, gallery, jobs)
        batch = watch_config(batch)
    planned = [] if watch else plan_inputs(entries, output, batch, recursive, listed)
    check_streams(planned, as_json)
    if report is not None:
        check_report(report, planned, from_file, batch.overwrite or batch.skip_existing)
    made = _gallery(planned, gallery_photos, batch.overwrite) if gallery else None
    if not quiet:
        _mention_idle_gpu(config)
    several = len(planned) != 1
    _settle(several)
    interrupt = Interrupt()
    # A single photo is given up at once; what is half written never gets its name.
    with interrupt if several else contextlib.nullcontext():
        # Where photos may be passed over there may be nothing to paint.
        folder = _weights(weights)
        count = 1 if watch else _count_processes(planned, folder, config, jobs)
        own = _painter(config, batch, folder, interrupt, watch or not batch.skip_existing) if count == 1 else None
        painter = own or _processes(config, batch, folder, interrupt, count, gallery_photos)
        from portraitify.cli.reporter import Reporter

        total = None if watch else len(planned)
        with Reporter(total, report, batch.skip_existing, as_json, verbose, quiet, debug, config.explain) as reporter:
            if watch and own:
                code = watch_folder(own, entries[0], output, batch, recursive, reporter, interrupt)
            else:
                code = paint_jobs(painter, planned, reporter, interrupt, made)
        _write_gallery(made, quiet)
        # Only now is the report closed.
        return exit_codes.IMAGE if reporter.lost and code == exit_codes.DONE else code


def _settle(several: bool) -> None:
    """Make this process one that paints, maybe for long."""
    from portraitify.io.tiff_messages import silence_libtiff

    silence_libtiff()
    if several:
        from portraitify.batch.memory import keep_freed_memory

        keep_freed_memory()


def _listed(source: Path) -> list[Path]:
    from portraitify.batch.inputs import read_list

    return read_list(source)


def plan_inputs(
    entries: list[Path], output: str | None, batch: BatchConfig, recursive: bool, listed: bool
) -> list[Job]:
    """What to paint, and where the paintings go.

    Raises:
        click.UsageError: nothing is named.
        ConfigError: the output makes no sense.
        ImageError: a folder cannot be read.
    """
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


def check_streams(jobs: Sequence[Job], as_json: bool) -> None:
    """Make sure that stdin and stdout can be used for what they are asked for.

    Raises:
        ImageError: stdout is closed.
        click.UsageError: they are asked for something else too, or are a terminal.
    """
    import sys

    from portraitify.batch.inputs import STANDARD_STREAM
    from portraitify.cli.streams import stdout_is_closed

    if (as_json or (jobs and jobs[0].target == STANDARD_STREAM)) and stdout_is_closed():
        raise ImageError("standard output: is closed. Open it, or name a file with -o.")
    if not jobs:
        return
    if jobs[0].target == STANDARD_STREAM:
        if as_json:
            raise click.UsageError("--json or --report - needs stdout for itself. Name a file or a folder with -o.")
        if sys.stdout.isatty():
            raise click.UsageError("This would write a picture to the terminal. Redirect it, or name a file with -o.")
    if jobs[0].source == STANDARD_STREAM and sys.stdin.isatty():
        raise click.UsageError("`-` reads a photo from a pipe. Name a file, or feed one in: portraitify - < photo.jpg")


def _mention_idle_gpu(config: PaintConfig) -> None:
    from portraitify.engines.select import gpu_is_idle
    from portraitify.extras import install_hint

    if gpu_is_idle(config):
        click.echo(f"portraitify: a GPU was found; `{install_hint('gpu')}` uses it.", err=True)


def _weights(folder: Path | None) -> WeightsFolder:
    from portraitify.weights import WeightsFolder, default_folder

    return WeightsFolder(folder or default_folder())


def _count_processes(jobs: list[Job], folder: WeightsFolder, config: PaintConfig, asked: int | None) -> int:
    """In how many processes to paint; for what is few in any case, nothing is imported to find out."""
    if len(jobs) < 2 or asked == 1:
        return 1
    from portraitify.batch.room import processes_for

    return processes_for(jobs, folder, config, asked)


def _processes(
    config: PaintConfig,
    batch: BatchConfig,
    folder: WeightsFolder,
    interrupt: Interrupt,
    count: int,
    with_photos: bool,
) -> ProcessPainter:
    """What paints in several processes."""
    from portraitify.batch.commission import Commission
    from portraitify.batch.processes import ProcessPainter
    from portraitify.batch.request import painting_request

    request = painting_request(folder, config, given_references(folder, config))
    commission = Commission(config, batch, folder.folder, request)
    return ProcessPainter(commission, count, interrupt.is_set, with_photos)


def _painter(
    config: PaintConfig, batch: BatchConfig, folder: WeightsFolder, interrupt: Interrupt, at_once: bool
) -> BatchPainter:
    """What paints; its networks begin to load at once, or when they are wanted."""
    engine = _begun_engine(folder, config) if at_once else None

    from portraitify.batch.request import painting_request
    from portraitify.batch.runner import BatchPainter

    given = given_references(folder, config)

    def open_portraitist() -> Portraitist:
        from portraitify.pipeline import Portraitist

        return Portraitist(config, folder.folder, engine.result() if engine else None, given)

    return BatchPainter(batch, painting_request(folder, config, given), open_portraitist, interrupt.is_set)


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


def _gallery(jobs: list[Job], photos: bool, overwrite: bool) -> Gallery:
    """The gallery of a batch; says now already if it cannot be made."""
    from portraitify.gallery.collecting import gallery_folder
    from portraitify.gallery.gallery import Gallery

    return Gallery(gallery_folder(jobs), photos, overwrite)


def _write_gallery(made: Gallery | None, quiet: bool) -> None:
    """Write the page, if there is to be one, also after an interruption; what an earlier one shows stays in it."""
    if made is None:
        return
    from portraitify.cli.gallery import tell

    with made:
        made.keep_earlier()
        if made.empty:
            return
        count = made.write()
    if not quiet:
        tell(made, count, str(made.path))


def paint_jobs(
    painter: BatchPainter | ProcessPainter,
    jobs: Sequence[Job],
    reporter: Reporter,
    interrupt: Interrupt,
    made: Gallery | None = None,
) -> int:
    """Paint all jobs; one that fails alone sets the exit code, one of several never stops the rest."""
    for outcome in painter.run(jobs, reporter.stage):
        reporter.add(outcome)
        if made is not None:
            from portraitify.gallery.collecting import add_outcome

            add_outcome(made, outcome, exit_codes.exit_code)
    if interrupt.is_set():
        if reporter.interrupted():
            return exit_codes.SIGNALLED + interrupt.number
    else:
        reporter.summarise()
    if reporter.failed and len(jobs) > 1:
        return exit_codes.SOME_FAILED
    return reporter.last_code
