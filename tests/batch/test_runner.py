"""Folders of photos: nothing is lost, nothing is painted twice, and one bad file stops none of the others."""

from __future__ import annotations

import errno
import io
import json
import os
import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageFilter

from portraitify import PaintConfig, Portraitist
from portraitify.batch.inputs import expand
from portraitify.batch.jobs import plan_jobs
from portraitify.batch.runner import FAILED, PAINTED, SKIPPED, BatchPainter
from portraitify.cli.main import main
from portraitify.config import BatchConfig
from portraitify.faces.aligned_face import face_warnings
from portraitify.io.provenance import read_provenance
from portraitify.io.reading import SourceImage, read_image
from portraitify.layout.grid import side_by_side
from portraitify.weights import WeightsFolder

SMALL = ("--size", "128", "--device", "cpu")


@pytest.fixture
def two_sitters(astronaut, tmp_path) -> Path:
    """Twice the same sitter, the second one mirrored and half as large."""
    head = Image.fromarray(astronaut[20:276, 96:352])
    wide = Image.new("RGB", (480, 256), "grey")
    wide.paste(head.resize((160, 160)).transpose(Image.Transpose.FLIP_LEFT_RIGHT), (0, 60))
    wide.paste(head, (200, 0))
    wide.save(tmp_path / "two.png")
    return tmp_path / "two.png"


@pytest.fixture
def paint(random_weights):
    def call(*args: object) -> int:
        return main([*map(str, args), "--weights", str(random_weights), *SMALL])

    return call


@pytest.fixture(scope="module")
def portraitist(random_weights) -> Portraitist:
    return Portraitist(PaintConfig(size_px=128, paint_px=128, device="cpu"), random_weights)


def painter(portraitist, **options) -> BatchPainter:
    should_stop = options.pop("should_stop", lambda: False)
    request = portraitist.config.request(portraitist.weights.digest)
    return BatchPainter(BatchConfig(**options), request, lambda: portraitist, should_stop)


def jobs_for(folder: Path, output: Path | None = None, **options):
    return plan_jobs(expand([folder]), output, BatchConfig(**options), folder_named=True)


def test_outcomes_come_in_order_and_bad_files_stop_none(portraitist, small_photo, tmp_path, write_photos):
    write_photos(tmp_path / "in", small_photo, 6)
    (tmp_path / "in" / "0001.jpg").write_bytes(small_photo[:700])
    (tmp_path / "in" / "0003.jpg").write_text("no picture")
    jobs = jobs_for(tmp_path / "in", tmp_path / "out")
    outcomes = list(painter(portraitist).run(jobs))
    assert [outcome.job for outcome in outcomes] == jobs
    assert [outcome.status for outcome in outcomes] == [PAINTED, FAILED, PAINTED, FAILED, PAINTED, PAINTED]
    assert "0003.jpg" in str(outcomes[3].error)
    assert sorted(os.listdir(tmp_path / "out")) == [f"000{n}.portrait.png" for n in (0, 2, 4, 5)]


def test_an_unexpected_error_stops_none_either(portraitist, small_photo, tmp_path, monkeypatch, write_photos):
    write_photos(tmp_path / "in", small_photo, 3)
    find, calls = portraitist.find, []

    def fail_once(image, limit, with_photo):
        calls.append(image.name)
        if len(calls) == 2:
            raise RuntimeError("bad luck")
        return find(image, limit, with_photo)

    monkeypatch.setattr(portraitist, "find", fail_once)
    outcomes = list(painter(portraitist).run(jobs_for(tmp_path / "in")))
    assert [outcome.status for outcome in outcomes] == [PAINTED, FAILED, PAINTED]


