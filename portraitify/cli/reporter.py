"""What people and programs are told while photos are painted."""

from __future__ import annotations

import json
import traceback
from collections import Counter, deque
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING

from portraitify.batch.inputs import STANDARD_STREAM
from portraitify.batch.jobs import Job
from portraitify.batch.report import Lines, ReportFile, outcome_record
from portraitify.batch.runner import FAILED, PAINTED, SKIPPED, Outcome
from portraitify.cli import exit_codes
from portraitify.cli.console import Bar, error_line, shown_name, warning_line
from portraitify.cli.explanation import explanation
from portraitify.errors import ConfigError, PortraitifyError
from portraitify.io.provenance import SHEET

if TYPE_CHECKING:
    from portraitify.results import Painting

_STAGES = {"detect": "looking for the face", "paint": "painting"}


class Reporter:
    """Tells of outcomes: lines or JSON on stdout, problems on stderr, a bar where stderr is a terminal.

    Args:
        total: number of jobs; nothing where there is no end of them.
        report: file for one JSON object a job, one that is open already, or nothing.
        append: keep what the report holds already.
        as_json: print such objects instead of lines.
        verbose: print more.
        quiet: print errors only.
        debug: print tracebacks of errors.
        explain: print why styles were chosen.

    Raises:
        ConfigError: the report cannot be written.
    """

    def __init__(
        self,
        total: int | None,
        report: Path | Lines | None,
        append: bool,
        as_json: bool,
        verbose: bool,
        quiet: bool,
        debug: bool,
        explain: bool = False,
    ):
        self._total, self._json, self._verbose, self._quiet, self._debug = total, as_json, verbose, quiet, debug
        self._explain = explain
        self._counts: Counter[str] = Counter()
        self._failing: set[str] = set()
        self._report_name = str(report)
        self._report = _opened(report, append) if isinstance(report, Path) else report
        self._report_lost = False
        self._unwritten: deque[str] = deque()
        self._bar = Bar("painting", total, shown=not quiet)
        self.last_code = exit_codes.DONE

    def __enter__(self) -> Reporter:
        self._bar.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bar.__exit__(kind, error, trace)
        if self._report:
            try:
                self._write_rest(self._report)
                self._report.close()
            except OSError as problem:
                self._end_report(problem)

    @property
    def lost(self) -> bool:
        """Whether something that was asked for could not be told; lines that nobody reads any more do not count."""
        broken = self._bar.broken
        return self._report_lost or (broken is not None and (self._json or not isinstance(broken, BrokenPipeError)))

    @property
    def failed(self) -> int:
        """Jobs that failed so far."""
        return self._counts[FAILED]

    def stage(self, name: str) -> None:
        """Show what is being done."""
        self._bar.note(_STAGES.get(name, name))

    def add(self, outcome: Outcome) -> None:
        """Tell of one outcome."""
        self._count(outcome)
        self.last_code = exit_codes.exit_code(outcome.error) if outcome.error else exit_codes.DONE
        record = json.dumps(outcome_record(outcome, exit_codes.exit_code))
        self._write_report(record)
        if not self._quiet:
            for warning in outcome.warnings:
                self._bar.say(warning_line(f"{outcome.job.name}: {warning}."), err=True)
        if outcome.error:
            self._tell_error(outcome.error, outcome.job)
        if self._json:
            self._bar.say(record)
        elif not self._quiet:
            self._tell_lines(outcome)
        self._bar.advance(self.failed)

    def _count(self, outcome: Outcome) -> None:
        """Count photos: one that failed and was painted when it was tried again has not failed."""
        if outcome.job.name in self._failing:
            self._failing.discard(outcome.job.name)
            self._counts[FAILED] -= 1
        if outcome.status == FAILED:
            self._failing.add(outcome.job.name)
        self._counts[outcome.status] += 1

    def _write_report(self, record: str) -> None:
        if self._report is None:
            return
        self._unwritten.append(record)
        try:
            self._write_rest(self._report)
        except OSError as error:
            if self._total is not None:
                self._end_report(error)
            elif len(self._unwritten) == 1:
                # The disk may have room again before the work ends, which may take weeks.
                why = f"the report cannot be written ({error.strerror}). What is missing is added once it can be"
                self._bar.say(error_line(f"{self._report_name}: {why}."), err=True)

    def _write_rest(self, report: Lines) -> None:
        """Write what is not in the report yet.

        Raises:
            OSError: it cannot be written.
        """
        while self._unwritten:
            report.write(self._unwritten[0])
            self._unwritten.popleft()

    def _end_report(self, error: OSError) -> None:
        self._bar.say(error_line(f"{self._report_name}: the report ends here ({error.strerror})."), err=True)
        self._report, self._report_lost = None, True

    def _tell_error(self, error: Exception, job: Job) -> None:
        if isinstance(error, BrokenPipeError) and job.target == STANDARD_STREAM:
            raise error
        if self._debug:
            self._bar.say("".join(traceback.format_exception(error)).rstrip(), err=True)
        if isinstance(error, PortraitifyError):
            self._bar.say(error_line(str(error)), err=True)
        else:
            text = f"{job.name}: unexpected {type(error).__name__}: {error}. Run again with --debug to see where."
            self._bar.say(error_line(text), err=True)

    def _tell_lines(self, outcome: Outcome) -> None:
        name, to_stream = shown_name(outcome.job.name), outcome.job.target == STANDARD_STREAM
        if outcome.status == SKIPPED:
            self._bar.say(f"{name} -> {shown_name(outcome.job.title(outcome.files[0]))}: skipped, painted before")
        targets = [outcome.job.title(path) for path in outcome.files] or ["stdout"] * len(outcome.paintings)
        for target, painting in zip(targets, outcome.paintings, strict=False):
            # In a pipe stdout carries the picture, so the line goes where warnings go.
            self._bar.say(f"{name} -> {shown_name(target)}: {self._line(outcome, painting)}", err=to_stream)

    def _line(self, outcome: Outcome, painting: Painting) -> str:
        choice, sheet = painting.choice, painting.provenance.style == SHEET
        what = "; ".join(_looks(part) for part in painting.parts or (painting,))
        if sheet:
            what = f"a sheet of {', '.join(part.choice.style for part in painting.parts)}"
        line = f"{what}, {outcome.seconds:.1f} s"
        if self._explain and not sheet:
            line = "\n".join([line, *_explanations(painting)])
        if not self._verbose:
            return line
        odds = "  ".join(f"{style} {value:.1%}" for style, value in choice.probabilities.items())
        box = " ".join(f"{value:.0f}" for value in painting.face.source.box)
        stages = "  ".join(f"{name} {value:.2f} s" for name, value in painting.seconds.items())
        models = " ".join(part.reference.identifier for part in painting.parts or (painting,))
        turned = (
            f", photo turned by {90 * painting.face.source.quarter_turns} degrees"
            if painting.face.source.quarter_turns
            else ""
        )
        return (
            f"{line}\n  styles: {odds}\n  face: {box} (certainty {painting.face.source.score:.2f}){turned}\n"
            f"  reference: {models}\n  time: {stages}"
        )

    def say(self, text: str) -> None:
        """Tell people of something that is no outcome."""
        if not self._quiet:
            self._bar.say(f"portraitify: {text}", err=True)

    def complain(self, text: str) -> None:
        """Tell of an error that belongs to no photo."""
        self._bar.say(error_line(text), err=True)

    def ended(self, remaining: int) -> None:
        """Count at the end of work that somebody had to end."""
        rest = f", {remaining} not painted yet; they will be the next time" if remaining else ""
        self.say(f"ended: {self._counted()}{rest}.")

    def summarise(self) -> None:
        """Count at the end of a batch."""
        if self._total != 1 and not self._quiet:
            self._bar.say(f"portraitify: {self._counted()}.", err=True)

    def interrupted(self) -> bool:
        """Say what an interruption left undone.

        Returns:
            Whether it left anything undone.
        """
        assert self._total is not None
        remaining = self._total - sum(self._counts.values())
        if self._total > 1:
            again = " Run the same command with --skip-existing to go on." if remaining else ""
            self._bar.say(error_line(f"interrupted: {self._counted()}, {remaining} remain.{again}"), err=True)
        else:
            self._bar.say(error_line("interrupted."), err=True)
        return remaining > 0

    def _counted(self) -> str:
        skipped = f"{self._counts[SKIPPED]} skipped, " if self._counts[SKIPPED] else ""
        return f"{self._counts[PAINTED]} painted, {skipped}{self._counts[FAILED]} failed"


def _explanations(painting: Painting) -> list[str]:
    """Why each head on it looks as it does, in the order in which they stand there."""
    if not painting.parts:
        return [explanation(painting.choice)]
    return [f"  {number}. {_looks(part)}\n{explanation(part.choice)}" for number, part in enumerate(painting.parts, 1)]


def _looks(painting: Painting) -> str:
    """Style and model, or the master's picture."""
    choice = painting.choice
    if painting.costume:
        return f"{choice.style}, {painting.costume.words}"
    return f"{choice.style} ({choice.reason}), after {painting.reference.label}"


def _opened(path: Path, append: bool) -> ReportFile:
    try:
        return ReportFile(path, append)
    except OSError as error:
        raise ConfigError(f"{path}: the report cannot be written ({error.strerror}).") from error
