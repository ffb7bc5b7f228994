"""The command line: exit codes, what goes to stdout and stderr, and what is written."""

from __future__ import annotations

import io
import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest
from PIL import Image

from portraitify import __version__
from portraitify.cli.main import main


def opened(path: Path) -> Image.Image:
    """A picture whose file is closed again."""
    with Image.open(path) as image:
        image.load()
        return image


def run(*args: object, stdin: bytes = b"", **options) -> subprocess.CompletedProcess:
    """Call it as people do, in a process of its own."""
    command = [sys.executable, "-m", "portraitify", *map(str, args)]
    return subprocess.run(command, input=stdin, capture_output=True, timeout=120, **options)


def test_a_painting_lies_beside_the_photo(paint, photo, capsys):
    assert paint(photo) == 0
    out, err = capsys.readouterr()
    assert opened(photo.with_name("selfie.portrait.png")).size == (128, 128)
    assert out.count("\n") == 1
    assert "selfie.portrait.png" in out
    assert re.search(r": \w+ \((chosen by the classifier, \d+%|\d+%: [a-z, ]+)\), after ", out)
    assert err == ""


def test_verbose_prints_probabilities_and_times(paint, photo, capsys):
    assert paint(photo, "-v", "--style", "ink") == 0
    out = capsys.readouterr().out
    assert "ink (as asked)" in out
    assert "renaissance " in out
    assert "time: detect" in out


def test_quiet_prints_nothing(paint, photo, capsys):
    assert paint(photo, "--quiet") == 0
    assert capsys.readouterr() == ("", "")


def test_an_existing_painting_is_kept(paint, photo, capsys):
    target = photo.with_name("selfie.portrait.png")
    target.write_text("precious")
    assert paint(photo) == 3
    assert "--overwrite" in capsys.readouterr().err
    assert target.read_text() == "precious"
    assert paint(photo, "--overwrite") == 0
    assert opened(target).size == (128, 128)


def test_the_photo_itself_is_never_replaced(paint, photo, capsys):
    as_png = photo.with_suffix(".png")
    opened(photo).save(as_png)
    before = as_png.read_bytes()
    assert paint(as_png, "-o", as_png, "--overwrite") == 2
    assert "overwrite a photo" in capsys.readouterr().err
    assert as_png.read_bytes() == before


def test_output_may_be_a_file_or_a_folder(paint, photo, tmp_path):
    assert paint(photo, "-o", tmp_path / "me.png") == 0
    assert (tmp_path / "me.png").exists()
    (tmp_path / "there").mkdir()
    assert paint(photo, "-o", tmp_path / "there") == 0
    assert (tmp_path / "there" / "selfie.portrait.png").exists()
    assert paint(photo, "-o", tmp_path / "me.jpg") == 0
    assert opened(tmp_path / "me.jpg").format == "JPEG"
    assert paint(photo, "-o", tmp_path / "me.svg") == 2


def test_a_folder_is_painted_and_bad_files_are_named(paint, photo, tmp_path, capsys):
    (tmp_path / "broken.jpg").write_text("no picture")
    Image.new("RGB", (80, 80), "grey").save(tmp_path / "wall.png")
    (tmp_path / "notes.txt").write_text("not looked at")
    assert paint(tmp_path, "-o", tmp_path / "out") == 7
    err = capsys.readouterr().err
    assert "broken.jpg: not a picture" in err
    assert "wall.png: no face" in err
    assert "1 painted, 2 failed" in err
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["selfie.portrait.png"]


def test_earlier_paintings_in_a_folder_are_not_painted_again(paint, photo, tmp_path):
    assert paint(tmp_path) == 0
    assert paint(tmp_path, "--overwrite") == 0
    assert sorted(path.name for path in tmp_path.iterdir()) == ["selfie.jpg", "selfie.portrait.png"]


