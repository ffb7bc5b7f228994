"""What people see: results on stdout, everything else on stderr."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import TYPE_CHECKING, Any

import click

from portraitify.cli.streams import silence

if TYPE_CHECKING:
    from collections.abc import Callable


def error_line(message: str) -> str:
    """One line for stderr."""
    return f"portraitify: error: {_one_line(message)}"


def warning_line(message: str) -> str:
    """One line for stderr."""
    return f"portraitify: warning: {_one_line(message)}"


def say_error(message: str) -> None:
    """One line on stderr."""
    click.echo(error_line(message), err=True)


def say_hint(message: str) -> None:
    """One line on stderr that belongs to an error before it."""
    click.echo(f"portraitify: {_one_line(message)}", err=True)


def say_tenths(phase: str, done: int, total: int) -> None:
    """A line on stderr at each tenth of a phase."""
    if done * 10 // total > (done - 1) * 10 // total:
        click.echo(f"{phase}: {done} of {total}", err=True)


def unwritten(error: OSError) -> str:
    """What to say where standard output cannot be written."""
    return f"standard output: cannot be written ({error.strerror})."


def _one_line(message: str) -> str:
    return printable(" ".join(message.split()))


def printable(text: str) -> str:
    """The same text without what would upset a terminal: names of files may hold control characters."""
    return "".join(c if c.isprintable() or c == "\n" else "\N{REPLACEMENT CHARACTER}" for c in text)


def shown_name(name: str) -> str:
    """A file's name on one line."""
    return printable(name.replace("\n", "\N{REPLACEMENT CHARACTER}"))


class Bar:
    """A progress bar on stderr; without a terminal it shows nothing, and lines are printed as they are.

    Args:
        title: what is being done.
        total: steps in all; a single one shows what is being done, but no bar, and so does work without an end (None).
        shown: false for no bar at all.

    Attributes:
        broken: why stdout takes no more lines, once it does not.
    """

    def __init__(self, title: str, total: int | None, shown: bool = True):
        self._title, self._total = title, total
        self._shown = shown and sys.stderr.isatty()
        self._progress: Any = None
        self._task: Any = None
        self.broken: OSError | None = None

    def __enter__(self) -> Bar:
        if self._shown:
            self._progress = _rich_progress(self._total is not None and self._total > 1)
            self._progress.start()
            self._task = self._progress.add_task(self._title, total=self._total, note="", failed="")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._progress is not None:
            self._progress.stop()
            self._progress = None

    def note(self, text: str) -> None:
        """Show what is being done."""
        if self._progress is not None:
            self._progress.update(self._task, note=text)

    def advance(self, failed: int = 0) -> None:
        """Count one step."""
        if self._progress is not None:
            self._progress.update(self._task, advance=1, failed=f"{failed} failed" if failed else "")

    def say(self, line: str, err: bool = False) -> None:
        """Print a line without tearing the bar; one that cannot be written stops nothing."""
        line = printable(line)
        if self._progress is not None and (err or sys.stdout.isatty()):
            self._progress.console.print(line, markup=False, highlight=False, emoji=False, soft_wrap=True)
            return
        try:
            click.echo(line, err=err)
        except OSError as error:
            silence(sys.stderr if err else sys.stdout)
            if err:
                return
            self.broken = error
            # A reader that has left knows; the paintings are still wanted.
            if not isinstance(error, BrokenPipeError):
                self.say(error_line(unwritten(error)), err=True)


def _rich_progress(many: bool) -> Any:
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        ProgressColumn,
        SpinnerColumn,
        Task,
        TextColumn,
        TimeRemainingColumn,
    )
    from rich.text import Text

    class Rate(ProgressColumn):
        """Pictures a second since the beginning: outcomes come in bursts."""

        def render(self, task: Task) -> Text:
            return Text(f"{task.completed / task.elapsed:.1f}/s" if task.completed and task.elapsed else "")

    note = TextColumn("{task.fields[note]}", markup=False)
    failed = TextColumn("[red]{task.fields[failed]}")
    bar = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), Rate(), TimeRemainingColumn(), failed)
    columns: tuple[Any, ...] = (*bar, note) if many else (SpinnerColumn(), note)
    return Progress(*columns, console=Console(stderr=True), transient=True)


@contextmanager
def progress(title: str, total: int) -> Iterator[Callable[[str], None]]:
    """Show a bar on stderr while work goes on; nothing where stderr is no terminal.

    Args:
        title: what is being done.
        total: steps in all.

    Yields:
        A function to call with a short note after each step.
    """
    with Bar(title, total) as bar:

        def step(text: str) -> None:
            bar.note(text)
            bar.advance()

        yield step