def test_faces_of_several_photos_are_painted_together(portraitist, small_photo, tmp_path, monkeypatch, write_photos):
    write_photos(tmp_path / "in", small_photo, 5)
    (tmp_path / "in" / "0002.jpg").write_text("no picture")
    sizes: list[int] = []
    paint_frames = portraitist.engine.paint

    def remember(frames, *rest):
        sizes.append(len(frames))
        return paint_frames(frames, *rest)

    monkeypatch.setattr(portraitist.engine, "paint", remember)
    monkeypatch.setattr(portraitist.engine, "batch_size", 3)
    outcomes = list(painter(portraitist).run(jobs_for(tmp_path / "in")))
    assert [outcome.status for outcome in outcomes] == [PAINTED, PAINTED, FAILED, PAINTED, PAINTED]
    assert sum(sizes) == 4
    assert max(sizes) == 3


def test_one_bad_face_does_not_spoil_those_painted_with_it(
    portraitist, small_photo, tmp_path, monkeypatch, write_photos
):
    write_photos(tmp_path / "in", small_photo, 5)
    sketch = portraitist.sketch
    bad = read_image(tmp_path / "in" / "0001.jpg").digest

    def fail_with(faces, timer, style, seeds):
        if any(face.source.photo == bad for face in faces):
            raise RuntimeError("out of memory")
        return sketch(faces, timer, style, seeds)

    monkeypatch.setattr(portraitist, "sketch", fail_with)
    monkeypatch.setattr(portraitist.engine, "batch_size", 4)
    outcomes = list(painter(portraitist).run(jobs_for(tmp_path / "in")))
    assert [outcome.status for outcome in outcomes] == [PAINTED, FAILED, PAINTED, PAINTED, PAINTED]


@pytest.mark.parametrize("batch_size", [1, 4])
@pytest.mark.parametrize("stop_after", range(1, 6))
def test_stopping_tells_of_all_that_was_written(
    portraitist, small_photo, tmp_path, monkeypatch, batch_size, stop_after, write_photos
):
    write_photos(tmp_path / "in", small_photo, 8)
    find, calls = portraitist.find, []

    def count(image, limit, with_photo):
        calls.append(image.name)
        return find(image, limit, with_photo)

    monkeypatch.setattr(portraitist, "find", count)
    monkeypatch.setattr(portraitist.engine, "batch_size", batch_size)
    stopping = painter(portraitist, should_stop=lambda: len(calls) >= stop_after)
    outcomes = list(stopping.run(jobs_for(tmp_path / "in", tmp_path / "out"), lambda stage: None))
    assert len(outcomes) <= stop_after
    assert {path for outcome in outcomes for path in outcome.files} == set((tmp_path / "out").glob("*.png"))


def test_a_report_takes_nobody_elses_place(paint, small_photo, tmp_path, capsys, write_photos):
    write_photos(tmp_path / "in", small_photo, 2)
    photo = tmp_path / "in" / "0000.jpg"
    before = photo.read_bytes()
    assert paint(photo, "-o", tmp_path / "a.png", "--report", photo, "--overwrite") == 2
    assert paint(photo, "-o", tmp_path / "a.png", "--report", tmp_path / "a.png", "--overwrite") == 2
    assert photo.read_bytes() == before
    assert not (tmp_path / "a.png").exists()
    report = tmp_path / "report.jsonl"
    assert paint(photo, "-o", tmp_path / "a.png", "--report", report) == 0
    assert paint(photo, "-o", tmp_path / "b.png", "--report", report) == 2
    # A batch that goes on adds to its report.
    assert paint(photo, "-o", tmp_path / "a.png", "--report", report, "--skip-existing") == 0
    assert [json.loads(line)["status"] for line in report.read_text().splitlines()] == ["painted", "skipped"]


def test_a_numbered_painting_does_not_replace_a_photo(paint, two_sitters, tmp_path):
    photo = two_sitters.rename(tmp_path / "x.1.png")
    before = photo.read_bytes()
    assert paint(photo, "-o", tmp_path / "x.png", "--faces", "all", "--overwrite") == 3
    assert photo.read_bytes() == before


