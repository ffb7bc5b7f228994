import numpy as np
import pytest
import torch

from portraitify.devices import resolve_device
from portraitify.engines.torch_engine import TorchEngine
from portraitify.errors import DeviceError
from portraitify.weights import WeightsFolder

NOISE = np.random.default_rng(1).standard_normal((32, 32), np.float32)


@pytest.fixture
def engine(random_weights) -> TorchEngine:
    return TorchEngine(WeightsFolder(random_weights), "cpu")


@pytest.fixture
def frame() -> np.ndarray:
    return np.random.default_rng(0).integers(0, 255, (64, 64, 3)).astype(np.uint8)


def test_shapes_and_types_are_plain_arrays(engine, frame):
    mask = engine.subject_mask(frame)
    painted = engine.paint(frame[None], mask[None], np.ones((1, 8), np.float32), NOISE)
    odds = engine.classify(frame)
    assert (mask.shape, mask.dtype) == ((64, 64), np.float32)
    assert (painted.shape, painted.dtype) == ((1, 64, 64, 3), np.uint8)
    assert (odds.shape, odds.dtype) == ((4,), np.float32)


def test_half_precision_paints_the_same(engine, random_weights, frame):
    half = TorchEngine(WeightsFolder(random_weights), "cpu")
    # A GPU computes in half precision; the same arithmetic runs on any CPU, only slower.
    half._dtype = torch.float16
    mask = engine.subject_mask(frame)
    given = (frame[None], mask[None], np.ones((1, 8), np.float32), NOISE)
    difference = np.abs(engine.paint(*given).astype(int) - half.paint(*given))
    assert difference.mean() < 1
    assert np.abs(mask - half.subject_mask(frame)).max() < 0.02


def test_frames_painted_together_are_those_painted_alone(engine):
    rng = np.random.default_rng(2)
    frames = rng.integers(0, 255, (3, 64, 64, 3)).astype(np.uint8)
    masks, codes = rng.random((3, 64, 64), np.float32), rng.standard_normal((3, 8), np.float32)
    together = engine.paint(frames, masks, codes, NOISE).astype(int)
    alone = np.concatenate(
        [engine.paint(frames[i : i + 1], masks[i : i + 1], codes[i : i + 1], NOISE) for i in range(3)]
    )
    # Rounding differs with the order of sums in a larger batch.
    assert np.abs(together - alone).max() <= 1


def test_devices_are_checked():
    assert resolve_device("auto") in ("cpu", "cuda", "mps")
    with pytest.raises(DeviceError, match="unknown device"):
        resolve_device("abacus")
    for name, usable in (("cuda", torch.cuda.is_available()), ("mps", torch.backends.mps.is_available())):
        if not usable:
            with pytest.raises(DeviceError, match="not usable"):
                resolve_device(name)


@pytest.mark.weights
def test_the_face_mesh_is_that_of_onnx_runtime(astronaut):
    from portraitify.engines.onnx_engine import OnnxEngine
    from portraitify.faces.face_mesh import square_around
    from portraitify.weights import default_folder

    weights, squares = WeightsFolder(default_folder()), [square_around(np.array([179.0, 60, 268, 176]))]
    ours, theirs = (kind(weights).face_mesh.measure(astronaut, squares)[0] for kind in (TorchEngine, OnnxEngine))
    assert np.allclose(ours.points, theirs.points, atol=0.01)
    assert ours.presence == pytest.approx(theirs.presence, abs=0.01)
