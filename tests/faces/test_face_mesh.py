import numpy as np
import pytest

from portraitify.engines.onnx_engine import OnnxEngine
from portraitify.faces.face_mesh import MESH_PX, FaceMesh, Square, meshes_of, square_around
from portraitify.io.reading import read_image
from portraitify.weights import WeightsFolder, default_folder
from tests.faces.mesh_reference import ANSWERS, EXAMPLES, FACES, views

pytestmark = pytest.mark.weights


@pytest.fixture(scope="module")
def mesh() -> FaceMesh:
    return OnnxEngine(WeightsFolder(default_folder())).face_mesh


@pytest.fixture(scope="module")
def grace_hopper() -> np.ndarray:
    return read_image(EXAMPLES / "grace_hopper.jpg").pixels


@pytest.fixture
def square() -> Square:
    centre, side = FACES["astronaut.jpg"]
    return Square(np.array(centre, float), 1.5 * side)


def test_fifty_views_have_the_points_of_the_original(mesh):
    answers = np.load(ANSWERS)
    for (image, square), points, presence in zip(views(), answers["points"], answers["presence"], strict=True):
        ours = mesh.measure(image, [square])[0]
        # Half a pixel of what the network sees; what was kept of the answers is rounded to a quarter.
        apart = np.linalg.norm((ours.points - points)[:, :2], axis=1).max() * MESH_PX / square.side
        assert apart < 0.5
        assert ours.presence == pytest.approx(presence, abs=0.1)


def test_several_squares_are_looked_at_together(mesh, astronaut, square):
    turned = Square(square.centre, square.side, np.pi)
    both = mesh.measure(astronaut, [square, turned])
    assert np.allclose(both[0].points, mesh.measure(astronaut, [square])[0].points, atol=1e-3)
    assert both[0].presence > 15 > both[1].presence + 5
    assert mesh.measure(astronaut, []) == []


@pytest.mark.parametrize("degrees", [-15, 12])
def test_roll_follows_the_picture(mesh, astronaut, square, degrees):
    """The square leans against the face, as one does that was laid by bad landmarks."""
    upright = mesh.measure(astronaut, [square])[0].pose
    leaning = mesh.measure(astronaut, [Square(square.centre, square.side, np.radians(degrees))])[0].pose
    assert leaning.roll == pytest.approx(upright.roll, abs=5)
    assert leaning.yaw == pytest.approx(upright.yaw, abs=6)


def test_a_mirror_turns_yaw_and_roll(mesh, grace_hopper):
    centre, side = FACES["grace_hopper.jpg"]
    seen = mesh.measure(grace_hopper, [Square(np.array(centre, float), 1.5 * side)])[0].pose
    mirror = np.ascontiguousarray(grace_hopper[:, ::-1])
    mirrored = mesh.measure(mirror, [Square(np.array([mirror.shape[1] - centre[0], centre[1]]), 1.5 * side)])[0].pose
    assert seen.yaw == pytest.approx(-mirrored.yaw, abs=5)
    assert seen.roll == pytest.approx(-mirrored.roll, abs=3)
    assert seen.pitch == pytest.approx(mirrored.pitch, abs=4)


@pytest.mark.parametrize("side", ["left", "right"])
def test_a_face_that_is_narrower_on_one_side_is_turned_there(mesh, grace_hopper, side):
    (x, y), width = FACES["grace_hopper.jpg"]
    columns = (np.arange(grace_hopper.shape[1]) - x) / (0.5 * width)
    # The middle of the face moves, its edges stay.
    bent = columns + (0.35 if side == "left" else -0.35) * np.clip(1 - columns**2, 0, None)
    picture = grace_hopper[:, np.clip((bent * 0.5 * width + x).round().astype(int), 0, grace_hopper.shape[1] - 1)]
    straight, turned = (
        mesh.measure(image, [Square(np.array([x, y], float), 1.5 * width)])[0].pose.yaw
        for image in (grace_hopper, np.ascontiguousarray(picture))
    )
    assert (turned < straight - 8) if side == "left" else (turned > straight + 8)


def test_depth_grows_from_the_nose_to_the_ears(mesh, astronaut, square):
    points = mesh.measure(astronaut, [square])[0].points
    nose, ears = points[4], points[[127, 356]]
    assert (ears[:, 2] - nose[2] > 0.25 * square.side / 1.5).all()
    # In pixels of the picture, as the other two.
    assert np.abs(points[:, 2]).max() < square.side


def test_a_square_shows_upright_what_is_turned():
    square = Square(np.array([10.0, 20.0]), 8.0, np.pi / 2)
    # What lies below the centre of a picture is to the left when the picture is turned back.
    assert np.allclose(square.matrix(16) @ [10, 20, 1], [8, 8])
    assert np.allclose(square.matrix(16) @ [10, 24, 1], [16, 8])


def test_the_square_around_a_box_is_half_as_large_again():
    square = square_around(np.array([10.0, 20, 30, 60]))
    assert square.side == 60
    assert square.centre.tolist() == [20, 40]


def test_the_mesh_of_known_landmarks_is_that_of_the_face(mesh, astronaut, square):
    whole = mesh.measure(astronaut, [square])[0].points
    eyes = [whole[corners, :2].mean(0) for corners in ([33, 133], [362, 263])]
    landmarks = np.array([*eyes, whole[4, :2], whole[61, :2], whole[291, :2]])
    (found,) = meshes_of(mesh, astronaut, landmarks[None])
    between = np.linalg.norm(eyes[1] - eyes[0])
    assert np.linalg.norm((found - whole)[:, :2], axis=1).mean() < 0.06 * between


def test_a_mesh_that_is_not_the_landmarks_face_is_left_out(mesh, astronaut):
    elsewhere = np.array([[400.0, 400], [440, 400], [420, 425], [405, 445], [435, 445]])
    assert meshes_of(mesh, astronaut, elsewhere[None]).shape == (0, 468, 3)
    assert meshes_of(mesh, astronaut, np.zeros((0, 5, 2))).shape == (0, 468, 3)
