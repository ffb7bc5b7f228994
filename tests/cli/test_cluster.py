"""``portraitify cluster`` as far as it gets without a cluster."""

from __future__ import annotations

import subprocess
import sys

import pytest

from portraitify.batch.ray_session import ray_session
from portraitify.cli.cluster import cluster
from portraitify.cli.main import main
from portraitify.cli.paint import paint
from portraitify.errors import ConfigError

RAY = ("ray", "pyarrow", "pandas")


def test_help_imports_neither_ray_nor_pyarrow():
    code = (
        "import sys\nfrom portraitify.cli.main import main\n"
        "assert main(['--help']) == 0 and main(['cluster', '--help']) == 0\n"
        f"heavy = {{{', '.join(map(repr, RAY))}, 'numpy', 'PIL'}} & set(sys.modules)\nassert not heavy, heavy\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    assert "Usage: portraitify cluster [OPTIONS] INPUT... OUTPUT" in done.stdout


def test_painting_imports_neither(random_weights, small_photo, tmp_path):
    (tmp_path / "a.jpg").write_bytes(small_photo)
    code = (
        "import sys\nfrom portraitify.cli.main import main\nmain(sys.argv[1:])\n"
        f"heavy = set({RAY}) & set(sys.modules)\nassert not heavy, heavy\n"
    )
    command = (tmp_path / "a.jpg", "--weights", random_weights, "--size", "128", "--device", "cpu")
    done = subprocess.run([sys.executable, "-c", code, *map(str, command)], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "a.portrait.png").exists()


def test_options_are_those_of_a_batch():
    own = {"address", "workers", "worker_cpus", "worker_gpus"}
    # A page is made, and a folder watched, where the paintings are; a cluster counts its workers.
    others = {"version", "gallery", "gallery_photos", "watch", "jobs"}
    assert {option.name for option in cluster.params} - own == {option.name for option in paint.params} - others


def test_without_the_extra_it_is_named(monkeypatch, capsys, tmp_path):
    for name in RAY:
        monkeypatch.setitem(sys.modules, name, None)
    assert main(["cluster", str(tmp_path), str(tmp_path / "out")]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err == ("portraitify: error: Not installed: ray, pyarrow, pandas. Run: pip install 'portraitify[ray]'\n")


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        (("out",), 2, "Missing argument 'INPUT...'"),
        (("in", "-"), 2, "reads and writes no streams"),
        (("-", "out"), 2, "reads and writes no streams"),
        (("none", "out", "--sheet", "--style", "oil"), 2, "--sheet shows all styles"),
        (("in", "in/a.jpg"), 2, "several pictures need a folder, and this is a file"),
        (("empty", "out"), 3, "the folder holds no photos"),
        (("warp://x/y", "out"), 2, "warp://x/y: cannot be opened"),
        (("in", "out", "--report", "in/a.jpg"), 2, "is another file of this command"),
        (("in", "out", "--report", "none/report.parquet"), 2, "the folder for the report does not exist"),
        (("in", "out", "--address", "ray://somewhere:10001"), 2, "Ray's client cannot run this"),
        (("in", "out", "--address", "somewhere"), 2, "no address of a Ray cluster"),
        (("in", "out", "--address", "127.0.0.1:1"), 6, "127.0.0.1:1: no Ray cluster can be reached there"),
    ],
)
def test_what_cannot_be_done_is_told_before_ray_begins(
    words, code, told, random_weights, small_photo, tmp_path, monkeypatch, capsys
):
    monkeypatch.chdir(tmp_path)
    for folder in ("in", "empty"):
        (tmp_path / folder).mkdir()
    (tmp_path / "in" / "a.jpg").write_bytes(small_photo)
    assert main(["cluster", *words, "--weights", str(random_weights)]) == code
    out, err = capsys.readouterr()
    assert out == ""
    assert told in err


def test_ray_client_is_refused():
    with pytest.raises(ConfigError, match="ray job submit"), ray_session("ray://head:10001"):
        pass


def test_workers_are_as_many_as_have_room():
    from portraitify.batch.ray import Crew, crew_for

    assert crew_for(8, 0, None, 1, None) == Crew(8, 1, 0)
    assert crew_for(8, 2, None, 1, None) == Crew(2, 1, 1)
    assert crew_for(8, 2, None, 1, 0.2) == Crew(8, 1, 0.2)
    assert crew_for(2, 0, 40, 0.5, None) == Crew(4, 0.5, 0)
    with pytest.raises(ConfigError, match="4 cores and 1 GPU finds no room here: there are 2 cores and 0 GPUs"):
        crew_for(2, 0, None, 4, 1)
    # Machines that are asked for may come.
    assert crew_for(0, 0, None, 1, None, grows=True) == Crew(1, 1, 0)
    assert crew_for(2, 0, 40, 0.5, None, grows=True) == Crew(40, 0.5, 0)