@pytest.mark.parametrize(
    ("name", "content", "code", "message"),
    [
        ("text.jpg", b"hello", 3, "not a picture"),
        ("empty.jpg", b"", 3, "empty"),
        ("cut.jpg", "half", 3, "damaged or incomplete"),
        ("missing.jpg", None, 3, "no such file"),
    ],
)
def test_bad_files_give_one_line_and_their_code(paint, photo, tmp_path, capsys, name, content, code, message):
    path = tmp_path / name
    if content == "half":
        content = photo.read_bytes()[:20000]
    if content is not None:
        path.write_bytes(content)
    assert paint(path) == code
    out, err = capsys.readouterr()
    assert out == ""
    assert err.count("\n") == 1
    assert name in err
    assert message in err


def test_no_face_says_what_to_try(paint, tmp_path, capsys):
    Image.new("RGB", (100, 100), "grey").save(tmp_path / "wall.png")
    assert paint(tmp_path / "wall.png") == 4
    assert "Try a photo" in capsys.readouterr().err
    assert not (tmp_path / "wall.portrait.png").exists()


def test_wrong_weights_and_device_have_their_codes(photo, random_weights, tmp_path, capsys):
    assert main([str(photo), "--weights", str(tmp_path / "none")]) == 5
    import torch

    if not torch.cuda.is_available():
        assert main([str(photo), "--device", "cuda", "--weights", str(random_weights)]) == 6
    assert "Traceback" not in capsys.readouterr().err


@pytest.mark.parametrize(
    "args",
    [["--style", "cubism", "a.jpg"], ["--size", "1", "a.jpg"], [], ["-", "a.jpg"], ["a.jpg", "b.jpg", "-o", "-"]],
)
def test_wrong_usage_is_code_2(args, capsys):
    assert main(args) == 2
    assert capsys.readouterr().err


def test_a_rectangle_and_a_whole_photo(paint, photo, tmp_path):
    assert paint(photo, "--aspect", "3:4", "--level", "1", "-o", tmp_path / "high.png") == 0
    assert opened(tmp_path / "high.png").size == (96, 128)
    assert paint(photo, "--crop", "full", "--background", "paint", "-o", tmp_path / "all.png") == 0
    assert opened(tmp_path / "all.png").size == (128, 128)


def test_a_whole_photo_has_all_its_faces_already(paint, photo, capsys):
    for option in (("--faces", "all"), ("--group",)):
        assert paint(photo, "--crop", "full", *option) == 2
    assert "Leave out" in capsys.readouterr().err


def test_two_inputs_of_one_name_do_not_overwrite_each_other(paint, photo, tmp_path):
    (tmp_path / "sub").mkdir()
    other = shutil.copy(photo, tmp_path / "sub" / "selfie.jpg")
    assert paint(photo, other, "-o", tmp_path / "out") == 0
    assert (tmp_path / "out" / "selfie.portrait.png").exists()
    assert (tmp_path / "out" / "sub" / "selfie.portrait.png").exists()


def test_a_slash_at_the_end_makes_a_folder(paint, photo, tmp_path):
    assert paint(photo, "-o", f"{tmp_path}/new/") == 0
    assert (tmp_path / "new" / "selfie.portrait.png").exists()


@pytest.mark.parametrize(
    "change",
    [
        lambda manifest: [],
        lambda manifest: manifest["files"]["generator.safetensors"].pop("sha256"),
        lambda manifest: manifest.pop("bank"),
        lambda manifest: manifest.pop("files"),
        lambda manifest: manifest["files"]["generator.safetensors"]["arguments"].update(brush=1),
    ],
)
def test_manifests_that_make_no_sense_are_code_5(photo, random_weights, tmp_path, capsys, change):
    import json

    folder = Path(shutil.copytree(random_weights, tmp_path / "weights"))
    manifest = json.loads((folder / "manifest.json").read_text())
    changed = change(manifest)
    (folder / "manifest.json").write_text(json.dumps(changed if changed == [] else manifest))
    assert main([str(photo), "--weights", str(folder), "--device", "cpu"]) == 5
    assert capsys.readouterr().err.count("\n") == 1