def test_a_foreign_file_in_the_way_of_the_second_face_is_found_before_the_first(paint, two_sitters):
    two_sitters.with_name("two.2.portrait.png").write_text("precious")
    assert paint(two_sitters, "--faces", "all") == 3
    assert not two_sitters.with_name("two.1.portrait.png").exists()


def test_nothing_is_loaded_where_all_is_done(portraitist, small_photo, tmp_path, write_photos):
    write_photos(tmp_path / "in", small_photo, 2)
    jobs = jobs_for(tmp_path / "in")
    list(painter(portraitist, skip_existing=True).run(jobs))
    request = portraitist.config.request(portraitist.weights.digest)

    def refuse():
        raise AssertionError("loaded")

    outcomes = list(BatchPainter(BatchConfig(skip_existing=True), request, refuse).run(jobs))
    assert [outcome.status for outcome in outcomes] == [SKIPPED, SKIPPED]


@pytest.mark.parametrize("kind", ["png", "jpeg", "webp", "tiff"])
def test_only_the_same_painting_is_skipped(paint, small_photo, tmp_path, capsys, kind, write_photos):
    write_photos(tmp_path / "in", small_photo, 2)
    command = (tmp_path / "in", "-o", tmp_path / "out", "--skip-existing", "--format", kind)
    assert paint(*command) == 0
    assert paint(*command) == 0
    assert capsys.readouterr().err.endswith("0 painted, 2 skipped, 0 failed.\n")
    # Other options, another photo of the same name, half a file, and another program's file.
    assert paint(*command, "--seed", "1") == 7
    assert "with these options" in capsys.readouterr().err
    write_photos(tmp_path / "in", small_photo + b"\xff\xfe\x00\x03x", 1)
    assert paint(*command) == 7
    assert paint(*command, "--overwrite") == 0
    assert capsys.readouterr().err.endswith("1 painted, 1 skipped, 0 failed.\n")
    target = next((tmp_path / "out").glob("0001*"))
    target.write_bytes(target.read_bytes()[: target.stat().st_size // 2])
    assert paint(*command) == 7
    target.write_text("precious")
    assert paint(*command) == 7
    assert target.read_text() == "precious"


def test_each_face_by_itself_from_left_to_right(paint, two_sitters, capsys):
    assert paint(two_sitters, "--faces", "all") == 0
    out = capsys.readouterr().out
    left, right = two_sitters.with_name("two.1.portrait.png"), two_sitters.with_name("two.2.portrait.png")
    assert out.count("\n") == 2
    assert read_provenance(left).face == "1/2"
    assert read_provenance(right).face == "2/2"
    assert paint(two_sitters, "--faces", "all") == 3
    assert paint(two_sitters, "--faces", "all", "--skip-existing") == 0
    right.unlink()
    # Only the whole set counts as done.
    assert paint(two_sitters, "--faces", "all", "--skip-existing") == 0
    assert right.exists()


def test_the_most_prominent_face_and_a_word_about_the_others(paint, two_sitters, capsys):
    assert paint(two_sitters, "-v") == 0
    captured = capsys.readouterr()
    assert "2 faces were found and 1 painted" in captured.err
    assert paint(two_sitters, "--faces", "all", "-o", two_sitters.with_name("each.png")) == 0
    assert "face 1: the face is" in capsys.readouterr().err
    box = captured.out.split("face: ")[1].split()
    assert float(box[0]) > 200
    assert paint(two_sitters, "--faces", "1") == 0
    assert two_sitters.with_name("two.1.portrait.png").exists()


def test_a_group_on_one_sheet(paint, two_sitters, capsys):
    assert paint(two_sitters, "--group", "-o", two_sitters.with_name("group.png")) == 0
    with Image.open(two_sitters.with_name("group.png")) as image:
        assert image.size == (2 * 128 + 3 * 4, 128 + 2 * 4)
    assert paint(two_sitters, "--faces", "all", "-o", "-") == 2
    assert "--group" in capsys.readouterr().err


def test_sheets_have_rows_and_single_pictures_stay_as_they_are():
    picture = np.full((32, 32, 3), 7, np.uint8)
    assert side_by_side([picture]) is picture
    sheet = side_by_side([picture] * 5)
    assert sheet.shape == (2 * 33 + 1, 3 * 33 + 1, 3)
    assert (sheet == 7).all(-1).sum() == 5 * 32 * 32


def test_json_on_stdout_and_in_a_report(paint, small_photo, tmp_path, capsys, write_photos):
    write_photos(tmp_path / "in", small_photo, 2)
    (tmp_path / "in" / "bad.jpg").write_text("no picture")
    assert paint(tmp_path / "in", "--json", "--report", tmp_path / "report.jsonl") == 7
    out = capsys.readouterr().out
    assert out == (tmp_path / "report.jsonl").read_text()
    first, second, bad = map(json.loads, out.splitlines())
    assert first["status"] == second["status"] == "painted"
    assert first["files"] == [str(tmp_path / "in" / "0000.portrait.png")]
    (painting,) = first["paintings"]
    assert sum(painting["probabilities"].values()) == pytest.approx(1, abs=1e-3)
    assert {"reasons", "attributes", "style_code", "reference", "seed", "face", "warnings"} <= set(painting)
    assert set(painting["reference"]) == {"painter", "title", "date"}
    assert painting["attributes"]["pose"] in ("frontal", "three-quarter", "profile")
    assert list(painting["seconds"]) == ["detect", "classify", "paint", "finish"]
    assert bad["status"] == "failed"
    assert bad["code"] == 3
    assert "not a picture" in bad["error"]
    assert paint(tmp_path / "in", "--report", tmp_path / "none" / "report.jsonl") == 2
    assert paint(tmp_path / "in" / "0000.jpg", "--json", "-o", "-") == 2


def test_a_tree_is_mirrored_and_lists_are_read(paint, small_photo, tmp_path, monkeypatch, write_photos):
    write_photos(tmp_path / "in", small_photo, 1)
    write_photos(tmp_path / "in" / "deep", small_photo, 1)
    assert paint(tmp_path / "in", "-r", "-o", tmp_path / "in" / "out") == 0
    assert (tmp_path / "in" / "out" / "deep" / "0000.portrait.png").exists()
    # The outputs inside the folder are not painted in their turn.
    assert paint(tmp_path / "in", "-r", "-o", tmp_path / "in" / "out", "--skip-existing") == 0
    assert sum(1 for _ in (tmp_path / "in").rglob("*.png")) == 2

    class Stdin:
        buffer = io.BytesIO(f"{tmp_path}/in/0000.jpg\0".encode())

    monkeypatch.setattr("sys.stdin", Stdin)
    assert paint("--from-file", "-", "-o", tmp_path / "listed") == 0
    assert os.listdir(tmp_path / "listed") == ["0000.portrait.png"]


def test_unreadable_photos_are_told_of(paint, small_photo, tmp_path, capsys, monkeypatch, write_photos):
    write_photos(tmp_path / "in", small_photo, 1)

    def closed(*_):
        # What the system says of a file of mode 0, except to root.
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr("portraitify.batch.jobs.read_source", closed)
    assert paint(tmp_path / "in" / "0000.jpg") == 3
    assert "Permission denied" in capsys.readouterr().err


def test_a_target_that_cannot_be_written_is_told_of(paint, small_photo, tmp_path, capsys, write_photos):
    write_photos(tmp_path / "in", small_photo, 1)
    (tmp_path / "file").write_text("x")
    assert paint(tmp_path / "in", "-o", tmp_path / "file" / "out") == 3
    assert "cannot be made" in capsys.readouterr().err


def test_the_photo_comes_back_from_its_record(paint, small_photo, tmp_path, capsys, write_photos):
    write_photos(tmp_path / "in", small_photo, 1)
    photo = tmp_path / "in" / "0000.jpg"
    assert paint(photo, "--seed", "1") == 0
    assert main(["inspect", str(photo.with_name("0000.portrait.png")), "--json"]) == 0
    record = json.loads(capsys.readouterr().out.splitlines()[-1])
    again = record["command"].split()[2:]
    assert main([str(photo), *again, "--weights", record_weights(paint), "-o", str(tmp_path / "again.png")]) == 0
    assert np.array_equal(
        read_image(photo.with_name("0000.portrait.png")).pixels, read_image(tmp_path / "again.png").pixels
    )


def record_weights(paint) -> str:
    """The folder that the fixture paints with."""
    return str(paint.__closure__[0].cell_contents)


def test_inspect_tells_what_is_no_painting(small_photo, tmp_path, capsys):
    (tmp_path / "photo.jpg").write_bytes(small_photo)
    assert main(["inspect", str(tmp_path / "photo.jpg")]) == 3
    assert "holds no record" in capsys.readouterr().err
    assert main(["inspect", str(tmp_path / "none.jpg"), "--json"]) == 3
    assert json.loads(capsys.readouterr().out)["machine_made"] is False


def test_metadata_can_be_left_out_and_the_date_kept(paint, small_photo, tmp_path):
    exif = Image.Exif()
    exif.get_ifd(0x8769)[0x9003] = "2020:02:03 04:05:06"
    exif.get_ifd(0x8825)[1] = "N"
    exif[0x010F] = "SECRETCAM"
    with Image.open(io.BytesIO(small_photo)) as image:
        image.save(tmp_path / "a.jpg", exif=exif.tobytes(), quality=95)
    for kind in ("png", "jpeg", "webp", "tiff"):
        assert (
            paint(tmp_path / "a.jpg", "-f", kind, "--no-metadata", "--keep-date", "-o", tmp_path / f"bare-{kind}") == 0
        )
        assert paint(tmp_path / "a.jpg", "-f", kind, "-o", tmp_path / f"full-{kind}") == 0
        bare, full = (tmp_path / f"bare-{kind}").read_bytes(), (tmp_path / f"full-{kind}").read_bytes()
        assert read_image(bare).taken == "2020:02:03 04:05:06"
        assert read_image(full).taken == ""
        assert b"compositeWithTrainedAlgorithmicMedia" in full
        assert b"compositeWithTrainedAlgorithmicMedia" not in bare
        assert b"SECRETCAM" not in bare + full


def test_weights_that_do_not_fit_end_a_batch_at_once(random_weights, small_photo, tmp_path, capsys, write_photos):
    write_photos(tmp_path / "in", small_photo, 3)
    folder = Path(shutil.copytree(random_weights, tmp_path / "weights"))
    manifest = json.loads((folder / "manifest.json").read_text())
    manifest["files"]["generator.safetensors"]["arguments"]["code_size"] = 16
    (folder / "manifest.json").write_text(json.dumps(manifest))
    assert main([str(tmp_path / "in"), "--weights", str(folder), *SMALL]) == 5
    assert "does not fit its network" in capsys.readouterr().err
    assert WeightsFolder(folder).digest == WeightsFolder(random_weights).digest
    assert not list((tmp_path / "in").glob("*.portrait.png"))


def test_small_blurred_and_cut_faces_are_told_of(random_weights, astronaut):
    finder = Portraitist(PaintConfig(device="cpu"), random_weights)

    def told(pixels: Image.Image) -> str:
        return " ".join(face_warnings(finder.find(SourceImage(np.asarray(pixels), "x"))[0]))

    head = Image.fromarray(astronaut)
    assert told(head) == ""
    assert "blurred" in told(head.filter(ImageFilter.GaussianBlur(4)))
    assert "small" in told(head.resize((150, 150)))
    assert "cuts the face" in told(head.crop((190, 60, 420, 400)))
