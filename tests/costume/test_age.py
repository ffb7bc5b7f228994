import numpy as np
import pytest

from portraitify.costume.age import SURFACE_VALUES, AgeGuess, AgeModel, age_of, shape_of, surface_of
from portraitify.costume.master import ADULT, CHILD, OLD
from portraitify.engines.onnx_engine import OnnxEngine
from portraitify.faces.alignment import warp
from portraitify.faces.face_mesh import FaceMesh, Square
from portraitify.weights import WeightsFolder, default_folder
from tests.faces.mesh_reference import FACES

pytestmark = pytest.mark.weights


@pytest.fixture(scope="module")
def network() -> FaceMesh:
    return OnnxEngine(WeightsFolder(default_folder())).face_mesh


@pytest.fixture(scope="module")
def mesh(network, astronaut) -> np.ndarray:
    centre, side = FACES["astronaut.jpg"]
    return network.measure(astronaut, [Square(np.array(centre, float), 1.5 * side)])[0].points


@pytest.fixture(scope="module")
def model() -> AgeModel:
    return AgeModel.load(WeightsFolder(default_folder()))


@pytest.mark.parametrize(
    ("child", "old", "group"),
    [(0.2, 0.4, ADULT), (0.8, 0.5, CHILD), (0.6, 0.4, ADULT), (0.6, 0.7, OLD), (0.1, 0.9, OLD)],
)
def test_the_group_is_the_likelier_one(child, old, group):
    assert AgeGuess(child, old).group == group


def test_an_astronaut_is_grown_up(model, mesh, astronaut):
    guess = age_of(mesh, astronaut, model)
    assert guess.group == ADULT
    assert guess.child < 0.3


def test_proportions_do_not_depend_on_place_size_and_turn(mesh):
    cos, sin = np.cos(0.3), np.sin(0.3)
    turns = np.array([[cos, 0, sin], [0, 1, 0], [-sin, 0, cos]]), np.array([[cos, sin, 0], [-sin, cos, 0], [0, 0, 1]])
    moved = 1.7 * mesh @ turns[0] @ turns[1] + [30, -12, 5]
    assert np.allclose(shape_of(moved), shape_of(mesh), atol=1e-9)


def test_the_surface_does_not_depend_on_the_size_of_the_crop(mesh, astronaut):
    smaller = warp(astronaut, np.array([[0.8, 0, 0], [0, 0.8, 0]]), 410)
    apart = surface_of(smaller, mesh * 0.8) - surface_of(astronaut, mesh)
    assert apart.shape == (SURFACE_VALUES,)
    # Logarithms of depths, and tens of steps of colour.
    assert np.abs(apart).mean() < 0.1


def test_nothing_is_said_of_a_profile(model, mesh, astronaut):
    cos, sin = np.cos(np.radians(60)), np.sin(np.radians(60))
    profile = (mesh - mesh.mean(0)) @ np.array([[cos, 0, sin], [0, 1, 0], [-sin, 0, cos]]) + mesh.mean(0)
    assert age_of(profile, astronaut, model) == AgeGuess(0.0, 0.0)
