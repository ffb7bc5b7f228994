"""``portraitify dream PHOTO``: what a network sees in a photo, drawn into it, and painted."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from portraitify.cli import exit_codes
from portraitify.cli.changed import Telling, changed_options, paint_changed
from portraitify.cli.chosen import calm_threads, chosen_configs
from portraitify.cli.console import progress
from portraitify.cli.values import INPUT
from portraitify.config import AUTO, KEEP, LARGEST, BatchConfig, PaintConfig
from portraitify.dreaming.options import LAYERS, MOST_OCTAVES, MOST_STEPS, MOST_STRENGTH, DreamOptions

if TYPE_CHECKING:
    from collections.abc import Sequence

    from portraitify.batch.dream_job import DreamJob
    from portraitify.batch.jobs import Job

_USUAL = DreamOptions()
_EXAMPLES = """\b
Examples:
  portraitify dream selfie.jpg                          selfie.portrait.png
  portraitify dream selfie.jpg --no-paint -o dream.png  the photo with the dream, not painted
  portraitify dream selfie.jpg --layer swirls --dream-strength 1.5

\b
Exit codes are those of `portraitify --help`.
"""


@click.command(epilog=_EXAMPLES, context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("inputs", nargs=-1, metavar="PHOTO...", type=INPUT)
@click.option(
    "--layer",
    type=click.Choice(tuple(LAYERS)),
    default=_USUAL.layer,
    show_default=True,
    help="Of the network, from the finest to the coarsest.",
)
@click.option(
    "--octaves",
    type=click.IntRange(1, MOST_OCTAVES),
    default=_USUAL.octaves,
    show_default=True,
    help="Sizes at which is dreamt.",
)
@click.option(
    "--steps",
    type=click.IntRange(1, MOST_STEPS),
    default=_USUAL.steps,
    show_default=True,
    help="Steps of each.",
)
@click.option(
    "--dream-strength",
    "dream_strength",
    type=click.FloatRange(0, MOST_STRENGTH),
    default=_USUAL.strength,
    show_default=True,
    help="How far each step goes.",
)
@click.option("--paint/--no-paint", "painted", default=True, help="Paint the dream, or write it as it is.")
@changed_options()
def dream(
    inputs: tuple[Path, ...],
    layer: str,
    octaves: int,
    steps: int,
    dream_strength: float,
    painted: bool,
    output: str | None,
    weights_folder: Path | None,
    as_json: bool,
    verbose: bool,
    quiet: bool,
    debug: bool,
    **chosen: Any,
) -> int:
    """Draw what a network sees in each PHOTO into it, and paint its most prominent face.

    Faces are hardly changed, so that the sitter is known, and the background is
    painted too. This needs torch, which the extras gpu and train bring.
    """
    from portraitify.extras import require_extra

    require_extra("gpu")
    from portraitify.cli.paint import check_streams, plan_inputs

    calm_threads()
    if chosen["background"] == AUTO:
        # Most of a dream is behind the sitter.
        chosen["background"] = KEEP
    config, batch = chosen_configs(reasons=as_json or not quiet, faces=LARGEST, group=False, sheet=False, **chosen)
    planned = plan_inputs(list(inputs), output, batch, recursive=False, listed=False)
    check_streams(planned, as_json)
    options = DreamOptions(layer, octaves, steps, dream_strength, config.seed)
    telling = (as_json, verbose, quiet, debug)
    return _dream(planned, options, painted, weights_folder, config, batch, telling)


def _dream(
    planned: Sequence[Job],
    options: DreamOptions,
    painted: bool,
    weights: Path | None,
    config: PaintConfig,
    batch: BatchConfig,
    telling: Telling,
) -> int:
    """Dream with a bar, then paint or write."""
    from functools import cache

    from portraitify.batch.dream_job import DreamJob
    from portraitify.dreaming.dream import open_dreamer
    from portraitify.engines.select import open_engine
    from portraitify.io.tiff_messages import silence_libtiff
    from portraitify.weights import WeightsFolder, default_folder

    silence_libtiff()
    folder = WeightsFolder(weights or default_folder())
    engine, dreamer = cache(lambda: open_engine(folder, config)), cache(lambda: open_dreamer(folder, options))
    quiet = telling[2]
    with progress("dreaming", len(planned) * options.octaves * options.steps) as advance:

        def on_step(done: int, total: int) -> None:
            if not quiet:
                advance("")

        jobs = [
            DreamJob(job.source, job.target, job.kind, job.vacant, engine, dreamer, batch.max_pixels, on_step)
            for job in planned
        ]
        _dream_all(jobs, batch)
    if not painted:
        return _write(jobs, batch)
    return paint_changed(jobs, folder, engine, config, batch, telling)


def _dream_all(jobs: Sequence[DreamJob], batch: BatchConfig) -> None:
    """Dream now; what goes wrong is told when its photo is painted or written."""
    from portraitify.errors import PortraitifyError

    for job in jobs:
        if batch.skip_existing and job.to_file and job.stands(job.target):
            continue
        try:
            job.check(batch.max_pixels)
            _ = job.dreamt
        except PortraitifyError:
            continue


def _write(jobs: Sequence[DreamJob], batch: BatchConfig) -> int:
    """Write dreams as they are; each that cannot be written is named and stops no other."""
    from portraitify.batch.inputs import STANDARD_STREAM
    from portraitify.cli.console import say_error
    from portraitify.errors import ImageError, PortraitifyError
    from portraitify.io.encoding import encode
    from portraitify.io.files import write_to_stdout

    failed = []
    for job in jobs:
        try:
            if job.to_file and job.stands(job.target) and not batch.overwrite:
                if batch.skip_existing:
                    continue
                raise ImageError(f"{job.target}: exists already. Add --overwrite to replace it.")
            job.check(batch.max_pixels)
            data = encode(job.dreamt, job.kind, batch.quality)
            if job.target == STANDARD_STREAM:
                write_to_stdout(data)
            else:
                job.write(job.target, data)
        except PortraitifyError as error:
            say_error(str(error))
            failed.append(exit_codes.exit_code(error))
    if len(jobs) > 1 and failed:
        return exit_codes.SOME_FAILED
    return failed[0] if failed else exit_codes.DONE
