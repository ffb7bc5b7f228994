"""``portraitify evaluate adjust``."""

from __future__ import annotations

import json
from pathlib import Path

import click

from portraitify.cli.console import say_tenths
from portraitify.cli.extra_commands import TrainCommand
from portraitify.cli.train_options import DATA, FOLDER


@click.command(cls=TrainCommand)
@click.option("--judge", type=FOLDER, required=True, help="The unpacked npm package @vladmandic/face-api 1.7.15.")
@DATA
@click.option("--weights", type=FOLDER, help="Folder of weights. By default the shipped ones.")
@click.option("--sitters", type=click.IntRange(1), default=40, show_default=True, help="Of either kind, held out.")
@click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True, help="Of the draw.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of the table.")
def adjust(judge: Path, data: Path, weights: Path | None, sitters: int, seed: int, as_json: bool) -> None:
    """Measure whether `portraitify adjust` makes calm sitters smile and adults older, and keeps who they are.

    What judges is not what taught the directions: the networks of --judge tell
    age and expression, the outline of the mouth tells smiles, dlib tells who it
    is. Photos are judged as they are before they would be painted.
    """
    from portraitify.data.batches import PreparedData
    from portraitify.evaluation.adjusted import measure_adjusted, to_markdown, to_records

    readings, asked = measure_adjusted(PreparedData(data), judge, weights, sitters, seed, say_tenths)
    click.echo(json.dumps(to_records(readings)) if as_json else to_markdown(readings, asked), nl=as_json)
