"""Lists of keepers, and their copies."""

import io
import json
import sys
from pathlib import Path
from urllib.parse import quote

import pytest

from portraitify.batch.inputs import STANDARD_STREAM
from portraitify.errors import ConfigError
from portraitify.gallery.keeping import COPIED, FAILED, PRESENT, keep, read_keepers
from tests.gallery.made_up import ODD_NAMES, write_painting


@pytest.fixture
def folder(tmp_path) -> Path:
    for name in ("a.png", "sub/b.png", "c.png"):
        write_painting(tmp_path / "painted" / name, color=ord(name[-5]))
    return tmp_path / "painted"


def write_list(path: Path, text: str) -> Path:
    path.write_bytes(text.encode("utf-8", "surrogateescape"))
    return path


def statuses(kept) -> dict[str, str]:
    return {item.target.name: item.status for item in kept}


def test_copies_mirror_the_gallery_and_are_made_once(folder, tmp_path):
    keepers = read_keepers(write_list(folder / "keepers.txt", "# remark\na.png\n\nsub/b.png\r\na.png\n"))
    assert keepers.folder() == folder
    best = tmp_path / "best"
    assert statuses(keep(keepers, folder, best)) == {"a.png": COPIED, "b.png": COPIED}
    assert (best / "sub" / "b.png").read_bytes() == (folder / "sub" / "b.png").read_bytes()
    assert (folder / "a.png").exists()
    assert statuses(keep(keepers, folder, best)) == {"a.png": PRESENT, "b.png": PRESENT}


def test_other_files_are_replaced_only_where_that_is_asked_for(folder, tmp_path):
    keepers = read_keepers(write_list(folder / "keepers.txt", "a.png\nc.png\nnone.png\n"))
    other = write_painting(tmp_path / "best" / "a.png", color=1).read_bytes()
    kept = list(keep(keepers, folder, tmp_path / "best"))
    assert statuses(kept) == {"a.png": FAILED, "c.png": COPIED, "none.png": FAILED}
    assert "exists already" in str(kept[0].error)
    assert "no such file" in str(kept[2].error)
    assert (tmp_path / "best" / "a.png").read_bytes() == other
    assert statuses(keep(keepers, folder, tmp_path / "best", overwrite=True))["a.png"] == COPIED
    assert (tmp_path / "best" / "a.png").read_bytes() != other


def test_names_of_all_kinds_come_through(tmp_path):
    folder = tmp_path / "painted"
    for number, name in enumerate(ODD_NAMES):
        write_painting(folder / name, color=number)
    quoted = "".join(f"{json.dumps(name)}\n" for name in ODD_NAMES)
    for text in (quoted, "\0".join(name for name in ODD_NAMES if name[0] not in '#"')):
        keepers = read_keepers(write_list(folder / "keepers.txt", text))
        kept = list(keep(keepers, folder, tmp_path / "best"))
        assert {item.status for item in kept} <= {COPIED, PRESENT}
    assert {path.name for path in (tmp_path / "best").iterdir()} == set(ODD_NAMES)


def test_a_list_elsewhere_says_where_the_gallery_lies(folder, tmp_path):
    (tmp_path / "downloads").mkdir()
    moved = folder.rename(tmp_path / "grüße & 100%")
    address = f"# gallery: file://{quote(str(moved))}/index.html\na.png\n"
    path = write_list(tmp_path / "downloads" / "keepers.txt", address)
    assert read_keepers(path).folder() == moved
    # Moved away since, it has to be named.
    moved = moved.rename(tmp_path / "moved")
    with pytest.raises(ConfigError, match="--from"):
        read_keepers(path).folder()
    assert read_keepers(path, moved).folder() == moved


def test_a_list_may_come_from_a_pipe(folder, monkeypatch):
    monkeypatch.chdir(folder)
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"a.png\n")))
    keepers = read_keepers(STANDARD_STREAM)
    assert (keepers.title, keepers.folder()) == ("standard input", Path())


@pytest.mark.parametrize(
    "line", ["/etc/passwd", "../a.png", "sub/../../a.png", '"\\u0000"', '"no end', '"a" b', '"\\ud800"', "."]
)
def test_what_reaches_past_the_gallery_is_refused(folder, tmp_path, line):
    with pytest.raises(ConfigError, match="name 1"):
        read_keepers(write_list(tmp_path / "keepers.txt", line + "\n"))


def test_only_pictures_are_copied(folder, tmp_path):
    (folder / "secret.txt").write_text("secret")
    keepers = read_keepers(write_list(folder / "keepers.txt", "secret.txt\n"))
    assert statuses(keep(keepers, folder, tmp_path / "best")) == {"secret.txt": FAILED}
    assert not (tmp_path / "best" / "secret.txt").exists()


def test_places_that_make_no_sense_are_told(folder, tmp_path):
    keepers = read_keepers(write_list(folder / "keepers.txt", "a.png\n"))
    with pytest.raises(ConfigError, match="gallery itself"):
        list(keep(keepers, folder, folder))
    with pytest.raises(ConfigError, match="this is a file"):
        list(keep(keepers, folder, folder / "a.png"))
    with pytest.raises(ConfigError, match="names no painting"):
        read_keepers(write_list(folder / "keepers.txt", "# nothing\n"))
