"""An evaluation as JSON for programs and as Markdown for people."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from portraitify.evaluation.bootstrap import Estimate
from portraitify.evaluation.evaluate import Evaluation
from portraitify.evaluation.markdown import markdown_table
from portraitify.evaluation.metrics import ALL_STYLES, DARKEST, LIGHTEST, Metric, group_scope
from portraitify.evaluation.picture_metrics import SKIN_LIGHTNESS_SHIFT
from portraitify.evaluation.readings import COLUMNS, FILTER, PAINTING
from portraitify.evaluation.records import plain_mapping
from portraitify.imaging.color_difference import SKIN_GROUPS
from portraitify.io.files import write_atomically

NOT_MEASURED = "-"
_GROUPS = (*(name for name, _ in SKIN_GROUPS), LIGHTEST, DARKEST)
_HOW = """\
- **painting** is what portraitify paints, **copy** the untouched photo, **filter** OpenCV's
  `stylization` (for ink its `pencilSketch`). The copy is perfect in whatever compares with the
  photo, so no metric means anything without the others.
- Brackets hold 95 % intervals of a bootstrap over sitters; n counts sitters. No sitter was left
  out for the look of a painting, and a painting in which neither of dlib's detectors finds a face
  counts as not verified and as a lost smile.
- Which photos are held out is decided by a hash of the file's name, or of the sitter's number where
  there is one, before training begins.
- Identity comes from dlib's recogniser, which training did not use. Its threshold accepts strangers
  too, above all of one sex and age: see how many other sitters it verifies.
- The judge of styles is a small network on hand-made features (colour, oriented energies, local
  binary patterns in background, sitter and face), trained with real paintings of the training split.
  Real paintings confuse it as shown below; renaissance and oil share many traits.
- Kernel distances use the same features. 1 is as far from the paintings as the photos are, 0 is
  like them; the estimate has no bias, so that it may fall below 0.
- The content distance uses VGG16-HED features, which **training used too** (for texture), and no
  learned weights as LPIPS has. Lower is nearer to the photo, not a better painting.
- Skin is the face without eyes and mouth. Training bounded its brightness as well. The groups go by
  the photo's typology angle (Chardon 1991), so by light and camera as much as by the sitter. Ink has
  no colour: its CIEDE2000 holds all of the lost chroma. Signed changes of L* cancel over styles, so
  look at them by style.
- Smiles are decided from the outline of the mouth in dlib's 68 landmarks, read many times off a softened
  picture. Sitters whose mouth lies outside the photo or the crop count neither as smiling nor as neutral.
  Some of those who were asked to smile hardly do, so that no judge agrees with all labels.
- The mask is compared with those of the segmentation network that trained it, not with the truth.
"""


def save_report(evaluation: Evaluation, folder: Path) -> tuple[Path, Path]:
    """Write ``evaluation.json`` and ``evaluation.md``.

    Args:
        evaluation: what was found.
        folder: made if missing.

    Returns:
        The two files.

    Raises:
        ImageError: one cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    paths = folder / "evaluation.json", folder / "evaluation.md"
    for path, text in zip(paths, (to_json(evaluation), to_markdown(evaluation)), strict=True):
        write_atomically(path, text.encode())
    return paths


def to_json(evaluation: Evaluation) -> str:
    """All metrics, rounded to six digits; what was not measured is null."""
    values = asdict(evaluation)
    if evaluation.smile:
        del values["smile"]["regression"]
    return json.dumps(plain_mapping(values, digits=6), indent=1) + "\n"


def to_markdown(evaluation: Evaluation) -> str:
    """The report: metrics over all styles, by style and by skin, and how far they can be trusted."""
    metrics = evaluation.metrics
    whole = [metric for metric in metrics if metric.scope == ALL_STYLES]
    groups = [metric for metric in metrics if metric.scope in _GROUPS]
    by_style = [metric for metric in metrics if metric.scope in evaluation.config.styles]
    generator = evaluation.weights.get("generator.safetensors", "")[:12] or "unknown"
    parts = [
        "# How good the shipped weights are\n",
        f"{evaluation.sitters} of {evaluation.available} held-out sitters, painted in "
        f"{', '.join(evaluation.config.styles)} by portraitify {evaluation.version}, generator "
        f"`{generator}`, seed {evaluation.config.seed}.\n",
        *(f"> {note}\n" for note in evaluation.notes),
        "## All styles\n",
        markdown_table(("metric", "better", "target", *COLUMNS, "n"), (_whole_line(metric) for metric in whole)),
        "## By style\n",
        _style_table(by_style, evaluation.config.styles),
        "## By the skin of the photo, all styles\n",
        markdown_table(("metric", "sitters", *COLUMNS, "n"), (_scoped_line(metric) for metric in groups)),
        "## Skin of the paintings, L* minus that of the photo\n",
        _skin_table(metrics, evaluation.config.styles),
        "## How far the judges can be trusted\n",
        _judge_table(evaluation),
        _smile_line(evaluation),
        "## How to read this\n",
        _HOW,
    ]
    return "\n".join(part for part in parts if part)


