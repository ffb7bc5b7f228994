"""What people and programs are told while photos are painted."""

from __future__ import annotations

import json
import traceback
from collections import Counter
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, TextIO

import click

from portraitify.batch import FAILED, PAINTED, SKIPPED, Outcome
from portraitify.cli import exits
from portraitify.cli.console import Bar, error_line, warning_line
from portraitify.errors import ConfigError, PortraitifyError
from portraitify.jobs import Job
from portraitify.report import outcome_record

if TYPE_CHECKING:
    from portraitify.results import Painting

_STAGES = {"detect": "looking for the face", "paint": "painting"}


class Reporter:
    """Tells of outcomes: lines or JSON on stdout, problems on stderr, a bar where stderr is a terminal.

    Args:
        total: number of jobs.
        report: file for one JSON object a job, or nothing.
        as_json: print such objects instead of lines.
        verbose: print more.
        quiet: print errors only.
        debug: print tracebacks of errors.

    Raises:
        ConfigError: the report cannot be written.
    """

    def __init__(self, total: int, report: Path | None, as_json: bool, verbose: bool, quiet: bool, debug: bool):
        self._total, self._json, self._verbose, self._quiet, self._debug = total, as_json, verbose, quiet, debug
        self._counts: Counter[str] = Counter()
        self._report = _opened(report) if report else None
        self._bar = Bar("painting", total, shown=not quiet)
        self.last_code = exits.DONE

    def __enter__(self) -> Reporter:
        self._bar.__enter__()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None):
        self._bar.__exit__(kind, error, trace)
        if self._report:
            self._report.close()

    @property
    def failed(self) -> int:
        """Jobs that failed so far."""
        return self._counts[FAILED]

    def stage(self, name: str) -> None:
        """Show what is being done."""
        self._bar.note(_STAGES.get(name, name))

    def add(self, outcome: Outcome) -> None:
        """Tell of one outcome."""
        self._counts[outcome.status] += 1
        self.last_code = exits.exit_code(outcome.error) if outcome.error else exits.DONE
        record = json.dumps(outcome_record(outcome, exits.exit_code))
        if self._report:
            self._report.write(record + "\n")
            self._report.flush()
        if not self._quiet:
            for warning in outcome.warnings:
                self._bar.say(warning_line(f"{outcome.job.name}: {warning}."), err=True)
        if outcome.error:
            self._tell_error(outcome.error, outcome.job)
        if self._json:
            click.echo(record)
        elif not self._quiet:
            self._tell_lines(outcome)
        self._bar.advance(self.failed)

    def _tell_error(self, error: Exception, job: Job) -> None:
        if isinstance(error, BrokenPipeError):
            raise error
        if self._debug:
            self._bar.say("".join(traceback.format_exception(error)).rstrip(), err=True)
        if isinstance(error, PortraitifyError):
            self._bar.say(error_line(str(error)), err=True)
        else:
            text = f"{job.name}: unexpected {type(error).__name__}: {error}. Run again with --debug to see where."
            self._bar.say(error_line(text), err=True)

    def _tell_lines(self, outcome: Outcome) -> None:
        if outcome.status == SKIPPED:
            self._bar.say(f"{outcome.job.name} -> {outcome.files[0]}: skipped, painted before")
        to_stream = not outcome.job.to_file
        targets = [str(path) for path in outcome.files] or ["stdout"] * len(outcome.paintings)
        for target, painting in zip(targets, outcome.paintings, strict=False):
            # In a pipe stdout carries the picture, so the line goes where warnings go.
            self._bar.say(self._line(outcome, painting, target), err=to_stream)

    def _line(self, outcome: Outcome, painting: Painting, target: str) -> str:
        choice = painting.choice
        line = (
            f"{outcome.job.name} -> {target}: {choice.style} ({choice.reason}), "
            f"after {painting.after.label}, {outcome.seconds:.1f} s"
        )
        if not self._verbose:
            return line
        odds = "  ".join(f"{style} {value:.1%}" for style, value in choice.probabilities.items())
        box = " ".join(f"{value:.0f}" for value in painting.face.box)
        stages = "  ".join(f"{name} {value:.2f} s" for name, value in painting.seconds.items())
        turned = f", photo turned by {90 * painting.face.turns} degrees" if painting.face.turns else ""
        return (
            f"{line}\n  styles: {odds}\n  face: {box} (certainty {painting.face.score:.2f}){turned}\n"
            f"  model: {painting.after.identifier}\n  time: {stages}"
        )

    def summarise(self) -> None:
        """Count at the end of a batch."""
        if self._total > 1 and not self._quiet:
            self._bar.say(f"portraitify: {self._counted()}.", err=True)

    def interrupted(self) -> None:
        """Say what an interruption left undone."""
        remaining = self._total - sum(self._counts.values())
        if self._total > 1:
            again = " Run the same command with --skip-existing to go on." if remaining else ""
            self._bar.say(error_line(f"interrupted: {self._counted()}, {remaining} remain.{again}"), err=True)
        else:
            self._bar.say(error_line("interrupted."), err=True)

    def _counted(self) -> str:
        skipped = f"{self._counts[SKIPPED]} skipped, " if self._counts[SKIPPED] else ""
        return f"{self._counts[PAINTED]} painted, {skipped}{self._counts[FAILED]} failed"


def _opened(path: Path) -> TextIO:
    try:
        return open(path, "w", encoding="utf-8")
    except OSError as error:
        raise ConfigError(f"{path}: the report cannot be written ({error.strerror}).") from error
