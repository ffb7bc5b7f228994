"""``portraitify FOLDER --watch``: paint what arrives, until somebody ends it."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from portraitify.cli import exit_codes
from portraitify.config import BatchConfig
from portraitify.errors import ImageError

if TYPE_CHECKING:
    from portraitify.batch.runner import BatchPainter
    from portraitify.cli.interrupt import Interrupt
    from portraitify.cli.reporter import Reporter

watch_option = click.option(
    "--watch",
    is_flag=True,
    help="Stay, and paint each photo that arrives in the folder INPUT once its file is whole; Ctrl-C ends it. Those "
    "that are there already are painted too. Goes with --skip-existing unless --overwrite or --no-metadata is given.",
)


def watch_config(batch: BatchConfig) -> BatchConfig:
    """Options for a folder that is watched: begun again, it goes on where it was, unless that was ruled out."""
    return batch if batch.overwrite or not batch.metadata else replace(batch, skip_existing=True)


def check_watch(
    entries: list[Path], output: str | None, listed: bool, gallery: bool = False, jobs: int | None = None
) -> None:
    """Make sure that there is one folder to watch, and one for the paintings.

    Raises:
        click.UsageError: something else was named.
        ImageError: there is no such folder.
    """
    from portraitify.batch.jobs import is_stdout, make_output_folder

    if gallery:
        raise click.UsageError("--watch has no end at which a page could be made. Run `portraitify gallery` beside it.")
    if jobs not in (None, 1):
        raise click.UsageError("--watch paints one photo after the other. Leave out --jobs.")
    if listed or len(entries) != 1 or entries[0] == Path("-"):
        raise click.UsageError("--watch stays with one folder. Name it as INPUT, and nothing else.")
    if not os.path.lexists(entries[0]):
        raise ImageError(f"{entries[0]}: no such folder.")
    if not os.path.isdir(entries[0]):
        raise click.UsageError(f"{entries[0]}: is a file, and --watch stays with a folder.")
    if output is None:
        return
    if is_stdout(Path(output)):
        raise click.UsageError("--watch paints many pictures. Name a folder with -o.")
    make_output_folder(Path(output))


def watch_folder(
    painter: BatchPainter,
    folder: Path,
    output: str | None,
    batch: BatchConfig,
    recursive: bool,
    reporter: Reporter,
    interrupt: Interrupt,
) -> int:
    """Paint until a signal comes.

    Returns:
        The exit code: being ended is how this ends, and no error. What failed was told of when it did.
    """
    from portraitify.batch.arrival_names import ArrivalNames
    from portraitify.batch.arrivals import WatchedFolder
    from portraitify.batch.jobs import ending
    from portraitify.batch.watching import Watcher
    from portraitify.io.encoding import PNG

    target = None if output is None else Path(output)
    avoided = None if target is None or os.path.realpath(target) == os.path.realpath(folder) else target
    names = ArrivalNames(target, *ending(batch))
    watched = WatchedFolder(folder, recursive, avoided)
    watcher = Watcher(watched, names, painter, batch.format or PNG, interrupt.is_set)
    # The first photo should not have to wait for the networks.
    painter.open()
    reporter.say(f"watching {folder}; Ctrl-C ends it.")

    def tell_of_folder(lost: OSError | None) -> None:
        if lost is None:
            reporter.say(f"{folder}: is back.")
        else:
            reporter.complain(f"{folder}: cannot be read ({lost.strerror}). Waiting for it to come back.")

    for outcome in watcher.run(reporter.stage, tell_of_folder):
        reporter.add(outcome)
    reporter.ended(watcher.remaining)
    return exit_codes.DONE
