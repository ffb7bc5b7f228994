"""A style code folded into the generator's kernels, which leaves a network of plain convolutions.

What a code does to a modulated convolution is one number for each of its
inputs and outputs. Applied to layers, as in training, these numbers cost a
quarter of the time of the convolutions; multiplied into the kernels, together
with gains and the weights of residual sums, they cost next to nothing.

Source: Karras et al., Analyzing and Improving the Image Quality of StyleGAN,
CVPR 2020, section 2.2.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np

from portraitify.models.rectifier import GAIN

_RESIDUAL = math.sqrt(0.5)
_LEAST_ENERGY = np.float32(1e-6)
_ENCODER = ("stem", "down_quarter", "encode_quarter", "down_eighth", "encode_eighth")

_Tensors = dict[str, np.ndarray]


def fold_code(tensors: Mapping[str, np.ndarray], style_code: np.ndarray) -> _Tensors:
    """Kernels and biases with which plain convolutions paint as the generator does with a code.

    Args:
        tensors: of :class:`portraitify.models.generator.Generator`, float32, by name.
        style_code: ``(code_size,)`` float32.

    Returns:
        Float32 arrays by the names of :class:`portraitify.models.plain_generator.PlainGenerator`.
    """
    folded: _Tensors = {}
    for name in _ENCODER:
        for part in ("weight", "bias"):
            folded[f"{name}.{part}"] = tensors[f"{name}.{part}"] * np.float32(GAIN)
    folded |= _with_mask(tensors, style_code)
    # Sums of residual blocks grow instead of being scaled down each time; what reads them makes up for it.
    grown = 1.0
    for block in range(_count_blocks(tensors)):
        folded |= _modulated(tensors, f"blocks.{block}.first", style_code, 1 / grown, GAIN)
        folded |= _modulated(tensors, f"blocks.{block}.second", style_code, 1.0, grown)
        grown /= _RESIDUAL
    for size, before in (("quarter", 1 / grown), ("half", 1.0)):
        folded |= _modulated(tensors, f"up_{size}", style_code, before, GAIN)
        folded |= _modulated(tensors, f"skip_{size}", style_code, 1.0, GAIN)
        folded |= _modulated(tensors, f"paint_{size}", style_code, 1.0, GAIN)
        folded[f"noise_{size}.weight"] = _strength(tensors, f"noise_{size}", style_code)
    for size in ("eighth", "quarter", "half"):
        channels = len(tensors[f"noise_{size}.to_strength.bias"])
        folded[f"same_{size}.weight"] = np.ones((channels, 1, 1, 1), np.float32)
    return folded | _modulated(tensors, "out", style_code, demodulate=False)


def _with_mask(tensors: Mapping[str, np.ndarray], style_code: np.ndarray) -> _Tensors:
    """The layer that takes the mask, in two: mask and noise leave the others a number that processors like."""
    both = _modulated(tensors, "with_mask", style_code, 1.0, GAIN)
    weight, strength = both["with_mask.weight"], _strength(tensors, "noise_eighth", style_code)
    noise = np.pad(strength, ((0, 0), (0, 0), (1, 1), (1, 1)))
    return {
        "with_eighth.weight": np.ascontiguousarray(weight[:, :-1]),
        "with_eighth.bias": both["with_mask.bias"],
        "with_mask.weight": np.concatenate([weight[:, -1:], noise], 1),
    }


def _modulated(
    tensors: Mapping[str, np.ndarray],
    name: str,
    style_code: np.ndarray,
    before: float = 1.0,
    after: float = 1.0,
    demodulate: bool = True,
) -> _Tensors:
    """Weight and bias for inputs that are ``1 / before`` times as large, and outputs ``after`` times."""
    scale = _linear(tensors, f"{name}.to_scale", style_code)
    shift = _linear(tensors, f"{name}.to_bias", style_code) + tensors[f"{name}.bias"]
    weight = tensors[f"{name}.weight"] * scale[:, None, None]
    factor = np.full(len(weight), before * after, np.float32)
    if demodulate:
        factor /= np.sqrt(np.einsum("oihw,oihw->o", weight, weight) + _LEAST_ENERGY)
    weight *= factor[:, None, None, None]
    return {f"{name}.weight": weight, f"{name}.bias": shift * np.float32(after)}


def _strength(tensors: Mapping[str, np.ndarray], name: str, style_code: np.ndarray) -> np.ndarray:
    """The strength of a map of noise in each channel, as a kernel ``(C, 1, 1, 1)``."""
    strength = _linear(tensors, f"{name}.to_strength", style_code) * np.float32(GAIN)
    return np.reshape(strength, (-1, 1, 1, 1))


def _linear(tensors: Mapping[str, np.ndarray], name: str, style_code: np.ndarray) -> np.ndarray:
    # The library for products of matrices would start threads for so little.
    return np.asarray(np.einsum("oi,i->o", tensors[f"{name}.weight"], style_code) + tensors[f"{name}.bias"])


def _count_blocks(tensors: Mapping[str, np.ndarray]) -> int:
    return sum(name.startswith("blocks.") and name.endswith(".first.weight") for name in tensors)
