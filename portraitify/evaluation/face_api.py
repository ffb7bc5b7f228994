"""How old faces look and whether they are happy, by networks that labelled nothing: a judge for changed faces.

Their weights lie in the npm package ``@vladmandic/face-api`` 1.7.15 (MIT);
nothing of it ships.
"""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from portraitify.training.tfjs import padded_as_tensorflow, read_weights

# Of its seven expressions.
EXPRESSIONS = ("neutral", "happy", "sad", "angry", "fearful", "disgusted", "surprised")
_MODEL = Path("model")
_AGE, _EXPRESSION = "age_gender_model", "face_expression_model"
_SIDE_PX = 112
_MEAN_RGB = (122.782, 117.001, 104.298)
# Points of the face mesh at the edges of what the 68 landmarks of 300-W go around: cheeks, brows, chin.
_EDGES = (234, 454, 105, 334, 152)
# How much wider than that the package cuts faces.
_WIDER = 1.2


def face_crop(view: np.ndarray, mesh: np.ndarray) -> np.ndarray:
    """Cut a face as the package does, but as a square of what is there instead of with black bars.

    Args:
        view: ``(H, W, 3)`` uint8 RGB, the face upright.
        mesh: ``(468, 2 or 3)`` in its pixels.

    Returns:
        ``(112, 112, 3)`` uint8.
    """
    points = mesh[list(_EDGES), :2]
    low, high = points.min(0), points.max(0)
    side = _WIDER * float((high - low).max())
    scale = _SIDE_PX / side
    left, top = (low + high - side) / 2
    # Averaged over what a pixel covers, before it is cut.
    soft = cv2.GaussianBlur(view, (0, 0), max(0.4 / scale, 0.1)) if scale < 1 else view
    matrix = np.array([[scale, 0, -scale * left], [0, scale, -scale * top]])
    size = (_SIDE_PX, _SIDE_PX)
    return np.asarray(cv2.warpAffine(soft, matrix, size, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE))


class FaceApi:
    """Judges upright faces.

    Source: ``AgeGenderNet`` (after Chollet, Xception, CVPR 2017) and
    ``FaceExpressionNet`` of Mühler's face-api.js, as @vladmandic/face-api
    carries them on.

    Args:
        package: the unpacked npm package.

    Raises:
        ConfigError: the package does not hold the networks.
    """

    def __init__(self, package: Path):
        self._age, self._expression = (
            {name: torch.from_numpy(value) for name, value in read_weights(_manifest(package, model)).items()}
            for model in (_AGE, _EXPRESSION)
        )

    @torch.inference_mode()
    def ages(self, faces: np.ndarray) -> np.ndarray:
        """How old faces look, each the mean of the face and its mirror image.

        Args:
            faces: ``(N, S, S, 3)`` uint8 RGB from :func:`face_crop`.

        Returns:
            ``(N,)`` years.
        """
        x = _prepared(faces)
        return np.asarray((self._aged(x) + self._aged(x.flip(3))) / 2)

    @torch.inference_mode()
    def expressions(self, faces: np.ndarray) -> np.ndarray:
        """How likely each of ``EXPRESSIONS`` is, each the mean of the face and its mirror image.

        Args:
            faces: see :meth:`ages`.

        Returns:
            ``(N, 7)``, of sum 1.
        """
        x = _prepared(faces)
        return np.asarray((self._expressed(x) + self._expressed(x.flip(3))) / 2)

    def _aged(self, x: Tensor) -> Tensor:
        weights = self._age
        x = F.relu(_convolved(x, weights, "entry_flow/conv_in", 2))
        x = _reduced(x, weights, "entry_flow/reduction_block_0", x)
        x = _reduced(x, weights, "entry_flow/reduction_block_1", F.relu(x))
        for block in range(2):
            out = x
            for layer in range(3):
                out = _separable(F.relu(out), weights, f"middle_flow/main_block_{block}/separable_conv{layer}")
            x = x + out
        x = _reduced(x, weights, "exit_flow/reduction_block", F.relu(x))
        x = F.relu(_separable(x, weights, "exit_flow/separable_conv"))
        return (_pooled(x) @ weights["fc/age/weights"] + weights["fc/age/bias"])[:, 0]

    def _expressed(self, x: Tensor) -> Tensor:
        weights = self._expression
        for block in range(4):
            first = _separable if block else _convolved
            total = F.relu(first(x, weights, f"dense{block}/conv0", 2))
            x = total
            for layer in range(1, 4):
                total = total + _separable(x, weights, f"dense{block}/conv{layer}")
                x = F.relu(total)
        return (_pooled(x) @ weights["fc/weights"] + weights["fc/bias"]).softmax(1)


def _manifest(package: Path, model: str) -> Path:
    return package / _MODEL / f"{model}-weights_manifest.json"


def _prepared(faces: np.ndarray) -> Tensor:
    x = torch.from_numpy(np.ascontiguousarray(faces)).permute(0, 3, 1, 2).float()
    x = F.interpolate(x, (_SIDE_PX, _SIDE_PX), mode="bilinear", antialias=True)
    return (x - torch.tensor(_MEAN_RGB).view(1, 3, 1, 1)) / 255


def _pooled(x: Tensor) -> Tensor:
    """The mean of the first seven by seven places: ``(B, C)``."""
    return F.avg_pool2d(x, 7, 2).flatten(1)


def _convolved(x: Tensor, weights: dict[str, Tensor], name: str, stride: int) -> Tensor:
    kernel = weights[f"{name}/filters"].permute(3, 2, 0, 1)
    x = padded_as_tensorflow(x, tuple(kernel.shape[2:]), (stride, stride))
    return F.conv2d(x, kernel, weights[f"{name}/bias"], stride=stride)


def _separable(x: Tensor, weights: dict[str, Tensor], name: str, stride: int = 1) -> Tensor:
    deep, across = weights[f"{name}/depthwise_filter"], weights[f"{name}/pointwise_filter"]
    x = padded_as_tensorflow(x, tuple(deep.shape[:2]), (stride, stride))
    x = F.conv2d(x, deep.permute(2, 3, 0, 1), stride=stride, groups=x.shape[1])
    return F.conv2d(x, across.permute(3, 2, 0, 1), weights[f"{name}/bias"])


def _reduced(x: Tensor, weights: dict[str, Tensor], name: str, activated: Tensor) -> Tensor:
    """Halve a picture: two convolutions of what is activated, beside one of what is not."""
    out = _separable(activated, weights, f"{name}/separable_conv0")
    out = _separable(F.relu(out), weights, f"{name}/separable_conv1")
    out = F.max_pool2d(padded_as_tensorflow(out, (3, 3), (2, 2), -torch.inf), 3, 2)
    return out + _convolved(x, weights, f"{name}/expansion_conv", 2)
