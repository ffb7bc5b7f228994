"""Moving averages of networks."""

from __future__ import annotations

import torch
from torch import nn


def follow(average: nn.Module, network: nn.Module, decay: float, step: int) -> None:
    """Move an averaged network towards the current one; faster in the first steps.

    Args:
        average: changed in place, its buffers too.
        network: of the same kind.
        decay: share that stays, once many steps are done.
        step: updates done so far.
    """
    decay = min(decay, (1 + step) / (10 + step))
    with torch.no_grad():
        for a, c in zip(average.state_dict().values(), network.state_dict().values(), strict=True):
            a.lerp_(c, 1 - decay) if a.is_floating_point() else a.copy_(c)
