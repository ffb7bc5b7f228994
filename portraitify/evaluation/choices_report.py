"""How a classifier chooses, as JSON for programs and as Markdown for people."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

from portraitify.evaluation.bootstrap import Estimate
from portraitify.evaluation.choices import GROUP_TITLES, PERTURBATIONS, ChoiceReport, PhotoGroup
from portraitify.evaluation.markdown import markdown_table
from portraitify.evaluation.records import plain_mapping
from portraitify.io.files import make_folder, write_atomically
from portraitify.media.registry import STYLES

_HOW = """\
Brackets hold 95 % intervals of a bootstrap over sitters. Photos are measured in the portrait crop,
which is changed itself: a cut of 3 % moves the sitter in it. Unseen photos are those held out of
everything and a third of the others, which the classifier was kept from, since thirds of a hundred
sitters are too few to compare. Thirds go by the typology angle of the skin (Chardon 1991), so by
light and camera as much as by the sitter.
"""


def save_choices(report: ChoiceReport, folder: Path, classifier: str) -> tuple[Path, Path]:
    """Write ``choices.json`` and ``choices.md``.

    Args:
        report: what was found.
        folder: made if missing.
        classifier: digest of the weights that were measured.

    Returns:
        The two files.

    Raises:
        ImageError: one cannot be written.
    """
    make_folder(folder)
    paths = folder / "choices.json", folder / "choices.md"
    record = json.dumps(choices_record(report) | {"classifier": classifier}, indent=1)
    write_atomically(paths[0], (record + "\n").encode())
    write_atomically(paths[1], markdown(report, classifier).encode())
    return paths


def choices_record(report: ChoiceReport) -> dict[str, Any]:
    """All metrics as plain values."""
    return plain_mapping(
        {
            "accuracy": report.accuracy,
            "balanced_accuracy": report.balanced_accuracy,
            "confusion": report.confusion.tolist(),
            "photos": {name: asdict(group) for name, group in report.groups.items()},
            "whole_pipeline": {name: asdict(value) for name, value in report.whole_pipeline.items()},
            "counterfactuals": {name: asdict(effect) for name, effect in report.effects.items()},
        },
        digits=4,
    )


def markdown(report: ChoiceReport, classifier: str) -> str:
    """All metrics for people."""
    parts = [
        f"# How the classifier chooses\n\nClassifier `{classifier[:12]}`.\n\n{_HOW}",
        f"## Held-out paintings\n\nAccuracy {report.accuracy:.1%}, balanced {report.balanced_accuracy:.1%}.\n",
        markdown_table(
            ("true / said", *STYLES, "right"),
            (
                (style, *(str(count) for count in row), f"{row[index] / max(row.sum(), 1):.1%}")
                for index, (style, row) in enumerate(zip(STYLES, report.confusion, strict=True))
            ),
        ),
        "## Photos\n",
        *(_group(name, group) for name, group in report.groups.items()),
    ]
    if report.whole_pipeline:
        rows = [(name, _cell(report.whole_pipeline[name])) for name in PERTURBATIONS]
        parts.append("### Whole pipeline, on original files\n\n" + markdown_table(("changed", "choice stays"), rows))
    effects = [
        (name, effect.style, _cell(effect.raised), *(f"{effect.by_style[style]:+.2f}" for style in STYLES))
        for name, effect in report.effects.items()
    ]
    header = ("change", "should raise", "does in", *(f"log-odds {style}" for style in STYLES))
    parts.append("## What moves the choice\n\nMean change over unseen photos.\n\n" + markdown_table(header, effects))
    return "\n".join(parts)


def _group(name: str, group: PhotoGroup) -> str:
    shares = [
        (
            style,
            f"{group.shares[style]:.0%}",
            f"{group.lightest[style]:.0%}",
            f"{group.darkest[style]:.0%}",
            _points(group.gap[style]),
        )
        for style in STYLES
    ]
    consistency = [(change, _cell(group.consistency[change])) for change in PERTURBATIONS]
    return (
        f"### {group.count} photos {GROUP_TITLES[name]}\n\n"
        + markdown_table(("style", "chosen", "lightest third", "darkest third", "difference, points"), shares)
        + "\n"
        + markdown_table(("changed", "choice stays"), consistency)
    )


def _cell(value: Estimate) -> str:
    return f"{value.value:.1%} [{100 * value.low:.1f}, {100 * value.high:.1f}]"


def _points(value: Estimate) -> str:
    return f"{100 * value.value:+.0f} [{100 * value.low:.0f}, {100 * value.high:.0f}]"
