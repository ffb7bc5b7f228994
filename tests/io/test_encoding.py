"""Paintings as files: formats, what they say about themselves, and writing them whole."""

from __future__ import annotations

import errno
import io
import os
import stat

import numpy as np
import pytest
from PIL import Image

from portraitify.errors import ConfigError, ImageError
from portraitify.io import files
from portraitify.io.encoding import FORMATS, Marks, encode, format_of
from portraitify.io.files import write_atomically
from portraitify.io.provenance import SOURCE_TYPE, Provenance, complete_provenance, parse_packet, read_provenance
from portraitify.io.reading import read_image

RECORD = Provenance(
    software="portraitify 1.2",
    weights="0123456789abcdef",
    style="oil",
    requested="auto",
    style_code="abc123",
    reference="Édouard <Manet> & others, “Olympia”, 1863",
    seed=3,
    size_px=512,
    options='{"finish": 0.5}',
    face="1/1",
    source="f00",
)


@pytest.fixture(scope="module")
def pixels() -> np.ndarray:
    y, x = np.mgrid[:64, :64] * 4
    return np.stack([x, y, 255 - x], -1).astype(np.uint8)


@pytest.mark.parametrize("kind", FORMATS)
def test_every_format_gives_the_same_bytes_and_keeps_colours(pixels, kind):
    first = encode(pixels, kind, 95, RECORD.marks())
    assert first == encode(pixels, kind, 95, RECORD.marks())
    assert np.abs(read_image(first).pixels.astype(int) - pixels).mean() < 3
    with Image.open(io.BytesIO(first)) as image:
        assert image.format == kind.upper()
        assert len(image.info["icc_profile"]) > 100


@pytest.mark.parametrize("kind", FORMATS)
def test_every_format_carries_the_record(pixels, kind, tmp_path):
    path = tmp_path / f"painting{FORMATS[kind].suffixes[0]}"
    path.write_bytes(encode(pixels, kind, 90, RECORD.marks()))
    assert read_provenance(path) == complete_provenance(path) == RECORD
    assert SOURCE_TYPE.encode() in path.read_bytes()
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    assert complete_provenance(path) is None


@pytest.mark.parametrize("kind", FORMATS)
def test_without_marks_nothing_is_said(pixels, kind, tmp_path):
    path = tmp_path / "painting"
    data = encode(pixels, kind)
    path.write_bytes(data)
    assert read_provenance(path) is None
    assert b"portraitify" not in data


@pytest.mark.parametrize("kind", FORMATS)
def test_the_date_and_nothing_else_can_be_kept(pixels, kind):
    data = encode(pixels, kind, 90, Marks(taken="2021:05:06 07:08:09"))
    assert read_image(data).taken == "2021:05:06 07:08:09"
    assert read_image(encode(pixels, kind)).taken == ""


def test_quality_counts(pixels):
    noise = np.random.default_rng(0).integers(0, 255, (64, 64, 3)).astype(np.uint8)
    for kind in ("jpeg", "webp"):
        assert len(encode(noise, kind, 30)) < len(encode(noise, kind, 95))
    assert np.array_equal(read_image(encode(noise, "webp", 100)).pixels, noise)


def test_names_tell_the_format(tmp_path):
    assert [format_of(tmp_path / f"a{s}") for s in (".PNG", ".jpeg", ".webp", ".tif")] == [
        "png",
        "jpeg",
        "webp",
        "tiff",
    ]
    with pytest.raises(ConfigError, match=r"\.jpg"):
        format_of(tmp_path / "a.svg")
    with pytest.raises(ConfigError, match="webp holds at most"):
        encode(np.zeros((1, 17000, 3), np.uint8), "webp")


def test_the_record_tells_how_to_paint_again():
    assert RECORD.command() == "portraitify PHOTO --style oil --seed 3 --size 512 --finish 0.5"
    several = RECORD.with_options(faces="all", group=None)
    assert several.command().endswith("--size 512 --faces all --finish 0.5")
    assert RECORD.with_options(faces=None, group=True).command().endswith("--finish 0.5 --group")


@pytest.mark.parametrize(
    "packet",
    [
        b"",
        b"<x",
        b"<a/>",
        b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>',
        b"\xff\xfe\x00",
        b"<a>" + b"x" * 70_000 + b"</a>",
        RECORD.marks().xmp.replace(">3<", ">three<").encode(),
        RECORD.marks().xmp.replace("portraitify:face", "portraitify:nose").encode(),
        RECORD.marks().xmp.replace(">oil<", ">oil; rm -rf ~<").encode(),
        RECORD.marks().xmp.replace('{"finish": 0.5}', "[1]").encode(),
        RECORD.marks().xmp.replace('"finish": 0.5', '"finish": "; ls"').encode(),
        RECORD.marks().xmp.replace('"finish": 0.5', '"brush": 1').encode(),
    ],
)
def test_packets_of_others_are_no_record(packet):
    assert parse_packet(packet) is None


def test_writing_is_all_or_nothing(tmp_path):
    target = tmp_path / "out.png"
    write_atomically(target, b"first")
    write_atomically(target, b"second")
    assert target.read_bytes() == b"second"
    assert os.listdir(tmp_path) == ["out.png"]
    with pytest.raises(ImageError, match="cannot be written"):
        write_atomically(tmp_path / "no" / "out.png", b"x")
    (tmp_path / "folder.png").mkdir()
    with pytest.raises(ImageError, match="cannot be written"):
        write_atomically(tmp_path / "folder.png", b"x")
    assert sorted(os.listdir(tmp_path)) == ["folder.png", "out.png"]


def test_permissions_are_those_of_any_new_file(tmp_path):
    write_atomically(tmp_path / "a.png", b"x")
    (tmp_path / "b.png").write_bytes(b"x")
    assert (tmp_path / "a.png").stat().st_mode == (tmp_path / "b.png").stat().st_mode


def test_a_full_disk_keeps_the_old_file(tmp_path, monkeypatch):
    target = tmp_path / "out.png"
    target.write_bytes(b"precious")

    def full(_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(files.os, "fsync", full)
    with pytest.raises(ImageError, match=r"out\.png: cannot be written \(No space left"):
        write_atomically(target, b"new")
    assert target.read_bytes() == b"precious"
    assert os.listdir(tmp_path) == ["out.png"]


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="this system has no device that is always full")
def test_a_full_device_is_told_of():
    from pathlib import Path

    with pytest.raises(ImageError, match="No space left"):
        write_atomically(Path("/dev/full"), b"x" * 100_000)
    assert stat.S_ISCHR(os.stat("/dev/full").st_mode)


def test_a_link_keeps_pointing(tmp_path):
    (tmp_path / "real.png").write_bytes(b"old")
    (tmp_path / "link.png").symlink_to("real.png")
    write_atomically(tmp_path / "link.png", b"new")
    assert (tmp_path / "link.png").is_symlink()
    assert (tmp_path / "real.png").read_bytes() == b"new"


def test_png_is_small_though_quickly_made(astronaut):
    image = Image.fromarray(astronaut)
    plain = io.BytesIO()
    image.save(plain, "PNG", compress_level=4)
    # Looking for repetitions gains a few hundredths on a photo; a painting has even less to repeat.
    assert len(encode(astronaut)) < 1.1 * len(plain.getvalue())
