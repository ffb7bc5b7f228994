"""``portraitify evaluate blend``."""

from __future__ import annotations

import json
from pathlib import Path

import click

from portraitify.cli.extra_commands import TrainCommand
from portraitify.cli.train_options import DATA, FOLDER


@click.command(cls=TrainCommand)
@DATA
@click.option("--weights", type=FOLDER, help="Folder of weights. By default the shipped ones.")
@click.option("--pairs", type=click.IntRange(1), default=30, show_default=True, help="Of held-out photos.")
@click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True, help="Of the draw.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of the table.")
def blend(data: Path, weights: Path | None, pairs: int, seed: int, as_json: bool) -> None:
    """Measure whether a blend of two sitters, half and half, is as much the one as the other.

    dlib's recogniser, which no training used, compares the painting with both
    photos.
    """
    from portraitify.data.batches import PreparedData
    from portraitify.evaluation.blends import measure_blends, to_markdown, to_records

    def on_progress(done: int, total: int) -> None:
        click.echo(f"blends: {done} of {total}", err=True)

    readings, refused = measure_blends(PreparedData(data), weights, pairs, seed, on_progress)
    click.echo(json.dumps(to_records(readings)) if as_json else to_markdown(readings, refused), nl=as_json)
