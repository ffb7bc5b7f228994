"""What a gallery knows of a painting."""

import json

import pytest

from portraitify.gallery.entry import Entry, mark_of, painters_of
from tests.gallery.made_up import record_of


@pytest.mark.parametrize(
    ("label", "painters"),
    [
        ("Dirk Bouts, 1470", ("Dirk Bouts",)),
        ("Raphael, “Woman with a veil”", ("Raphael",)),
        ("Carl Larsson (1853-1919)", ("Carl Larsson",)),
        ("Seattle newspaper cartoonists, 1906", ("Seattle newspaper cartoonists",)),
        ("Titian (and workshop), c.1506-1576", ("Titian (and workshop)",)),
        ("Bartolomé Estebán Murillo, “Don Andrés, 1665”, ca. 1665–72", ("Bartolomé Estebán Murillo",)),
        ("Titian, 1520; Raphael; Titian, 1530", ("Titian", "Raphael")),
        ("", ()),
    ],
)
def test_painters_have_one_name_whatever_else_is_known(label, painters):
    assert painters_of(label) == painters


def test_an_entry_comes_back_from_json_and_leaves_out_what_is_empty():
    entry = Entry("a.png", (5, 7), 40, 30, "m.jpg", "m", "oil", ("A",), reasons=(("dark key", 2.0),), odds={"oil": 1.0})
    values = json.loads(json.dumps(entry.record()))
    assert "warnings" not in values
    assert "seed" not in values
    assert Entry.from_record(values) == entry
    with pytest.raises((TypeError, ValueError)):
        Entry.from_record({"file": "a.png"})


def test_a_mark_tells_versions_apart():
    marks = [
        mark_of("a.png", record_of(), 100),
        mark_of("b.png", record_of(), 100),
        mark_of("a.png", record_of(seed=1), 100),
        mark_of("a.png", record_of(), 101),
        mark_of("a.png", None, 100),
        mark_of("\udcff.png", None, 100),
    ]
    assert len(set(marks)) == len(marks)
