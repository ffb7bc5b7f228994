"""Photos and paintings in stores that pyarrow reaches: found, named, read and written whole."""

from __future__ import annotations

import pickle
from pathlib import Path

import pytest
from pyarrow import fs

from portraitify.batch.jobs import plan_jobs
from portraitify.batch.locations import Place, place_of, plan
from portraitify.batch.stores import Store, StoredJob, is_address, open_store
from portraitify.config import BatchConfig
from portraitify.errors import ConfigError, ImageError

REQUEST = {"seed": 0}


@pytest.fixture
def store(small_photo) -> Store:
    """A store in memory with two folders of photos, and what must be left out."""
    made = Store(fs._MockFileSystem(), "mock://")
    names = (
        "a.jpg",
        "b.JPG",
        "deep/a.jpg",
        ".hidden.jpg",
        "deep/.git/x.jpg",
        "bare",
        "a.portrait.png",
        "lone.portrait.png",
    )
    for name in names:
        made.write(Path("photos") / name, small_photo)
    made.write(Path("photos/notes.txt"), b"none")
    made.write(Path("photos/README"), b"no picture")
    return made


@pytest.fixture
def addresses(monkeypatch, store):
    """Let ``mock://`` mean that store."""
    monkeypatch.setattr(
        "portraitify.batch.locations.open_store", lambda address: (store, Path(address.removeprefix("mock://")))
    )


def planned(word: str, output: Place, recursive: bool = False, **options) -> list[tuple[str, str]]:
    jobs = plan([word], output, BatchConfig(**options), REQUEST, recursive).jobs
    return [(job.name, job.title(job.target)) for job in jobs]


def test_a_folder_in_a_store_gives_its_photos(addresses, store):
    output = Place(store, Path("out"))
    shallow = [
        ("mock://photos/a.jpg", "mock://out/a.portrait.png"),
        ("mock://photos/b.JPG", "mock://out/b.portrait.png"),
        ("mock://photos/bare", "mock://out/bare.portrait.png"),
        # Named like a painting, but after no photo.
        ("mock://photos/lone.portrait.png", "mock://out/lone.portrait.portrait.png"),
    ]
    assert planned("mock://photos", output) == shallow
    deep = ("mock://photos/deep/a.jpg", "mock://out/deep/a.portrait.png")
    assert deep in planned("mock://photos", output, recursive=True)
    assert planned("mock://photos/[ab].jpg", output) == shallow[:1]
    assert planned("mock://photos/deep/a.jpg", output, format="jpeg") == [(deep[0], "mock://out/a.portrait.jpg")]


def test_what_gives_no_photo_is_told(addresses, store):
    output = Place(store, Path("out"))
    with pytest.raises(ImageError, match=r"mock://none: no photos were found there\. Add --recursive"):
        planned("mock://none", output)
    with pytest.raises(ImageError, match="only the last part"):
        planned("mock://pho*/a.jpg", output)
    jobs = plan(["mock://photos", "mock://none.jpg"], output, BatchConfig(), REQUEST, False).jobs
    with pytest.raises(ImageError, match=r"mock://none\.jpg: no such file"):
        jobs[-1].read()


def test_outputs_inside_the_folder_are_left_out_and_vacancies_known(addresses, store, small_photo):
    store.write(Path("photos/out/a.portrait.png"), small_photo)
    plan_ = plan(["mock://photos"], Place(store, Path("photos/out")), BatchConfig(), REQUEST, True)
    assert not any("/out/" in job.name for job in plan_.jobs)
    assert {job.name: job.vacant for job in plan_.jobs}["mock://photos/a.jpg"] is False
    assert sum(job.vacant for job in plan_.jobs) == len(plan_.jobs) - 1
    assert set(plan_.sizes) == {len(small_photo)}


