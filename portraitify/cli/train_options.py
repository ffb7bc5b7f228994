"""Options that several commands of ``portraitify train`` share."""

from __future__ import annotations

from pathlib import Path

import click

from portraitify.cli.options import debug_option
from portraitify.cli.values import NamedPath

FOLDER = NamedPath(file_okay=False)
DATA = click.option("--data", type=FOLDER, default=Path("runs/data"), show_default=True, help="Prepared data.")
WEIGHTS = click.option(
    "--weights", type=FOLDER, default=Path("weights"), show_default=True, help="Folder of shippable weights."
)
LOOKED_OVER = click.option(
    "--looked-over",
    type=NamedPath(exists=True, dir_okay=False),
    help="CSV file: what was seen of the photos' masks. The project's own is weights/looked_over.csv.",
)


class DebugGroup(click.Group):
    """A group whose commands all take ``--debug``."""

    def add_command(self, cmd: click.Command, name: str | None = None) -> None:
        debug_option(cmd)
        super().add_command(cmd, name)
