import shutil

import pytest
from PIL import Image

from portraitify.cli.main import main
from portraitify.evaluation.finding import choose


@pytest.mark.weights
def test_found_and_painted_pictures_are_counted(tmp_path, astronaut_path, capsys):
    people, things = tmp_path / "people", tmp_path / "things"
    people.mkdir()
    things.mkdir()
    shutil.copy(astronaut_path, people)
    (people / "broken.jpg").write_bytes(b"no picture")
    Image.new("RGB", (90, 120), "teal").save(things / "wall.png")
    assert main(["evaluate", "faces", str(people), "--faceless", str(things)]) == 0
    out, err = capsys.readouterr()
    assert "| photos as they are | 1 of 1 | 100.0 % |" in out
    assert "| turned by 90, 180, 270 degrees | 3 of 3 | 100.0 % |" in out
    assert "| cut 20% inside the face | 2 of 2 | 100.0 % |" in out
    assert "| without a face, not painted | 1 of 1 | 100.0 % |" in out
    # Nothing can be drawn from this one: it is all white.
    assert err.splitlines()[-1] == "burnt out, x 3 + 60, most of the face white: astronaut.jpg"


def test_a_choice_of_pictures_is_the_same_each_time(tmp_path):
    for number in range(9):
        (tmp_path / f"{number}.jpg").touch()
    (tmp_path / "notes.txt").touch()
    assert len(choose(tmp_path, None, 0)) == 9
    assert choose(tmp_path, 4, 3) == choose(tmp_path, 4, 3) != choose(tmp_path, 4, 4)
