"""Faces cut out of batches, and what is asked of painted ones."""

from __future__ import annotations

import json

import cv2
import numpy as np
import pytest
import torch
from torch import Tensor, nn

from portraitify.data.batches import FaceView, PreparedData, packed_square
from portraitify.errors import ConfigError
from portraitify.faces.face_mesh import MESH_PX, POINTS, square_of
from portraitify.training import face_losses
from portraitify.training.aligned_faces import how_far_seen, look_at
from portraitify.training.augmentation import at_one_colour, augment
from portraitify.training.face_recognition import FaceRecogniser
from portraitify.training.planes import without_plane

LANDMARKS = np.array([[80.0, 70], [120, 76], [98, 95], [80, 112], [110, 116]])
SQUARES = torch.tensor([packed_square(LANDMARKS)])


class MeanColours(nn.Module):
    """Tells faces apart by how light they are on the left and on the right."""

    def forward(self, face: Tensor) -> Tensor:
        halves = torch.stack([half.mean((1, 2, 3)) + 1.5 for half in face.chunk(2, 3)], 1)
        return nn.functional.normalize(halves)


class BrightestPoints(nn.Module):
    """A mesh whose points all lie where the picture is light, seen for sure."""

    def forward(self, face: Tensor) -> tuple[Tensor, Tensor]:
        weights = face.mean(1).square()
        weights = weights / weights.sum((1, 2), keepdim=True)
        places = torch.arange(face.shape[3], dtype=torch.float32)
        x, y = (weights * places).sum((1, 2)), (weights * places[:, None]).sum((1, 2))
        points = torch.stack([x, y, torch.zeros_like(x)], 1)[:, None].expand(-1, POINTS, 3)
        return points.reshape(len(face), -1, 1, 1), torch.full((len(face), 1, 1, 1), 9.0)


def as_tensor(image: np.ndarray) -> Tensor:
    return torch.from_numpy(image).permute(2, 0, 1)[None].float() / 127.5 - 1


def test_a_face_is_cut_out_upright_as_the_mesh_sees_it(astronaut):
    image = np.ascontiguousarray(astronaut[:200, 130:330])
    seen = look_at(as_tensor(image), SQUARES, FaceView(1.0, 64))
    matrix = square_of(LANDMARKS).matrix(128)
    wanted = cv2.resize(cv2.warpAffine(image, matrix, (128, 128), borderMode=cv2.BORDER_REPLICATE), (64, 64))
    # Half a pixel lies between the two ways to count.
    assert (seen - as_tensor(wanted)).abs().mean() < 0.06


def test_prepared_faces_are_cut_as_those_of_a_batch(prepared_folder):
    data = PreparedData(prepared_folder)
    view = FaceView(0.72, 32)
    squares = torch.tensor([packed_square(data.landmarks[0] * 96)])
    seen = look_at(as_tensor(np.array(data.images[0])), squares, view)
    assert (seen - as_tensor(data.face(0, False, view))).abs().mean() < 0.06
    mirrored = data.face(0, True, view)
    assert np.array_equal(mirrored[:, ::-1], data.face(0, False, view))


def test_a_face_that_the_picture_cuts_does_not_count():
    inside = torch.tensor([[100.0, 100, 80, 0.3], [10, 100, 160, 0]])
    assert how_far_seen(inside, FaceView(1.0, 64), (200, 200)).tolist() == [1, 0]


def test_likeness_is_asked_for_only_up_to_that_of_two_photos():
    photo = torch.zeros(1, 3, 200, 200)
    alike, other = photo.clone(), photo.clone()
    alike[..., :100] += 0.1
    other[..., :100] -= 1
    other[..., 100:] += 1
    assert face_losses.identity_loss(MeanColours(), alike, photo, SQUARES) == 0
    other.requires_grad_()
    loss = face_losses.identity_loss(MeanColours(), other, photo, SQUARES)
    loss.backward()
    assert loss > 0
    assert other.grad is not None
    assert other.grad.abs().sum() > 0


def test_features_that_move_cost_by_the_distance_between_the_eyes():
    photo = torch.full((1, 3, 200, 200), -1.0)
    photo[:, :, 90:110, 90:110] = 1
    moved = torch.roll(photo, 10, 3)
    assert face_losses.features_loss(BrightestPoints(), photo, photo, SQUARES) == 0
    loss = float(face_losses.features_loss(BrightestPoints(), moved, photo, SQUARES))
    scale = MESH_PX / square_of(LANDMARKS).side
    assert loss == pytest.approx((10 * scale - 0.75) / (0.234 * MESH_PX), rel=0.15)


