"""``portraitify train age``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from portraitify.cli.console import progress
from portraitify.cli.extra_commands import TrainCommand
from portraitify.cli.train_options import FOLDER, WEIGHTS
from portraitify.cli.values import NamedPath
from portraitify.weights import WeightsFolder

if TYPE_CHECKING:
    from portraitify.training.age import AgeReport


@click.command(cls=TrainCommand)
@click.argument("data", type=FOLDER)
@click.argument("labels", type=NamedPath(exists=True, dir_okay=False))
@WEIGHTS
def age(data: Path, labels: Path, weights: Path) -> None:
    """Fit what tells children and the old from other grown-ups, by LABELS of prepared DATA, and write it.

    LABELS is a JSON file that lists names of pictures, without folder and
    suffix, under child, old and unclear; all others count as grown up.
    """
    from portraitify.data.batches import PreparedData
    from portraitify.engines.onnx_engine import OnnxEngine
    from portraitify.training.age import cross_validate, examine, export_age, fit_age, measure_faces, read_labels

    known, prepared = read_labels(labels), PreparedData(data)
    with progress("measuring", len(prepared.records)) as advance:
        faces = measure_faces(prepared, known, OnnxEngine(WeightsFolder(weights)).face_mesh, lambda: advance(""))
    model = fit_age(faces.of(~faces.held_out))
    held_out, crossed = examine(model, faces.of(faces.held_out)), cross_validate(faces)
    path = export_age(model, held_out, crossed, weights)
    _print_report("held out", held_out)
    _print_report("cross-validated", crossed)
    click.echo(f"{path}: {path.stat().st_size / 1000:.0f} kB")


def _print_report(name: str, report: AgeReport) -> None:
    for what, (count, said) in (
        ("painted children recognised", report.children),
        ("photographed grown-ups taken for children", report.grown_ups),
        ("photographed old recognised", report.old),
        ("others taken for old", report.others),
    ):
        click.echo(f"{name}: {said} of {count} {what}")
