"""The network of a face's geometry, taken from MediaPipe's wheel, and whether it still says the same."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import numpy as np
import torch

from portraitify.data.litert import MediaPipeNetwork
from portraitify.faces.detection import FaceDetector
from portraitify.faces.face_mesh import MESH_PX, FaceMesh, square_around
from portraitify.io.reading import read_image
from portraitify.models.face_mesh import FaceMeshNetwork
from portraitify.training.export import bring_shipped, update_manifest
from portraitify.training.state import save_half
from portraitify.training.tflite import TFLiteWeights
from portraitify.weights import WeightsFolder

NAME = "face_mesh"
# Places in the source's list of outputs.
POINTS, PRESENCE = 0, 1
SOURCE = {
    "source": "mediapipe 0.10.21, modules/face_landmark/face_landmark.tflite, after Kartynnik et al. 2019",
    "licence": "Apache License 2.0, Copyright The MediaPipe Authors",
}
MODEL = "face_landmark/face_landmark.tflite"


def export_face_mesh(folder: Path) -> Path:
    """Write the network's weights in half precision, as they are in their source.

    Args:
        folder: of weights with a manifest.

    Returns:
        The file.

    Raises:
        ConfigError: LiteRT or the mediapipe wheel is not installed.
        MissingWeightsError: there is no manifest; nothing is written.
    """
    WeightsFolder(folder)
    source = TFLiteWeights(MediaPipeNetwork(MODEL).path)
    network = FaceMeshNetwork()
    both = (source.up_to(POINTS), network.points), (source.up_to(PRESENCE), network.presence)
    trunk = [network.stem, network.stem_activation, network.trunk]
    with torch.no_grad():
        for arrays, head in both:
            own = [value for part in (*trunk, head) for value in part.parameters()]
            for value, array in zip(own, arrays, strict=True):
                value.copy_(torch.from_numpy(array.copy()))
    path = folder / f"{NAME}.safetensors"
    save_half(network.state_dict(), path)
    update_manifest(folder, {}, face_mesh=SOURCE)
    return path


class OriginalMesh:
    """The network as it is in the wheel; a :data:`portraitify.faces.face_mesh.MeshNetwork`.

    Raises:
        ConfigError: LiteRT or the mediapipe wheel is not installed.
    """

    def __init__(self) -> None:
        self._network = MediaPipeNetwork(MODEL)

    def __call__(self, images: np.ndarray) -> list[np.ndarray]:
        found = [self._network(image) for image in images.transpose(0, 2, 3, 1)]
        # Points are many and presence is one number, whatever their order.
        pairs = [sorted(one, key=np.size, reverse=True) for one in found]
        return [np.concatenate(part) for part in zip(*pairs, strict=True)]


def bring_face_mesh(folder: Path) -> None:
    """Copy the shipped network into a folder of weights that has none; see :func:`bring_shipped`."""
    bring_shipped(folder, NAME, SOURCE)


def furthest_apart(mesh: FaceMesh, detector: FaceDetector, photos: Iterable[Path]) -> list[float]:
    """How far the network's points lie from those of its original at most, in each photo with a face.

    Args:
        mesh: with the network as it ships.
        detector: finds the faces.
        photos: to look at.

    Returns:
        Lengths in pixels of the network's own view, 192 a side.

    Raises:
        ConfigError: LiteRT or the mediapipe wheel is not installed.
        ImageError: a photo cannot be read.
    """
    original, apart = FaceMesh(OriginalMesh()), []
    for path in photos:
        image = read_image(path).pixels
        squares = [square_around(box) for box in detector.detect(image).boxes[:1]]
        for square, ours, theirs in zip(
            squares, mesh.measure(image, squares), original.measure(image, squares), strict=True
        ):
            distance = np.linalg.norm((ours.points - theirs.points)[:, :2], axis=1).max()
            apart.append(float(distance) * MESH_PX / square.side)
    return apart
