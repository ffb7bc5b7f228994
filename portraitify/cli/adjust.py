"""``portraitify adjust PHOTO``: a sitter older, smiling, turned, with other hair, painted."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from portraitify.cli import exit_codes
from portraitify.cli.chosen import calm_threads, chosen_configs, given_references
from portraitify.cli.interrupt import Interrupt
from portraitify.cli.options import (
    choosing_options,
    color_options,
    computing_options,
    framing_options,
    looking_options,
    max_pixels_option,
    plain_output_options,
    telling_options,
)
from portraitify.cli.reference_options import reference_options
from portraitify.cli.values import INPUT, NamedPath
from portraitify.config import LARGEST, BatchConfig, PaintConfig

if TYPE_CHECKING:
    from portraitify.morphing.adjusting import Adjuster
    from portraitify.pipeline import Portraitist

_EXAMPLES = """\b
Examples:
  portraitify adjust selfie.jpg --age 20 --hair grey     twenty years later, selfie.portrait.png
  portraitify adjust selfie.jpg --smile 0.5 -s oil       a friendlier one
  portraitify adjust photos/ -o younger/ --age -10       a whole folder
  portraitify adjust --list                              what can be adjusted, and how far

\b
Exit codes are those of `portraitify --help`.
"""
# Names and colours stand in portraitify/morphing/, which imports NumPy; a test holds both together.
_NAMES = {
    "age": "Years older; less than 0 is younger.",
    "smile": "From grave, -0.4, to a broad smile, 0.7.",
    "masculine": "From feminine, -1, to masculine, 1.",
    "weight": "From a thin face, -1, to a full one, 1.",
    "light": "Light from the left, -1, or from the right, 1.",
    "turn": "Degrees by which the head turns to the left, less than 0, or to the right.",
}
_COLOURS = ("black", "brown", "blond", "red", "grey", "white")


def _adjustments(function: Callable[..., Any]) -> Callable[..., Any]:
    hair = click.option("--hair", type=click.Choice(_COLOURS), help="Colour of the hair; a hat counts as hair.")
    function = hair(function)
    for name, text in reversed(_NAMES.items()):
        function = click.option(f"--{name}", type=float, metavar="N", help=text)(function)
    return function


@click.command(epilog=_EXAMPLES, context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("inputs", nargs=-1, metavar="PHOTO...", type=INPUT)
@_adjustments
@click.option("--list", "listing", is_flag=True, help="Print what can be adjusted and how far, and stop.")
@looking_options
@choosing_options
@reference_options
@framing_options
@color_options
@plain_output_options
@max_pixels_option
@computing_options
@click.option(
    "--weights-folder",
    type=NamedPath(file_okay=False),
    help="Folder of weights of networks. By default the shipped ones.",
)
@telling_options
def adjust(
    inputs: tuple[Path, ...],
    listing: bool,
    output: str | None,
    hair: str | None,
    weights_folder: Path | None,
    as_json: bool,
    verbose: bool,
    quiet: bool,
    debug: bool,
    **chosen: Any,
) -> int:
    """Paint the most prominent sitter of each PHOTO older or younger, smiling, turned, or with other hair.

    Differences between faces are laid on the photo, so that likeness stays; it
    is play, not prediction. Take faces seen from the front.
    """
    if listing:
        _list()
        return exit_codes.DONE
    amounts = {name: amount for name in _NAMES if (amount := chosen.pop(name)) is not None}
    if not amounts and not hair:
        raise click.UsageError("Nothing to adjust. Name something, like --age 20; --list tells what.")
    from portraitify.cli.paint import check_streams, plan_inputs
    from portraitify.morphing.adjusting import check_amounts

    calm_threads()
    check_amounts(amounts, hair or "")
    config, batch = chosen_configs(reasons=as_json or not quiet, faces=LARGEST, group=False, sheet=False, **chosen)
    planned = plan_inputs(list(inputs), output, batch, recursive=False, listed=False)
    check_streams(planned, as_json)
    telling = (as_json, verbose, quiet, debug)
    return _paint(planned, amounts, hair or "", weights_folder, config, batch, telling)


def _list() -> None:
    from portraitify.morphing.adjusting import ADJUSTMENTS, HAIR
    from portraitify.morphing.hair import HAIR_COLOURS

    for each in ADJUSTMENTS:
        click.echo(f"--{each.name:<10} {each.least:>4g} to {each.most:<4g} {each.what}")
    click.echo(f"--{HAIR:<10} {', '.join(HAIR_COLOURS)}")


def _paint(
    planned: list[Any],
    amounts: dict[str, float],
    hair: str,
    weights: Path | None,
    config: PaintConfig,
    batch: BatchConfig,
    telling: tuple[bool, bool, bool, bool],
) -> int:
    """Adjust, paint, and tell of it."""
    from functools import cache

    from portraitify.batch.adjust_job import adjusted
    from portraitify.batch.request import painting_request
    from portraitify.batch.runner import BatchPainter
    from portraitify.cli.paint import paint_jobs
    from portraitify.cli.reporter import Reporter
    from portraitify.engines.select import open_engine
    from portraitify.io.tiff_messages import silence_libtiff
    from portraitify.weights import WeightsFolder, default_folder

    folder = WeightsFolder(weights or default_folder())
    engine = cache(lambda: open_engine(folder, config))
    jobs = adjusted(planned, amounts, hair, engine, cache(lambda: _adjuster(folder)), batch.max_pixels)
    silence_libtiff()
    given = given_references(folder, config)

    def open_portraitist() -> Portraitist:
        from portraitify.pipeline import Portraitist

        return Portraitist(config, folder.folder, engine(), given)

    as_json, verbose, quiet, debug = telling
    interrupt = Interrupt()
    painter = BatchPainter(batch, painting_request(folder, config, given), open_portraitist, interrupt.is_set)
    told = (as_json, verbose, quiet, debug, config.explain)
    with interrupt, Reporter(len(jobs), None, batch.skip_existing, *told) as reporter:
        code = paint_jobs(painter, jobs, reporter, interrupt)
    return exit_codes.IMAGE if reporter.lost and code == exit_codes.DONE else code


def _adjuster(folder: Any) -> Adjuster:
    from portraitify.face_space.space import FaceSpace
    from portraitify.morphing.adjusting import Adjuster

    return Adjuster(FaceSpace.load(folder))
