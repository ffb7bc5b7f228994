"""The geometry of a face: MediaPipe's network ``face_landmark``, built again."""

from __future__ import annotations

from torch import Tensor, nn
from torch.nn import functional as F

# x, y and z of each point.
COORDINATES = 3 * 468


class _Residual(nn.Module):
    """A depthwise and a pointwise convolution added to what came in (BlazeFace, Bazarevsky et al., 2019).

    Args:
        in_channels: what comes in; missing ones are filled with zeros for the sum.
        out_channels: what goes out.
        stride: 1, or 2 for half the size.
    """

    def __init__(self, in_channels: int, out_channels: int, stride: int = 1):
        super().__init__()
        self.stride, self.extra = stride, out_channels - in_channels
        self.depthwise = nn.Conv2d(in_channels, in_channels, 3, stride, 1 if stride == 1 else 0, groups=in_channels)
        self.pointwise = nn.Conv2d(in_channels, out_channels, 1)
        self.activation = nn.PReLU(out_channels)

    def forward(self, x: Tensor) -> Tensor:
        moved = self.pointwise(self.depthwise(x if self.stride == 1 else _below_and_right(x)))
        x = x if self.stride == 1 else F.max_pool2d(x, 2)
        x = F.pad(x, (0, 0, 0, 0, 0, self.extra)) if self.extra else x
        activated: Tensor = self.activation(x + moved)
        return activated


class FaceMeshNetwork(nn.Module):
    """Points of a face, and whether there is one.

    Source: Kartynnik et al., Real-time Facial Surface Geometry from Monocular
    Video on Mobile GPUs, CVPR workshops 2019; layers and weights are those of
    ``face_landmark.tflite`` in mediapipe 0.10.21.
    """

    def __init__(self) -> None:
        super().__init__()
        self.stem = nn.Conv2d(3, 16, 3, 2)
        self.stem_activation = nn.PReLU(16)
        widths = [(16, 16, 1), (16, 16, 1)]
        for in_channels, out_channels in ((16, 32), (32, 64), (64, 128), (128, 128)):
            widths += [(in_channels, out_channels, 2), (out_channels, out_channels, 1), (out_channels, out_channels, 1)]
        self.trunk = nn.Sequential(*(_Residual(*width) for width in widths))
        self.points = nn.Sequential(
            _Residual(128, 128, 2), _Residual(128, 128), _Residual(128, 128), *_narrow(), nn.Conv2d(32, COORDINATES, 3)
        )
        self.presence = nn.Sequential(_Residual(128, 128, 2), *_narrow(), nn.Conv2d(32, 1, 3))

    def forward(self, image: Tensor) -> tuple[Tensor, Tensor]:
        """Look at squares around faces.

        Args:
            image: ``(N, 3, 192, 192)`` in 0 to 1.

        Returns:
            Points ``(N, 1404, 1, 1)`` in pixels, x, y and z in turn, and log-odds of a face ``(N, 1, 1, 1)``.
        """
        x = self.trunk(self.stem_activation(self.stem(_below_and_right(image))))
        return self.points(x), self.presence(x)


def _narrow() -> tuple[nn.Module, ...]:
    return nn.Conv2d(128, 32, 1), nn.PReLU(32), _Residual(32, 32)


def _below_and_right(x: Tensor) -> Tensor:
    """A row and a column of zeros more, where TensorFlow adds them for a stride of 2."""
    return F.pad(x, (0, 1, 0, 1))
