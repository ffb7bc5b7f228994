"""From the torch definitions to the ONNX graphs that the CPU engine runs.

A graph holds no weights: its tensors are those of the half-precision files
that both engines read, the generator's with a style code multiplied in, so
that no weight ships twice and a retrained network of the same build needs no
new graph.
"""

from __future__ import annotations

import hashlib
import tempfile
import warnings
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import onnx
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from portraitify.faces.face_mesh import MESH_PX
from portraitify.faces.torch_mtcnn import mtcnn_networks
from portraitify.io.files import write_atomically
from portraitify.models.classifier import StyleClassifier
from portraitify.models.face_mesh import FaceMeshNetwork
from portraitify.models.generator import Generator
from portraitify.models.plain_generator import PlainGenerator
from portraitify.models.style_encoder import StyleEncoder
from portraitify.models.subject_mask import SubjectMask
from portraitify.models.trunk import STATISTICS_SIZE, TrunkStatistics
from portraitify.style.painting_view import VIEW_PX
from portraitify.training.export import update_manifest
from portraitify.training.state import save_tensors
from portraitify.weights import GRAPHS_FOLDER, WeightsFolder, build_digest

OPSET = 18
DETECTOR_STAGES = ("pnet", "rnet", "onet")
# The crop's side over that of the features which meet the mask.
MASK_SHRINK = 8
DETECTOR_SOURCE = {
    "source": "facenet-pytorch 2.5.3 (pnet.pt, rnet.pt, onet.pt), after Zhang et al. 2016",
    "licence": "MIT, Copyright (c) 2019 Timothy Esler",
}


class _Painting(nn.Module):
    """The generator from bytes to bytes, for one style code; see :meth:`portraitify.engines.base.Engine.paint`."""

    def __init__(self, network: PlainGenerator):
        super().__init__()
        self.network = network

    def forward(self, crops: Tensor, masks: Tensor, noise: Tensor) -> Tensor:
        photo = crops.permute(0, 3, 1, 2).float() / 127.5 - 1
        painted: Tensor = self.network(photo, F.avg_pool2d(masks[:, None], MASK_SHRINK), noise[None, None])
        return (painted * 127.5 + 128).to(torch.uint8).permute(0, 2, 3, 1)


class _Probabilities(nn.Module):
    """A classifier's probabilities of the styles, of a photo's crop ``(1, 3, input_px, input_px)``."""

    def __init__(self, network: StyleClassifier):
        super().__init__()
        self.network = network

    def forward(self, image: Tensor) -> Tensor:
        logits: Tensor = self.network(image)
        return logits.softmax(1)


class _Likelihood(nn.Module):
    """Subject probability ``(1, 1, input_px / 2, input_px / 2)`` of a crop ``(1, 3, input_px, input_px)``."""

    def __init__(self, network: SubjectMask):
        super().__init__()
        self.network = network

    def forward(self, image: Tensor) -> Tensor:
        return torch.sigmoid(self.network(image))


class _PaintingProbabilities(nn.Module):
    """A classifier's probabilities of the styles, of a painting's crop ``(1, 3, input_px, input_px)``."""

    def __init__(self, network: StyleClassifier):
        super().__init__()
        self.network = network

    def forward(self, image: Tensor) -> Tensor:
        return self.network.painting_logits(image).softmax(1)


@dataclass(frozen=True)
class _Recipe:
    """What a graph is traced from.

    Attributes:
        network: whose tensors get random values, so that no two are alike and merged.
        tensors: the file that has them, or what they are made of, without ``.safetensors``.
        prefix: of their names there.
        inputs: examples by name.
        free: the axes of inputs that may have any size.
        outputs: names.
        folded: whether the graph's tensors are made of those of the file, and not some of them.
    """

    network: nn.Module
    tensors: str
    prefix: str
    inputs: dict[str, Tensor]
    free: dict[str, dict[int, str]]
    outputs: tuple[str, ...]
    folded: bool = False


