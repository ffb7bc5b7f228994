"""``portraitify evaluate reference``."""

from __future__ import annotations

import json
from pathlib import Path

import click

from portraitify.cli.extra_commands import TrainCommand
from portraitify.cli.train_options import DATA, FOLDER


@click.command(cls=TrainCommand)
@DATA
@click.option("--weights", type=FOLDER, help="Folder of weights. By default the shipped ones.")
@click.option("--references", type=click.IntRange(1), default=20, show_default=True, help="Held-out paintings.")
@click.option("--sitters", type=click.IntRange(2), default=8, show_default=True, help="Held-out photos for each.")
@click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True, help="Of all choices.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of the table.")
def reference(data: Path, weights: Path | None, references: int, sitters: int, seed: int, as_json: bool) -> None:
    """Measure how near paintings after a held-out painting come to other works of its painter.

    Beside it stand paintings of the same sitters after a painting of the bank
    in the same medium, drawn at random. The distance is the kernel distance of
    features of colour, strokes and grain that no training used.
    """
    from portraitify.data.batches import PreparedData
    from portraitify.evaluation.reference import measure_references, to_markdown, to_records

    def on_progress(done: int, total: int) -> None:
        click.echo(f"references: {done} of {total}", err=True)

    readings = measure_references(PreparedData(data), weights, references, sitters, seed, on_progress)
    click.echo(json.dumps(to_records(readings), ensure_ascii=False) if as_json else to_markdown(readings), nl=as_json)
