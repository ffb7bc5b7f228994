"""Names of the paintings of several photos: none meets another, none is too long, and all are the same next time."""

from __future__ import annotations

import itertools
import os
import random
import unicodedata
from pathlib import Path

import pytest

from portraitify.batch import naming
from portraitify.batch.inputs import Input
from portraitify.batch.jobs import plan_jobs
from portraitify.batch.naming import shortened
from portraitify.config import BatchConfig

MEETING = (
    ("a.jpg", "a.png", "a.jpg.png"),
    ("a.jpg", "a.png", "a.jpg.png", "a.jpg.png.webp", "a.jpg.webp"),
    ("K.jpg", "k.jpg"),
    ("K.jpg", "k.jpg", "k.png", "k.jpg-2.webp", "K.JPG"),
    ("stra\u00dfe.jpg", "STRASSE.jpg", "strasse.jpg"),
    (unicodedata.normalize("NFC", "\u00e9t\u00e9.jpg"), unicodedata.normalize("NFD", "\u00e9t\u00e9.jpg")),
    ("a", "a.jpg", "A"),
    ("a.jpg", "a.portrait.png", "a.PORTRAIT.PNG"),
    ("x" * 250 + ".jp", "x" * 250 + ".pn", "X" * 250 + ".jp"),
    ("x/a.jpg", "X/a.jpg", "x/a.png"),
    ("x/a.jpg", "X/a.jpg"),
)


def key(path: Path) -> str:
    """What a disk keeps of a name that knows neither case nor how an accent is written."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", str(path)).casefold())


def plan(folder: Path, names, output: Path | None, **options) -> dict[str, Path]:
    found = [Input(folder / name, Path(name)) for name in names]
    jobs = plan_jobs(found, output, BatchConfig(**options), folder_named=True)
    return {str(job.source.relative_to(folder)): job.target for job in jobs}


@pytest.mark.parametrize("names", MEETING, ids=lambda names: names[0][:8])
@pytest.mark.parametrize("beside", [True, False])
def test_no_painting_meets_another_or_a_photo(tmp_path, names, beside):
    targets = plan(tmp_path, names, None if beside else tmp_path / "out")
    assert list(targets) == list(names)
    keys = [key(path) for path in targets.values()]
    assert len(set(keys)) == len(names)
    assert not set(keys) & {key(tmp_path / name) for name in names}
    assert all(len(os.fsencode(path.name)) <= 255 for path in targets.values())


@pytest.mark.parametrize("names", MEETING, ids=lambda names: names[0][:8])
def test_the_order_of_the_photos_changes_no_name(tmp_path, names):
    expected = plan(tmp_path, names, tmp_path / "out")
    for order in itertools.islice(itertools.permutations(names), 24):
        assert plan(tmp_path, order, tmp_path / "out") == expected


def test_names_that_people_see(tmp_path):
    def shown(*names: str) -> list[str]:
        return [path.name.removesuffix(".portrait.png") for path in plan(tmp_path, names, None).values()]

    assert shown("a.jpg", "a.png", "a.jpg.png", "b.jpg") == ["a.jpg", "a.png", "a.jpg.png", "b"]
    assert shown("k.jpg", "K.jpg") == ["k.jpg-2", "K.jpg"]
    assert shown("a.jpg", "a.portrait.png") == ["a.jpg", "a.portrait"]


def test_two_ways_to_one_folder_are_one_folder(tmp_path):
    (tmp_path / "in").mkdir()
    (tmp_path / "link").symlink_to("in")
    targets = plan(tmp_path, ["in/a.jpg", "link/a.png"], None)
    assert [path.name for path in targets.values()] == ["a.jpg.portrait.png", "a.png.portrait.png"]


def test_no_painting_leaves_its_folder(tmp_path):
    odd = [Input(tmp_path / "x" / ".." / "y" / "a.jpg", Path("a.jpg")), Input(tmp_path / "x" / "a.jpg", Path("a.jpg"))]
    targets = [job.target for job in plan_jobs(odd, tmp_path / "out", BatchConfig(), folder_named=True)]
    assert [path.relative_to(tmp_path / "out").as_posix() for path in targets] == [
        "y/a.portrait.png",
        "x/a.portrait.png",
    ]


def test_places_without_a_name(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    odd = [Input(Path("."), Path(".")), Input(Path("/"), Path("")), Input(Path("a.jpg"), Path("a.jpg"))]
    assert len({job.target for job in plan_jobs(odd, tmp_path / "out", BatchConfig(), folder_named=True)}) == 3


@pytest.mark.parametrize("options", [{}, {"faces": "all"}, {"variants": 3}, {"faces": "all", "variants": 3}])
@pytest.mark.parametrize("letter", ["x", "\u00e9", "\u65e5", "\U0001f600", "e\u0301"])
@pytest.mark.parametrize("size", [238, 243, 249, 251])
def test_long_names_are_shortened_on_the_border_of_a_character(tmp_path, options, letter, size):
    stem = letter * (size // len(letter.encode()))
    stem += "y" * (size - len(stem.encode()))
    (target,) = plan(tmp_path, [f"{stem}.jpg"], None, **options).values()
    last = plan_jobs([Input(tmp_path / f"{stem}.jpg", Path("a"))], None, BatchConfig(**options), True)[0].numbered(
        *BatchConfig(**options).numbers(99, 98)
    )
    assert len(os.fsencode(last.name)) <= 255
    assert target.name.endswith(".portrait.png")
    head = target.name.removesuffix(".portrait.png").partition("~")[0]
    assert stem.startswith(head)
    assert not unicodedata.combining((stem + " ")[len(head)])
    # As much is kept as there is room for.
    assert len(os.fsencode(last.name)) > 255 - 9 or head == stem


def test_long_names_that_begin_alike_stay_apart(tmp_path):
    names = [f"{'x' * 245}{number}.jpg" for number in range(200)]
    assert len(set(plan(tmp_path, names, None).values())) == 200


def test_a_disk_with_shorter_names(tmp_path, monkeypatch):
    # As on encrypted home folders.
    monkeypatch.setattr(naming.os, "pathconf", lambda path, name: 143, raising=False)
    (target,) = plan(tmp_path, ["x" * 140 + ".jp"], None).values()
    assert len(target.name) == 143


def test_shortening_by_all_lengths():
    rng = random.Random(0)
    for _ in range(300):
        text = "".join(rng.choice("a\u00e9\u65e5\U0001f600\u0301\udcff") for _ in range(rng.randrange(1, 60)))
        for most in (24, 40, 100):
            name = shortened(text, ".png", most)
            assert len(os.fsencode(name)) <= most
            assert name == shortened(text, ".png", most)
            assert len(os.fsencode(text)) > most - 4 or name == f"{text}.png"
