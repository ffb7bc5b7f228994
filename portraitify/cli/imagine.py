"""``portraitify imagine``: somebody who does not exist, painted."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from portraitify.cli import exit_codes
from portraitify.cli.changed import changed_options, is_folder, list_limits, number_options, paint_changed
from portraitify.cli.chosen import calm_threads, chosen_configs
from portraitify.config import KEEP, LARGEST, BatchConfig

if TYPE_CHECKING:
    from collections.abc import Sequence

    from portraitify.costume.library import MasterEntry

_MOST = 1000
# Options of a painting that nobody's has; the ground is the master's, since what finds sitters in photos loses veils
# and hats of old pictures.
_OF_PHOTOS: dict[str, Any] = {"background": KEEP, "keep_date": False, "max_pixels": BatchConfig().max_pixels}
_MEANING = {
    "seed": "Who it is: the same seed gives the same person, and the same painting.",
    "output": "File or folder to write, a folder to be made ending in /; `-` for stdout. By default "
    "imagined-SEED.portrait.png in this folder.",
    "variants": "How many paintings of each person, after further old paintings.",
}
_EXAMPLES = """\b
Examples:
  portraitify imagine                                 imagined-0.portrait.png
  portraitify imagine --seed 7 --age 50 -s oil        somebody of fifty
  portraitify imagine --count 12 -o people/           twelve people
  portraitify imagine --master vigee-le-brun          in a straw hat

\b
Exit codes are those of `portraitify --help`.
"""
# Names stand in portraitify/imagining/, which imports NumPy; a test holds both together.
_TRAITS = {
    "age": "Years, from 20 to 60.",
    "smile": "From grave, 0, to a broad smile, 1.",
    "masculine": "From feminine, -1, to masculine, 1.",
    "weight": "From a thin face, -1, to a full one, 1.",
}


@click.command(epilog=_EXAMPLES, context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--count", type=click.IntRange(1, _MOST), default=1, show_default=True, help="How many people.")
@number_options(_TRAITS)
@click.option("--master", metavar="NAME", help="Whose hair, dress and ground; --list names them.")
@click.option("--list", "listing", is_flag=True, help="Print what can be asked and in whose pictures, and stop.")
@changed_options()
def imagine(
    count: int,
    master: str | None,
    listing: bool,
    output: str | None,
    weights_folder: Path | None,
    as_json: bool,
    verbose: bool,
    quiet: bool,
    debug: bool,
    **chosen: Any,
) -> int:
    """Paint somebody who does not exist.

    A face is drawn from what faces are like, by --seed, and wears hair and dress
    of an old master's picture. Further people of --count have the next seeds.
    """
    from functools import cache

    from portraitify.batch.imagine_job import plan_imagined
    from portraitify.cli.paint import check_streams
    from portraitify.engines.select import open_engine
    from portraitify.imagining.imaginer import check_traits
    from portraitify.imagining.painted import open_imaginer
    from portraitify.weights import WeightsFolder, default_folder

    folder = WeightsFolder(weights_folder or default_folder())
    imaginer = cache(lambda: open_imaginer(folder))
    if listing:
        _list(imaginer().masters)
        return exit_codes.DONE
    calm_threads()
    asked = {name: amount for name in _TRAITS if (amount := chosen.pop(name)) is not None}
    check_traits(asked)
    seed = chosen.pop("seed")
    config, batch = chosen_configs(
        reasons=as_json or not quiet, faces=LARGEST, group=False, sheet=False, seed=0, **chosen, **_OF_PHOTOS
    )
    if master:
        imaginer().check_master(master)
    into_folder = count > 1 or is_folder(output)
    target = None if output is None else Path(output)
    jobs = plan_imagined(range(seed, seed + count), asked, master or "", target, batch, into_folder, imaginer)
    check_streams(jobs, as_json)
    engine = cache(lambda: open_engine(folder, config))
    return paint_changed(jobs, folder, engine, config, batch, (as_json, verbose, quiet, debug))


def _list(masters: Sequence[MasterEntry]) -> None:
    from portraitify.imagining.imaginer import TRAITS

    list_limits(TRAITS)
    for entry in masters:
        whose = "a woman's" if entry.traits.woman else "a man's"
        click.echo(f"--master {entry.name:<18} {whose} picture: {entry.traits.dress}, by {entry.credits.artist}")


def _of_nobody(command: click.Command) -> None:
    """Leave out what is about photos, and say what the rest means here."""
    command.params = [option for option in command.params if option.name not in _OF_PHOTOS]
    for option in command.params:
        if isinstance(option, click.Option) and option.name in _MEANING:
            option.help = _MEANING[option.name]


_of_nobody(imagine)
