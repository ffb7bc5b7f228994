"""How old faces look, how they smile, and how masculine they are, by networks of the npm package @vladmandic/human.

They label photos for the face space; never used at run time.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from portraitify.training.face_recognition import FaceRecogniser
from portraitify.training.tfjs import Graph, read_weights

_FACERES, _EMOTION = Path("models") / "faceres.json", Path("models") / "emotion.json"
_EMOTION_PX = 64
# Which of its seven emotions is what.
_HAPPY = 3
_LUMA = (0.2989, 0.5870, 0.1140)


@dataclass(frozen=True)
class FaceLabels:
    """What networks say of faces.

    Attributes:
        ages: ``(N,)`` years.
        masculine: ``(N,)`` log-odds.
        happy: ``(N,)`` 0 to 1.
    """

    ages: np.ndarray
    masculine: np.ndarray
    happy: np.ndarray


class FaceLabeller:
    """Labels upright faces.

    Source: ``faceres`` (Savchenko 2019) and ``emotion`` (after Arriaga et al., Real-time Convolutional Neural
    Networks for Emotion and Gender Classification, 2017) of @vladmandic/human 3.3.6, MIT.

    Args:
        package: the unpacked npm package.

    Raises:
        ConfigError: the package does not hold the networks.
    """

    def __init__(self, package: Path):
        self._trunk, self._emotion = FaceRecogniser(package), Graph(package / _EMOTION)
        heads = read_weights(package / _FACERES)
        self._heads = {
            name: (torch.from_numpy(heads[f"{name}/kernel"]), torch.from_numpy(heads[f"{name}/bias"]))
            for name in ("feats", "age_pred", "gender_pred")
        }

    @torch.inference_mode()
    def label(self, faces: np.ndarray) -> FaceLabels:
        """Look at faces.

        Args:
            faces: ``(N, S, S, 3)`` uint8 RGB, each face filling most of its picture.
        """
        x = torch.from_numpy(np.ascontiguousarray(faces)).permute(0, 3, 1, 2).float()
        # The heads were taught with what the trunk makes of plain red, green and blue.
        pooled = self._trunk.pooled(F.interpolate(x, (224, 224), mode="bilinear", antialias=True))
        features = F.relu(self._through("feats", pooled))
        ages = self._through("age_pred", features).softmax(1) @ (torch.arange(100.0) + 0.5)
        masculine = self._through("gender_pred", features)[:, 0]
        grey = (x * torch.tensor(_LUMA).view(1, 3, 1, 1)).sum(1, keepdim=True) / 127.5 - 1
        happy = self._emotion(F.interpolate(grey, (_EMOTION_PX,) * 2, mode="bilinear", antialias=True))[:, _HAPPY]
        return FaceLabels(ages.numpy(), masculine.numpy(), happy.numpy())

    def _through(self, name: str, x: Tensor) -> Tensor:
        kernel, bias = self._heads[name]
        return x @ kernel + bias