@pytest.mark.parametrize("closed", [">&-", "2>&-", "<&-"])
def test_closed_streams_are_no_trouble(photo, random_weights, tmp_path, closed):
    command = f'"{sys.executable}" -m portraitify "{photo}" -o "{tmp_path}/a.png" --weights "{random_weights}" {closed}'
    done = subprocess.run(command, shell=True, capture_output=True, timeout=120)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "a.png").exists()


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="this system has no device that is always full")
def test_a_full_disk_behind_stdout_is_told_of(photo, random_weights):
    command = f'"{sys.executable}" -m portraitify "{photo}" -o - --size 128 --weights "{random_weights}" > /dev/full'
    done = subprocess.run(command, shell=True, capture_output=True, timeout=120)
    assert done.returncode == 3
    assert b"standard output: cannot be written (No space left" in done.stderr


def test_letters_that_a_terminal_lacks_are_no_trouble(random_weights, photo, tmp_path, capsysbinary):
    environment = os.environ | {"PYTHONIOENCODING": "latin-1"}
    weights = random_weights
    done = run(photo, "-s", "oil", "--seed", "0", "--weights", weights, "--size", "128", env=environment)
    assert done.returncode == 0, done.stderr
    assert "A Painter, ?A Title?".encode("latin-1") in done.stdout


def test_long_names_in_other_letters(paint, photo, tmp_path):
    long = tmp_path / ("日" * 78 + ".jpg")
    shutil.copy(photo, long)
    assert paint(long) == 0
    assert paint(tmp_path / ("x" * 300 + ".jpg")) == 3