def export_detector(folder: Path) -> None:
    """Write the weights of MTCNN's three networks, taken from facenet-pytorch's wheel.

    Args:
        folder: of weights with a manifest.

    Raises:
        MissingWeightsError: there is no manifest; nothing is written.
    """
    WeightsFolder(folder)
    # In single precision: half would move a box by a pixel before it is cut out for the next network,
    # and in the end the face by two; and it would change which of two equally good boxes stays.
    tensors = {
        f"{stage}.{name}": value
        for stage, network in zip(DETECTOR_STAGES, mtcnn_networks(), strict=True)
        for name, value in network.state_dict().items()
    }
    save_tensors(tensors, folder / "detector.safetensors")
    update_manifest(folder, {}, detector=DETECTOR_SOURCE)


def export_graphs(folder: Path) -> list[Path]:
    """Write the graphs of a weights folder and list them in its manifest.

    Args:
        folder: holds the tensors of all networks and a manifest that says how they are built.

    Returns:
        The files.

    Raises:
        ImageError: a file cannot be written; it is left as it was.
    """
    weights, entries, written = WeightsFolder(folder), {}, []
    (folder / GRAPHS_FOLDER).mkdir(exist_ok=True)
    for name, recipe in _recipes(weights).items():
        path = folder / GRAPHS_FOLDER / f"{name}.onnx"
        graph = _traced(recipe)
        write_atomically(path, graph)
        tensors = weights.load(recipe.tensors)
        entries[name] = {
            "sha256": hashlib.sha256(graph).hexdigest(),
            "tensors": f"{recipe.tensors}.safetensors",
            "prefix": recipe.prefix,
            "build": build_digest(weights.arguments(recipe.tensors), tensors),
            "left_out": _left_out(path, recipe, tensors),
            **({"folded": True} if recipe.folded else {}),
        }
        written.append(path)
    update_manifest(folder, {}, graphs=entries)
    return written


def _left_out(path: Path, recipe: _Recipe, tensors: Iterable[str]) -> list[str]:
    """Tensors of the file that the graph has no use for, such as the classifier's part for paintings."""
    if recipe.folded:
        return []
    used = {tensor.name for tensor in onnx.load(path, load_external_data=False).graph.initializer}
    return sorted(name for name in tensors if name.startswith(recipe.prefix) and name not in used)


def _recipes(weights: WeightsFolder) -> dict[str, _Recipe]:
    generator = Generator(**weights.arguments("generator"))
    classifier = StyleClassifier(**weights.arguments("classifier"))
    mask = SubjectMask(**weights.arguments("subject_mask"))
    recipes = {
        "generator": _generator_recipe(generator),
        "classifier": _crop_recipe(_Probabilities(classifier), "classifier", classifier.input_px, "probabilities"),
        "painting_classifier": _crop_recipe(
            _PaintingProbabilities(classifier), "classifier", classifier.input_px, "probabilities"
        ),
        "subject_mask": _crop_recipe(_Likelihood(mask), "subject_mask", mask.input_px, "mask"),
        "face_mesh": _Recipe(
            FaceMeshNetwork(),
            "face_mesh",
            "",
            {"image": torch.zeros(1, 3, MESH_PX, MESH_PX)},
            {"image": {0: "count"}},
            ("points", "presence"),
        ),
    }
    free: tuple[dict[int, str], ...] = ({2: "height", 3: "width"}, {0: "count"}, {0: "count"})
    outputs = (("boxes", "odds"), ("boxes", "odds"), ("boxes", "points", "odds"))
    sides = (32, 24, 48)
    for row, (stage, network) in enumerate(zip(DETECTOR_STAGES, mtcnn_networks(pretrained=False), strict=True)):
        inputs = {"image": torch.zeros(2 if row else 1, 3, sides[row], sides[row])}
        recipes[stage] = _Recipe(network, "detector", f"{stage}.", inputs, {"image": free[row]}, outputs[row])
    return recipes | _encoding_recipes(weights)


