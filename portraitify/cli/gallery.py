"""``portraitify gallery FOLDER``: a page to look at paintings and to choose among them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from portraitify.cli.console import Bar, shown_name, warning_line
from portraitify.cli.options import debug_option
from portraitify.cli.values import NamedPath

if TYPE_CHECKING:
    from portraitify.gallery.gallery import Gallery
    from portraitify.gallery.told import Told

# Decoding leaves the interpreter's lock, and a disk has to be waited for too.
_WORKERS = 4


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("folder", type=NamedPath(exists=True, file_okay=False))
@click.option("-r", "--recursive", is_flag=True, help="Look into folders inside it.")
@click.option(
    "--report",
    "reports",
    multiple=True,
    type=NamedPath(exists=True, dir_okay=False),
    metavar="FILE",
    help="Show what this report of the batch tells: reasons, odds, warnings. May be given several times.",
)
@click.option(
    "--gallery-photos",
    is_flag=True,
    help="Keep the small copies of photos that a batch with --gallery-photos made; otherwise they go.",
)
@click.option("--overwrite", is_flag=True, help="Replace an index.html that is no gallery.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.option("-q", "--quiet", is_flag=True, help="Print nothing but errors.")
@debug_option
def gallery(
    folder: Path,
    recursive: bool,
    reports: tuple[Path, ...],
    gallery_photos: bool,
    overwrite: bool,
    as_json: bool,
    quiet: bool,
) -> None:
    """Make FOLDER/index.html, a page with all paintings in FOLDER.

    Open it in a browser; it needs neither a server nor the network. It has each
    painting at full size, filters by style and painter, and takes down which
    ones you keep. `portraitify keep` copies those. Paintings of a batch get
    such a page with --gallery, with all that the batch knows of them.
    """
    from portraitify.gallery.finding import find_paintings
    from portraitify.gallery.gallery import Gallery
    from portraitify.io.tiff_messages import silence_libtiff

    silence_libtiff()
    with Gallery(folder, gallery_photos, overwrite, _WORKERS) as made:
        told = _told(folder, reports, made)
        paintings = find_paintings(folder, recursive, list(told))
        with Bar("gallery", len(paintings), shown=not (quiet or as_json)) as bar:
            for future in [made.add(path, told.get(path)) for path in paintings]:
                # What went wrong is told of when the page is written.
                future.exception()
                bar.advance()
        count = made.write()
    if as_json:
        click.echo(json.dumps({"gallery": str(made.path), "paintings": count, "warnings": made.problems}))
    if not quiet:
        tell(made, count, "" if as_json else str(made.path))


def tell(made: Gallery, count: int, name: str) -> None:
    """Say on stderr what was left out, and where the page is.

    Args:
        made: the gallery, written.
        count: how many paintings it shows.
        name: of the page; empty says no more than what was left out.
    """
    for problem in made.problems:
        click.echo(warning_line(f"{problem}."), err=True)
    if name:
        click.echo(f"{shown_name(name)}: a gallery of {count} painting{'s' * (count != 1)}", err=True)


def _told(folder: Path, reports: tuple[Path, ...], made: Gallery) -> dict[Path, Told]:
    """What reports tell, by files as they are found in the folder; later lines count."""
    from portraitify.errors import ConfigError
    from portraitify.gallery.finding import reported_file
    from portraitify.gallery.told import failure_of, read_report, told_of

    told: dict[Path, Told] = {}
    for report in reports:
        for record in read_report(report):
            failure = failure_of(record)
            if failure:
                made.failures.append(failure)
            try:
                told |= {reported_file(folder, path): known for path, known in told_of(record)}
            except ValueError as error:
                raise ConfigError(f"{report}: {error}.") from error
    return told