def test_light_from_a_side_is_measured_over_the_face():
    ramp = torch.linspace(-0.4, 0.4, 100)[None, None, None, :].expand(1, 1, 100, 100)
    squares = torch.tensor([[50.0, 50, 40, 0]])
    # 0.8 of 2 over the picture, a mean of 0.5, and a square of four tenths.
    assert face_losses.side_light(ramp, torch.ones_like(ramp), squares).item() == pytest.approx(0.32, rel=0.03)


def test_flat_light_is_to_come_from_the_left_as_strong_as_the_paintings():
    flat, ones = torch.zeros(1, 1, 100, 100), torch.ones(1, 1, 100, 100)
    squares = torch.tensor([[50.0, 50, 40, 0]])
    ramp = torch.linspace(0.4, -0.4, 100)[None, None, None, :].expand(1, 1, 100, 100)

    def loss(painted: Tensor, photo: Tensor) -> float:
        return float(face_losses.light_loss(painted, photo, ramp, ones, ones, squares, squares))

    assert loss(ramp, flat) < 1e-4
    assert loss(flat, flat) > loss(0.5 * ramp, flat) > loss(ramp, flat)
    assert loss(-ramp, flat) > loss(flat, flat)
    # A photo lit from the right stays so.
    assert loss(-ramp, -1.2 * ramp) < loss(ramp, -1.2 * ramp)


def test_what_is_left_without_its_plane():
    places = torch.rand(2, 50)
    values = (0.3 + 2 * places[0] - places[1])[None]
    assert without_plane(values, torch.full((1, 50), 0.02), places).abs().max() < 1e-2


def test_augmented_pictures_pass_gradients_and_are_drawn_by_the_generator():
    image = torch.rand(2, 3, 32, 32, requires_grad=True)
    one, again, other = (augment(image, torch.Generator().manual_seed(seed)) for seed in (1, 1, 2))
    assert torch.equal(one, again)
    assert not torch.equal(one, other)
    one.square().sum().backward()
    assert image.grad is not None
    assert (image.grad != 0).float().mean() > 0.3
    assert at_one_colour(image).mean((2, 3)).abs().max() < 1e-6


@pytest.fixture(scope="module")
def package(tmp_path_factory):
    """The recogniser's files with random weights, stored in half precision as in the package."""
    rng = np.random.default_rng(0)
    folder = tmp_path_factory.mktemp("human")
    (folder / "models").mkdir()
    pairs = ((64, 1), (128, 2), (128, 1), (256, 2), (256, 1), (512, 2), *[(512, 1)] * 5, (1024, 2), (1024, 1))
    shapes, channels = {"conv1/convolution/merged_input": [3, 3, 3, 32], "conv1_bn/batchnorm_1/sub": [32]}, 32
    for number, (width, _) in enumerate(pairs, 1):
        shapes |= {
            f"conv_dw_{number}/depthwise_kernel": [3, 3, channels, 1],
            f"conv_dw_{number}_bn/batchnorm_1/mul": [channels],
            f"conv_dw_{number}_bn/batchnorm_1/sub": [channels],
            f"conv_pw_{number}/convolution/merged_input": [1, 1, channels, width],
            f"conv_pw_{number}_bn/batchnorm_1/sub": [width],
        }
        channels = width
    data, entries = b"", []
    for name, shape in shapes.items():
        fan_in = np.prod(shape[:-1]) if len(shape) == 4 else 1
        data += (rng.standard_normal(shape) * (2 / fan_in) ** 0.5 * 0.5).astype(np.float16).tobytes()
        entries.append({"name": name, "shape": shape, "dtype": "float32", "quantization": {"dtype": "float16"}})
    (folder / "models" / "faceres.bin").write_bytes(data)
    manifest = {"weightsManifest": [{"paths": ["faceres.bin"], "weights": entries}]}
    (folder / "models" / "faceres.json").write_text(json.dumps(manifest))
    return folder


def test_the_recogniser_is_read_and_describes_faces(package):
    network = FaceRecogniser(package)
    described = network(torch.rand(2, 3, 64, 64) * 2 - 1)
    assert described.shape == (2, 1024)
    assert described.norm(dim=1).tolist() == pytest.approx([1, 1], abs=1e-5)
    assert not any(value.requires_grad for value in network.parameters())


def test_a_folder_without_the_recogniser_is_told_of(tmp_path):
    with pytest.raises(ConfigError, match="@vladmandic/human"):
        FaceRecogniser(tmp_path)
