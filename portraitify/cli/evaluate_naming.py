"""``portraitify evaluate naming`` and ``named``: whether people name the style of paintings."""

from __future__ import annotations

from pathlib import Path

import click

from portraitify.cli.console import say_tenths
from portraitify.cli.values import NamedPath

_EXISTING, _FOLDER = NamedPath(exists=True, file_okay=False), NamedPath(file_okay=False)


@click.command()
@click.argument("folders", nargs=-1, required=True, type=_EXISTING)
@click.option("-o", "--output", type=_FOLDER, required=True, help="Folder to write, for those who name.")
@click.option("--key", type=_FOLDER, required=True, help="Another folder to write, which they must not see.")
@click.option("--size", type=click.IntRange(64, 2048), default=400, show_default=True, help="Side of each picture.")
@click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True, help="Of the order.")
def naming(folders: tuple[Path, ...], output: Path, key: Path, size: int, seed: int) -> None:
    """Write sheets of the paintings in FOLDERS, whose styles somebody is to name.

    The order tells nothing; paint all of one shape, so that this tells nothing
    either. Whoever looks fills in answers.csv: renaissance, oil, watercolor or
    ink, and `yes` in the column `photo` for what would rather pass for a photo.
    `portraitify evaluate named` counts them.
    """
    from portraitify.evaluation.style_naming import find_paintings, write_naming

    found = find_paintings(folders)
    for path in write_naming(found, output, key, size, seed, lambda done, total: say_tenths("paintings", done, total)):
        click.echo(path)


@click.command()
@click.argument("answers", type=NamedPath(exists=True, dir_okay=False))
@click.option("--key", type=_EXISTING, required=True, help="Folder to which `portraitify evaluate naming` wrote it.")
def named(answers: Path, key: Path) -> None:
    """Count the filled-in ANSWERS: how many styles were named, in all and by style."""
    from portraitify.evaluation.style_naming import naming_markdown, read_naming

    click.echo(naming_markdown(read_naming(answers, key)), nl=False)
