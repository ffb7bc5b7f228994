"""What people chose on the command line, as options of the package; shared by all commands that paint."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from portraitify.config import AUTO, FULL, LARGEST, BatchConfig, PaintConfig

if TYPE_CHECKING:
    from portraitify.batch.jobs import Job
    from portraitify.style.given import GivenReferences
    from portraitify.weights import WeightsFolder


def calm_threads() -> None:
    """Called before NumPy is imported.

    Painting multiplies no large matrices, but the threads for it would wait by spinning from that moment on.
    """
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")


def chosen_configs(
    *,
    reasons: bool,
    size: int,
    kind: str | None,
    quality: int,
    overwrite: bool,
    skip_existing: bool,
    keep_date: bool,
    no_metadata: bool,
    faces: str,
    group: bool,
    sheet: bool,
    max_pixels: int,
    variants: int,
    **looks: Any,
) -> tuple[PaintConfig, BatchConfig]:
    """Options for painting, and for reading photos and writing paintings.

    Args:
        reasons: whether somebody will read why a style was chosen.
        looks: named like the fields of ``PaintConfig``.

    Raises:
        ConfigError: a value makes no sense.
        click.UsageError: options exclude each other.
    """
    config = PaintConfig(size_px=size, reasons=reasons, **looks)
    batch = BatchConfig(
        format=kind,
        quality=quality,
        overwrite=overwrite,
        skip_existing=skip_existing,
        metadata=not no_metadata,
        keep_date=keep_date,
        faces=faces,
        group=group,
        sheet=sheet,
        max_pixels=max_pixels,
        variants=variants,
    )
    _check_together(config, batch)
    return config, batch


def _check_together(config: PaintConfig, batch: BatchConfig) -> None:
    """Options that exclude each other."""
    if config.crop == FULL and (batch.faces != LARGEST or batch.group):
        raise click.UsageError("--crop full paints all faces of a photo in one picture. Leave out --faces and --group.")
    if batch.sheet and config.costume:
        raise click.UsageError("--sheet shows all styles, and --costume paints as the master. Leave out one of them.")
    if batch.sheet and config.after:
        raise click.UsageError("--sheet shows all styles, and few painters have all. Leave out --sheet or --after.")
    if batch.sheet and config.style != AUTO:
        raise click.UsageError("--sheet shows all styles. Leave out --style.")


def report_or_stdout(report: Path | None, as_json: bool) -> tuple[Path | None, bool]:
    """The file for a report, if it is one, and whether JSON goes to stdout."""
    from portraitify.batch.jobs import is_stdout

    if report is None or not is_stdout(report):
        return report, as_json
    if as_json:
        raise click.UsageError(f"--json and --report {report} print the same. Leave out one of them.")
    return None, True


def check_report(report: Path, jobs: Iterable[Job], from_file: Path | None, may_exist: bool) -> None:
    """A report must take nobody else's place."""
    from portraitify.io.files import file_number, is_stream

    others = [*(job.source for job in jobs), *(job.target for job in jobs), *([from_file] if from_file else [])]
    number = file_number(report)
    taken = number is not None and any(file_number(path) == number for path in others)
    if taken or any(path.absolute() == report.absolute() for path in others):
        raise click.UsageError(f"{report}: is another file of this command. Choose another name for --report.")
    if os.path.exists(report) and not may_exist and not is_stream(report):
        raise click.UsageError(f"{report}: exists already. Add --overwrite, or choose another name for --report.")


def given_references(folder: WeightsFolder, config: PaintConfig) -> GivenReferences | None:
    """What the options name to paint after; read once, for a pipe can be read no more often."""
    if not (config.reference or config.after):
        return None
    from portraitify.style.given import open_given

    return open_given(folder, config)
