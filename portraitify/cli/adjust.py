"""``portraitify adjust PHOTO``: a sitter older, smiling, turned, with other hair, painted."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from portraitify.cli import exit_codes
from portraitify.cli.changed import Telling, changed_options, list_limits, number_options, paint_changed
from portraitify.cli.chosen import calm_threads, chosen_configs
from portraitify.cli.values import INPUT
from portraitify.config import LARGEST, BatchConfig, PaintConfig

if TYPE_CHECKING:
    from portraitify.morphing.adjusting import Adjuster

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


@click.command(epilog=_EXAMPLES, context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("inputs", nargs=-1, metavar="PHOTO...", type=INPUT)
@number_options(_NAMES)
@click.option("--hair", type=click.Choice(_COLOURS), help="Colour of the hair; a hat counts as hair.")
@click.option("--list", "listing", is_flag=True, help="Print what can be adjusted and how far, and stop.")
@changed_options()
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

    list_limits(ADJUSTMENTS)
    click.echo(f"--{HAIR:<10} {', '.join(HAIR_COLOURS)}")


def _paint(
    planned: list[Any],
    amounts: dict[str, float],
    hair: str,
    weights: Path | None,
    config: PaintConfig,
    batch: BatchConfig,
    telling: Telling,
) -> int:
    """Adjust, paint, and tell of it."""
    from functools import cache

    from portraitify.batch.adjust_job import adjusted
    from portraitify.engines.select import open_engine
    from portraitify.io.tiff_messages import silence_libtiff
    from portraitify.weights import WeightsFolder, default_folder

    folder = WeightsFolder(weights or default_folder())
    engine = cache(lambda: open_engine(folder, config))
    jobs = adjusted(planned, amounts, hair, engine, cache(lambda: _adjuster(folder)), batch.max_pixels)
    silence_libtiff()
    return paint_changed(jobs, folder, engine, config, batch, telling)


def _adjuster(folder: Any) -> Adjuster:
    from portraitify.face_space.space import FaceSpace
    from portraitify.morphing.adjusting import Adjuster

    return Adjuster(FaceSpace.load(folder))
