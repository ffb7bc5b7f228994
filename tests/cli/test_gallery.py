"""``--gallery``, ``portraitify gallery`` and ``portraitify keep``."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

from portraitify.cli.main import main
from portraitify.gallery.page import read_entries
from tests.gallery.made_up import record_of, report_line, write_painting


@pytest.fixture
def photos(small_photo, tmp_path, write_photos) -> Path:
    write_photos(tmp_path / "in", small_photo, 2)
    return tmp_path / "in"


def entries(folder: Path):
    return read_entries(folder / "index.html")


def test_a_batch_makes_a_page_of_what_it_painted(paint, photos, tmp_path, capsys):
    (photos / "wall.jpg").write_text("no picture")
    out = tmp_path / "out"
    assert paint(photos, "-o", out, "--gallery-photos", "--report", tmp_path / "r.jsonl") == 7
    assert f"{out / 'index.html'}: a gallery of 2 paintings" in capsys.readouterr().err
    found = entries(out)
    assert set(found) == {"0000.portrait.png", "0001.portrait.png"}
    told = json.loads((tmp_path / "r.jsonl").read_text().splitlines()[0])["paintings"][0]
    entry = found["0000.portrait.png"]
    assert (entry.style, entry.reason, entry.photo) == (told["style"], told["reason"], "0000.jpg")
    assert entry.odds == told["probabilities"]
    assert "wall.jpg" in (out / "index.html").read_text()
    with Image.open(out / ".gallery" / entry.before) as before, Image.open(out / "0000.portrait.png") as painting:
        assert abs(before.width / before.height - painting.width / painting.height) < 0.01
        assert not before.getexif()
    # What is passed over stays in the page with all that was known of it; its photo goes where none is wanted.
    assert paint(photos / "0000.jpg", photos / "0001.jpg", "-o", out, "--gallery", "--skip-existing", "-q") == 0
    assert entries(out)["0000.portrait.png"].reasons == entry.reasons
    assert entries(out)["0000.portrait.png"].before == ""
    assert not [name for name in os.listdir(out / ".gallery") if "photo" in name]


def test_versions_of_one_photo_get_a_page_beside_it(paint, photos):
    assert paint(photos / "0000.jpg", "--variants", 2, "--gallery", "-q") == 0
    assert set(entries(photos)) == {"0000.1.portrait.png", "0000.2.portrait.png"}
    # Others that are painted beside it later come to it.
    assert paint(photos / "0001.jpg", "--gallery", "-q") == 0
    assert len(entries(photos)) == 3


def test_sheets_and_groups_show_no_photo_beside_them(paint, photos, tmp_path):
    out = tmp_path / "out"
    assert paint(photos / "0000.jpg", "-o", f"{out}/", "--sheet", "--gallery-photos", "-q") == 0
    assert paint(photos / "0001.jpg", "-o", f"{out}/", "--group", "--gallery-photos", "-q") == 0
    found = entries(out)
    assert [entry.style for entry in found.values()].count("sheet") == 1
    assert not any(entry.before for entry in found.values())


def test_what_a_page_cannot_be_made_of_is_told_before_painting(paint, photos, tmp_path, capsys):
    assert paint(photos / "0000.jpg", "-o", "/dev/null", "--gallery") == 2
    assert "--gallery shows files" in capsys.readouterr().err
    (photos / "index.html").write_text("mine")
    assert paint(photos, "--gallery") == 2
    assert "Add --overwrite" in capsys.readouterr().err
    assert sorted(os.listdir(photos)) == ["0000.jpg", "0001.jpg", "index.html"]


def test_nothing_painted_makes_no_page(paint, tmp_path):
    (tmp_path / "wall.jpg").write_text("no picture")
    assert paint(tmp_path / "wall.jpg", "--gallery") == 3
    assert os.listdir(tmp_path) == ["wall.jpg"]


@pytest.fixture
def painted(tmp_path) -> Path:
    folder = tmp_path / "painted"
    for name in ("a.portrait.png", "sub/b.portrait.png"):
        write_painting(folder / name, record_of())
    return folder


def test_a_page_of_what_is_there(painted, tmp_path, capsys):
    report = tmp_path / "r.jsonl"
    report.write_text(json.dumps(report_line(Path("elsewhere/a.portrait.png"))) + "\n")
    assert main(["gallery", str(painted), "--report", str(report)]) == 0
    assert list(entries(painted)) == ["a.portrait.png"]
    assert entries(painted)["a.portrait.png"].reason == "60%: dark key"
    capsys.readouterr()
    assert main(["gallery", str(painted), "-r", "--json"]) == 0
    out, err = capsys.readouterr()
    assert json.loads(out) == {"gallery": str(painted / "index.html"), "paintings": 2, "warnings": []}
    assert err == ""
    # What an earlier page knew stays.
    assert entries(painted)["a.portrait.png"].reason == "60%: dark key"


def test_a_page_of_nothing_is_told(tmp_path, capsys):
    assert main(["gallery", str(tmp_path)]) == 3
    assert "holds no paintings" in capsys.readouterr().err
    assert main(["gallery", str(tmp_path / "none")]) == 2
    (tmp_path / "r.jsonl").write_text("no report")
    assert main(["gallery", str(tmp_path), "--report", str(tmp_path / "r.jsonl")]) == 2
    assert "no report" in capsys.readouterr().err


def test_keepers_are_copied(painted, tmp_path, capsys):
    listed = painted / "keepers.txt"
    listed.write_text("a.portrait.png\nsub/b.portrait.png\nnone.portrait.png\n")
    best = tmp_path / "best"
    assert main(["keep", str(listed), "-o", str(best)]) == 7
    out, err = capsys.readouterr()
    assert out.splitlines()[0] == f"{painted / 'a.portrait.png'} -> {best / 'a.portrait.png'}"
    assert "no such file" in err
    assert err.endswith("portraitify: 2 copied, 1 failed.\n")
    assert main(["keep", str(listed), "-o", str(best), "--json", "-q"]) == 7
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [line["status"] for line in lines] == ["present", "present", "failed"]
    assert (lines[2]["code"], lines[0]["file"]) == (3, str(best / "a.portrait.png"))
    listed.write_text("none.portrait.png\n")
    assert main(["keep", str(listed), "-o", str(best), "--from", str(painted)]) == 2


def test_looking_and_keeping_load_no_network(painted):
    (painted / "keepers.txt").write_text("a.portrait.png\n")
    code = (
        "import sys\nfrom portraitify.cli.main import main\n"
        "assert main(['gallery', '.', '-q']) == 0\nassert main(['keep', 'keepers.txt', '-o', '../best', '-q']) == 0\n"
        "heavy = {'torch', 'onnxruntime', 'portraitify.pipeline', 'portraitify.engines.onnx_engine'}\n"
        "sys.exit(repr(heavy & set(sys.modules)) if heavy & set(sys.modules) else 0)"
    )
    environment = os.environ | {"PYTHONPATH": str(Path(__file__).resolve().parents[2])}
    assert subprocess.run([sys.executable, "-c", code], cwd=painted, env=environment).returncode == 0


def test_painting_without_a_gallery_loads_nothing_of_it():
    code = (
        "import sys, portraitify.cli.paint, portraitify.cli.reporter, portraitify.batch.runner\n"
        "sys.exit(any(name.startswith('portraitify.gallery') for name in sys.modules))"
    )
    environment = os.environ | {"PYTHONPATH": str(Path(__file__).resolve().parents[2])}
    assert subprocess.run([sys.executable, "-c", code], env=environment).returncode == 0
