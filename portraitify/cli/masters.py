"""``portraitify masters``: the pictures in which a sitter can sit, and ones of one's own."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from portraitify.cli.console import Bar, printable, warning_line
from portraitify.cli.options import debug_option
from portraitify.cli.train_options import DebugGroup
from portraitify.cli.values import NamedPath

if TYPE_CHECKING:
    from portraitify.costume.library import MasterEntry, MasterLibrary
    from portraitify.costume.master import Credits, Master, Traits

_STYLES = ("renaissance", "oil")
_AGES, _HAIR = ("child", "adult", "old"), ("short", "long", "covered")
_WEIGHTS = click.option(
    "--weights", type=NamedPath(file_okay=False), help="Folder of weights. By default the shipped ones."
)


@click.group(cls=DebugGroup, invoke_without_command=True, context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object a picture.")
@click.option("--sheet", type=NamedPath(dir_okay=False), metavar="FILE", help="Draw them all as a picture.")
@click.option("--overwrite", is_flag=True, help="Replace FILE of --sheet if it exists.")
@_WEIGHTS
@debug_option
@click.pass_context
def masters(context: click.Context, as_json: bool, sheet: Path | None, overwrite: bool, weights: Path | None) -> None:
    """List the old masters' pictures for --costume, and those that were added.

    A star marks those that `--costume auto` draws on: dress that suits anyone.
    Any other can be named.
    """
    if context.invoked_subcommand:
        return
    from portraitify.costume.wardrobe import find_library

    library = find_library(weights)
    if sheet:
        if sheet.exists() and not overwrite:
            raise click.UsageError(f"{sheet}: exists already. Add --overwrite, or choose another name for --sheet.")
        _draw(library, sheet)
        click.echo(f"{sheet}: all of them", err=True)
    for entry in library.entries():
        click.echo(json.dumps(_record(entry), ensure_ascii=False) if as_json else printable(_line(entry)))


@masters.command()
@click.argument("name")
@click.argument("picture", type=NamedPath(dir_okay=False))
@click.option("--dress", default="the dress of your own picture", help='What sitters wear, after "in": "a red cloak".')
@click.option("--style", type=click.Choice(_STYLES), default="oil", show_default=True, help="How sitters are painted.")
@click.option("--age", type=click.Choice(_AGES), default="adult", show_default=True, help="Of whom it shows.")
@click.option("--hair", type=click.Choice(_HAIR), default="short", show_default=True, help="Of whom it shows.")
@click.option("--bearded", is_flag=True, help="Whom it shows has a beard.")
@click.option("--anyone", is_flag=True, help="The dress suits anyone, so that --costume auto may take it.")
@click.option("--no-mirror", is_flag=True, help="Never mirror it: it bears lettering.")
@click.option("--artist", default="", help="Who painted it.")
@click.option("--title", default="", help="Of the picture.")
@click.option("--date", default="", help="Of the picture.")
@click.option("--overwrite", is_flag=True, help="Replace one of that name that was added before.")
@click.option("--force", is_flag=True, help="Add it even where remains of its own sitter are likely to show.")
@_WEIGHTS
def add(name: str, picture: Path, overwrite: bool, force: bool, weights: Path | None, **given: Any) -> None:
    """Prepare a PICTURE of your own, for `--costume NAME`.

    A painted portrait of one person is best, with head and shoulders on a quiet
    ground, the face turned by less than half a profile. Head, neck and dress
    are found, and ground and dress carried on where the head was.

    What cannot become good is refused: more than one person, hair that cannot
    be told from the ground, a hat that leaves no ground to carry on, remains
    beside the head, a profile. --force adds it all the same, except where no
    face can be measured; the warning stays with the picture, and `--costume
    auto` leaves it out. Look at the result with `portraitify masters --sheet`.

    Whether you have the right to use the picture is yours to judge: nothing
    here knows, and it stays on this machine, in $PORTRAITIFY_MASTERS or the
    usual folder for data of programs.
    """
    from portraitify.costume.library import MasterLibrary
    from portraitify.costume.master import Credits, Traits
    from portraitify.costume.personal import add_master, check_free, check_name
    from portraitify.costume.wardrobe import find_library

    library = find_library(weights)
    check_name(name, MasterLibrary(library.folder).names())
    if not overwrite:
        check_free(name)
    mirrors = not given.pop("no_mirror")
    credits = Credits(given.pop("artist"), given.pop("title") or name, given.pop("date"))
    style = given.pop("style")
    master = _prepared(name, picture, style, credits, Traits(mirrors=mirrors, **given), weights, force)
    click.echo(f"{name}: {master.plate.shape[1]} x {master.plate.shape[0]} pixels, in {add_master(master)}")
    for warning in master.warnings:
        click.echo(warning_line(f"{name}: {warning}."), err=True)
    click.echo("Look at it, dress and neck above all: portraitify masters --sheet FILE", err=True)


@masters.command()
@click.argument("name")
def remove(name: str) -> None:
    """Remove the picture NAME that was added on this machine."""
    from portraitify.costume.personal import remove_master

    click.echo(f"{remove_master(name)} removed")


def _prepared(
    name: str, picture: Path, style: str, credits: Credits, traits: Traits, weights: Path | None, force: bool
) -> Master:
    from portraitify.config import PaintConfig
    from portraitify.costume.adding import prepare_own
    from portraitify.engines.select import open_engine
    from portraitify.io.reading import read_image
    from portraitify.weights import WeightsFolder, default_folder

    image = read_image(picture).pixels
    engine = open_engine(WeightsFolder(weights or default_folder()), PaintConfig())
    try:
        networks = (engine.detector, engine.face_mesh, engine.subject_mask)
        with Bar(name, 1) as bar:
            return prepare_own(image, name, style, credits, traits, networks, force, bar.note)
    finally:
        engine.close()


def _line(entry: MasterEntry) -> str:
    known, traits = entry.credits, entry.traits
    label = ", ".join(part for part in (known.artist or "unknown painter", known.title, known.date) if part)
    beard = ", bearded" if traits.bearded else ""
    star = "*" if traits.anyone else " "
    shows = f"{traits.age}, {traits.hair} hair{beard}; {entry.style}"
    flaws = "".join(f"\n    warning: {words}" for words in entry.warnings)
    return f"{star} {entry.name:<20} {label}\n    in {traits.dress}; {shows}{flaws}"


def _record(entry: MasterEntry) -> dict[str, Any]:
    return {
        "name": entry.name,
        **asdict(entry.credits),
        **asdict(entry.traits),
        "style": entry.style,
        "pose": asdict(entry.pose),
        "width": entry.size[0],
        "height": entry.size[1],
        "warnings": list(entry.warnings),
    }


def _draw(library: MasterLibrary, path: Path) -> None:
    from portraitify.costume.sheet import masters_sheet
    from portraitify.io.encoding import encode, format_of
    from portraitify.io.files import check_folder, write_atomically

    kind = format_of(path)
    check_folder(path)
    write_atomically(path, encode(masters_sheet(library), kind))
