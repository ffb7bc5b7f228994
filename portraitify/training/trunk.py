"""The frozen trunk for run time: normalisation folded into its convolutions, in half precision."""

from __future__ import annotations

from pathlib import Path
from typing import cast

import torch
from torch import Tensor, nn

from portraitify.engines.torch_engine import build
from portraitify.models.subject_mask import SubjectMask
from portraitify.models.trunk import SOURCE, Block, Trunk
from portraitify.training.export import bring_shipped, update_manifest
from portraitify.training.frozen import TrunkFeatures
from portraitify.training.state import save_half
from portraitify.weights import WeightsFolder, default_folder

NAME = "trunk"


def fold_trunk(frozen: TrunkFeatures) -> Trunk:
    """The trunk that training judges with, without its normalisation layers."""
    trunk = Trunk()
    with torch.no_grad():
        _fold(frozen.stem, frozen.norm, trunk.stem)
        for block, folded in zip(frozen.blocks, cast(list[Block], list(trunk.blocks)), strict=True):
            if folded.expands:
                _fold(block._expand_conv, block._bn0, cast(nn.Conv2d, folded.expand))
            _fold(block._depthwise_conv, block._bn1, folded.depthwise)
            _fold(block._project_conv, block._bn2, folded.project)
    return trunk.eval().requires_grad_(False)


def _fold(conv: nn.Conv2d, norm: nn.BatchNorm2d, into: nn.Conv2d) -> None:
    mean, variance = norm.running_mean, norm.running_var
    assert isinstance(mean, Tensor)
    assert isinstance(variance, Tensor)
    assert into.bias is not None
    scale = norm.weight * torch.rsqrt(variance + norm.eps)
    into.weight.copy_(conv.weight * scale[:, None, None, None])
    into.bias.copy_(norm.bias - mean * scale)


def export_trunk(folder: Path) -> Path:
    """Write the trunk's weights.

    Args:
        folder: of weights with a manifest.

    Returns:
        The file.

    Raises:
        ConfigError: the extra ``train`` is not installed.
        MissingWeightsError: there is no manifest; nothing is written.
    """
    WeightsFolder(folder)
    path = folder / f"{NAME}.safetensors"
    save_half(fold_trunk(TrunkFeatures()).state_dict(), path)
    update_manifest(folder, {}, trunk=SOURCE)
    return path


def bring_trunk(folder: Path) -> None:
    """Copy the shipped trunk into a folder of weights that has none; see :func:`bring_shipped`."""
    bring_shipped(folder, NAME, SOURCE)


def untaught_mask(seed: int) -> SubjectMask:
    """A network that finds the sitter, all random by a seed but for its trunk, which is the shipped one."""
    torch.manual_seed(seed)
    network = SubjectMask()
    network.trunk = build(Trunk, WeightsFolder(default_folder()), NAME)
    return network
