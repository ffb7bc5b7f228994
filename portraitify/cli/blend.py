"""``portraitify blend A B``: one face of several, painted."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from portraitify.cli import exit_codes
from portraitify.cli.changed import changed_options, is_folder
from portraitify.cli.chosen import calm_threads, chosen_configs, given_references
from portraitify.cli.costume_options import costume_options
from portraitify.cli.values import INPUT, SharesType
from portraitify.config import LARGEST, BatchConfig, PaintConfig

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from portraitify.batch.blend_job import BlendJob
    from portraitify.batch.runner import Outcome
    from portraitify.pipeline import Portraitist

_MOST = 12
_EXAMPLES = """\b
Examples:
  portraitify blend anna.jpg bert.jpg                          half and half, anna+bert.portrait.png
  portraitify blend anna.jpg bert.jpg --weights 70,30 -s oil   more of Anna
  portraitify blend *.jpg -o family.png                        all of them, as much of each
  portraitify blend anna.jpg bert.jpg --sheet                  from the one to the other, anna+bert.sheet.png

\b
Exit codes are those of `portraitify --help`.
"""


class Weights(SharesType):
    """Numbers with commas between them, 0 or more, not all 0."""

    name = "weights"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[float, ...]:
        if isinstance(value, tuple):
            return value
        try:
            numbers = tuple(float(part.strip().removesuffix("%")) for part in str(value).split(","))
        except ValueError:
            self.fail(f"{value!r} is no list of numbers. Write them like 60,40.", param, ctx)
        if not all(0 <= number < float("inf") for number in numbers) or not sum(numbers):
            self.fail(f"{value!r}: weights are 0 or more, and not all 0.", param, ctx)
        return numbers


@click.command(epilog=_EXAMPLES, context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("photos", nargs=-1, metavar="PHOTO PHOTO...", type=INPUT)
@click.option(
    "-w",
    "--weights",
    "shares",
    type=Weights(),
    metavar="N,N...",
    help="How much of each sitter, in the order of the photos. By default as much of each.",
)
@click.option(
    "--head",
    type=click.IntRange(1),
    metavar="N",
    help="Which photo gives hair, body and background. By default that of the sitter with the greatest weight, the "
    "first of those.",
)
@click.option(
    "--sheet",
    is_flag=True,
    help="Put the way from the first of two sitters to the second on one sheet, in five steps.",
)
@changed_options(costume_options)
def blend(
    photos: tuple[Path, ...],
    shares: tuple[float, ...] | None,
    head: int | None,
    sheet: bool,
    output: str | None,
    weights_folder: Path | None,
    as_json: bool,
    verbose: bool,
    quiet: bool,
    debug: bool,
    **chosen: Any,
) -> int:
    """Paint one face of two or more sitters: their shapes and their skin in the head of one of them.

    Take faces seen from the front. What comes out is play: nobody's child will
    look like it.
    """
    if not 2 <= len(photos) <= _MOST:
        raise click.UsageError(f"A blend is of 2 to {_MOST} photos; --help shows examples.")
    if shares and len(shares) != len(photos):
        raise click.UsageError(f"--weights: {len(shares)} for {len(photos)} photos. Give one for each.")
    if sheet and (len(photos) > 2 or shares):
        raise click.UsageError("--sheet shows the way from one sitter to another. Name two photos, and no --weights.")
    if head and head > len(photos):
        raise click.UsageError(f"--head {head}: there are {len(photos)} photos.")
    config, batch = chosen_configs(reasons=as_json or not quiet, faces=LARGEST, group=False, sheet=False, **chosen)
    telling = (as_json, verbose, quiet, debug)
    batch = replace(batch, sheet=sheet)
    return _paint(photos, shares, head, output, weights_folder, config, batch, telling)


def _paint(
    photos: tuple[Path, ...],
    shares: tuple[float, ...] | None,
    head: int | None,
    output: str | None,
    weights: Path | None,
    config: PaintConfig,
    batch: BatchConfig,
    telling: tuple[bool, bool, bool, bool],
) -> int:
    """Blend, paint, and tell of it."""
    from functools import cache

    calm_threads()
    from portraitify.batch.blend_job import plan_blend
    from portraitify.batch.request import painting_request
    from portraitify.batch.runner import BatchPainter
    from portraitify.cli.paint import check_streams
    from portraitify.cli.reporter import Reporter
    from portraitify.engines.select import open_engine
    from portraitify.io.tiff_messages import silence_libtiff
    from portraitify.pipeline import Portraitist
    from portraitify.weights import WeightsFolder, default_folder

    folder = WeightsFolder(weights or default_folder())
    engine = cache(lambda: open_engine(folder, config))
    target = None if output is None else Path(output)
    job = plan_blend(photos, shares or (1.0,) * len(photos), target, batch, is_folder(output), engine)
    job = replace(job, head=head - 1 if head else None)
    as_json, verbose, quiet, debug = telling
    check_streams([job], as_json)
    silence_libtiff()
    given = given_references(folder, config)

    def open_portraitist(options: PaintConfig) -> Portraitist:
        return Portraitist(options, folder.folder, engine(), given)

    with Reporter(1, None, batch.skip_existing, as_json, verbose, quiet, debug, config.explain) as reporter:
        if batch.sheet:
            outcomes = _sheet(job, config, batch, open_portraitist)
        else:
            request = painting_request(folder, config, given)
            painter = BatchPainter(batch, request, lambda: open_portraitist(config), lambda: False)
            outcomes = painter.run([job], reporter.stage)
        for outcome in outcomes:
            reporter.add(outcome)
        reporter.summarise()
    return exit_codes.IMAGE if reporter.lost and reporter.last_code == exit_codes.DONE else reporter.last_code


def _sheet(
    job: BlendJob, config: PaintConfig, batch: BatchConfig, open_portraitist: Callable[[PaintConfig], Portraitist]
) -> Iterator[Outcome]:
    """Paint the steps between two sitters, and write them."""
    from portraitify.batch.blend_sheet import blend_sheet
    from portraitify.batch.inputs import STANDARD_STREAM
    from portraitify.batch.runner import PAINTED, Outcome
    from portraitify.errors import ImageError
    from portraitify.io.files import write_to_stdout

    if job.to_file and not batch.overwrite and job.stands(job.target):
        raise ImageError(f"{job.target}: exists already. Add --overwrite to replace it.")
    job.check(batch.max_pixels)
    # Reading and finding the faces is not counted elsewhere either.
    _ = job.sitters
    begun_s = time.perf_counter()
    painting = blend_sheet(job, config, open_portraitist)
    data = painting.encode(job.kind, batch.quality, batch.metadata)
    files: tuple[Path, ...] = ()
    if job.target == STANDARD_STREAM:
        write_to_stdout(data)
    else:
        job.write(job.target, data)
        files = (job.target,)
    took_s = time.perf_counter() - begun_s
    yield Outcome(job, PAINTED, files, (painting,), seconds=took_s, warnings=painting.warnings)
