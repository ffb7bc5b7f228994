"""``portraitify cluster INPUT... OUTPUT``: paint very many photos on a cluster."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from portraitify.cli import exit_codes
from portraitify.cli.chosen import check_report, chosen_configs
from portraitify.cli.costume_options import costume_options
from portraitify.cli.extra_commands import ExtraCommand
from portraitify.cli.interrupt import Interrupt
from portraitify.cli.options import (
    choosing_options,
    color_options,
    framing_options,
    input_options,
    painting_options,
    running_options,
    telling_options,
    writing_options,
)
from portraitify.cli.reference_options import reference_options
from portraitify.cli.values import OutputName
from portraitify.config import AUTO

if TYPE_CHECKING:
    from collections.abc import Sequence

    from portraitify.batch.commission import Commission
    from portraitify.batch.locations import Place, Plan
    from portraitify.batch.ray import Crew
    from portraitify.batch.report import Lines
    from portraitify.cli.reporter import Reporter
    from portraitify.config import BatchConfig

_EXAMPLES = """\b
Examples:
  portraitify cluster photos/ painted/ -r                            all cores of this machine
  portraitify cluster s3://in/photos s3://out/painted -r --address auto --report s3://out/report.parquet
  portraitify cluster s3://in/photos s3://out/painted -r --address auto --skip-existing     go on

\b
Keys for stores are found as their own tools find them: environment, profiles, roles of machines.
Exit codes are those of `portraitify --help`.
"""


class RayCommand(ExtraCommand):
    """A command that needs Ray."""

    extra = "ray"


@click.command(cls=RayCommand, epilog=_EXAMPLES, context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("inputs", nargs=-1, metavar="INPUT...", type=OutputName())
@click.argument("output", metavar="OUTPUT", type=OutputName())
@click.option("--address", metavar="HOST:PORT", help="Ray cluster to paint on; auto is the one of this machine.")
@click.option(
    "--workers", type=click.IntRange(1), help="Processes that paint; by default as many as there is room for."
)
@click.option(
    "--worker-cpus",
    type=click.FloatRange(0, min_open=True),
    default=1.0,
    show_default=True,
    help="Cores of each; more than 2 gain little.",
)
@click.option(
    "--worker-gpus",
    type=click.FloatRange(0),
    help="GPUs of each; by default 1 if there are any. 0.2 lets five workers share one, since paintings are finished "
    "on cores.",
)
@painting_options
@choosing_options
@reference_options
@costume_options
@framing_options
@color_options
@writing_options
@input_options
@running_options
@click.option(
    "--report",
    type=OutputName(),
    help="Write what became of each photo to this file or address: Parquet if it ends in .parquet, one JSON object a "
    "line otherwise.",
)
@telling_options
def cluster(
    inputs: tuple[str, ...],
    output: str,
    address: str | None,
    workers: int | None,
    worker_cpus: float,
    worker_gpus: float | None,
    recursive: bool,
    from_file: Path | None,
    weights: Path | None,
    report: str | None,
    as_json: bool,
    verbose: bool,
    quiet: bool,
    debug: bool,
    **chosen: Any,
) -> int:
    """Paint very many photos with Ray, on several machines or on all cores of this one.

    INPUT is a photo, a folder or a pattern, OUTPUT the folder of the paintings: on a disk that all machines
    share, or an address such as s3://bucket/folder, gs://bucket/folder or hdfs://host/folder. The options are those
    of `portraitify INPUT -o OUTPUT`, and so are the files.
    """
    from portraitify.batch.locations import place_of, plan
    from portraitify.batch.request import painting_request
    from portraitify.weights import WeightsFolder, default_folder

    told = as_json or report is not None or verbose or not (quiet or chosen["style"] != AUTO)
    config, batch = chosen_configs(reasons=told, **chosen)
    words = [*inputs, *(_listed(from_file) if from_file else ())]
    if not words:
        raise click.UsageError("Missing argument 'INPUT...'. Name a photo, a folder or an address; --help tells more.")
    weights = None if weights is None else weights.absolute()
    request = painting_request(WeightsFolder(weights or default_folder()), config)
    place = place_of(output)
    planned = plan(words, place, batch, request, recursive)
    lines = _report(report, planned, from_file, batch)

    from portraitify.batch.ray_session import ray_session

    with ray_session(address) as resources, Interrupt() as interrupt:
        from portraitify.batch.commission import Commission
        from portraitify.batch.ray import crew_for
        from portraitify.cli.reporter import Reporter

        gpus = 0.0 if config.device == "cpu" or config.engine == "onnx" else resources.gpus
        crew = crew_for(resources.cpus, gpus, workers, worker_cpus, worker_gpus, grows=address is not None)
        if not quiet:
            _say_who(len(planned.jobs), crew, resources.version)
        commission = Commission(config, batch, weights, request)
        reporter = Reporter(
            len(planned.jobs), lines, batch.skip_existing, as_json, verbose, quiet, debug, config.explain
        )
        with reporter:
            code = _run(planned, commission, crew, reporter, interrupt)
    _sweep(planned, place)
    return exit_codes.IMAGE if reporter.lost and code == exit_codes.DONE else code


def _listed(source: Path) -> list[str]:
    from portraitify.batch.inputs import read_places

    return read_places(source)


def _report(word: str | None, planned: Plan, from_file: Path | None, batch: BatchConfig) -> Path | Lines | None:
    """A file to which lines can be added as they come, or one that is written in the end."""
    if word is None:
        return None
    from portraitify.batch.locations import place_of
    from portraitify.batch.merged_report import MergedReport, is_parquet

    place = place_of(word)
    may_exist = batch.overwrite or batch.skip_existing
    if place.store is None:
        check_report(place.path, planned.jobs, from_file, may_exist)
        if not place.path.absolute().parent.is_dir():
            raise click.UsageError(f"{place.name}: the folder for the report does not exist.")
        if not is_parquet(place.path):
            return place.path
    elif place.store.exists(place.path) and not may_exist:
        raise click.UsageError(f"{place.name}: exists already. Add --overwrite, or choose another name for --report.")
    return MergedReport(place, batch.skip_existing)


def _say_who(photos: int, crew: Crew, version: str) -> None:
    gpus = f" and {crew.gpus:g} GPU" if crew.gpus else ""
    plural = "s" if crew.count > 1 else ""
    text = f"{photos} photos for {crew.count} worker{plural} with {crew.cpus:g} core{gpus} each, Ray {version}"
    click.echo(f"portraitify: {text}.", err=True)


def _run(planned: Plan, commission: Commission, crew: Crew, reporter: Reporter, interrupt: Interrupt) -> int:
    """Paint all jobs, and say what became of them; one that fails stops none of the others."""
    from portraitify.batch.ray import paint_on_cluster

    for outcome in paint_on_cluster(planned.jobs, planned.sizes, commission, crew, interrupt.is_set):
        reporter.add(outcome)
    if interrupt.is_set():
        if reporter.interrupted():
            return exit_codes.SIGNALLED + interrupt.number
    else:
        reporter.summarise()
    if reporter.failed and len(planned.jobs) > 1:
        return exit_codes.SOME_FAILED
    return reporter.last_code


def _sweep(planned: Plan, place: Place) -> None:
    """Remove what killed workers left unfinished."""
    if place.store is not None:
        place.store.sweep(place.path)
        return
    from portraitify.io.files import remove_leftovers

    folders: Sequence[Path] = sorted({job.target.parent for job in planned.jobs})
    # What was there in the beginning is not asked for again in the same process.
    remove_leftovers.cache_clear()
    for folder in folders:
        remove_leftovers(folder)
