"""The painter's network: photo, subject mask and style code in, painting out."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from portraitify.models.blocks import (
    Conv,
    ModulatedConv,
    ModulatedResidual,
    Noise,
    activate,
    shrink_to,
    smooth,
    upsample,
)

SIZE_MULTIPLE = 16


class Generator(nn.Module):
    """Encoder-decoder with modulated convolutions, without normalisation over the picture.

    All convolutions run at half the size and below. A map of noise gives
    brushwork and grain something to start from. Because nothing is
    averaged over the picture, a pixel depends only on its surroundings, the
    mask, the style code and the noise: pictures of any size can be painted.

    Args:
        code_size: length of a style code.
        channels: at 1/2, 1/4 and 1/8 of the size.
        blocks: residual blocks at 1/8.
    """

    def __init__(self, code_size: int = 128, channels: tuple[int, int, int] = (32, 64, 128), blocks: int = 6):
        super().__init__()
        half, quarter, eighth = channels
        self.code_size = code_size
        self.stem = Conv(12, half)
        self.down_quarter = Conv(half, quarter, stride=2)
        self.encode_quarter = Conv(quarter, quarter)
        self.down_eighth = Conv(quarter, eighth, stride=2)
        self.encode_eighth = Conv(eighth, eighth)
        self.with_mask = ModulatedConv(eighth + 1, eighth, code_size)
        self.noise_eighth = Noise(eighth, code_size)
        self.noise_quarter = Noise(quarter, code_size)
        self.noise_half = Noise(half, code_size)
        self.blocks = nn.ModuleList(ModulatedResidual(eighth, code_size) for _ in range(blocks))
        self.up_quarter = ModulatedConv(eighth, quarter, code_size)
        self.skip_quarter = ModulatedConv(quarter, quarter, code_size, kernel=1)
        self.paint_quarter = ModulatedConv(quarter, quarter, code_size)
        self.up_half = ModulatedConv(quarter, half, code_size)
        self.skip_half = ModulatedConv(half, half, code_size, kernel=1)
        self.paint_half = ModulatedConv(half, half, code_size)
        self.out = ModulatedConv(half, 12, code_size, demodulate=False)

    def encode(self, photo: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Features of ``(B, 3, H, W)`` at 1/2, 1/4 and 1/8 of the size."""
        half = activate(self.stem(F.pixel_unshuffle(photo, 2)))
        quarter = activate(self.down_quarter(half))
        quarter = activate(self.encode_quarter(quarter))
        eighth = activate(self.down_eighth(quarter))
        return half, quarter, activate(self.encode_eighth(eighth))

    def decode(
        self, features: tuple[Tensor, Tensor, Tensor], mask: Tensor, style_code: Tensor, noise: Tensor
    ) -> Tensor:
        """Paint from :meth:`encode`'s features; the other arguments are those of :meth:`forward`."""
        half, quarter, eighth = features
        mask = shrink_to(mask, eighth).to(eighth.dtype)
        x = self.with_mask(torch.cat([eighth, mask * 2 - 1], 1), style_code)
        x = activate(self.noise_eighth(x, coarse_noise(noise), style_code))
        for block in self.blocks:
            x = block(x, style_code)
        x = self.up_quarter(upsample(x), style_code) + self.skip_quarter(quarter, style_code)
        x = activate(self.noise_quarter(x, shrunk_noise(noise, 2), style_code))
        x = activate(self.paint_quarter(x, style_code))
        x = self.up_half(upsample(x), style_code) + self.skip_half(half, style_code)
        x = activate(self.noise_half(x, noise, style_code))
        x = activate(self.paint_half(x, style_code))
        # Unsmoothed, a fine chequer of shuffled pixels stood in for brushwork.
        return torch.tanh(smooth(F.pixel_shuffle(self.out(x, style_code), 2)))

    def forward(self, photo: Tensor, mask: Tensor, style_code: Tensor, noise: Tensor) -> Tensor:
        """Paint a photo.

        Args:
            photo: ``(B, 3, H, W)`` in -1 to 1; sides are multiples of ``SIZE_MULTIPLE``.
            mask: ``(B, 1, h, w)`` subject probability in 0 to 1, of any size.
            style_code: ``(B, code_size)``.
            noise: ``(B or 1, 1, H / 2, W / 2)``, standard normal.

        Returns:
            ``(B, 3, H, W)`` in -1 to 1.

        Raises:
            ValueError: the sides are not multiples of ``SIZE_MULTIPLE``.
        """
        if photo.shape[2] % SIZE_MULTIPLE or photo.shape[3] % SIZE_MULTIPLE:
            raise ValueError(f"sides must be multiples of {SIZE_MULTIPLE}, got {tuple(photo.shape[2:])}")
        return self.decode(self.encode(photo), mask, style_code, noise)


def shrunk_noise(noise: Tensor, factor: int) -> Tensor:
    """Means over squares, brought back to unit variance; taking single values instead drew a lattice."""
    return F.avg_pool2d(noise, factor) * factor


def coarse_noise(noise: Tensor) -> Tensor:
    """Noise for 1/8 of the size in two octaves, so that broad strokes have something to start from too."""
    return (shrunk_noise(noise, 4) + upsample(shrunk_noise(noise, 8))) * 2**-0.5
