"""``portraitify evaluate imagine``."""

from __future__ import annotations

import json
from pathlib import Path

import click

from portraitify.cli.console import say_tenths
from portraitify.cli.extra_commands import TrainCommand
from portraitify.cli.train_options import DATA, FOLDER
from portraitify.config import AUTO


@click.command(cls=TrainCommand)
@DATA
@click.option("--weights", type=FOLDER, help="Folder of weights. By default the shipped ones.")
@click.option("--seeds", type=click.IntRange(2), default=200, show_default=True, help="How many people, from 0 on.")
@click.option("--style", default=AUTO, show_default=True, help="To paint in.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of the table.")
def imagine(data: Path, weights: Path | None, seeds: int, style: str, as_json: bool) -> None:
    """Measure whether made-up people have one face each, are different people, and nobody of the training photos.

    dlib's recogniser, which no training used, compares all with all. Beside it
    stands what it says of the training photos among themselves, which show
    different people but for a few.
    """
    from portraitify.data.batches import PreparedData
    from portraitify.evaluation.imagined import measure_imagined, to_markdown, to_record

    people = measure_imagined(PreparedData(data), weights, seeds, style, say_tenths)
    click.echo(json.dumps(to_record(people)) if as_json else to_markdown(people), nl=as_json)