def _style_table(metrics: Sequence[Metric], styles: Sequence[str]) -> str:
    """One line a metric and column; what compares the copy with its own photo is left to the JSON file."""
    rows = []
    for key in dict.fromkeys(metric.key for metric in metrics):
        of_key = {metric.scope: metric for metric in metrics if metric.key == key}
        for column in COLUMNS if key.startswith("style.") else (PAINTING, FILTER):
            cells = [_cell(of_key[style].columns[column], of_key[style].share) for style in styles]
            rows.append((of_key[styles[0]].title, column, *cells))
    return markdown_table(("metric", "of", *styles), rows)


def _skin_table(metrics: Sequence[Metric], styles: Sequence[str]) -> str:
    """One line a group of sitters, one column a style: over all styles changes cancel."""
    found = {metric.scope: metric for metric in metrics if metric.key == SKIN_LIGHTNESS_SHIFT}
    rows = []
    for group in _GROUPS:
        if group in found:
            cells = [_cell(found[group_scope(group, style)].columns[PAINTING], False) for style in styles]
            rows.append((group, *cells, _count(found[group])))
    return markdown_table(("sitters", *styles, "n"), rows)


def _judge_table(evaluation: Evaluation) -> str:
    judge = evaluation.judge
    rows = [
        (
            style,
            str(judge.trained_on.get(style, 0)),
            str(judge.held_out[style]),
            _percent(judge.accuracy.get(style)),
            _percent(judge.accuracy_with_photo.get(style)),
            _number(evaluation.real_kernel_distance.get(style)),
        )
        for style in judge.held_out
    ]
    header = (
        "style",
        "trained on",
        "tested",
        "named",
        "named where `photo` may be said",
        "kernel distance of real ones",
    )
    mean = f"On average over the styles it names {_percent(judge.mean_accuracy)} of held-out real paintings.\n"
    return markdown_table(header, rows) + "\n" + mean


def _smile_line(evaluation: Evaluation) -> str:
    smile = evaluation.smile
    if smile is None:
        return ""
    return (
        f"The judge of smiles learned from {smile.smiling} smiling and {smile.neutral} neutral faces. It is right on "
        f"{_percent(smile.cross_validated_accuracy)} of them when it has not seen the sitter, on "
        f"{_percent(smile.augmented_accuracy)} of copies made to look printed, drawn or painted, and on "
        f"{_percent(smile.held_out_accuracy)} of {smile.held_out_count} held-out ones (mean of both kinds).\n"
    )


def _whole_line(metric: Metric) -> tuple[str, ...]:
    return (metric.title, metric.better, metric.target or NOT_MEASURED, *_cells(metric), _count(metric))


def _scoped_line(metric: Metric) -> tuple[str, ...]:
    return (metric.title, metric.scope, *_cells(metric), _count(metric))


def _cells(metric: Metric) -> list[str]:
    return [_cell(metric.columns[column], metric.share) for column in COLUMNS]


def _cell(estimate: Estimate | None, share: bool) -> str:
    if estimate is None:
        return NOT_MEASURED
    if share:
        return f"{_percent(estimate.value)}{_interval(100 * estimate.low, 100 * estimate.high, 1)}"
    digits = 2 if abs(estimate.value) < 10 else 1
    return f"{estimate.value:.{digits}f}{_interval(estimate.low, estimate.high, digits)}"


def _interval(low: float, high: float, digits: int) -> str:
    return "" if math.isnan(low) else f" [{low:.{digits}f}, {high:.{digits}f}]"


def _count(metric: Metric) -> str:
    return str(max((estimate.count for estimate in metric.columns.values() if estimate), default=0))


def _percent(value: float | None) -> str:
    return NOT_MEASURED if value is None or math.isnan(value) else f"{100 * value:.1f} %"


def _number(value: float | None) -> str:
    return NOT_MEASURED if value is None or math.isnan(value) else f"{value:.2f}"
