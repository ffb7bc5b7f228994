"""``portraitify train face-space``."""

from __future__ import annotations

from pathlib import Path

import click

from portraitify.cli.console import progress
from portraitify.cli.extra_commands import TrainCommand
from portraitify.cli.train_options import DATA, FOLDER, WEIGHTS


@click.command("face-space", cls=TrainCommand)
@click.argument("package", type=FOLDER)
@DATA
@WEIGHTS
def face_space(package: Path, data: Path, weights: Path) -> None:
    """Fit what faces are like, by which `portraitify adjust` changes them, and write it among --weights.

    Only photos of the training split count, of bare faces seen from the front.
    Networks of PACKAGE, the unpacked npm package @vladmandic/human 3.3.6, tell
    age, smile and how masculine a face is.
    """
    from portraitify.data.batches import PreparedData
    from portraitify.data.sources import PHOTOS
    from portraitify.engines.onnx_engine import OnnxEngine
    from portraitify.training.face_labels import FaceLabeller
    from portraitify.training.face_space import collect, export_face_space, fit
    from portraitify.weights import WeightsFolder

    prepared, mesh = PreparedData(data), OnnxEngine(WeightsFolder(weights)).face_mesh
    labeller = FaceLabeller(package)
    with progress("measuring", len(prepared.rows(PHOTOS, "train"))) as advance:
        sample = collect(prepared, mesh, labeller, lambda: advance(""))
    path = export_face_space(fit(sample), len(sample.points), weights)
    click.echo(f"{len(sample.points)} faces; {path}: {path.stat().st_size / 1000:.0f} kB")
