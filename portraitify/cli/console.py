"""What people see: results on stdout, everything else on stderr."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from collections.abc import Callable


def say_error(message: str) -> None:
    """One line on stderr."""
    click.echo(f"portraitify: error: {_one_line(message)}", err=True)


def say_warning(message: str) -> None:
    """One line on stderr."""
    click.echo(f"portraitify: warning: {_one_line(message)}", err=True)


def _one_line(message: str) -> str:
    return " ".join(message.split())


@contextmanager
def progress(title: str, total: int) -> Iterator[Callable[[str], None]]:
    """Show a bar on stderr while work goes on; nothing where stderr is no terminal.

    Args:
        title: what is being done.
        total: steps in all; fewer than two show no bar.

    Yields:
        A function to call with a short note after each step.
    """
    if total < 2 or not sys.stderr.isatty():
        yield lambda note: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        TextColumn("{task.fields[note]}", markup=False),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(title, total=total, note="")
        yield lambda note: bar.update(task, advance=1, note=note)
