import csv
import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, PngImagePlugin

from portraitify.cli.exit_codes import USAGE
from portraitify.cli.main import main
from portraitify.errors import ConfigError
from portraitify.evaluation.pair_sheets import SheetConfig, pair_row
from portraitify.evaluation.pairs import Entry, Pair, find_pairs
from portraitify.evaluation.preferences import sign_test, wilson

OLD, NEW, PHOTO = (200, 40, 40), (40, 160, 60), (70, 70, 190)


def fill(folder: Path, colour: tuple[int, int, int], *names: str, size: tuple[int, int] = (90, 90)) -> Path:
    folder.mkdir(exist_ok=True)
    for name in names:
        Image.new("RGB", size, colour).save(folder / name)
    return folder


@pytest.fixture
def folders(tmp_path):
    paintings = [f"{name}-{style}.png" for name in ("anna", "bert") for style in ("oil", "ink")]
    return (
        fill(tmp_path / "old", OLD, *paintings),
        fill(tmp_path / "new", NEW, *paintings),
        fill(tmp_path / "photos", PHOTO, "anna.jpg", "bert.jpg"),
    )


def compare(folders, tmp_path: Path, name: str, *options: str) -> tuple[int, Path, Path]:
    old, new, photos = map(str, folders)
    output, key = tmp_path / name, tmp_path / f"{name}-key"
    arguments = ["evaluate", "pairs", old, new, "--photos", photos, "-o", str(output), "--key", str(key)]
    return main([*arguments, "--size", "80", *options]), output, key


