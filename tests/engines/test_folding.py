"""A generator into which a code was folded paints what the generator paints with that code."""

import numpy as np
import pytest
import torch

from portraitify.engines.folding import fold_code
from portraitify.engines.onnx_engine import PAINTERS_KEPT, OnnxEngine
from portraitify.models.generator import Generator
from portraitify.models.plain_generator import PlainGenerator
from portraitify.weights import WeightsFolder


def folded(network: Generator, code: torch.Tensor) -> PlainGenerator:
    tensors = {name: value.numpy() for name, value in network.state_dict().items()}
    plain = PlainGenerator(network)
    # Strict: no tensor is left out, none too many.
    plain.load_state_dict({k: torch.from_numpy(v) for k, v in fold_code(tensors, code.numpy()).items()})
    return plain


@pytest.mark.parametrize("blocks", [1, 3])
def test_the_folded_generator_paints_the_same(blocks):
    torch.manual_seed(blocks)
    network = Generator(code_size=8, channels=(4, 6, 8), blocks=blocks)
    # Scales of either sign, and biases that are not 0.
    for name, value in network.named_parameters():
        if "bias" in name or "to_" in name:
            torch.nn.init.normal_(value)
    photo, mask = torch.rand(1, 3, 64, 64) * 2 - 1, torch.rand(1, 1, 8, 8)
    code, noise = torch.randn(8), torch.randn(1, 1, 32, 32)
    with torch.no_grad():
        expected = network(photo, mask, code[None], noise)
        found = folded(network, code)(photo, mask, noise)
    assert expected.std() > 0.1
    torch.testing.assert_close(found, expected, atol=2e-5, rtol=1e-4)


def test_many_codes_and_sizes_in_any_order(random_weights):
    weights = WeightsFolder(random_weights)
    engine, rng = OnnxEngine(weights), np.random.default_rng(0)
    codes = [entry.style_code for entries in weights.bank.values() for entry in entries][: PAINTERS_KEPT + 1]
    frames = {side: rng.integers(0, 256, (1, side, side, 3)).astype(np.uint8) for side in (32, 48)}

    def paint(code: np.ndarray, side: int) -> np.ndarray:
        noise = np.ones((side // 2, side // 2), np.float32)
        return engine.paint(frames[side], np.ones((1, side, side), np.float32), code[None], noise)

    first = [paint(code, side) for side in frames for code in codes]
    # Announced or not, kept or made again.
    engine.prepare(codes[0], 48)
    again = [paint(code, side) for side in frames for code in codes]
    assert all(np.array_equal(*pair) for pair in zip(first, again, strict=True))
    assert not np.array_equal(first[0], first[1])
