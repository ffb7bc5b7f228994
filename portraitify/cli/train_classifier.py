"""``portraitify train classifier`` and ``measure-classifier``."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from portraitify.cli.console import progress
from portraitify.cli.extra_commands import TrainCommand
from portraitify.cli.train_options import DATA, FOLDER, WEIGHTS
from portraitify.errors import NoFaceError
from portraitify.media.registry import STYLES
from portraitify.training.options import ClassifierConfig
from portraitify.weights import WeightsFolder

if TYPE_CHECKING:
    import numpy as np

    from portraitify.data.batches import PreparedData
    from portraitify.evaluation.choices import ChoiceReport, Classify


@click.command(cls=TrainCommand)
@DATA
@WEIGHTS
@click.option("--steps", type=click.IntRange(1), default=ClassifierConfig.steps, show_default=True, help="Updates.")
@click.option("--seed", type=int, default=ClassifierConfig.seed, show_default=True, help="Of all choices.")
@click.option("--threads", type=click.IntRange(0), default=0, help="CPU threads; 0 leaves torch's choice.")
def classifier(data: Path, weights: Path, steps: int, seed: int, threads: int) -> None:
    """Train the style classifier and write it; then graphs, and `train measure-classifier` for its figures."""
    import torch

    from portraitify.data.batches import PreparedData
    from portraitify.training.classifier import train_classifier
    from portraitify.training.export import export_classifier
    from portraitify.training.frozen import DEEP_TAPS, TrunkFeatures

    if threads:
        torch.set_num_threads(threads)
    prepared, config = PreparedData(data), ClassifierConfig(steps=steps, seed=seed)
    with progress("training", steps) as advance:
        network = train_classifier(
            prepared,
            config,
            TrunkFeatures(DEEP_TAPS),
            lambda step, loss: advance(f"loss {loss:.3f}"),
            _at_tenths("views"),
        )
    export_classifier(network, config, weights)
    click.echo(f"{weights / 'classifier.safetensors'}: {sum(p.numel() for p in network.parameters())} parameters")


@click.command(cls=TrainCommand)
@DATA
@WEIGHTS
@click.option(
    "-o", "--output", type=FOLDER, default=Path("runs/choices"), show_default=True, help="Folder for the report."
)
@click.option("--originals", type=FOLDER, help="Data folder; measures the whole pipeline on its held-out photos too.")
@click.option("--engine", type=click.Choice(("onnx", "torch")), default="onnx", show_default=True, help="What chooses.")
def measure_classifier(data: Path, weights: Path, output: Path, originals: Path | None, engine: str) -> None:
    """Measure how the classifier chooses, on pictures that it never saw.

    Writes choices.json and choices.md: confusion of held-out paintings, how
    evenly styles are chosen for photos, what choices survive, whether the
    tone of skin decides, and what moves the choice. The main figures go into
    the manifest of the weights as well.
    """
    from dataclasses import replace

    from portraitify.data.batches import PreparedData
    from portraitify.evaluation.choices import examine_choices, whole_pipeline_consistency
    from portraitify.evaluation.choices_report import choices_record, save_choices
    from portraitify.training.export import record_choices

    folder, prepared = WeightsFolder(weights), PreparedData(data)
    report = examine_choices(_namer(folder), _chooser(folder, engine), prepared, _at_tenths("photos"))
    if originals is not None:
        choose, photos = _whole_chooser(folder, engine), _originals(prepared, originals)
        report = replace(
            report, whole_pipeline=whole_pipeline_consistency(choose, photos, _at_tenths("whole pipeline"))
        )
    paths = save_choices(report, output, folder.sha256("classifier"))
    record_choices(weights, choices_record(report))
    _print_report(report)
    for path in paths:
        click.echo(path)


def _namer(folder: WeightsFolder) -> Classify:
    """What the torch network says of paintings; the graph has only the part for photos."""
    import numpy as np
    import torch

    from portraitify.engines.torch_engine import load_classifier

    network = load_classifier(folder)

    def name(crop: np.ndarray) -> np.ndarray:
        image = torch.from_numpy(np.ascontiguousarray(crop)).permute(2, 0, 1)[None].float() / 127.5 - 1
        with torch.inference_mode():
            return network.painting_logits(image)[0].numpy()

    return name


def _chooser(folder: WeightsFolder, engine: str) -> Classify:
    from portraitify.config import PaintConfig
    from portraitify.engines.select import open_engine

    return open_engine(folder, PaintConfig(engine=engine, device="cpu")).classify


def _whole_chooser(folder: WeightsFolder, engine: str) -> Callable[[np.ndarray], str | None]:
    import numpy as np

    from portraitify.config import PaintConfig
    from portraitify.io.reading import SourceImage
    from portraitify.pipeline import Portraitist

    portraitist = Portraitist(PaintConfig(engine=engine, device="cpu"), folder.folder)

    def choose(photo: np.ndarray) -> str | None:
        try:
            (face,) = portraitist.find(SourceImage(photo, "photo"))
        except NoFaceError:
            return None
        return STYLES[int(np.argmax(portraitist.style_probabilities(face)))]

    return choose


def _originals(data: PreparedData, folder: Path) -> list[np.ndarray]:
    from portraitify.data.sources import PHOTOS
    from portraitify.io.reading import read_image

    return [read_image(folder / data.records[int(row)]["file"]).pixels for row in data.rows(PHOTOS, "held-out")]


def _at_tenths(phase: str) -> Callable[[int, int], None]:
    """A line on stderr at each tenth of the way."""
    last = -1

    def say(done: int, total: int) -> None:
        nonlocal last
        if done * 10 // total != last:
            last = done * 10 // total
            click.echo(f"{phase}: {done} of {total}", err=True)

    return say


def _print_report(report: ChoiceReport) -> None:
    from portraitify.evaluation.choices import GROUP_TITLES

    click.echo(f"held-out paintings: accuracy {report.accuracy:.1%}, balanced {report.balanced_accuracy:.1%}")
    click.echo(f"{'true / said':<12}" + "".join(f"{style:>12}" for style in STYLES))
    for style, row in zip(STYLES, report.confusion, strict=True):
        click.echo(f"{style:<12}" + "".join(f"{count:>12}" for count in row))
    for name, group in report.groups.items():
        shares = ", ".join(f"{style} {share:.0%}" for style, share in group.shares.items())
        gaps = ", ".join(f"{style} {100 * gap.value:+.0f}" for style, gap in group.gap.items())
        consistency = ", ".join(f"{change} {share.value:.1%}" for change, share in group.consistency.items())
        click.echo(f"{group.count} photos {GROUP_TITLES[name]}: {shares}")
        click.echo(f"  lightest minus darkest third, points: {gaps}")
        click.echo(f"  choice stays: {consistency}")
    for name, effect in report.effects.items():
        click.echo(f"{name}: {effect.style} rises in {effect.raised.value:.0%}, log-odds {effect.mean:+.2f}")
    for name, share in report.whole_pipeline.items():
        click.echo(f"whole pipeline, {name}: {share.value:.1%}")