def test_names_with_spaces_dashes_and_letters_of_all_kinds(paint, photo, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in ("-v.jpg", "two words.jpg", "été 日本.jpg"):
        shutil.copy(photo, tmp_path / name)
    assert paint("two words.jpg", "été 日本.jpg", "./-v.jpg") == 0
    assert (tmp_path / "-v.portrait.png").exists()


def test_a_pipe_carries_exactly_a_png(photo, random_weights):
    done = run("-", "--weights", random_weights, "--size", "128", stdin=photo.read_bytes())
    assert done.returncode == 0, done.stderr
    image = Image.open(io.BytesIO(done.stdout))
    image.load()
    assert image.format == "PNG"
    assert done.stdout.startswith(b"\x89PNG")
    assert done.stdout.endswith(b"IEND\xaeB`\x82")
    assert done.stderr.count(b"\n") == 1


def test_an_empty_pipe_is_told_of(random_weights):
    done = run("-", "--weights", random_weights, stdin=b"")
    assert done.returncode == 3
    assert done.stdout == b""
    assert b"standard input: the file is empty" in done.stderr


def test_help_and_version_do_not_import_torch():
    code = (
        "import sys\nfrom portraitify.cli.main import main\n"
        "assert main(['--help']) == 0 and main(['--version']) == 0 and main(['train', '--help']) == 0\n"
        "heavy = {'torch', 'torchvision', 'facenet_pytorch', 'cv2'} & set(sys.modules)\n"
        "assert not heavy, heavy\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    assert "Usage: portraitify [OPTIONS] INPUT..." in done.stdout
    assert "cat selfie.jpg | portraitify - > out.png" in done.stdout
    assert __version__ in done.stdout


def test_a_wrong_file_is_told_of_without_loading_torch(tmp_path):
    (tmp_path / "text.jpg").write_text("hello")
    code = "import sys\nfrom portraitify.cli.main import main\nmain(sys.argv[1:])\nassert 'torch' not in sys.modules"
    command = [sys.executable, "-c", code, str(tmp_path / "text.jpg")]
    assert subprocess.run(command, capture_output=True, timeout=60).returncode == 0


def test_nothing_reaches_for_the_network(photo, random_weights, tmp_path):
    code = (
        "import socket, sys\n"
        "def refuse(*args, **kwargs):\n    raise AssertionError('network access')\n"
        "socket.socket.connect = socket.socket.connect_ex = socket.create_connection = socket.getaddrinfo = refuse\n"
        "from portraitify.cli.main import main\n"
        "sys.exit(main(sys.argv[1:]))\n"
    )
    args = [str(photo), "--weights", str(random_weights), "--size", "128", "-o", str(tmp_path / "out.png")]
    done = subprocess.run([sys.executable, "-c", code, *args], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    "code",
    [
        "from portraitify.cli.main import main; sys.exit(main(sys.argv[1:]))",
        "import portraitify, onnxruntime",
        # A worker inherits what its parent was told.
        "import portraitify, subprocess; subprocess.run([sys.executable, '-c', 'import onnxruntime'], check=True)",
    ],
)
def test_nothing_is_left_in_the_home_folder(code, photo, random_weights, tmp_path):
    home = tmp_path / "home"
    home.mkdir()
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("XDG_", "ORT_"))}
    args = [str(photo), "--weights", str(random_weights), "--size", "128", "-o", str(tmp_path / "out.png")]
    command = [sys.executable, "-c", f"import sys\n{code}", *args]
    done = subprocess.run(command, env=environment | {"HOME": str(home)}, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    assert list(home.rglob("*")) == []


def test_a_reader_that_leaves_is_no_error_message(photo, random_weights):
    command = f'"{sys.executable}" -m portraitify "{photo}" -o - --weights "{random_weights}" -q | true'
    done = subprocess.run(command, shell=True, capture_output=True, timeout=120, env=os.environ)
    assert b"Traceback" not in done.stderr


def test_train_shows_its_options_and_runs_dry(tmp_path, capsys):
    assert main(["train", "run", str(tmp_path), "--dry-run", "--batch-size", "3"]) == 0
    assert '"batch_size": 3' in capsys.readouterr().out
    assert main(["train", "run", str(tmp_path), "--data", str(tmp_path)]) == 2
    assert "train prepare" in capsys.readouterr().err


def test_a_stream_may_be_named_as_a_file(photo, random_weights):
    done = run(photo, "-o", "/dev/stdout", "--format", "jpeg", "--weights", random_weights, "--size", "128")
    assert done.returncode == 0, done.stderr
    with Image.open(io.BytesIO(done.stdout)) as image:
        assert image.format == "JPEG"


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_a_photo_may_come_from_a_named_pipe(paint, photo, tmp_path):
    os.mkfifo(tmp_path / "pipe")
    with subprocess.Popen(f'cat "{photo}" > "{tmp_path}/pipe"', shell=True):
        assert paint(tmp_path / "pipe", "-o", tmp_path / "me.png") == 0


def test_wrong_shapes_in_the_weights_are_code_5(photo, random_weights, tmp_path, capsys):
    import hashlib
    import json

    import torch
    from safetensors.torch import load_file, save_file

    folder = Path(shutil.copytree(random_weights, tmp_path / "weights"))
    path = folder / "generator.safetensors"
    tensors = load_file(path)
    name = next(iter(tensors))
    save_file(tensors | {name: torch.zeros(3)}, path)
    manifest = json.loads((folder / "manifest.json").read_text())
    manifest["files"][path.name]["sha256"] = hashlib.sha256(path.read_bytes()).hexdigest()
    (folder / "manifest.json").write_text(json.dumps(manifest))
    assert main([str(photo), "--weights", str(folder), "--device", "cpu"]) == 5
    err = capsys.readouterr().err
    assert "does not fit its network" in err
    assert err.count("\n") == 1


def test_a_name_that_begins_with_a_dash_may_stand_behind_two(random_weights, photo, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    shutil.copy(photo, "-v.jpg")
    assert main(["--size", "128", "--device", "cpu", "--weights", str(random_weights), "--", "-v.jpg"]) == 0
    assert (tmp_path / "-v.portrait.png").exists()


def test_every_option_has_help():
    from portraitify.cli.completion import completion
    from portraitify.cli.inspect import inspect
    from portraitify.cli.paint import paint as command
    from portraitify.cli.train import train

    for each in (command, inspect, completion, train, *train.commands.values()):
        for parameter in each.params:
            if parameter.param_type_name == "option":
                assert parameter.help, (each.name, parameter.name)
        assert each.help


@pytest.mark.slow
def test_help_is_quick():
    began = time.perf_counter()
    assert run("--help").returncode == 0
    # Half a second is what people were promised; the rest is for a busy machine.
    assert time.perf_counter() - began < 2.5
