"""A portraitist in threads, after a fork, in processes of multiprocessing, and after it was closed: never a hang."""

from __future__ import annotations

import multiprocessing
import os
import pickle
import shutil
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from portraitify import PaintConfig, PortraitifyError, Portraitist, read_image
from portraitify.engines.onnx_engine import OnnxEngine, _networks
from portraitify.engines.threads import Threads
from portraitify.engines.torch_engine import TorchEngine
from portraitify.errors import DeviceError
from portraitify.weights import WeightsFolder

OPTIONS = {"style": "oil", "size_px": 128, "paint_px": 128, "finish": 0.0, "device": "cpu"}
ENGINES = ("onnx", "torch")
needs_fork = pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
# What a script begins with: a portraitist, and a photo. An alarm ends each process that hangs.
HEAD = """
import os, signal, sys, threading, time
import numpy as np
from portraitify import PaintConfig, Portraitist
signal.alarm(80)

def open_portraitist():
    options = dict(style="oil", size_px=128, paint_px=128, finish=0.0, device="cpu", engine=sys.argv[1])
    return Portraitist(PaintConfig(**options), sys.argv[2])

def painted(portraitist):
    return portraitist.paint(sys.argv[3]).pixels

def in_child(work):
    process = os.fork()
    if process == 0:
        signal.alarm(60)
        # Like any program: the interpreter is taken down in order.
        sys.exit(work())
    return os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])
"""


