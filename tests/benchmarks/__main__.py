"""``python -m tests.benchmarks``: measure and write BENCH.md."""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

from portraitify.io.files import write_atomically
from portraitify.media.registry import STYLES
from tests.benchmarks import cases, machine
from tests.benchmarks.inputs import Inputs, make_inputs
from tests.benchmarks.report import Setting, render

RUNS, FOLDER_PHOTOS = 5, 100
# What a quick run does instead, and what it leaves out.
QUICK_FOLDER_PHOTOS = 2
_SLOW = (cases.HUGE, cases.TORCH)
_RIVAL_PYTHON = ".bench-venv/bin/python"


def main(args: Sequence[str] | None = None) -> None:
    """Measure and write the report.

    Args:
        args: without the program's name; ``sys.argv`` by default.
    """
    options = _options(args)
    if not options.without_rival and not Path(options.rival).exists():
        sys.exit(f"{options.rival}: the rival is not installed. Run `make bench`, or add --without-rival.")
    # Asked before anything is run, because from then on this is the work that keeps the machine busy.
    busy = machine.busy()
    runs = 1 if options.quick else options.runs
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        inputs = make_inputs(place, QUICK_FOLDER_PHOTOS if options.quick else FOLDER_PHOTOS)
        planned = [case for case in cases.plan(inputs, place) if case.key not in _SLOW or not options.quick]
        rival = None if options.without_rival else options.rival
        results = [_told(cases.measure(case, runs, rival)) for case in planned]
        inside = _inside(inputs, runs, options.quick)
    setting = Setting(
        date.today().isoformat(),
        machine.commit(Path(__file__).resolve().parents[2]),
        machine.describe_machine(),
        machine.own_versions(),
        machine.rival_versions(options.rival) if rival else "",
        machine.cores(),
        runs,
        busy,
    )
    write_atomically(options.output, render(setting, results, inside).encode())
    print(f"wrote {options.output}")


def _options(args: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="tests.benchmarks", description="Time portraitify beside a rival.")
    parser.add_argument("--runs", type=int, default=RUNS, help=f"that medians are taken of, default {RUNS}")
    parser.add_argument("--quick", action="store_true", help="one run of the shorter cases, to see that all works")
    parser.add_argument("--without-rival", action="store_true", help="measure portraitify alone")
    parser.add_argument("--rival", default=_RIVAL_PYTHON, help="Python of the rival's environment")
    parser.add_argument("--output", type=Path, default=Path("BENCH.md"), help="report to write, default BENCH.md")
    options = parser.parse_args(args)
    if options.runs < 1:
        parser.error("--runs must be at least 1")
    return options


def _told(result: cases.Result) -> cases.Result:
    beside = f", rival {result.rival.seconds:.2f} s" if result.rival else ""
    print(f"{result.case.title}: {result.own.seconds:.2f} s{beside}", file=sys.stderr, flush=True)
    return result


def _inside(inputs: Inputs, runs: int, quick: bool) -> dict[str, Any]:
    """What happens inside a process, measured in one of its own so that this one stays small."""
    lists = ("ink", "onnx", "512") if quick else (",".join(STYLES), "onnx,torch", "512,1024")
    command = [sys.executable, "-m", "tests.benchmarks.inside", str(inputs.large), str(inputs.small), str(runs)]
    answer = subprocess.run([*command, *lists], check=True, stdout=subprocess.PIPE, text=True)
    return json.loads(answer.stdout)


if __name__ == "__main__":
    main()
