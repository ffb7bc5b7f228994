"""MTCNN's cascade with the networks of facenet-pytorch on torch."""

from __future__ import annotations

import numpy as np
import torch
from torch import nn

from portraitify.faces.detection import MIN_SCORE, THRESHOLDS
from portraitify.faces.mtcnn import CascadeDetector, Network


def torch_detector(
    device: str = "cpu", thresholds: tuple[float, float, float] = THRESHOLDS, min_score: float = MIN_SCORE
) -> CascadeDetector:
    """The detector of upright faces, with networks on a device.

    Of facenet-pytorch only networks and weights are taken: its cascade errs where an edge cuts a face; see
    :mod:`portraitify.faces.mtcnn`.

    Args:
        device: a torch device name.
        thresholds: certainty that each of the three stages asks for.
        min_score: faces of a lower final score are dropped.
    """
    propose, refine, conclude = (_on(network, device) for network in mtcnn_networks())
    return CascadeDetector(propose, refine, conclude, thresholds, min_score)


def mtcnn_networks(pretrained: bool = True) -> list[nn.Module]:
    """The networks of the three stages, with facenet-pytorch's weights or with random ones."""
    from facenet_pytorch.models.mtcnn import ONet, PNet, RNet

    return [kind(pretrained=pretrained) for kind in (PNet, RNet, ONet)]


def _on(module: nn.Module, device: str) -> Network:
    module = module.eval().requires_grad_(False).to(device)

    def network(windows: np.ndarray) -> list[np.ndarray]:
        with torch.inference_mode():
            return [output.cpu().numpy() for output in module(torch.from_numpy(windows).to(device))]

    return network