@pytest.fixture
def run(random_weights, small_photo, tmp_path):
    """Run a script in a process of its own that must come to its end."""
    photo = tmp_path / "photo.jpg"
    photo.write_bytes(small_photo)

    def call(script: str, engine: str, timeout_s: float = 100) -> str:
        path = tmp_path / "script.py"
        path.write_text(HEAD + script)
        command = [sys.executable, str(path), engine, str(random_weights), str(photo)]
        done = subprocess.run(command, capture_output=True, text=True, timeout=timeout_s, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout

    return call


@pytest.fixture(params=ENGINES)
def portraitist(request, random_weights):
    with Portraitist(PaintConfig(**OPTIONS, engine=request.param), random_weights) as made:
        yield made


@needs_fork
@pytest.mark.parametrize("engine", ENGINES)
def test_a_forked_process_paints_with_what_its_parent_painted_with(run, engine):
    script = """
portraitist = open_portraitist()
before = painted(portraitist)
def work():
    # One thread of torch adds up in another order than several do.
    return not np.abs(painted(portraitist).astype(int) - before).max() <= 2
assert in_child(work) == 0
assert np.array_equal(painted(portraitist), before)
"""
    run(script, engine)


@needs_fork
def test_a_forked_process_may_exit_close_or_make_another(run):
    script = """
portraitist = open_portraitist()
painted(portraitist)
assert in_child(lambda: 0) == 0
assert in_child(portraitist.close) == 0
assert in_child(lambda: painted(open_portraitist()) is None) == 0
def forget():
    global portraitist
    del portraitist
assert in_child(forget) == 0
painted(portraitist)
portraitist.close()
"""
    run(script, "onnx")


@needs_fork
def test_a_fork_while_networks_are_loaded_and_while_others_paint(run):
    script = """
portraitist = open_portraitist()
work = lambda: painted(portraitist) is None
assert in_child(work) == 0
ended = threading.Event()
def keep_painting():
    while not ended.is_set():
        painted(portraitist)
threads = [threading.Thread(target=keep_painting) for _ in range(2)]
for thread in threads:
    thread.start()
for _ in range(4):
    time.sleep(0.05)
    assert in_child(work) == 0
ended.set()
for thread in threads:
    thread.join()
"""
    run(script, "onnx")


def test_on_a_gpu_a_forked_process_is_told_what_to_do(random_weights, monkeypatch):
    engine = TorchEngine(WeightsFolder(random_weights), "cpu")
    engine.device = "cuda"
    monkeypatch.setattr("os.getpid", lambda: -1)
    with pytest.raises(DeviceError, match=r"cuda: cannot be used in a forked process.*spawn"):
        engine.classify(np.zeros((64, 64, 3), np.uint8))


def _paint_anew(weights: Path, photo: bytes) -> np.ndarray:
    with Portraitist(PaintConfig(**OPTIONS, engine="onnx"), weights) as portraitist:
        return portraitist.paint(photo).pixels


def _paint_with(portraitist: Portraitist, photo: bytes) -> np.ndarray:
    return portraitist.paint(photo).pixels


@pytest.mark.parametrize("method", [m for m in ("spawn", "forkserver") if m in multiprocessing.get_all_start_methods()])
def test_processes_of_multiprocessing(method, random_weights, small_photo):
    with Portraitist(PaintConfig(**OPTIONS, engine="onnx"), random_weights) as portraitist:
        expected = portraitist.paint(small_photo).pixels
        with multiprocessing.get_context(method).Pool(2) as pool:
            own = pool.starmap_async(_paint_anew, [(random_weights, small_photo)] * 2)
            sent = pool.starmap_async(_paint_with, [(portraitist, small_photo)] * 2)
            results = own.get(90) + sent.get(90)
    assert all(np.array_equal(found, expected) for found in results)


def test_threads_share_one(portraitist, small_photo):
    expected = portraitist.paint(small_photo).pixels
    with ThreadPoolExecutor(3) as pool:
        results = list(pool.map(lambda _: portraitist.paint(small_photo).pixels, range(6)))
    assert all(np.array_equal(found, expected) for found in results)


def test_what_is_sent_is_opened_again(portraitist, small_photo):
    with pickle.loads(pickle.dumps(portraitist)) as again:
        assert again.config == portraitist.config
        assert again.engine is not portraitist.engine
        assert np.array_equal(again.paint(small_photo).pixels, portraitist.paint(small_photo).pixels)


@pytest.mark.parametrize("kind", [OnnxEngine, TorchEngine])
def test_an_engine_that_was_given_is_sent_and_is_not_closed(kind, random_weights, small_photo):
    engine = kind(WeightsFolder(random_weights))
    with Portraitist(PaintConfig(**OPTIONS), random_weights, engine) as portraitist:
        again = pickle.loads(pickle.dumps(portraitist))
        assert type(again.engine) is kind
    with pytest.raises(PortraitifyError, match=r"This Portraitist is closed\. Make a new one"):
        portraitist.paint(small_photo)
    with Portraitist(PaintConfig(**OPTIONS), random_weights, engine) as second:
        second.paint(small_photo)
    for opened in (engine, again.engine):
        opened.close()


def test_a_closed_one_says_so(portraitist, small_photo):
    faces = portraitist.find(read_image(small_photo))
    (sketch,) = portraitist.sketch(faces)
    portraitist.close()
    portraitist.close()
    for use in (
        lambda: portraitist.paint(small_photo),
        lambda: portraitist.paint_all(small_photo),
        lambda: portraitist.find(read_image(small_photo)),
        lambda: portraitist.sketch(faces),
        lambda: portraitist.style_probabilities(faces[0]),
        lambda: pickle.dumps(portraitist),
    ):
        with pytest.raises(PortraitifyError, match=r"is closed\. Make a new one"):
            use()
    # Needs neither networks nor threads.
    assert portraitist.finish(sketch).pixels.shape == (128, 128, 3)


def test_closing_lets_go_of_threads_and_networks(random_weights, small_photo):
    # Those of earlier tests may end at any time, so that counting is not enough.
    before = set(threading.enumerate())
    made = Portraitist(PaintConfig(**OPTIONS, engine="onnx"), random_weights)
    made.paint(small_photo)
    assert set(threading.enumerate()) - before
    count = len(_networks)
    made.close()
    assert not set(threading.enumerate()) - before
    # Three of the detector, two that look at the crop, and a painter.
    assert count - len(_networks) >= 6


def test_one_that_never_painted_can_be_closed(random_weights):
    for engine in ENGINES:
        with Portraitist(PaintConfig(**OPTIONS, engine=engine), random_weights):
            pass


def test_closing_does_not_hide_that_weights_are_damaged(random_weights, tmp_path):
    folder = shutil.copytree(random_weights, tmp_path / "weights")
    (folder / "generator.safetensors").write_bytes(b"no weights")
    Portraitist(PaintConfig(**OPTIONS, engine="onnx"), folder).close()


def test_nothing_hangs_at_the_end_of_a_program(run):
    run("open_portraitist()\nportraitist = open_portraitist()\npainted(portraitist)\n", "onnx")


@needs_fork
def test_threads_begin_anew_in_a_forked_process(run):
    script = """
from portraitify.engines.threads import Threads
threads = Threads(1, "own")
assert threads.submit(os.getpid).result() == os.getpid()
assert in_child(lambda: threads.submit(os.getpid).result() != os.getpid()) == 0
assert in_child(threads.shutdown) == 0
threads.shutdown()
threads.shutdown()
"""
    run(script, "onnx")


def test_threads_that_ended_say_so():
    threads = Threads(1, "own")
    threads.shutdown()
    with pytest.raises(PortraitifyError, match="closed"):
        threads.submit(os.getpid)
