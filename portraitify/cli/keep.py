"""``portraitify keep LIST -o FOLDER``: copy the paintings that were chosen in a gallery."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from portraitify.cli import exit_codes
from portraitify.cli.console import printable, say_error, shown_name
from portraitify.cli.options import debug_option
from portraitify.cli.values import PATH, NamedPath

if TYPE_CHECKING:
    from portraitify.gallery.keeping import Kept


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("keepers", metavar="LIST", type=PATH)
@click.option("-o", "--output", required=True, type=NamedPath(), metavar="FOLDER", help="Where the copies go.")
@click.option(
    "--from",
    "gallery",
    type=NamedPath(exists=True, file_okay=False),
    metavar="FOLDER",
    help="The gallery's folder. By default the one that the list names, or else the one that the list lies in.",
)
@click.option("--overwrite", is_flag=True, help="Replace other files of the same names.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object a painting.")
@click.option("-q", "--quiet", is_flag=True, help="Print nothing but errors.")
@debug_option
def keep(keepers: Path, output: Path, gallery: Path | None, overwrite: bool, as_json: bool, quiet: bool) -> int:
    """Copy the paintings in LIST, a keepers.txt from a gallery, or `-` for one on stdin.

    Nothing is moved or removed, and no other file is replaced unless you say
    so. The list has one painting a line, as it lies in the gallery's folder.
    """
    from portraitify.gallery import keeping

    found = keeping.read_keepers(keepers, gallery)
    counts: Counter[str] = Counter()
    code = exit_codes.DONE
    for kept in keeping.keep(found, found.folder(), output, overwrite):
        counts[kept.status] += 1
        if kept.error:
            say_error(str(kept.error))
            code = exit_codes.exit_code(kept.error)
        if as_json:
            click.echo(json.dumps(_record(kept)))
        elif not quiet and not kept.error:
            there = ": is there already" if kept.status == keeping.PRESENT else ""
            click.echo(printable(f"{shown_name(str(kept.source))} -> {shown_name(str(kept.target))}{there}"))
    if not quiet:
        present = f"{counts[keeping.PRESENT]} there already, " if counts[keeping.PRESENT] else ""
        text = f"{counts[keeping.COPIED]} copied, {present}{counts[keeping.FAILED]} failed"
        click.echo(f"portraitify: {text}.", err=True)
    return exit_codes.SOME_FAILED if counts[keeping.FAILED] and len(found.files) > 1 else code


def _record(kept: Kept) -> dict[str, Any]:
    record: dict[str, Any] = {"source": str(kept.source), "file": str(kept.target), "status": kept.status}
    if kept.error:
        record |= {"error": " ".join(str(kept.error).split()), "code": exit_codes.exit_code(kept.error)}
    return record
