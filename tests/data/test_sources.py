import csv
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from portraitify.data.sources import SourcePicture, list_pictures, title_from_source
from portraitify.errors import ConfigError
from portraitify.training.bank import painter_name


@pytest.mark.parametrize(
    ("source", "artist", "title"),
    [
        ("x:images/mrs-graham.jpg", "thomas gainsborough", "Mrs graham"),
        ("x:images/portrait-of-a-young-woman-1480.jpg", "hans memling", "Portrait of a young woman"),
        ("x:a/berthe-morisot-paule-gobillard-1887.jpg", "Berthe Morisot", "Paule gobillard"),
        ("x:JPEGImages/Rococo/an-artist_cecilia-bruna-1882.jpg", "an artist", "Cecilia bruna"),
        ("x:website/asset/img/621.jpg", "Guido Reni", ""),
        ("x:16719-h/images/img-035.jpg", "Harrison Fisher", ""),
    ],
)
def test_titles_are_read_where_there_are_any(source, artist, title):
    assert title_from_source(source, artist) == title


def test_painters_are_named_only_where_known():
    assert painter_name("hans memling") == "Hans Memling"
    assert painter_name("Vincent van Gogh") == "Vincent van Gogh"
    assert painter_name("Pierre-Paul Prud&#39;hon") == "Pierre-Paul Prud'hon"
    assert painter_name("? (a museum)") == painter_name("various (A..B)") == painter_name("") == ""


def test_one_sitter_is_never_on_both_sides_of_the_split():
    def picture(kind, number):
        source = f"repo@1:inst/{kind}_front/{number:03}_03.jpg"
        return SourcePicture(Path("x"), f"photos/{kind}{number}.jpg", "photos", source=source)

    sides = [(picture("neutral", n).held_out, picture("smiling", n).held_out) for n in range(200)]
    assert all(neutral == smiling for neutral, smiling in sides)
    assert 5 < sum(neutral for neutral, _ in sides) < 40


def test_a_manifest_limits_to_what_may_be_trained_on(tmp_path):
    rows = [
        {"file": "photos/a.jpg", "set": "photos", "train": "yes"},
        {"file": "photos/b.jpg", "set": "photos", "train": "no"},
        {"file": "texture/c.jpg", "set": "watercolor_texture", "train": "yes"},
    ]
    names = ["file", "set", "artist", "date", "source", "licence", "train"]
    with (tmp_path / "manifest.csv").open("w", newline="") as stream:
        writer = csv.DictWriter(stream, names, restval="")
        writer.writeheader()
        writer.writerows(rows)
    assert [picture.file for picture in list_pictures(tmp_path)] == ["photos/a.jpg"]


def test_plain_folders_do_without_a_manifest(tmp_path):
    for name in ("photos", "ink"):
        (tmp_path / name).mkdir()
        Image.fromarray(np.zeros((4, 4, 3), np.uint8)).save(tmp_path / name / "a.png")
    assert [picture.set for picture in list_pictures(tmp_path)] == ["photos", "ink"]
    with pytest.raises(ConfigError, match="no pictures"):
        list_pictures(tmp_path / "photos")
