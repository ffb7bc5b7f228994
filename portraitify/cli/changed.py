"""What the commands share that change photos before they paint them."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import click

from portraitify.cli import exit_codes
from portraitify.cli.chosen import given_references
from portraitify.cli.interrupt import Interrupt
from portraitify.cli.options import (
    choosing_options,
    color_options,
    computing_options,
    framing_options,
    looking_options,
    max_pixels_option,
    plain_output_options,
    telling_options,
)
from portraitify.cli.reference_options import reference_options
from portraitify.cli.values import NamedPath

if TYPE_CHECKING:
    from portraitify.batch.jobs import Job
    from portraitify.config import BatchConfig, PaintConfig
    from portraitify.engines.base import Engine
    from portraitify.face_space.limits import Limits
    from portraitify.pipeline import Portraitist
    from portraitify.weights import WeightsFolder

# Whether to print JSON, to say more, to say nothing, and to show where errors come from.
Telling = tuple[bool, bool, bool, bool]

_WEIGHTS_FOLDER = click.option(
    "--weights-folder",
    type=NamedPath(file_okay=False),
    help="Folder of weights of networks. By default the shipped ones.",
)


def changed_options(extra: Callable[..., Any] = lambda function: function) -> Callable[..., Any]:
    """All options of a painting, for a command that has a first step of its own.

    Args:
        extra: further options, between those of references and of framing.
    """
    groups = (
        *(looking_options, choosing_options, reference_options, extra, framing_options, color_options),
        *(plain_output_options, max_pixels_option, computing_options, _WEIGHTS_FOLDER, telling_options),
    )

    def decorated(function: Callable[..., Any]) -> Callable[..., Any]:
        for group in reversed(groups):
            function = group(function)
        return function

    return decorated


def number_options(texts: dict[str, str]) -> Callable[..., Any]:
    """Options that take a number each, from their names and what help says of them."""

    def decorated(function: Callable[..., Any]) -> Callable[..., Any]:
        for name, text in reversed(texts.items()):
            function = click.option(f"--{name}", type=float, metavar="N", help=text)(function)
        return function

    return decorated


def is_folder(output: str | None) -> bool:
    """Whether what is named for the output is a folder, there or to be made."""
    return output is not None and (output.endswith(("/", os.sep)) or os.path.isdir(output))


def list_limits(known: Sequence[Limits]) -> None:
    """Print what can be asked of a face, and how far."""
    for each in known:
        click.echo(f"--{each.name:<10} {each.least:>4g} to {each.most:<4g} {each.what}")


def paint_changed(
    jobs: Sequence[Job],
    folder: WeightsFolder,
    engine: Callable[[], Engine],
    config: PaintConfig,
    batch: BatchConfig,
    telling: Telling,
) -> int:
    """Paint what was changed, and tell of it.

    Returns:
        The exit code.
    """
    from portraitify.batch.request import painting_request
    from portraitify.batch.runner import BatchPainter
    from portraitify.cli.paint import paint_jobs
    from portraitify.cli.reporter import Reporter

    given = given_references(folder, config)

    def open_portraitist() -> Portraitist:
        from portraitify.pipeline import Portraitist

        return Portraitist(config, folder.folder, engine(), given)

    interrupt = Interrupt()
    painter = BatchPainter(batch, painting_request(folder, config, given), open_portraitist, interrupt.is_set)
    with interrupt, Reporter(len(jobs), None, batch.skip_existing, *telling, config.explain) as reporter:
        code = paint_jobs(painter, jobs, reporter, interrupt)
    return exit_codes.IMAGE if reporter.lost and code == exit_codes.DONE else code