def _encoding_recipes(weights: WeightsFolder) -> dict[str, _Recipe]:
    """From a painting to its style code, where the weights hold what that takes."""
    if not (weights.holds("trunk") and weights.holds("style_encoder")):
        return {}
    regions = torch.zeros(1, 2, VIEW_PX, VIEW_PX)
    view = {"image": torch.zeros(1, 3, VIEW_PX, VIEW_PX), "regions": regions}
    encoder = StyleEncoder(**weights.arguments("style_encoder"))
    pooled = {"statistics": torch.zeros(1, STATISTICS_SIZE), "style": torch.zeros(1, dtype=torch.int64)}
    return {
        "trunk": _Recipe(TrunkStatistics(), "trunk", "", view, {}, ("statistics",)),
        "style_encoder": _Recipe(encoder, "style_encoder", "", pooled, {}, ("style_code",)),
    }


def _generator_recipe(network: Generator) -> _Recipe:
    side = 64
    inputs = {
        "frames": torch.zeros(1, side, side, 3, dtype=torch.uint8),
        "masks": torch.zeros(1, side, side),
        "noise": torch.zeros(side // 2, side // 2),
    }
    free = {
        "frames": {1: "side", 2: "side"},
        "masks": {1: "side", 2: "side"},
        "noise": {0: "half", 1: "half"},
    }
    return _Recipe(_Painting(PlainGenerator(network)), "generator", "", inputs, free, ("painted",), folded=True)


def _crop_recipe(network: nn.Module, name: str, side: int, output: str) -> _Recipe:
    return _Recipe(network, name, "", {"image": torch.zeros(1, 3, side, side)}, {}, (output,))


def _traced(recipe: _Recipe) -> bytes:
    network = recipe.network.eval()
    torch.manual_seed(0)
    for value in network.state_dict().values():
        if value.is_floating_point():
            value.normal_()
    with warnings.catch_warnings(), torch.no_grad(), tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "graph.onnx")
        # Sizes that are compared in Python are fixed in the graph, which is meant.
        warnings.simplefilter("ignore")
        torch.onnx.export(
            network,
            tuple(recipe.inputs.values()),
            path,
            input_names=list(recipe.inputs),
            output_names=list(recipe.outputs),
            dynamic_axes=recipe.free,
            opset_version=OPSET,
            dynamo=False,
            do_constant_folding=False,
            # Otherwise normalisation is folded into tensors that no file has.
            training=torch.onnx.TrainingMode.PRESERVE,
        )
        return _without_weights(onnx.load(path), recipe)


def _without_weights(model: onnx.ModelProto, recipe: _Recipe) -> bytes:
    """A graph whose tensors lie in another file, with short names for all that is nobody's business."""
    known = {key.removeprefix("network."): value for key, value in recipe.network.state_dict().items()}
    names = {name: name for name in (*recipe.inputs, *recipe.outputs, "")}
    for tensor in model.graph.initializer:
        name = tensor.name.removeprefix("network.")
        if name not in known:
            raise ValueError(f"{recipe.tensors}: the graph has a tensor {name} that the network has not")
        names[tensor.name] = recipe.prefix + name
        tensor.CopyFrom(_pointer(recipe.prefix + name, known[name], f"{recipe.tensors}.safetensors"))
    for node in model.graph.node:
        node.name = node.doc_string = ""
        for field in (node.input, node.output):
            field[:] = [names.setdefault(name, f"v{len(names)}") for name in field]
    del model.graph.value_info[:]
    return bytes(model.SerializeToString(deterministic=True))


def _pointer(name: str, value: Tensor, file: str) -> onnx.TensorProto:
    """A tensor whose values are given when a session begins."""
    pointer = onnx.TensorProto(name=name, dims=value.shape, data_type=onnx.TensorProto.FLOAT)
    pointer.data_location = onnx.TensorProto.EXTERNAL
    for key, text in (("location", file), ("offset", "0"), ("length", str(4 * value.numel()))):
        pointer.external_data.add(key=key, value=text)
    return pointer