def answer(path: Path, *preferred: str, scores: tuple[str, str] = ("", "")) -> Path:
    lines = path.read_text(encoding="utf-8").splitlines()
    for number, word in enumerate(preferred, 1):
        comparison, pair, *_ = lines[number].split(",")
        lines[number] = ",".join((comparison, pair, word, *scores))
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def test_sheets_show_what_the_key_says(folders, tmp_path, capsys):
    code, output, key = compare(folders, tmp_path, "sheets", "--rows", "1")
    assert code == 0
    entries = json.loads((key / "key.json").read_text(encoding="utf-8"))["entries"]
    assert sorted(entry["name"] for entry in entries) == sorted(path.name for path in folders[0].iterdir())
    assert sorted(entry["new_side"] for entry in entries) == ["A", "A", "B", "B"]
    assert sorted(path.name for path in output.iterdir()) == ["answers.csv", *(f"sheet-00{n}.png" for n in range(1, 5))]
    for entry in entries:
        with Image.open(output / f"sheet-00{entry['number']}.png") as sheet:
            assert set(sheet.info) <= {"icc_profile"}
            row = np.asarray(sheet)
        shown = [row[40, column].tolist() for column in (40, row.shape[1] // 2, row.shape[1] - 40)]
        assert shown == [
            list(colour) for colour in ((NEW, PHOTO, OLD) if entry["new_side"] == "A" else (OLD, PHOTO, NEW))
        ]
    assert capsys.readouterr().out.splitlines()[-1] == str(key / "key.json")


def test_the_seed_alone_decides_the_order(folders, tmp_path):
    keys = [
        (compare(folders, tmp_path, name, "--seed", seed)[2] / "key.json").read_bytes()
        for name, seed in (("one", "1"), ("again", "1"), ("two", "2"))
    ]
    assert keys[0] == keys[1] != keys[2]


def test_answers_tell_nothing_of_the_paintings(folders, tmp_path):
    _, output, _ = compare(folders, tmp_path, "sheets")
    with (output / "answers.csv").open(encoding="utf-8") as stream:
        header, *rows = csv.reader(stream)
    assert header == ["comparison", "number", "preferred", "score_a", "score_b"]
    assert [row[1:] for row in rows] == [[str(number), "", "", ""] for number in range(1, 5)]


def test_a_painting_belongs_to_the_longest_name_that_its_own_begins_with(tmp_path):
    names = ("me.portrait.png", "me.2.portrait.png", "me-at-home_oil.png")
    old, new = (fill(tmp_path / folder, OLD, *names) for folder in ("old", "new"))
    fill(new, NEW, "only-new.png")
    photos = fill(tmp_path / "photos", PHOTO, "me.jpg", "m.jpg", "me-at-home.jpg")
    pairs, left_out = find_pairs(old, new, photos)
    assert {(pair.new.name, pair.photo.name, pair.style) for pair in pairs} == {
        ("me.portrait.png", "me.jpg", ""),
        ("me.2.portrait.png", "me.jpg", ""),
        ("me-at-home_oil.png", "me-at-home.jpg", "oil"),
    }
    assert left_out == ["only-new.png"]


@pytest.mark.parametrize(
    ("old", "new", "photos", "message"),
    [
        (["a.png"], ["b.png"], ["a.jpg"], "no file name in common"),
        (["a10.png"], ["a10.png"], ["a1.jpg"], "a10.png: .* holds no photo"),
        (["a-oil.png"], ["a-oil.png"], ["a.jpg", "a.png"], "a.jpg or a.png"),
    ],
)
def test_what_belongs_to_nothing_is_told(tmp_path, old, new, photos, message):
    given = [fill(tmp_path / name, OLD, *files) for name, files in (("o", old), ("n", new), ("p", photos))]
    with pytest.raises(ConfigError, match=message):
        find_pairs(*given)


def test_paintings_of_unequal_size_are_shown_alike(tmp_path):
    files = [
        fill(tmp_path / folder, colour, "a.png", size=size) / "a.png"
        for folder, colour, size in (("old", OLD, (50, 50)), ("new", NEW, (400, 400)), ("photos", PHOTO, (60, 30)))
    ]
    row = pair_row(Pair(*files, ""), Entry(1, "a.png", "a.png", "", "A"), 100)
    assert [(row == colour).all(-1).sum() for colour in (OLD, NEW, PHOTO)] == [2500, 2500, 5000]


def test_metadata_do_not_reach_the_sheets(folders, tmp_path):
    info = PngImagePlugin.PngInfo()
    info.add_text("Software", "the secret")
    for path in folders[1].iterdir():
        Image.new("RGB", (90, 90), NEW).save(path, pnginfo=info)
    _, output, _ = compare(folders, tmp_path, "sheets")
    assert all(b"secret" not in path.read_bytes() for path in output.iterdir())


@pytest.mark.parametrize("key", ["sheets", "sheets/deeper"])
def test_the_key_may_not_lie_among_the_sheets(folders, tmp_path, key, capsys):
    code, output, _ = compare(folders, tmp_path, "sheets", "--key", str(tmp_path / key))
    assert code == USAGE
    assert "must not lie in" in capsys.readouterr().err
    assert not output.exists()


def test_answers_are_not_written_over(folders, tmp_path, capsys):
    _, output, _ = compare(folders, tmp_path, "sheets")
    before = answer(output / "answers.csv", "A").read_bytes()
    assert compare(folders, tmp_path, "sheets")[0] == USAGE
    assert "earlier comparison" in capsys.readouterr().err
    assert (output / "answers.csv").read_bytes() == before


def test_answers_are_counted_by_style(folders, tmp_path, capsys):
    _, output, key = compare(folders, tmp_path, "sheets")
    entries = json.loads((key / "key.json").read_text(encoding="utf-8"))["entries"]
    other = {"A": "b", "B": "a"}
    said = [entry["new_side"] if entry["style"] == "ink" else other[entry["new_side"]] for entry in entries]
    said[next(number for number, entry in enumerate(entries) if entry["style"] == "oil")] = "Tie"
    path = answer(output / "answers.csv", *said, scores=("4", "4"))
    path.write_text("\ufeff" + path.read_text(encoding="utf-8").replace(",", ";"), encoding="utf-8")
    capsys.readouterr()
    assert main(["evaluate", "answers", str(path), "--key", str(key)]) == 0
    out = capsys.readouterr().out
    assert "| ink | 2 | 0 | 0 | 100% [34, 100] | 0.5 | 4.0 [4.0, 4.0] | 4.0 [4.0, 4.0] | 0.0 [0.0, 0.0] |" in out
    assert "| oil | 0 | 1 | 1 | 0% [0, 79] | 1 |" in out
    assert "| all | 2 | 1 | 1 | 67% [21, 94] | 1 |" in out


@pytest.mark.parametrize(
    ("before", "after", "message"),
    [
        (",4,A,7,2", ",4,,7,2", "1 of 4 not answered: number 4. Write A, B or tie"),
        (",4,A,7,2", ",4,C,7,2", "'C' is none of A, B and tie"),
        (",4,A,7,2", ",4,A,7,", "has one score"),
        (",4,A,7,2", ",4,A,,", "number 4 without scores"),
        (",4,A,7,2", ",4,A,7,11", "not between 1 and 10"),
        (",4,A,7,2", ",4,A,7,nan", "not between 1 and 10"),
        (",4,A,7,2", ",3,A,7,2", "number 3 stands there twice"),
        (",4,A,7,2", ",5,A,7,2", "number 5 is unknown"),
        (",4,A,7,2", ",4,A,7", "has 4 cells"),
        ("preferred", "better", "its first line must be"),
    ],
)
def test_mangled_answers_are_refused(folders, tmp_path, capsys, before, after, message):
    _, output, key = compare(folders, tmp_path, "sheets")
    path = answer(output / "answers.csv", *"AAAA", scores=("7", "2"))
    path.write_text(path.read_text(encoding="utf-8").replace(before, after), encoding="utf-8")
    assert main(["evaluate", "answers", str(path), "--key", str(key)]) == USAGE
    assert message in capsys.readouterr().err


def test_answers_of_another_comparison_are_refused(folders, tmp_path, capsys):
    _, output, _ = compare(folders, tmp_path, "one")
    _, _, key = compare(folders, tmp_path, "two", "--seed", "5")
    assert main(["evaluate", "answers", str(answer(output / "answers.csv", *"AAAA")), "--key", str(key)]) == USAGE
    assert "is of comparison" in capsys.readouterr().err


def test_sheets_of_nothing_are_refused():
    with pytest.raises(ConfigError, match="rows 1 or more"):
        SheetConfig(rows=0)


def test_share_and_sign_test_by_hand():
    # Wilson's interval of 8 of 10, as printed in textbooks: 0.490 to 0.943.
    found = wilson(8, 10)
    assert found is not None
    assert (found.low, found.high) == pytest.approx((0.4902, 0.9433), abs=1e-4)
    # Of ten tosses two or fewer, or eight or more: 2 * (1 + 10 + 45) / 1024.
    assert sign_test(8, 2) == pytest.approx(112 / 1024)
    assert sign_test(0, 0) == sign_test(3, 3) == 1.0
