"""``portraitify evaluate costume``."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import click

from portraitify.cli.extra_commands import ExtraCommand
from portraitify.cli.train_options import FOLDER
from portraitify.config import HAIRS, OWN_HAIR


class EvaluateCommand(ExtraCommand):
    """One of ``portraitify evaluate`` that works on prepared data."""

    extra = "evaluate"


@click.command(cls=EvaluateCommand)
@click.option("--data", type=FOLDER, default=Path("runs/data"), show_default=True, help="Prepared data.")
@click.option("--weights", type=FOLDER, help="Folder of weights. By default the shipped ones.")
@click.option("--hair", type=click.Choice(HAIRS), default=OWN_HAIR, show_default=True, help="Which way to measure.")
@click.option("--limit", type=click.IntRange(min=1), help="Paint so many sitters, drawn at random, instead of all.")
@click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True, help="Of all choices.")
@click.option("--resume", is_flag=True, help="Keep what was measured of sitters with these weights before.")
@click.option("--json", "as_json", is_flag=True, help="Print all figures and readings as JSON instead of the table.")
@click.option(
    "-o", "--output", type=FOLDER, default=Path("runs/evaluation"), show_default=True, help="Folder to write."
)
def costume(
    data: Path,
    weights: Path | None,
    hair: str,
    limit: int | None,
    seed: int,
    resume: bool,
    as_json: bool,
    output: Path,
) -> None:
    """Sit held-out sitters for a master and measure what becomes of them.

    Counts for whom --costume auto finds a picture, and why for others not;
    measures likeness to the sitter and to the master's own one, skin, neck,
    smiles, where features are found, and time and memory of a whole process.
    Prints the table, and writes costume-HAIR.json and costume-HAIR.md.

    \b
    Likeness and smiles need:  pip install "portraitify[evaluate]"
    """
    from portraitify.data.batches import PreparedData
    from portraitify.evaluation.costume import CostumeConfig, evaluate_costume
    from portraitify.evaluation.costume_report import save_costume_report, to_json, to_markdown

    config = CostumeConfig(hair=hair, limit=limit or 0, seed=seed)
    evaluation = evaluate_costume(PreparedData(data), weights, config, output, resume, _say_progress())
    click.echo(to_json(evaluation) if as_json else to_markdown(evaluation), nl=False)
    for path in save_costume_report(evaluation, output):
        click.echo(path, err=True)


def _say_progress() -> Callable[[str, int, int], None]:
    """A line on stderr at each tenth of a phase."""

    def say(phase: str, done: int, total: int) -> None:
        if done * 10 // total > (done - 1) * 10 // total:
            click.echo(f"{phase}: {done} of {total}", err=True)

    return say
