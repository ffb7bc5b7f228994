"""``portraitify inspect FILE...``: what a painting says about itself."""

from __future__ import annotations

import json
import traceback
from dataclasses import asdict
from pathlib import Path

import click

from portraitify.cli import exit_codes
from portraitify.cli.console import printable, say_error
from portraitify.cli.values import NamedPath


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("files", nargs=-1, required=True, type=NamedPath())
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object a file.")
@click.option("--debug", is_flag=True, help="Show the traceback of an error.")
def inspect(files: tuple[Path, ...], as_json: bool, debug: bool) -> int:
    """Tell of each FILE whether portraitify painted it, and how to paint it again.

    The exit code is 3 if a file is no picture or holds no record.
    """
    from portraitify.batch.report import inspection_record
    from portraitify.errors import ImageError
    from portraitify.io.provenance import Provenance, read_provenance
    from portraitify.io.tiff_messages import silence_libtiff

    silence_libtiff()
    code = exit_codes.DONE
    for path in files:
        found: Provenance | None = None
        try:
            found = read_provenance(path)
            problem = "" if found else f"{path}: holds no record of portraitify."
        except ImageError as error:
            problem = str(error)
            if debug:
                traceback.print_exception(error)
        if as_json:
            values = asdict(found) | {"command": found.command()} if found else None
            click.echo(json.dumps(inspection_record(path, values)))
        elif found:
            click.echo(printable(_lines(path, asdict(found) | {"paint again with": found.command()})))
        if problem:
            say_error(problem)
            code = exit_codes.IMAGE
    return code


def _lines(path: Path, values: dict[str, object]) -> str:
    names = {"requested": "asked for", "size_px": "size", "style_code": "style code", "source": "photo and options"}
    rows = [f"  {names.get(name, name) + ':':<19}{value}" for name, value in values.items() if value != "{}"]
    return "\n".join([f"{path}: a machine-made painting", *rows])
