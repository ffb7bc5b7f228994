"""The whole evaluation, from prepared data and weights to metrics and notes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np

from portraitify import __version__
from portraitify.config import PaintConfig
from portraitify.data.batches import PreparedData
from portraitify.data.sources import PHOTOS
from portraitify.errors import ConfigError
from portraitify.evaluation.distances import ContentDistance, KernelDistance
from portraitify.evaluation.identity import INSTALL_HINT, open_face_reader
from portraitify.evaluation.judge import Gallery, Judge, JudgeReport, examine_judge, read_gallery
from portraitify.evaluation.labelled_smiles import learn_smiles
from portraitify.evaluation.metrics import Metric, MetricAggregator
from portraitify.evaluation.options import EvaluateConfig
from portraitify.evaluation.picture_metrics import IdentityMetrics
from portraitify.evaluation.readings import Examiner, Gauges, SitterReadings
from portraitify.evaluation.sitters import choose_rows, read_sitter
from portraitify.evaluation.smile import SmileModel
from portraitify.extras import INSTALL_JUDGES
from portraitify.media.registry import STYLES
from portraitify.pipeline import Portraitist

FEW = 50
Progress = Callable[[str, int, int], None]


@dataclass(frozen=True)
class Evaluation:
    """What was found.

    Attributes:
        version: of portraitify.
        config: options.
        sitters: held-out photos that were painted.
        available: held-out photos that there were.
        weights: SHA-256 of each file of weights.
        judge: reliability of the judge of styles.
        real_kernel_distance: for each style, kernel distance of real paintings of the training split to the held-out
            ones in parts of the photos' distance: what a perfect forger would get.
        smile: the judge of smiles, or None.
        metrics: in the order of the report.
        notes: what a reader must know, one sentence or two each.
    """

    version: str
    config: EvaluateConfig
    sitters: int
    available: int
    weights: dict[str, str]
    judge: JudgeReport
    real_kernel_distance: dict[str, float]
    smile: SmileModel | None
    metrics: tuple[Metric, ...]
    notes: tuple[str, ...]


def evaluate(
    data: PreparedData,
    weights: Path | None,
    config: EvaluateConfig,
    on_progress: Progress = lambda phase, done, total: None,
) -> Evaluation:
    """Paint held-out sitters and measure what became of them.

    Args:
        data: prepared pictures.
        weights: folder with a manifest; the shipped one by default.
        config: options.
        on_progress: called with the phase (``judge``, ``smiles``, ``sitters``), steps done, and steps in all.

    Raises:
        ConfigError: the data lacks held-out photos, or paintings to teach the judge.
        WeightsError: the weights are missing or wrong.
    """
    rows = choose_rows(data, config.limit, config.seed)
    painters = _painters(weights, config)
    first = painters[config.styles[0]]
    gallery = read_gallery(
        data, config.judge_pictures, config.seed, lambda done, total: on_progress("judge", done, total)
    )
    if sum(style in gallery.kinds for style in STYLES) < 2:
        raise ConfigError("The data holds paintings of fewer than two styles to teach the judge with.")
    judge = Judge(gallery, config.seed)
    gauges = _gauges(data, first.config.paint_px, on_progress)
    readings = _examine(data, rows, first.config.paint_px, Examiner(painters, gauges), on_progress)
    report = examine_judge(judge, gallery)
    metrics = MetricAggregator(readings, config.styles, judge, gallery, config.seed, config.draws).all()
    return Evaluation(
        version=__version__,
        config=config,
        sitters=len(rows),
        available=len(data.rows(PHOTOS, "held-out")),
        weights={name: entry["sha256"] for name, entry in sorted(first.weights.manifest["files"].items())},
        judge=report,
        real_kernel_distance=_real_kernel_distance(judge, gallery, readings, config.styles),
        smile=gauges.smile,
        metrics=tuple(metrics),
        notes=tuple(_notes(gauges, report, readings, config.styles)),
    )


def _painters(weights: Path | None, config: EvaluateConfig) -> dict[str, Portraitist]:
    """The product set to each style, all with the same networks."""
    painters: dict[str, Portraitist] = {}
    engine = None
    for style in config.styles:
        # On a CPU, so that the metrics do not depend on what else a machine has.
        options = PaintConfig(style=style, device="cpu", finish=config.finish)
        painters[style] = Portraitist(options, weights, engine)
        engine = painters[style].engine
    return painters


def _gauges(data: PreparedData, size_px: int, on_progress: Progress) -> Gauges:
    faces = open_face_reader()
    try:
        content = ContentDistance()
    except ConfigError:
        content = None
    smile = learn_smiles(data, faces, size_px, partial(on_progress, "smiles")) if faces else None
    return Gauges(faces, smile, content)


def _examine(
    data: PreparedData, rows: np.ndarray, size_px: int, examiner: Examiner, on_progress: Progress
) -> list[SitterReadings]:
    readings = []
    for done, row in enumerate(rows, 1):
        readings.append(examiner.examine(read_sitter(data, int(row), size_px)))
        on_progress("sitters", done, len(rows))
    return readings


def _real_kernel_distance(
    judge: Judge, gallery: Gallery, readings: list[SitterReadings], styles: tuple[str, ...]
) -> dict[str, float]:
    if len(readings) < 2:
        return {}
    photos, found = judge.scale(np.stack([reading.photo.features for reading in readings])), {}
    for style in styles:
        if min(len(gallery.training[style]), len(gallery.held_out[style])) > 1:
            real, held_out = judge.scale(gallery.training[style]), judge.scale(gallery.held_out[style])
            found[style] = KernelDistance(real, held_out)() / KernelDistance(photos, held_out)()
    return found


def _notes(gauges: Gauges, judge: JudgeReport, readings: list[SitterReadings], styles: tuple[str, ...]) -> list[str]:
    """What applies to this run only; what always applies stands in the report."""
    notes = []
    if gauges.faces is None:
        notes.append(f"Identity and smiles were not measured: {INSTALL_HINT}.")
    elif gauges.smile is None:
        notes.append("Smiles were not measured: the data holds too few photos labelled as smiling and neutral.")
    if gauges.content is None:
        notes.append(f"The content distance was not measured: {INSTALL_JUDGES}.")
    unseen = sum(reading.photo.descriptor is None for reading in readings)
    if gauges.faces and unseen:
        notes.append(f"dlib finds no face in {unseen} of {len(readings)} photos; identity leaves those sitters out.")
    strangers = IdentityMetrics(readings).strangers()
    if strangers:
        distance, cosine, share = strangers
        notes.append(
            f"For scale: photos of different sitters lie {distance:.2f} apart (cosine {cosine:.3f}), and "
            f"{100 * share:.1f} % of such pairs pass dlib's threshold as one person."
        )
    if len(readings) < FEW:
        notes.append(f"Only {len(readings)} sitters were painted: the intervals are wide, and the groups small.")
    few = [f"{style} {judge.held_out[style]}" for style in styles if judge.held_out[style] < FEW]
    if few:
        notes.append(f"Few held-out paintings stand behind the kernel distance: {', '.join(few)}.")
    if set(STYLES) - set(judge.accuracy):
        notes.append(f"The judge knows only {', '.join(judge.accuracy)}.")
    if not judge.accuracy_with_photo:
        notes.append(
            "The judge knows no photos: all of them count as held out. Whether training saw these photos or paintings "
            "cannot be told from here."
        )
    return notes