def test_disks_and_stores_do_not_mix_but_one_may_feed_the_other(addresses, store, tmp_path, small_photo):
    (tmp_path / "x.jpg").write_bytes(small_photo)
    with pytest.raises(ConfigError, match="Some photos lie on a disk"):
        plan(["mock://photos", str(tmp_path)], Place(store, Path("out")), BatchConfig(), REQUEST, False)
    up = planned(str(tmp_path), Place(store, Path("out")))
    assert up == [(str(tmp_path / "x.jpg"), "mock://out/x.portrait.png")]
    down = planned("mock://photos/a.jpg", Place(None, tmp_path / "new"))
    assert down == [("mock://photos/a.jpg", str(tmp_path / "new" / "a.portrait.png"))]
    assert (tmp_path / "new").is_dir()


def test_on_a_disk_names_are_those_of_a_batch(tmp_path, small_photo, write_photos):
    write_photos(tmp_path / "in", small_photo, 3)
    (tmp_path / "in" / "0001.png").write_bytes(small_photo)
    from portraitify.batch.inputs import expand

    for word in (str(tmp_path / "in"), f"file://{tmp_path}/in"):
        jobs = plan([word], place_of(str(tmp_path / "out")), BatchConfig(), REQUEST, False).jobs
        batch = plan_jobs(expand([tmp_path / "in"]), tmp_path / "out", BatchConfig(), folder_named=True)
        assert [(job.source, job.target) for job in jobs] == [(job.source, job.target) for job in batch]
        assert all(job.vacant for job in jobs)


def test_a_photo_named_like_the_painting_of_a_face_stays(tmp_path, small_photo):
    for name in ("x.jpg", "x.2.portrait.png"):
        (tmp_path / name).write_bytes(small_photo)
    words = [str(tmp_path / name) for name in ("x.jpg", "x.2.portrait.png")]
    options = {"faces": "all", "overwrite": True}
    with pytest.raises(ConfigError, match="would be overwritten"):
        plan(words, Place(None, tmp_path), BatchConfig(**options), REQUEST, False)


def test_files_are_written_whole_or_not_at_all(store):
    def write_half() -> None:
        with store.writing(Path("out/a.png")) as stream:
            stream.write(b"half")
            raise RuntimeError("killed")

    with pytest.raises(RuntimeError, match="killed"):
        write_half()
    assert not store.exists(Path("out/a.png"))
    assert store.listed(Path("out"), recursive=True) == []
    # What a process that was killed could not tidy up goes in the end, and only that.
    for name in (f".{store.run}.1234.portraitify", ".other.1234.portraitify", "kept.png"):
        store.write(Path("out/deep") / name, b"x")
    store.sweep(Path("out"))
    names = [Path(info.path).name for info in store.listed(Path("out/deep"), recursive=False)]
    assert names == [".other.1234.portraitify", "kept.png"]


def test_a_store_travels_and_its_job_reads_and_writes_there(tmp_path, small_photo):
    (tmp_path / "in.jpg").write_bytes(small_photo)
    inside = Store(fs.SubTreeFileSystem(str(tmp_path), fs.LocalFileSystem()), "store://")
    job = pickle.loads(pickle.dumps(StoredJob(Path("in.jpg"), Path("out/x.png"), origin=inside, destination=inside)))
    assert job.read() == small_photo
    job.write(job.target, b"painting")
    assert job.stands(job.target)
    assert job.record(job.target) is None
    assert (tmp_path / "out" / "x.png").read_bytes() == b"painting"
    (tmp_path / "in.jpg").write_bytes(b"")
    with pytest.raises(ImageError, match=r"store://in\.jpg: the file is empty"):
        job.read()


def test_addresses():
    assert is_address("s3://bucket/x")
    assert not is_address("photos/x.jpg")
    assert not is_address("s3:/bucket")
    assert open_store("file:///tmp/x") == (None, Path("/tmp/x"))
    bucket, path = open_store("s3://key:secret@bucket/photos?region=eu-west-1")
    assert bucket.title(path / "a.jpg") == "s3://bucket/photos/a.jpg"
    assert bucket.is_object_store
    with pytest.raises(ConfigError, match="warp://bucket/x: cannot be opened"):
        open_store("warp://me:secret@bucket/x")
    with pytest.raises(ConfigError, match="no streams"):
        place_of("-")
