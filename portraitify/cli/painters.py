"""``portraitify painters``: after whom can be painted by name."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from portraitify.cli.console import printable
from portraitify.cli.options import debug_option
from portraitify.cli.values import NamedPath
from portraitify.media.registry import STYLES

if TYPE_CHECKING:
    from portraitify.style.painters import BankPainter


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--style", type=click.Choice(STYLES, case_sensitive=False), help="Only those with paintings in it.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object a painter.")
@click.option("--weights", type=NamedPath(file_okay=False), help="Folder of weights. By default the shipped ones.")
@debug_option
def painters(style: str | None, as_json: bool, weights: Path | None) -> None:
    """List the painters for --after, with how many paintings of each lend their codes.

    A part of a name is enough for --after if only one has it, in any case and
    without accents.
    """
    from portraitify.style.painters import list_painters
    from portraitify.weights import WeightsFolder, default_folder

    listed = list_painters(WeightsFolder(weights or default_folder()))
    shown = [painter for painter in listed if style is None or style in painter.styles]
    if as_json:
        for painter in shown:
            click.echo(json.dumps(_record(painter), ensure_ascii=False))
        return
    width = max((len(painter.name) for painter in shown), default=0)
    for painter in shown:
        counts = ", ".join(f"{name} {len(painter.of(name))}" for name in painter.styles)
        click.echo(printable(f"{painter.name:<{width}}  {counts}"))


def _record(painter: BankPainter) -> dict[str, Any]:
    paintings = [
        {"style": entry.style, "title": entry.title, "date": entry.date, "style_code": entry.identifier}
        for entry in painter.entries
    ]
    return {"name": painter.name, "styles": list(painter.styles), "paintings": paintings}
